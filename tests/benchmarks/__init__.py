"""Tests of the benchmarks: their form and counting, never the times."""
