"""Tests of the Neural Programmer-Interpreter."""
