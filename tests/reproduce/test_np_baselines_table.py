"""The README's table of the baselines."""

from reproduce import np_baselines_table
from reproduce import run_record


def write(setting, seed, narrow, wide):
    metrics = {"test_accuracy": {"10": narrow, "50": wide}}
    run_record.write(
        "np_baselines", "paper", seed, {}, 1.0, metrics, setting=setting
    )


def test_the_table_shows_every_seed_and_what_was_not_run(tmp_path, monkeypatch):
    monkeypatch.setattr(run_record, "RESULTS", tmp_path)
    write("seq2seq", 0, 0.81, 0.3)
    write("seq2seq", 1, 0.7, 0.35)
    write("attention_5_table_first_two_decimals", 0, 0.5, 0.25)
    write("programmer_two_decimals", 0, 1.0, 1.0)
    rows = np_baselines_table.table().splitlines()
    assert rows[-1] == (
        "| Neural Programmer | two decimals |  | 100.0 % | 100.0 % |"
    )
    assert (
        "| seq2seq LSTM | whole | after | 75.5 % (70.0 % to 81.0 %) "
        "| 32.5 % (30.0 % to 35.0 %) |"
    ) in rows
    assert (
        "| LSTM, 5 attention heads | two decimals | before | 50.0 % | 25.0 % |"
    ) in rows
    assert (
        "| LSTM, 1 attention head | whole | after | not run | not run |"
    ) in rows
    assert len({row.count("|") for row in rows}) == 1
    assert sum("not run" in row for row in rows) == 4
