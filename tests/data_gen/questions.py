"""Answers to questions with plain loops, from their text alone."""

import re

# Every phrase of Table 6, the longer ones first, and what it means.
MEANINGS = {
    "difference between": "diff",
    "difference": "diff",
    "total of": "sum",
    "sum of": "sum",
    "total": "sum",
    "count of": "count",
    "how many": "count",
    "display": "print",
    "show": "print",
    "greater than": "greater",
    "bigger than": "greater",
    "larger than": "greater",
    "bigger": "greater",
    "larger": "greater",
    "lesser than": "lesser",
    "smaller than": "lesser",
    "smaller": "lesser",
    "under": "lesser",
}
CONDITION = (
    r"(?:(?P<{0}kind>greater|lesser) (?P<{0}number>\S+)|word:(?P<{0}word>\d))"
    r"(?: (?P<{0}column>[A-J]))?"
)
AGGREGATE = r"(?P<{0}kind>sum|count|print)(?: (?P<{0}column>[A-J]))?"
FORMS = [
    re.compile(f"^{form}$")
    for form in (
        AGGREGATE.format("last_"),
        CONDITION.format("a_") + " " + AGGREGATE.format("last_"),
        CONDITION.format("a_")
        + " (?P<join>and|or) "
        + CONDITION.format("b_")
        + " "
        + AGGREGATE.format("last_"),
        AGGREGATE.format("first_") + " diff " + AGGREGATE.format("second_"),
    )
]


def answer(example):
    """`("scalar", number)` or `("lookup", cells as lists of 0 and 1)`."""
    text = example["question"]
    for phrase, meaning in MEANINGS.items():
        text = re.sub(rf"\b{phrase}\b", meaning, text)
    (found,) = filter(None, (form.match(text) for form in FORMS))
    asked = found.groupdict()
    table = example["table"].astype(float).tolist()
    names = list(example["column_names"])
    if "first_kind" in asked:
        everything = range(len(table))
        first, second = (
            _number(
                asked[f"{which}_kind"],
                _column(asked, which, names),
                table,
                everything,
            )
            for which in ("first", "second")
        )
        return "scalar", first - second
    rows = [i for i in range(len(table)) if _holds(example, asked, names, i)]
    column = _column(asked, "last", names)
    if asked["last_kind"] != "print":
        return "scalar", _number(asked["last_kind"], column, table, rows)
    cells = [[0] * len(names) for _ in table]
    for i in rows:
        cells[i][column] = 1
    return "lookup", cells


def _column(asked, which, names):
    letter = asked[f"{which}_column"]
    return names.index(letter) if letter else 0


def _number(kind, column, table, rows):
    return float(sum(table[i][column] if kind == "sum" else 1 for i in rows))


def _holds(example, asked, names, i):
    """Whether row i is asked for."""
    holds = [
        _meets(example, asked, which, names, i)
        for which in ("a", "b")
        if f"{which}_kind" in asked
    ]
    return any(holds) if asked.get("join") == "or" else all(holds)


def _meets(example, asked, which, names, i):
    column = _column(asked, which, names)
    if asked[f"{which}_word"]:
        return example["text"][i][column] == int(asked[f"{which}_word"])
    number = type(example["table"][0][0])(asked[f"{which}_number"])
    cell = example["table"][i][column]
    return (
        cell > number
        if asked[f"{which}_kind"] == "greater"
        else (cell < number)
    )
