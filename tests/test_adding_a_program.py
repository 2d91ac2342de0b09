"""What docs/adding_a_program.md shows is what happens."""

import pathlib
import re

PAGE = pathlib.Path(__file__).parents[1] / "docs" / "adding_a_program.md"
TITLES = ("A new program for a trained network", "A new domain")
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)


def text():
    """The page."""
    return PAGE.read_text(encoding="utf-8")


def blocks(title):
    """`[code, what it prints]` of one half of the page, in order."""
    half = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", text(), re.M | re.S)
    pairs = []
    for language, body in _BLOCK.findall(half[1]):
        if language == "python":
            pairs.append([body, ""])
        else:
            assert language == "text" and not pairs[-1][1]
            pairs[-1][1] = body
    return pairs


def execute(title, monkeypatch, folder, capsys):
    """Runs one half of the page in an empty folder; its names."""
    monkeypatch.chdir(folder)
    namespace = {"__name__": "page"}
    for code, printed in blocks(title):
        exec(compile(code, PAGE.name, "exec"), namespace)
        assert capsys.readouterr().out == printed
    return namespace


def test_both_halves_are_all_of_the_page():
    tested = [code for title in TITLES for code, _ in blocks(title)]
    assert tested == re.findall(r"^```python\n(.*?)^```$", text(), re.M | re.S)
    assert len(tested) == 13


def test_a_new_program(monkeypatch, tmp_path, capsys):
    names = execute(TITLES[0], monkeypatch, tmp_path, capsys)
    assert (names["folder"] / "saved_model.pb").is_file()
    assert names["report"]["right"] == 1.0


def test_a_new_domain(monkeypatch, tmp_path, capsys):
    names = execute(TITLES[1], monkeypatch, tmp_path, capsys)
    assert "TAPE" in (tmp_path / "run.html").read_text()
    assert names["tape"].cells == [0, 1, 1, 0, 0]
    # "The program, not a table": numbers that were not taught.
    numbers = [77, 1023, 4095, 2**20 - 1, 2**20]
    runs = names["model"].run(names["counter"], [(f"{n:b}",) for n in numbers])
    assert [int(run.output or "0", 2) - 1 for run in runs] == numbers
