"""Measures speed; each script prints a table and can write it to JSON."""
