"""Adds numbers over TensorFlow Serving's REST API, standard library only.

python serving/rest_client.py --host localhost --port 8501 96 125 5 99999

Exits with 1 if there is no answer, or one with a status other than `ok`.
"""

import argparse
import http.client
import json
import sys
import urllib.error
import urllib.request


def build_request(problems, signature="serving_default"):
    """The JSON body of a predict request, one instance a problem.

    Args:
        problems: `(augend, addend)` pairs of strings.
        signature: `serving_default` or `trace`.
    """
    return {
        "signature_name": signature,
        "instances": [
            {"augend": augend, "addend": addend} for augend, addend in problems
        ],
    }


def predict(host, port, request, model="npi_addition", timeout=120.0):
    """Posts a request; returns one dict of outputs for each problem.

    Raises:
        RuntimeError: If the server answers with an error, or not in HTTP.
        OSError: If there is no server.
    """
    url = f"http://{host}:{port}/v1/models/{model}:predict"
    post = urllib.request.Request(
        url,
        json.dumps(request).encode(),
        {"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(post, timeout=timeout) as response:
            return json.load(response)["predictions"]
    except urllib.error.HTTPError as error:
        text = error.read().decode(errors="replace")
        raise RuntimeError(f"{url}: HTTP {error.code}, {text}") from error
    except http.client.HTTPException as error:  # As at a port for gRPC.
        raise RuntimeError(f"{url}: no HTTP answer, {error!r}") from error


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=8501)
    parser.add_argument("--signature", default="serving_default")
    parser.add_argument("numbers", nargs="+", metavar="augend addend")
    options = parser.parse_args(arguments)
    if len(options.numbers) % 2:
        parser.error("numbers: must be pairs of augend and addend")
    problems = list(zip(options.numbers[::2], options.numbers[1::2]))
    request = build_request(problems, options.signature)
    try:
        answers = predict(options.host, options.port, request)
    except (OSError, RuntimeError) as error:
        parser.exit(1, f"{parser.prog}: {' '.join(str(error).split())}\n")
    for answer in answers:
        print(json.dumps(answer, sort_keys=True))
    return int(any(answer["status"] != "ok" for answer in answers))


if __name__ == "__main__":
    sys.exit(main())
