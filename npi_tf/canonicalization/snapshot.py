"""What a camera on a car shows to viewers: its picture as a PNG, its pose."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np

from npi_tf.canonicalization import environment as environment_lib


def snapshot(environment: environment_lib.PoseEnvironment) -> dict:
    """The picture as a PNG, and the pose, for viewers."""
    azimuth, elevation = environment.result()
    picture = {
        "kind": "camera",
        "car": environment.car,
        "azimuth": azimuth,
        "elevation": elevation,
        "target": list(environment_lib.TARGET),
    }
    if isinstance(environment, environment_lib.CarEnvironment):
        code = base64.b64encode(png(environment.image())).decode()
        picture["image"] = f"data:image/png;base64,{code}"
    return picture


def png(image: np.ndarray) -> bytes:
    """A PNG file of an image, uint8 `[height, width, 3]`."""
    height, width, _ = image.shape
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # 0: no filter.
    rows[:, 1:] = image.reshape(height, -1)
    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", size), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data))
        + kind
        + data
        + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
