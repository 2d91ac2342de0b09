"""Adds numbers through TensorFlow's C API, without a server or TensorFlow's
Python: the calls that a server in C, Go, Rust or Java makes.

    python serving/c_api_client.py --model models/npi_addition/1 96 125

The library is libtensorflow_cc.so.2 of an installed TensorFlow, or any
libtensorflow.so given with --library. Exits with 1 if there is no answer, or
one with a status other than `ok`.
"""

import argparse
import ctypes
import importlib.util
import json
import math
import pathlib
import sys
import typing

STRING = 7  # TF_DataType; of the others, what stands for each.
NUMBERS = {2: ctypes.c_double, 3: ctypes.c_int32, 10: ctypes.c_bool}


class TensorInfo(typing.NamedTuple):
    """Name and TF_DataType of a signature's input or output."""

    name: str
    dtype: int


class Output(ctypes.Structure):
    """TF_Output: one output of one operation."""

    _fields_ = [("operation", ctypes.c_void_p), ("index", ctypes.c_int)]


class Buffer(ctypes.Structure):
    """TF_Buffer."""

    _fields_ = [
        ("data", ctypes.c_void_p),
        ("length", ctypes.c_size_t),
        ("deallocator", ctypes.c_void_p),
    ]


class String(ctypes.Structure):
    """TF_TString: 24 bytes that only TF_String* functions look into."""

    _fields_ = [("opaque", ctypes.c_uint64 * 3)]


_P, _S, _I = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
_SIZE, _INT64 = ctypes.c_size_t, ctypes.c_int64

# Of tensorflow/c/c_api.h: what each function returns and takes.
PROTOTYPES = {
    "TF_NewStatus": (_P, []),
    "TF_GetCode": (_I, [_P]),
    "TF_Message": (_S, [_P]),
    "TF_NewGraph": (_P, []),
    "TF_NewBuffer": (ctypes.POINTER(Buffer), []),
    "TF_NewSessionOptions": (_P, []),
    "TF_LoadSessionFromSavedModel": (_P, [_P, _P, _S, _P, _I, _P, _P, _P]),
    "TF_GraphOperationByName": (_P, [_P, _S]),
    "TF_SessionRun": (_P, [_P, _P, _P, _P, _I, _P, _P, _I, _P, _I, _P, _P]),
    "TF_AllocateTensor": (_P, [_I, _P, _I, _SIZE]),
    "TF_DeleteTensor": (None, [_P]),
    "TF_TensorType": (_I, [_P]),
    "TF_TensorData": (_P, [_P]),
    "TF_NumDims": (_I, [_P]),
    "TF_Dim": (_INT64, [_P, _I]),
    "TF_StringInit": (None, [_P]),
    "TF_StringCopy": (None, [_P, _S, _SIZE]),
    "TF_StringGetSize": (_SIZE, [_P]),
    "TF_StringGetDataPointer": (_P, [_P]),
    "TF_StringDealloc": (None, [_P]),
}


class CModel:
    """A SavedModel in a session of the C API.

    Args:
        library: Path of the shared library.
        folder: The SavedModel.
    """

    def __init__(self, library, folder):
        c = self._c = ctypes.CDLL(str(library))
        for name, (result, arguments) in PROTOTYPES.items():
            function = getattr(c, name)
            function.restype, function.argtypes = result, arguments
        self._status, self._graph = c.TF_NewStatus(), c.TF_NewGraph()
        meta_graph = c.TF_NewBuffer()
        self._session = c.TF_LoadSessionFromSavedModel(
            c.TF_NewSessionOptions(),
            None,
            str(folder).encode(),
            (_S * 1)(b"serve"),
            1,
            self._graph,
            meta_graph,
            self._status,
        )
        self._check()
        buffer = meta_graph.contents
        self.signatures = parse_signatures(
            ctypes.string_at(buffer.data, buffer.length)
        )

    def run(self, signature, columns):
        """Outputs by name, from inputs by name, as nested lists.

        Raises:
            RuntimeError: If the session says so.
        """
        inputs, outputs = self.signatures[signature]
        values = [
            self._tensor(columns[name], info.dtype)
            for name, info in inputs.items()
        ]
        results = (_P * len(outputs))()
        self._c.TF_SessionRun(
            self._session,
            None,
            self._endpoints(inputs.values()),
            (_P * len(values))(*values),
            len(values),
            self._endpoints(outputs.values()),
            results,
            len(outputs),
            None,
            0,
            None,
            self._status,
        )
        for value in values:
            self._free_strings(value)
            self._c.TF_DeleteTensor(value)
        self._check()
        answers = {n: self._read(r) for n, r in zip(outputs, results)}
        for result in results:
            self._c.TF_DeleteTensor(result)
        return answers

    def _check(self):
        if self._c.TF_GetCode(self._status):
            message = self._c.TF_Message(self._status)
            raise RuntimeError(message.decode(errors="replace"))

    def _endpoints(self, infos):
        endpoints = []
        for info in infos:
            operation, index = info.name.rsplit(":", 1)
            pointer = self._c.TF_GraphOperationByName(
                self._graph, operation.encode()
            )
            endpoints.append(Output(pointer, int(index)))
        return (Output * len(endpoints))(*endpoints)

    def _strings(self, tensor, count):
        """Addresses of the strings in a tensor."""
        start = self._c.TF_TensorData(tensor) if count else 0
        return [start + i * ctypes.sizeof(String) for i in range(count)]

    def _tensor(self, values, dtype):
        """A tensor of strings or numbers, from nested lists."""
        shape, values = _shape(values)
        dims, count = (_INT64 * len(shape))(*shape), len(values)
        kind = NUMBERS.get(dtype, String)
        tensor = self._c.TF_AllocateTensor(
            dtype, dims, len(shape), ctypes.sizeof(kind) * count
        )
        if dtype == STRING:
            for address, value in zip(self._strings(tensor, count), values):
                encoded = value.encode() if isinstance(value, str) else value
                self._c.TF_StringInit(address)
                self._c.TF_StringCopy(address, encoded, len(encoded))
        elif count:
            data = (kind * count)(*values)
            ctypes.memmove(
                self._c.TF_TensorData(tensor), data, ctypes.sizeof(data)
            )
        return tensor

    def _dims(self, tensor):
        rank = self._c.TF_NumDims(tensor)
        return [self._c.TF_Dim(tensor, i) for i in range(rank)]

    def _free_strings(self, tensor):
        if self._c.TF_TensorType(tensor) == STRING:
            count = math.prod(self._dims(tensor))
            for address in self._strings(tensor, count):
                self._c.TF_StringDealloc(address)

    def _read(self, tensor):
        """A tensor of rank 1 or more, as nested lists."""
        shape, dtype = self._dims(tensor), self._c.TF_TensorType(tensor)
        count = math.prod(shape)
        if dtype == STRING:
            flat = [self._read_string(a) for a in self._strings(tensor, count)]
        elif count:
            data = self._c.TF_TensorData(tensor)
            flat = list((NUMBERS[dtype] * count).from_address(data))
        else:
            flat = []
        return _nested(flat, shape)

    def _read_string(self, address):
        data = self._c.TF_StringGetDataPointer(address)
        size = self._c.TF_StringGetSize(address)
        return ctypes.string_at(data, size).decode()


