"""3D cars: moving the camera to a target pose (section 3.3 of the paper)."""

from npi_tf.canonicalization.domain import CANONICALIZATION
from npi_tf.canonicalization.domain import POSES

__all__ = ["CANONICALIZATION", "POSES"]
