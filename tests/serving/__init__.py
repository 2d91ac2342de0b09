"""Tests of the served model, its clients and its page."""
