"""The house rules that a program can check: who imports whom, docstrings."""

import ast
import doctest
import functools
import importlib
import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[1]
ROOMS = ("np_tf", "npi_tf", "data_gen", "reproduce")
LIBRARIES = ("np_tf", "npi_tf")

# What a room must not know, beside the tests.
FORBIDDEN = {
    "np_tf": {
        "npi_tf",
        "data_gen",
        "reproduce",
        "benchmarks",
        "tensorflow_datasets",
        "matplotlib",
    },
    "npi_tf": {
        "np_tf",
        "data_gen",
        "reproduce",
        "benchmarks",
        "tensorflow_datasets",
        "matplotlib",
    },
    "data_gen": {"reproduce", "benchmarks", "matplotlib"},
    "reproduce": {"benchmarks"},
}

# Layers, models and losses use `keras.ops`, so that they train on any backend
# of Keras. What may use TensorFlow itself, and why:
TENSORFLOW_MODULES = {
    "np_tf.export": "SavedModels",
    "np_tf.gradient_noise": "random bits as fast as XLA gives them",
    "np_tf.serving": "tensors in and out of a SavedModel",
    "np_tf.tensor_checks": "programs of a batch, in a graph",
    "np_tf.tensor_inputs": "ragged rows, in a graph",
    "np_tf.tensor_mentions": "ragged rows, in a graph",
    "np_tf.tensor_names": "string tensors, in a graph",
    "np_tf.tensor_notes": "string tensors, in a graph",
    "np_tf.tensor_table": "string tensors, in a graph",
    "np_tf.tensor_text": "string tensors, in a graph",
    "np_tf.verdicts": "string tensors, in a graph",
    "np_tf.warmup": "tensor protos in a TFRecord file",
    "npi_tf.addition.serving": "string tensors in and out of a SavedModel",
    "npi_tf.addition.tensor_environment": "the pad inside tf.while_loop",
    "npi_tf.canonicalization.tensor_environment": "cars inside tf.while_loop",
    "npi_tf.export": "SavedModels",
    "npi_tf.extension": "the training step of new programs",
    "npi_tf.race": "the training step of candidates for new programs",
    "npi_tf.interpreter": "tf.while_loop",
    "npi_tf.runner": "tf.function around the interpreter",
    "npi_tf.sorting.maximum_serving": "tensors out of a SavedModel",
    "npi_tf.sorting.serving": "tensors in and out of a SavedModel",
    "npi_tf.sorting.tensor_environment": "the array inside tf.while_loop",
    "npi_tf.step_export": "SavedModels",
    "npi_tf.stepwise": "tf.function around one step of the core",
    "npi_tf.warmup": "tensor protos in a TFRecord file",
}

# The half that runs without Keras and TensorFlow.
SYMBOLIC_MODULES = (
    "np_tf",
    "np_tf.ask",
    "np_tf.cli",
    "np_tf.explain",
    "np_tf.mentions",
    "np_tf.page",
    "np_tf.program_checks",
    "np_tf.programs",
    "np_tf.question_text",
    "np_tf.reference",
    "np_tf.symbols",
    "np_tf.table",
    "np_tf.table_csv",
    "np_tf.vocabulary",
    "npi_tf",
    "npi_tf.addition.domain",
    "npi_tf.addition.environment",
    "npi_tf.addition.problems",
    "npi_tf.addition.programs",
    "npi_tf.canonicalization.domain",
    "npi_tf.canonicalization.environment",
    "npi_tf.canonicalization.programs",
    "npi_tf.canonicalization.snapshot",
    "npi_tf.canonicalization.convert_meshes",
    "npi_tf.canonicalization.renderer",
    "npi_tf.cli",
    "npi_tf.cli_run",
    "npi_tf.cli_train",
    "npi_tf.domains",
    "npi_tf.frames",
    "npi_tf.observation_spec",
    "npi_tf.player",
    "npi_tf.screen",
    "npi_tf.specs",
    "npi_tf.teacher",
    "npi_tf.trace",
)

