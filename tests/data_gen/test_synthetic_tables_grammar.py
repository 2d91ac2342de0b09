"""The questions that there are: the paper's lists and counts."""

import collections
import itertools

import numpy as np
import pytest

from data_gen.synthetic_tables import grammar as grammar_lib
from data_gen.synthetic_tables import templates
from np_tf import programs
from tests.data_gen import table_configs

PLAIN = grammar_lib.Grammar(varied=False, names_columns=True)
PLAIN_1 = grammar_lib.Grammar(varied=False, names_columns=False)
VARIED_1 = grammar_lib.Grammar(varied=True, names_columns=False)

# All templates, and those of the test.
SIZES = {
    "single_column": (23, 23),
    "three_columns": (307, 307),
    "five_columns": (1231, 1231),
    "ten_columns": (8861, 7900),
    "word_variability_1": (1368, 1368),
    "word_variability_5": (116_368, 24_000),
    "text_match_2": (1497, 1125),
    "text_match_5": (58_231, 14_600),
}

# Table 4 of the paper.
TABLE_4 = """\
sum | count | print
greater [n] sum | lesser [n] sum | greater [n] count | lesser [n] count
greater [n] print | lesser [n] print
greater [n] and lesser [n] sum | lesser [n] and greater [n] sum
greater [n] or lesser [n] sum | lesser [n] or greater [n] sum
greater [n] and lesser [n] count | lesser [n] and greater [n] count
greater [n] or lesser [n] count | lesser [n] or greater [n] count
greater [n] and lesser [n] print | lesser [n] and greater [n] print
greater [n] or lesser [n] print | lesser [n] or greater [n] print
sum diff count | count diff sum"""


def spoken(grammar, template):
    """A template as the paper writes it."""
    words, positions = grammar.tokens(template)
    for position in positions:
        words[position] += " [n]"
    return " ".join(words)


def all_spoken(grammar, numeric, text=""):
    """Every template of a table, with its category."""
    return [
        (spoken(grammar, template), category)
        for category, blocks in grammar.blocks(numeric, text).items()
        for template in grammar_lib.every(blocks)
    ]


def test_one_column_has_the_templates_of_table_4():
    lines = TABLE_4.splitlines()
    listed = [cell.strip() for line in lines for cell in line.split("|")]
    ours = [template for template, _ in all_spoken(PLAIN_1, "A")]
    assert sorted(ours) == sorted(listed)


def test_two_columns_have_the_templates_of_table_5():
    ours = {template for template, _ in all_spoken(PLAIN, "AB")}
    for a, b, c in itertools.product("AB", repeat=3):
        assert f"greater [n] {a} and lesser [n] {b} sum {c}" in ours


def test_synonyms_give_the_24_templates_of_table_7():
    greater = "greater", "bigger", "larger"
    greater += tuple(f"{word} than" for word in greater)
    sums = "sum", "total", "total of", "sum of"
    ours = {template for template, _ in all_spoken(VARIED_1, "A")}
    table_7 = {f"{g} [n] {s}" for g in greater for s in sums}
    assert len(table_7) == 24
    assert table_7 <= ours


def test_text_has_the_templates_of_table_8():
    ours = {template for template, _ in all_spoken(PLAIN, "B", "A")}
    assert {f"word:{k} A sum B" for k in range(10)} <= ours


@pytest.mark.parametrize("c", [1, 2, 3, 5, 10])
def test_counts_of_numeric_tables(c):
    blocks = PLAIN.blocks(grammar_lib.LETTERS[:c], "")
    assert [grammar_lib.count(b) for b in blocks.values()] == [
        2 * c + 1,
        2 * (2 * c**2 + c),
        4 * (2 * c**3 + c**2),
        2 * c,
    ]


def test_counts_of_varied_words():
    blocks = VARIED_1.blocks("A", "")
    counts = [grammar_lib.count(b) for b in blocks.values()]
    assert counts == [4 + 3 + 3, (6 + 5) * 10, 4 * 6 * 5 * 10, 2 * 4 * 2 * 3]


@pytest.mark.parametrize("name", table_configs.NAMED)
def test_counts_of_the_configs(name):
    config = table_configs.NAMED[name]
    found = templates.enumerate_all(
        config.grammar, config.letters, config.text_columns[1]
    )
    spoken_words = [
        tuple(config.grammar.tokens(template)[0])
        for group in found.values()
        for template in group
    ]
    total, in_test = SIZES[name]
    assert len(spoken_words) == len(set(spoken_words)) == total
    assert config.num_examples("test") == in_test


@pytest.mark.parametrize("name", table_configs.NAMED)
def test_test_templates_are_distinct_and_keep_what_is_not_logic(name):
    config = table_configs.NAMED[name]
    found = templates.enumerate_all(
        config.grammar, config.letters, config.text_columns[1]
    )
    chosen = config.test_templates
    assert len({tuple(config.grammar.tokens(t)[0]) for _, t in chosen}) == len(
        chosen
    )
    assert all(template in found[category] for category, template in chosen[:9])
    counts = collections.Counter(category for category, _ in chosen)
    for category in set(found) - {"logic"}:
        if config.sampling == "category":
            assert counts[category] == len(found[category])
    if config.sampling == "uniform":
        share = len(found["logic"]) / sum(map(len, found.values()))
        assert counts["logic"] / len(chosen) == pytest.approx(share, abs=0.005)