def _shape(values):
    """The shape of nested lists, and all that is in them."""
    shape = [len(values)]
    while values and isinstance(values[0], list):
        shape.append(len(values[0]))
        if any(len(value) != shape[-1] for value in values):
            raise ValueError("values: lists at one depth must be as long")
        values = [item for value in values for item in value]
    return shape, values


def _nested(flat, shape):
    """All that is in nested lists, in lists of this shape."""
    for axis in reversed(range(1, len(shape))):
        size, count = shape[axis], math.prod(shape[:axis])
        flat = [flat[i * size : (i + 1) * size] for i in range(count)]
    return flat


def parse_signatures(meta_graph):
    """`TensorInfo`s by signature: `{name: (inputs, outputs)}`.

    Reads a serialized MetaGraphDef (field 5: map of SignatureDef, of which
    fields 1 and 2 are maps of TensorInfo, of which field 1 is the name and
    field 2 the type); a program with a protobuf library would use that.
    """
    signatures = {}
    for number, entry in _fields(meta_graph):
        if number == 5:
            name, definition = _map_entry(entry)
            sides = {}, {}
            for side, item in _fields(definition):
                if side in (1, 2):
                    key, info = _map_entry(item)
                    info = dict(_fields(info))
                    sides[side - 1][key] = TensorInfo(
                        info[1].decode(), info.get(2, 0)
                    )
            signatures[name] = sides
    return signatures


def _map_entry(entry):
    fields = dict(_fields(entry))
    return fields[1].decode(), fields[2]


def _fields(message):
    """`(number, value)` of every field of a serialized protobuf."""
    position = 0

    def varint():
        nonlocal position
        value = shift = 0
        while True:
            byte = message[position]
            position += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while position < len(message):
        key = varint()
        if key & 7 == 0:
            yield key >> 3, varint()
            continue
        size = {1: 8, 5: 4}.get(key & 7)
        size = varint() if size is None else size
        yield key >> 3, message[position : position + size]
        position += size


def find_library():
    """The shared library of the installed TensorFlow, without importing it.

    Raises:
        FileNotFoundError: If there is none.
    """
    spec = importlib.util.find_spec("tensorflow")
    folders = spec.submodule_search_locations if spec else []
    for folder in map(pathlib.Path, folders):
        for path in sorted(folder.glob("libtensorflow_cc.*")):
            return path
    raise FileNotFoundError("no libtensorflow_cc; give one with --library")


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--library")
    parser.add_argument("--signature", default="serving_default")
    parser.add_argument("numbers", nargs="+", metavar="augend addend")
    options = parser.parse_args(arguments)
    if len(options.numbers) % 2:
        parser.error("numbers: must be pairs of augend and addend")
    columns = {
        "augend": options.numbers[::2],
        "addend": options.numbers[1::2],
    }
    try:
        model = CModel(options.library or find_library(), options.model)
        answers = model.run(options.signature, columns)
    except (OSError, RuntimeError) as error:
        parser.exit(1, f"{parser.prog}: {' '.join(str(error).split())}\n")
    for row in zip(*answers.values()):
        print(json.dumps(dict(zip(answers, row)), sort_keys=True))
    return int(any(status != "ok" for status in answers["status"]))


if __name__ == "__main__":
    sys.exit(main())