# What `pip install` without extras brings, and what an extra may bring to
# the one function that needs it.
REQUIRED = {"absl", "keras", "numpy", "tensorflow"}
EXTRAS = {
    "np_tf.warmup": {"tensorflow_serving"},
    "npi_tf.canonicalization.convert_meshes": {"trimesh"},
    "npi_tf.canonicalization.mesh_files": {"trimesh"},
    "npi_tf.canonicalization.off_screen": {"vtkmodules"},
    "npi_tf.warmup": {"tensorflow_serving"},
}

# Members that are imported by name: marks that are read as words.
MEMBERS = {"reproduce.sources.ours", "reproduce.sources.paper"}

# Their docstrings are those of the Keras base class; a script's `main` is
# what the docstring of its module describes.
DESCRIBED_ELSEWHERE = {
    "build",
    "call",
    "compute_loss",
    "from_config",
    "get_config",
    "main",
}


def module_name(path):
    """The dotted name of a file."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@functools.cache
def modules(*rooms):
    """Dotted name -> path of every module in the rooms."""
    paths = [p for room in rooms for p in sorted((ROOT / room).rglob("*.py"))]
    return {module_name(path): path for path in paths}


@functools.cache
def tree(path):
    """The parsed file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def import_nodes(path, deferred=True):
    """Import statements of a file, those inside functions if `deferred`."""
    stack = [tree(path)]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if deferred or not inside:
            stack.extend(ast.iter_child_nodes(node))


def imported(path, deferred=True):
    """Dotted names that a file imports; `from a import b` gives `a.b`."""
    for node in import_nodes(path, deferred):
        for alias in node.names:
            if isinstance(node, ast.Import):
                yield alias.name
            else:
                yield f"{node.module}.{alias.name}"


def head(name):
    """The top-level package of a dotted name."""
    return name.split(".")[0]


def loaded(name, known):
    """All that importing a module of ours imports, without functions."""
    seen, stack = set(), [name]
    while stack:
        name = stack.pop()
        if name in seen:
            continue
        seen.add(name)
        if head(name) in ROOMS:  # Its packages are imported with it.
            stack.append(name.rpartition(".")[0] or name)
        if name in known:
            stack.extend(imported(known[name], deferred=False))
    return seen


def test_the_rooms_are_there():
    for room in ROOMS:
        assert module_name(ROOT / room / "__init__.py") in modules(room)
    assert len(modules("npi_tf")) > 15


@pytest.mark.parametrize("room", ROOMS)
def test_imports_go_one_way(room):
    forbidden = FORBIDDEN[room] | {"tests"}
    wrong = [
        f"{module} imports {name}"
        for module, path in modules(room).items()
        for name in imported(path)
        if head(name) in forbidden
    ]
    assert not wrong


def test_libraries_import_what_the_installation_brings():
    for module, path in modules(*LIBRARIES).items():
        known = {head(module)} | REQUIRED | set(sys.stdlib_module_names)
        now = {head(name) for name in imported(path, deferred=False)}
        assert now <= known, module
        later = {head(name) for name in imported(path)}
        assert later <= known | EXTRAS.get(module, set()), module


def test_tensorflow_is_imported_where_it_is_needed():
    users = {
        module
        for module, path in modules(*LIBRARIES).items()
        if "tensorflow" in map(head, imported(path))
    }
    assert users == set(TENSORFLOW_MODULES)


@pytest.mark.parametrize("module", SYMBOLIC_MODULES)
def test_symbolic_modules_load_neither_keras_nor_tensorflow(module):
    known = modules(*ROOMS)
    assert module in known
    assert not {"keras", "tensorflow"} & set(map(head, loaded(module, known)))


def test_what_a_module_loads_is_followed_through_others():
    assert "npi_tf.interpreter" in loaded("npi_tf.model", modules(*ROOMS))
    names = set(map(head, loaded("npi_tf.model", modules(*ROOMS))))
    assert {"keras", "tensorflow", "numpy"} <= names