def test_a_subset_is_random_but_always_the_same():
    config = table_configs.tiny(num_test=100)
    again = table_configs.tiny(num_test=100)
    other = table_configs.tiny(num_test=100, seed=1)
    assert config.test_templates == again.test_templates
    assert config.test_templates != other.test_templates


@pytest.mark.parametrize(
    ("grammar", "numeric", "text"),
    [(PLAIN, "BD", ""), (PLAIN, "BC", "AE"), (VARIED_1, "A", "")],
)
def test_pick_gives_every_template_once(grammar, numeric, text):
    for blocks in grammar.blocks(numeric, text).values():
        indices = range(grammar_lib.count(blocks))
        picked = [grammar_lib.pick(blocks, index) for index in indices]
        assert picked == list(grammar_lib.every(blocks))
        with pytest.raises(IndexError, match=r"^index: must be less than"):
            grammar_lib.pick(blocks, len(indices))


def test_every_template_suits_the_table_it_is_made_for():
    for blocks in PLAIN.blocks("BD", "AC").values():
        for template in grammar_lib.every(blocks):
            assert templates.suits(template, ("BD", "AC"))


@pytest.mark.parametrize(
    ("operation", "column", "numeric", "text", "suits"),
    [
        ("sum", "A", "A", "B", True),
        ("sum", "A", "B", "A", False),
        ("greater", "A", "B", "A", False),
        ("text_match", "A", "A", "B", False),
        ("text_match", "A", "B", "A", True),
        ("assign", "A", "B", "A", True),
    ],
)
def test_what_suits_a_column(operation, column, numeric, text, suits):
    template = (grammar_lib.Phrase(operation, "-", column),)
    assert templates.suits(template, (numeric, text)) == suits


def test_two_words_for_one_column_are_joined_by_or_alone():
    pairs = [
        template
        for template in grammar_lib.every(PLAIN.blocks("C", "AB")["logic"])
        if template[0].operation == template[2].operation == "text_match"
    ]
    connectives = collections.Counter(
        (first.column == second.column, connective.operation)
        for first, connective, second, _ in pairs
    )
    # Aggregates: sum C, count, print A, print B, print C.
    assert connectives == {
        (True, "or"): 2 * 10 * 9 * 5,
        (False, "and"): 2 * 10 * 10 * 5,
        (False, "or"): 2 * 10 * 10 * 5,
    }


# In a table with the numeric columns A, C and the text columns D, F.
@pytest.mark.parametrize(
    ("question", "program"),
    [
        ("sum A", "reset; reset; reset; sum A"),
        ("greater [n] C print D", "reset; reset; greater C; assign D"),
        (
            "greater [n] C and lesser [n] A sum A",
            "greater C; lesser A; and; sum A",
        ),
        (
            "lesser [n] C or greater [n] C count",
            "lesser C; greater C; or; count",
        ),
        ("sum A diff count", "sum A; reset; count; difference"),
        ("count diff sum C", "count; reset; sum C; difference"),
        ("word:3 D sum A", "reset; reset; text_match D; sum A"),
        ("word:3 D or word:5 D sum A", "reset; reset; text_match D; sum A"),
        (
            "word:3 D and greater [n] A count",
            "text_match D; greater A; and; count",
        ),
        (
            "word:3 D or word:3 F print A",
            "text_match D; text_match F; or; assign A",
        ),
    ],
)
def test_programs(question, program):
    known = {
        spoken(PLAIN, template): template
        for blocks in PLAIN.blocks("AC", "DF").values()
        for template in grammar_lib.every(blocks)
    }
    calls = grammar_lib.program(known[question], "ACDF")
    assert programs.to_text(calls, "ACDF", full=True) == program


@pytest.mark.parametrize(
    ("name", "longest", "words"),
    [
        ("single_column", 4, "A sum count print greater lesser and or diff"),
        ("three_columns", 7, None),
        ("word_variability_1", 7, None),
        # larger than A and smaller than B total of C
        ("word_variability_5", 10, None),
        ("text_match_5", 7, None),
        (
            "text_match_2",
            7,
            "A B sum count print greater lesser and or diff word:0 word:1 "
            "word:2 word:3 word:4 word:5 word:6 word:7 word:8 word:9",
        ),
    ],
)
def test_longest_questions_and_vocabularies(name, longest, words):
    config = table_configs.NAMED[name]
    tokens = [config.grammar.tokens(t)[0] for _, t in config.test_templates]
    assert max(map(len, tokens)) == config.max_words == longest
    ours = config.grammar.words(config.letters, config.has_text)
    assert words is None or ours == words.split()
    # "print" of a single column has no name to say.
    unsaid = {"A"} if len(config.letters) == 1 else set()
    assert set(itertools.chain(*tokens)) == set(ours) - unsaid


def test_choose_leaves_out_what_it_may():
    logic = [("logic", str(i)) for i in range(20)]
    found = {"simple": ["s"], "logic": [name for _, name in logic]}
    rng = np.random.default_rng(0)
    chosen = templates.choose(found, 6, True, rng)
    assert chosen[0] == ("simple", "s")
    assert len(chosen) == 6
    assert chosen[1:] == sorted(chosen[1:], key=logic.index)
    assert templates.choose(found, None, True, rng) == [chosen[0], *logic]
    kept = [templates.choose(found, 1, False, rng) for _ in range(20)]
    assert any(c == "logic" for ((c, _),) in kept)
