"""Installs np_tf, npi_tf, data_gen and the reproduce scripts."""

import pathlib

import setuptools

ROOT = pathlib.Path(__file__).parent

DATA = ["tensorflow-datasets>=4.9.9", "importlib_resources"]
BEAM = ["apache-beam>=2.70"]
PLOTS = ["matplotlib>=3.8"]
TENSORBOARD = ["tensorboard>=2.20"]
SERVING = ["tensorflow-serving-api>=2.20"]
BENCHMARKS = ["pandas>=2.2"]
CARS = ["vtk>=9.4", "trimesh>=4.6", "pillow"]
REPRODUCE = [*DATA, *TENSORBOARD, *SERVING, *CARS]
TEST = [
    "pytest>=8",
    "pytest-xdist",
    "hypothesis>=6.100",
    "dill",
    *REPRODUCE,
    *BEAM,
    *PLOTS,
    *BENCHMARKS,
]

setuptools.setup(
    name="neural-programmer",
    version="0.1.0",
    description=(
        "Neural Programmer and Neural Programmer-Interpreter in TensorFlow"
    ),
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.11",
    packages=setuptools.find_packages(
        include=[
            name + suffix
            for name in ("np_tf", "npi_tf", "data_gen", "reproduce")
            for suffix in ("", ".*")
        ]
    ),
    package_data={
        "np_tf": ["presets/*/*", "*.html"],
        "npi_tf": ["presets/*/*", "*.html"],
        "data_gen": ["*/*.md", "*/*.bib", "*/*.txt"],
        "reproduce": ["results/*/*.json"],
    },
    install_requires=[
        "tensorflow>=2.20",
        "keras>=3.10",
        "numpy>=1.26",
        "absl-py>=2.1",
    ],
    extras_require={
        "data": DATA,
        "beam": BEAM,
        "plots": PLOTS,
        "benchmarks": BENCHMARKS,
        "cars": CARS,
        "tensorboard": TENSORBOARD,
        "serving": SERVING,
        "reproduce": REPRODUCE,
        "test": TEST,
        "dev": [*TEST, "ruff>=0.14"],
    },
    classifiers=[
        "License :: OSI Approved :: Apache Software License",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
    ],
)