def test_imports_are_absolute_one_a_line_and_of_modules():
    known = modules(*ROOMS, "tests")
    for module, path in known.items():
        for node in import_nodes(path):
            place = f"{module}:{node.lineno}"
            assert len(node.names) == 1, place
            if isinstance(node, ast.Import):
                continue
            assert node.level == 0, place
            is_ours = head(node.module) in (*ROOMS, "tests")
            if is_ours and path.name != "__init__.py":
                name = f"{node.module}.{node.names[0].name}"
                assert name in known or name in MEMBERS, place


def test_lines_fit_80_columns():
    wrong = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in modules(*ROOMS, "tests").values()
        for number, line in enumerate(
            path.read_text(encoding="utf-8").splitlines(), start=1
        )
        if len(line) > 80
    ]
    assert not wrong


def test_a_thing_lives_with_what_it_serves():
    names = {part for name in modules(*ROOMS) for part in name.split(".")}
    assert not names & {"common", "util", "utils", "helper", "helpers", "misc"}


def test_folders_of_tests_are_packages():
    for path in (ROOT / "tests").rglob("*.py"):
        assert (path.parent / "__init__.py").is_file(), path


def public(body, methods):
    """Public definitions of a module or class, methods when asked for."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    for node in body:
        if not isinstance(node, kinds) or node.name.startswith("_"):
            continue
        yield node
        if methods and isinstance(node, ast.ClassDef):
            yield from public(node.body, methods)


@pytest.mark.parametrize("room", ROOMS)
def test_what_is_public_has_a_docstring(room):
    wrong = []
    for module, path in modules(room).items():
        if ast.get_docstring(tree(path)) is None:
            wrong.append(module)
        for node in public(tree(path).body, methods=room in LIBRARIES):
            documented = ast.get_docstring(node) is not None
            if not documented and node.name not in DESCRIBED_ELSEWHERE:
                wrong.append(f"{module}.{node.name}")
    assert not wrong


@pytest.mark.parametrize("room", LIBRARIES)
def test_every_keras_layer_and_model_shows_an_example_or_its_shapes(room):
    for module, path in modules(room).items():
        for node in public(tree(path).body, methods=False):
            bases = {ast.unparse(base) for base in getattr(node, "bases", [])}
            if bases & {"keras.layers.Layer", "keras.Model"}:
                text = ast.get_docstring(node)
                for section in ("Args:", "Call arguments:", "Returns:"):
                    assert section in text, f"{module}.{node.name}"


def with_examples():
    """Modules of the libraries whose docstrings hold an example."""
    return [
        module
        for module, path in modules(*LIBRARIES).items()
        if ">>> " in path.read_text(encoding="utf-8")
    ]


@pytest.mark.parametrize("module", with_examples())
def test_examples_in_docstrings_hold(module):
    results = doctest.testmod(importlib.import_module(module))
    assert results.attempted > 0
    assert results.failed == 0


def test_the_public_names_are_there():
    import npi_tf

    for name in npi_tf.__all__:
        assert getattr(npi_tf, name).__doc__, name
        assert name in dir(npi_tf)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = npi_tf.nothing


def package_data():
    """The `package_data` of setup.py, read without running it."""
    for node in ast.walk(tree(ROOT / "setup.py")):
        if isinstance(node, ast.keyword) and node.arg == "package_data":
            return ast.literal_eval(node.value)
    raise AssertionError("setup.py must state package_data")


@pytest.mark.parametrize("room", ROOMS)
def test_every_file_of_a_package_is_installed(room):
    patterns = package_data().get(room, [])
    installed = {p for glob in patterns for p in (ROOT / room).glob(glob)}
    files = {
        path
        for path in (ROOT / room).rglob("*")
        if path.is_file()
        and path.suffix not in (".py", ".pyc")
        and not path.name.startswith(".")
    }
    assert files <= installed
