"""The command line of modules that draw figures."""

import importlib
import runpy
import sys

import pytest

MODULES = [
    "npi_addition_baselines_figure",
    "npi_canonicalization_figure",
    "npi_cars_figure",
    "npi_sorting_table",
]


@pytest.mark.parametrize("name", MODULES)
def test_modules_that_draw_say_what_they_want(name, monkeypatch, capsys):
    module = f"reproduce.{name}"
    first_line = importlib.import_module(module).__doc__.splitlines()[0]
    monkeypatch.delitem(sys.modules, module)
    for words, code in (["--help"], 0), ([], 2):
        monkeypatch.setattr(sys, "argv", [name, *words])
        with pytest.raises(SystemExit) as stop:
            runpy.run_module(module, run_name="__main__")
        assert stop.value.code == code
    captured = capsys.readouterr()
    assert first_line in " ".join(captured.out.split())
    assert "the following arguments are required: path" in captured.err


def test_where_to_write_is_handed_over(monkeypatch, tmp_path, capsys):
    pytest.importorskip("matplotlib")
    path = tmp_path / "figure.png"
    monkeypatch.setattr(sys, "argv", ["figure", str(path)])
    module = "reproduce.npi_addition_baselines_figure"
    monkeypatch.delitem(sys.modules, module, raising=False)
    runpy.run_module(module, run_name="__main__")
    assert capsys.readouterr().out == f"{path}\n"
    assert path.read_bytes().startswith(b"\x89PNG")
