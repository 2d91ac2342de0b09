"""Multi-digit addition on a scratch pad (section 3.1 of the paper)."""

from npi_tf.addition.domain import ADDITION

__all__ = ["ADDITION"]
