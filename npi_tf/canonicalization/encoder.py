"""The state encoder f_enc for pictures: a small convolutional network."""

from __future__ import annotations

import math

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable("npi_tf")
class ImageEncoder(keras.layers.Layer):
    """State encoding of a target pose, a picture and the arguments.

    `s_t = MLP([Q(1, i_1), Q(2, i_2), f_CNN(x), a_t(1), a_t(2), a_t(3)])`
    (equation 11). `f_CNN` is three passes of a stride-2 convolution with
    ReLU and a 2 x 2 max-pooling, which leave a 2 x 2 map of a 128 x 128
    picture, and one ReLU layer (Deviation D19). Target and arguments are
    one-hot, the default argument 0 is the zero vector; the MLP is two ReLU
    layers.

    Args:
        num_values: Number of values of each discrete feature.
        image_shape: `(height, width, channels)`, height and width multiples
            of 4 to the number of passes.
        num_argument_values: Number of values of each argument.
        filters: Output channels of each pass.
        kernel_sizes: Height and width of each pass' kernel.
        feature_dim: Width of `f_CNN`.
        hidden_dim: Width of the MLP's hidden layer.
        output_dim: `D`, width of the state encoding.
        normalize: Whether the state encoding passes a layer normalization,
            which keeps it in the range that a core shared with other
            domains expects.

    Call arguments:
        observations: Integers `[..., num_features + height * width *
            channels]`: the features, then the bytes of a picture. With
            `images` or `codes`, `[..., num_features + 1]`: the features,
            then an index into them.
        arguments: Integers `[..., 3]`, same leading shape.
        images: `[num_images, height, width, channels]`, 0 to 255: pictures
            that several observations share; each is looked at once.
        codes: `[num_images, feature_dim]`: what `look` makes of them.

    Returns:
        State encoding `s_t`, `[..., D]`.

    Raises:
        ValueError: If kernels and filters do not pair up, if the image is
            too small for the passes, or if observations have another width.

    Example:

    >>> encoder = ImageEncoder((24, 24), (64, 64, 3), (1, 1, 5))
    >>> pictures = np.zeros((7, 64, 64, 3), np.uint8)
    >>> seen, arguments = np.array([[0, 1, 6]]), np.array([[0, 0, 1]])
    >>> encoder(seen, arguments, images=pictures).shape
    TensorShape([1, 128])

    References:
        Reed and de Freitas, arXiv 1511.06279, section 4.1 and Figure 1.
    """

    def __init__(
        self,
        num_values,
        image_shape,
        num_argument_values,
        filters=(16, 32, 64),
        kernel_sizes=(5, 5, 3),
        feature_dim=128,
        hidden_dim=128,
        output_dim=128,
        normalize=False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.num_values = tuple(num_values)
        self.image_shape = tuple(image_shape)
        self.num_argument_values = tuple(num_argument_values)
        self.filters = tuple(filters)
        self.kernel_sizes = tuple(kernel_sizes)
        self.feature_dim = feature_dim
        self.hidden_dim = hidden_dim
        self.output_dim = output_dim
        self.normalize = normalize
        _check_passes(self.image_shape, self.filters, self.kernel_sizes)
        sizes = self.num_values + self.num_argument_values
        self._offsets = np.cumsum((0,) + sizes[:-1]).astype(np.int32)
        self._num_units = sum(sizes)
        # A value that is coded as zeros: an argument's default.
        self._blanks = np.array(
            (-1,) * len(self.num_values) + (0,) * len(self.num_argument_values),
            np.int32,
        )
        self.convolutions = [
            keras.layers.Conv2D(
                channels,
                size,
                strides=2,
                padding="same",
                activation="relu",
                dtype=self.dtype_policy,
                name=f"convolution_{i}",
            )
            for i, (channels, size) in enumerate(zip(filters, kernel_sizes))
        ]
        self.feature = self._dense(feature_dim, "feature")
        self.hidden = self._dense(hidden_dim, "hidden")
        self.out = self._dense(output_dim, "out")
        self.norm = None
        if normalize:
            self.norm = keras.layers.LayerNormalization(
                dtype=self.dtype_policy, name="norm"
            )

    def _dense(self, units, name):
        return keras.layers.Dense(
            units, activation="relu", dtype=self.dtype_policy, name=name
        )

    def build(self, *shapes):
        height, width, channels = self.image_shape
        for convolution, filters in zip(self.convolutions, self.filters):
            convolution.build((None, height, width, channels))
            height, width, channels = height // 4, width // 4, filters
        self.feature.build((None, height * width * channels))
        self.hidden.build((None, self.feature_dim + self._num_units))
        self.out.build((None, self.hidden_dim))
        if self.norm is not None:
            self.norm.build((None, self.output_dim))
        self.built = True

    def look(self, images):
        """`f_CNN` of pictures, `[n, height, width, channels]` to `[n, F]`."""
        if tuple(images.shape[1:]) != self.image_shape:
            raise ValueError(
                f"images: must be pictures of {self.image_shape}, got shape "
                f"{tuple(images.shape)}"
            )
        # White, the usual background, is 0: the same as beyond the edges.
        maps = 1.0 - ops.cast(images, self.compute_dtype) / 255.0
        for convolution in self.convolutions:
            maps = ops.max_pool(convolution(maps), 2)
        return self.feature(
            ops.reshape(maps, (-1, self.feature.kernel.shape[0]))
        )

    def call(self, observations, arguments, images=None, codes=None):
        observations = ops.cast(observations, "int32")
        num_features = len(self.num_values)
        shared = images is not None or codes is not None
        pixels = 1 if shared else math.prod(self.image_shape)
        if observations.shape[-1] != num_features + pixels:
            raise ValueError(
                f"observations: must hold {num_features} features and "
                f"{pixels} values, a picture of {self.image_shape} or an "
                f"index, got {observations.shape[-1]} in all"
            )
        values, picture = ops.split(observations, [num_features], axis=-1)
        if images is not None:
            codes = self.look(images)
        if shared:
            seen = ops.take(codes, picture[..., 0], axis=0)
        else:
            lead = tuple(ops.shape(picture)[:-1])
            seen = self.look(ops.reshape(picture, (-1, *self.image_shape)))
            seen = ops.reshape(seen, (*lead, self.feature_dim))
        hot = self._one_hot(values, ops.cast(arguments, "int32"))
        state = self.out(self.hidden(ops.concatenate([seen, hot], axis=-1)))
        return state if self.norm is None else self.norm(state)

    def _one_hot(self, values, arguments):
        """Target and arguments side by side, `[..., num_units]`."""
        values = ops.concatenate([values, arguments], axis=-1)
        units = ops.where(values == self._blanks, -1, values + self._offsets)
        hot = ops.one_hot(units, self._num_units, dtype=self.compute_dtype)
        return ops.sum(hot, axis=-2)

    def get_config(self):
        return super().get_config() | {
            "num_values": self.num_values,
            "image_shape": self.image_shape,
            "num_argument_values": self.num_argument_values,
            "filters": self.filters,
            "kernel_sizes": self.kernel_sizes,
            "feature_dim": self.feature_dim,
            "hidden_dim": self.hidden_dim,
            "output_dim": self.output_dim,
            "normalize": self.normalize,
        }


def _check_passes(image_shape, filters, kernel_sizes):
    if not filters or len(filters) != len(kernel_sizes):
        raise ValueError(
            "kernel_sizes: must have one entry a pass, got "
            f"{len(kernel_sizes)} for {len(filters)} passes"
        )
    factor = 4 ** len(filters)
    if len(image_shape) != 3 or any(
        n < 1 or n % factor for n in image_shape[:2]
    ):
        raise ValueError(
            f"image_shape: must be height, width, channels, the first two "
            f"multiples of {factor}, got {image_shape}"
        )
