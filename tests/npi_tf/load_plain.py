"""Run in a fresh process: an exported model, with TensorFlow alone.

Arguments: the SavedModel, and a file with a JSON object of the inputs; with
a third argument, a number of digits, adds two such numbers instead and
prints by how much that raised the peak of the memory, in MiB.
"""

import json
import pathlib
import random
import resource
import sys

# Even where this project is installed, nothing of it can be imported now.
for name in ("npi_tf", "np_tf", "data_gen", "reproduce"):
    sys.modules[name] = None

import tensorflow as tf  # noqa: E402


def main(folder, inputs, num_digits="0"):
    try:
        import npi_tf  # noqa: F401
    except ImportError:
        pass
    else:
        raise AssertionError("npi_tf can be imported")
    loaded = tf.saved_model.load(folder)
    default = loaded.signatures["serving_default"]
    if int(num_digits):
        print(json.dumps(add_long(default, int(num_digits))))
        return
    columns = json.loads(pathlib.Path(inputs).read_text())
    tensors = {name: tf.constant(value) for name, value in columns.items()}
    for name in ("serving_default", "trace"):
        outputs = loaded.signatures[name](**tensors)
        lists = {key: plain(value) for key, value in outputs.items()}
        print(json.dumps(lists))


def add_long(function, num_digits):
    digits = random.Random(0)
    sys.set_int_max_str_digits(0)

    def add(n):
        augend, addend = (
            "".join(digits.choices("0123456789", k=n)) for _ in range(2)
        )
        outputs = function(
            augend=tf.constant([augend]), addend=tf.constant([addend])
        )
        wanted = str(int(augend) + int(addend))
        return outputs["sum"].numpy()[0].decode() == wanted

    def peak():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    right = add(100)
    before = peak()
    return {"right": right and add(num_digits), "mib": peak() - before}


def plain(value):
    """A tensor, or a nested list of bytes, without tensors and bytes."""
    if isinstance(value, tf.Tensor):
        value = value.numpy().tolist()
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.decode() if isinstance(value, bytes) else value


if __name__ == "__main__":
    main(*sys.argv[1:])
