"""3D cars: moving the camera to a target pose (section 4.1 of the paper)."""

from npi_tf.canonicalization.domain import CANONICALIZATION
from npi_tf.canonicalization.domain import POSES

__all__ = ["CANONICALIZATION", "POSES"]
