"""Tests of the libraries, the data sets and the scripts."""
