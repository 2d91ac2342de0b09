"""The Neural Programmer-Interpreter as a Keras model."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops

from npi_tf import core as core_lib
from npi_tf import export as export_lib
from npi_tf import growth
from npi_tf import losses
from npi_tf import memory as memory_lib
from npi_tf import model_parts as parts
from npi_tf import presets
from npi_tf import runner

_NEVER = -1e9  # Score of a program that may not be called.


@keras.saving.register_keras_serializable("npi_tf")
class NPI(keras.Model):
    """One core, one program memory, and one encoder for every domain.

    Args:
        programs: Names of the memory's rows, in order.
        encoders: Maps domain name to its `f_enc`: a layer called with
            `(observations, arguments)`.
        num_argument_values: Number of values of each of the three arguments
            (the largest that any domain needs).
        blocks: Rows of each block of the memory; one block by default.
        protect_blocks: Whether a program may call only programs of its own
            and of older blocks, as in section 4.3 of the paper: then
            programs that are added change nothing of what was there.
        key_dim: `K`.
        embedding_dim: `P`.
        state_dim: `D`, the encoders' output width.
        fuse_dim: Width of the fusing MLP.
        hidden_dim: `M`, units of each LSTM layer.
        num_layers: `L`.

    Call arguments:
        frames: Dict of `program [B]`, `arguments [B, 3]` and
            `observations [B, T, ...]`, all integers: one invocation a row;
            where they hold images also `images`, see
            `Domain.make_encoder`.
            Program indices are rows of the memory, in targets too: frames
            hold indices of their domain and must be mapped with
            `frames.for_rows(model.rows(domain))` where the memory's order
            is not the domain's (several domains, `with_programs`).
            Of several domains: such dicts by the names of their encoders
            (`Domain.encoder_name`), each of a batch of its own.
        domain: Whose encoder to use; may be left out if there is one, or if
            `frames` says it.

    Returns:
        Dict of `end_logits [B, T]`, `program_logits [B, T, N]` and
        `argument_logits`, a list of `[B, T, num_values]`; of several domains
        such dicts by name.

    Raises:
        ValueError: If programs are not distinct or lack ACT, if blocks do
            not add up, or if a size is not a positive integer.

    Example:

    >>> from npi_tf import addition
    >>> model = NPI.for_domains(addition.ADDITION)
    >>> model.programs
    ('ADD', 'ADD1', 'CARRY', 'LSHIFT', 'RSHIFT', 'ACT')

    References:
        Reed and de Freitas, arXiv 1511.06279, section 3.
    """

    def __init__(
        self,
        programs,
        encoders,
        num_argument_values,
        blocks=None,
        protect_blocks=False,
        key_dim=32,
        embedding_dim=64,
        state_dim=128,
        fuse_dim=128,
        hidden_dim=256,
        num_layers=2,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.programs = tuple(programs)
        self.encoders = dict(encoders)
        self.blocks = tuple(blocks or (len(self.programs),))
        self.protect_blocks = protect_blocks
        parts.check_programs(self.programs, self.blocks)
        parts.check_sizes(
            key_dim=key_dim,
            embedding_dim=embedding_dim,
            state_dim=state_dim,
            fuse_dim=fuse_dim,
            hidden_dim=hidden_dim,
            num_layers=num_layers,
        )
        parts.check_argument_values(num_argument_values)
        self.core = core_lib.NPICore(
            num_argument_values,
            key_dim,
            embedding_dim,
            state_dim,
            fuse_dim,
            hidden_dim,
            num_layers,
            dtype=self.dtype_policy,
            name="core",
        )
        self.memory = memory_lib.ProgramMemory(
            self.blocks,
            key_dim,
            embedding_dim,
            dtype=self.dtype_policy,
            name="memory",
        )
        self.build()

    @classmethod
    def for_domains(cls, *domains, encoder_dim=128, **kwargs):
        """A fresh model that fits the given domains.

        Args:
            *domains: `npi_tf.specs.Domain`s of distinct names. Each makes
                its encoder (`make_encoder`), or gets a `DiscreteEncoder`.
            encoder_dim: Width of a `DiscreteEncoder`'s hidden layer.
            **kwargs: Passed to `NPI`.

        Raises:
            ValueError: If there are no domains or two of one name, if one
                with an image makes no encoder, or if a size is not a
                positive integer.
        """
        parts.check_domains(domains)
        names = [n for domain in domains for n in domain.program_names]
        slots = zip(*(domain.arguments for domain in domains))
        sizes = tuple(max(len(s.values) for s in slot) for slot in slots)
        encoders = parts.make_encoders(
            domains,
            sizes,
            encoder_dim,
            kwargs.get("state_dim", 128),
            kwargs.get("dtype"),
        )
        return cls(tuple(dict.fromkeys(names)), encoders, sizes, **kwargs)

    @classmethod
    def from_preset(cls, preset):
        """A trained model: `NPI.from_preset("addition")`.

        Args:
            preset: Name of a preset, or a folder written by
                `save_to_preset`.

        Raises:
            ValueError: If there is no such preset, or it is damaged.
        """
        return presets.load(preset)

    def save_to_preset(self, folder):
        """Writes configuration and weights for `from_preset`."""
        presets.save(self, folder)

    def run(self, domain, problems, **kwargs):
        """Runs programs; see `npi_tf.Runner` for the arguments.

        >>> model = NPI.from_preset("addition")
        >>> model.run("addition", [("96", "125")])[0].output
        '221'
        """
        return runner.Runner(self, domain)(problems, **kwargs)

    def export(self, filepath, domain=None, version=None, step_budget=None):
        """Writes a SavedModel that runs whole programs.

        It takes the place of Keras' export of the forward pass, which is
        one step of the core. See `npi_tf.export_model`.

        Args:
            filepath: Folder of all versions of the served model.
            domain: A `Domain`, or its name; may be left out if the model
                has one.
            version: Positive integer; the next one by default.
            step_budget: Most core steps of a row, for programs that take
                longer than the domain's own.

        Returns:
            The folder of the version.

        Raises:
            ValueError: If the domain, the version or the budget is invalid.
        """
        if domain is None:
            self.encoder()  # Raises if there are several.
            domain = next(iter(self.encoders))
        return export_lib.export_model(
            self, domain, filepath, version, step_budget
        )

    def build(self, input_shape=None):
        for layer in (self.core, self.memory, *self.encoders.values()):
            if not layer.built:
                layer.build()
        self.built = True

    def encoder(self, domain=None):
        """The encoder of a domain.

        Raises:
            ValueError: If the model has no such domain, or several and none
                is named.
        """
        if domain is None and len(self.encoders) == 1:
            return next(iter(self.encoders.values()))
        if domain not in self.encoders:
            raise ValueError(
                f"domain: must be one of {', '.join(self.encoders)}, "
                f"got {domain!r}"
            )
        return self.encoders[domain]

    def rows(self, domain):
        """Memory rows of a domain's programs, in the domain's order.

        `frames.for_rows(model.rows(domain))` are frames of the domain as
        this model is trained on them.

        Raises:
            ValueError: If the memory lacks one of them.
        """
        missing = set(domain.program_names) - set(self.programs)
        if missing:
            raise ValueError(
                f"domain: every program must be in the memory, but "
                f"{', '.join(sorted(missing))} of {domain.name!r} is not"
            )
        return [self.programs.index(name) for name in domain.program_names]

    def check_knows(self, domain):
        """Refuses a domain that the model was not made for.

        Args:
            domain: A `npi_tf.specs.Domain`.

        Raises:
            ValueError: If the model has no encoder of it or lacks one of
                its programs, or if its features have other values than the
                encoder's units stand for (known of a `DiscreteEncoder`), or
                its arguments more.
        """
        encoder = self.encoder(domain.encoder_name)
        self.rows(domain)
        parts.check_fits(encoder, self.core.num_argument_values, domain)

    def call(self, frames, domain=None):
        if domain is None and _by_domain(frames):
            return {name: self(frames[name], domain=name) for name in frames}
        program = frames["program"]
        outputs = self.decode(frames, self.memory.embed(program), domain)
        key = outputs.pop("key")
        outputs["program_logits"] = self.program_logits(key, program[:, None])
        return outputs

    def decode(self, frames, embedding, domain=None):
        """What the core says of frames under given program embeddings.

        Args:
            frames: As for a call; `program` is not looked at.
            embedding: `p` of each frame, `[B, P]`.
            domain: As for a call.

        Returns:
            As `npi_tf.core.NPICore`: `key [B, T, K]` is not compared yet.
        """
        observations = frames["observations"]
        num_steps = ops.shape(observations)[1]
        arguments = ops.repeat(
            frames["arguments"][:, None], num_steps, axis=1
        )  # [B, T, 3]
        images = {k: frames[k] for k in ("images",) if k in frames}
        states = self.encoder(domain)(observations, arguments, **images)
        return self.core(states, embedding)

    def program_logits(self, key, program):
        """Scores `M_key k_t` of the programs that `program` may call.

        With `protect_blocks` a program that was added later than the caller
        scores -1e9.

        Args:
            key: `k_t`, `[..., K]`.
            program: Memory row of the caller, integers `[...]`.

        Returns:
            `[..., N]`.
        """
        logits = self.memory(key)
        if not self.protect_blocks:
            return logits
        block = np.repeat(np.arange(len(self.blocks)), self.blocks)
        allowed = block[None, :] <= block[:, None]  # [caller, called]
        mask = ops.take(ops.convert_to_tensor(allowed), program, axis=0)
        return ops.where(mask, logits, ops.cast(_NEVER, logits.dtype))

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        """The mean negative log-likelihood of a step, so `fit` just works.

        Args:
            x: Not used.
            y: Targets, as `FrameBatch.targets` gives them; of several
                domains by the names of their encoders, as the frames. Their
                means are added.
            y_pred: Outputs.
            sample_weight: Weight of each frame's steps, `[B]`; their
                `count`, to train on frames as often as they occur. Only for
                one domain.
            training: Not used.

        Raises:
            ValueError: If frames of several domains are to be weighted, or
                do not all have targets.
        """
        if _by_domain(y):
            return losses.sum_over_domains(y_pred, y, sample_weight)
        if isinstance(sample_weight, dict):  # Keras makes one per target.
            sample_weight = sample_weight["ends"]
        return losses.mean_step_loss(y_pred, y, sample_weight)

    def with_programs(self, *names, protect_blocks=None):
        """A copy with new rows in its memory, every old weight unchanged.

        Args:
            *names: Names of the added programs.
            protect_blocks: As in `NPI`; by default as it is here.

        Returns:
            A new `NPI`; the new rows are the last block of `memory`. Where
            a domain lists them elsewhere, its frames must be mapped with
            `frames.for_rows(model.rows(domain))`.

        Raises:
            ValueError: If there are no names, or one is known already.
        """
        return growth.with_programs(self, names, protect_blocks)

    def first_blocks(self, num_blocks=1):
        """A copy without the memory's later blocks: undoes `with_programs`.

        Args:
            num_blocks: How many of the oldest blocks to keep.

        Raises:
            ValueError: If the memory has not so many.
        """
        return growth.first_blocks(self, num_blocks)

    def get_config(self):
        core = self.core.get_config()
        names = (
            "num_argument_values",
            "key_dim",
            "embedding_dim",
            "state_dim",
            "fuse_dim",
            "hidden_dim",
            "num_layers",
        )
        return super().get_config() | {
            "programs": self.programs,
            "encoders": {
                name: keras.saving.serialize_keras_object(encoder)
                for name, encoder in self.encoders.items()
            },
            "blocks": self.blocks,
            "protect_blocks": self.protect_blocks,
            **{name: core[name] for name in names},
        }

    @classmethod
    def from_config(cls, config):
        encoders = {
            name: keras.saving.deserialize_keras_object(encoder)
            for name, encoder in config["encoders"].items()
        }
        return cls(**config | {"encoders": encoders})


def _by_domain(arrays):
    """Whether they are those of several domains, by name."""
    values = arrays.values()
    return bool(values) and all(isinstance(value, dict) for value in values)
