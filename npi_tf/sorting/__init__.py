"""Bubble sort of single-digit numbers, and their maximum (section 3.2)."""

from npi_tf.sorting.domain import MAXIMUM
from npi_tf.sorting.domain import SORTING

__all__ = ["MAXIMUM", "SORTING"]
