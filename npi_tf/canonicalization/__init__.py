"""3D cars: moving the camera to a target pose (section 3.3 of the paper)."""
