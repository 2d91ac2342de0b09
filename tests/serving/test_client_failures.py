"""What the clients do without a good answer: one line, and exit code 1."""

import contextlib
import functools
import re
import runpy
import sys

import pytest

from serving import c_api_client
from serving import car_client
from serving import grpc_client
from serving import np_client
from serving import rest_client
from serving import sorting_client
from tests.serving import emulator

ORDERS = np_client.__file__.replace("np_client.py", "orders.csv")
REST = {
    rest_client: ["96", "125"],
    sorting_client: ["925"],
    np_client: ["--table", ORDERS, "sum cost"],
    car_client: ["car-000", "45", "30"],
}
MODELS = {rest_client: emulator.MODEL}
GRPC = {
    grpc_client: ["96", "125"],
    sorting_client: ["--grpc", "925"],
    np_client: ["--grpc", "--table", ORDERS, "sum cost"],
    car_client: ["--grpc", "car-000", "45", "30"],
}
NOBODY = contextlib.nullcontext(1)  # No server has that port.


def name(value):
    """Of a module, for the names of tests."""
    return getattr(value, "__name__", None)


def assert_fails(client, words, message, capsys):
    """Exit code 1, nothing on stdout, one line on stderr."""
    with pytest.raises(SystemExit) as stop:
        client.main(words)
    assert stop.value.code == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert re.fullmatch(f".*{message}.*\n", captured.err), captured.err


@pytest.mark.parametrize("client", REST, ids=name)
def test_rest(client, capsys):
    model = MODELS.get(client) or client.MODEL
    for server, message in (
        (NOBODY, "refused"),
        (emulator.rest_server({}, model), "HTTP 400, "),  # No signature.
        (emulator.rest_server({}, "other"), "HTTP 400, .*no such model"),
        (emulator.grpc_server({}), "no HTTP answer"),
    ):
        with server as port:
            words = ["--host", "127.0.0.1", "--port", str(port), *REST[client]]
            assert_fails(client, words, message, capsys)


@pytest.mark.parametrize("client", GRPC, ids=name)
def test_grpc(client, capsys):
    for server, message in (
        (NOBODY, r"127.0.0.1:1: UNAVAILABLE, .*refused"),
        (emulator.grpc_server({}), "INVALID_ARGUMENT, "),  # No signature.
    ):
        with server as port:
            words = ["--host", "127.0.0.1", "--port", str(port), *GRPC[client]]
            assert_fails(client, words, message, capsys)


def test_the_c_api(tmp_path, capsys):
    words = ["--model", str(tmp_path), "96", "125"]
    assert_fails(c_api_client, words, "Could not find SavedModel", capsys)
    assert_fails(c_api_client, ["--library", "no.so", *words], "no.so", capsys)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "No such file"),
        ("colour\nred\n", "table: a model without --text knows numbers only"),
    ],
)
def test_a_bad_table(tmp_path, capsys, text, message):
    path = tmp_path / "table.csv"
    if text is not None:
        path.write_text(text)
    with pytest.raises(SystemExit) as stop:
        np_client.main(["--table", str(path), "count"])
    assert stop.value.code == 2
    assert message in capsys.readouterr().err


def test_a_mesh_that_is_not_there(monkeypatch, capsys):
    def starts(signature, inputs):
        return {"status": ["running"]}

    monkeypatch.setattr(car_client, "load", lambda folder: starts)
    words = ["--model", "1", "missing.obj", "45", "30"]
    assert_fails(car_client, words, "car: .*missing.obj", capsys)


def test_a_status_that_is_not_ok(monkeypatch, capsys):
    answers = [
        {"maximum": 9, "status": "ok"},
        {"maximum": -1, "status": "step_budget_exhausted"},
    ]
    for count, code in ((1, 0), (2, 1)):
        ask = functools.partial(lambda n, *_, **__: answers[:n], count)
        monkeypatch.setattr(sorting_client, "ask_rest", ask)
        assert sorting_client.main(["925", "4"][:count]) == code
        assert len(capsys.readouterr().out.splitlines()) == count


def test_a_process_ends_with_the_code(signatures, monkeypatch, capsys):
    with emulator.rest_server(signatures) as port:
        words = ["--host", "127.0.0.1", "--port", str(port), "7", "x"]
        monkeypatch.setattr(sys, "argv", [rest_client.__file__, *words])
        with pytest.raises(SystemExit) as stop:
            runpy.run_path(rest_client.__file__, run_name="__main__")
    assert stop.value.code == 1
    assert '"invalid_input"' in capsys.readouterr().out
