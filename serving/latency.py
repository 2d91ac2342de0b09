"""Time of a request to an exported model, with TensorFlow alone, no server.

python serving/latency.py --model models/npi_addition/1
"""

import argparse
import random
import time

import tensorflow as tf


def measure(function, num_digits, batch, repeats):
    """Best wall seconds of a request of random sums, and its core steps."""
    digits = random.Random(0)
    inputs = {
        name: tf.constant(
            ["".join(digits.choices("0123456789", k=num_digits))] * batch
        )
        for name in ("augend", "addend")
    }
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        num_steps = function(**inputs)["num_steps"].numpy()
        best = min(best, time.perf_counter() - start)
    return best, int(num_steps.max())


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--signature", default="serving_default")
    parser.add_argument("--digits", type=int, nargs="+", default=[3, 20, 100])
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 8, 64])
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args(arguments)
    function = tf.saved_model.load(options.model).signatures[options.signature]
    print("digits  batch  steps  ms/request  ms/step  ms/problem")
    for num_digits in options.digits:
        for batch in options.batches:
            seconds, steps = measure(
                function, num_digits, batch, options.repeats
            )
            print(
                f"{num_digits:6}  {batch:5}  {steps:5}  {1e3 * seconds:10.2f}"
                f"  {1e3 * seconds / steps:7.3f}"
                f"  {1e3 * seconds / batch:10.2f}"
            )


if __name__ == "__main__":
    main()
