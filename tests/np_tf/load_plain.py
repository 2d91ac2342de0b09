"""Run in a fresh process: an exported model, with TensorFlow alone.

Arguments: the SavedModel, and a file with a JSON object of the inputs.
Prints the outputs as a JSON object.
"""

import json
import pathlib
import sys

# Even where this project is installed, nothing of it can be imported now.
for name in ("npi_tf", "np_tf", "data_gen", "reproduce"):
    sys.modules[name] = None

import tensorflow as tf  # noqa: E402


def main(folder, inputs):
    try:
        import np_tf  # noqa: F401
    except ImportError:
        pass
    else:
        raise AssertionError("np_tf can be imported")
    function = tf.saved_model.load(folder).signatures["serving_default"]
    specs = function.structured_input_signature[1]
    values = json.loads(pathlib.Path(inputs).read_text())
    outputs = function(
        **{
            name: tf.constant(v, specs[name].dtype)
            for name, v in values.items()
        }
    )
    print(json.dumps({name: plain(value) for name, value in outputs.items()}))


def plain(value):
    """A tensor, or a nested list of bytes, without tensors and bytes."""
    if isinstance(value, tf.Tensor):
        value = value.numpy().tolist()
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.decode() if isinstance(value, bytes) else value


if __name__ == "__main__":
    main(*sys.argv[1:])
