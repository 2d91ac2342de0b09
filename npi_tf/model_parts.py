"""The encoders that a model gets, and what it refuses to be made of."""

from __future__ import annotations

from typing import Any

from npi_tf import encoder as encoder_lib
from npi_tf import specs


def make_encoders(
    domains: tuple[specs.Domain, ...],
    num_argument_values: tuple[int, int, int],
    encoder_dim: int,
    state_dim: int,
    dtype: Any = None,
) -> dict[str, Any]:
    """`f_enc` of each domain that does not extend an earlier one, by name.

    Args:
        domains: Each makes its encoder, or gets a `DiscreteEncoder`.
        num_argument_values: Number of values of each argument.
        encoder_dim: Width of a `DiscreteEncoder`'s hidden layer.
        state_dim: `D`, the encoders' output width.
        dtype: Of the layers.

    Raises:
        ValueError: If a size is not a positive integer, or if a domain with
            an image makes no encoder.
    """
    check_sizes(encoder_dim=encoder_dim, state_dim=state_dim)
    encoders = {}
    for domain in domains:
        name = domain.encoder_name
        if name in encoders:
            continue
        arguments = (num_argument_values, state_dim, dtype, f"encoder_{name}")
        if domain.observations.image_shape and not domain.make_encoder:
            raise ValueError(
                "make_encoder: must be given where observations hold an "
                f"image, got none in domain {domain.name!r}"
            )
        if domain.make_encoder:
            encoders[name] = domain.make_encoder(domain, *arguments)
        else:
            encoders[name] = _discrete_encoder(domain, encoder_dim, *arguments)
    return encoders


def _discrete_encoder(
    domain, encoder_dim, num_argument_values, state_dim, dtype, name
):
    """The encoder of a domain that makes none."""
    return encoder_lib.DiscreteEncoder(
        domain.observations.num_values,
        _blanks(domain.observations),
        num_argument_values,
        encoder_dim,
        state_dim,
        dtype=dtype,
        name=name,
    )


def check_domains(domains: tuple[specs.Domain, ...]) -> None:
    """Refuses no domains, and two of one name.

    Raises:
        ValueError: In these cases.
    """
    names = [domain.name for domain in domains]
    if not domains or len(set(names)) != len(domains):
        raise ValueError(
            f"domains: must be one or more of distinct names, got {names}"
        )


def check_fits(
    encoder: Any,
    num_argument_values: tuple[int, int, int],
    domain: specs.Domain,
) -> None:
    """Refuses a domain whose values the model's units do not stand for.

    Args:
        encoder: The model's encoder of the domain; compared if it is a
            `DiscreteEncoder`, whose code of features is known.
        num_argument_values: Of the model.
        domain: May have fewer values of arguments than the model, which
            other domains may need.

    Raises:
        ValueError: If features have other numbers of values or other blanks,
            or an image where none is read, or if an argument has more values.
    """
    spec = domain.observations
    if isinstance(encoder, encoder_lib.DiscreteEncoder):
        known = encoder.num_values, encoder.blanks, None
        got = spec.num_values, _blanks(spec), spec.image_shape
        if got != known:
            raise ValueError(
                "domain: must have the features that the model was made for, "
                f"of (numbers of values, blanks, image) {known}, got {got} "
                f"in {domain.name!r}"
            )
    passed = tuple(len(slot.values) for slot in domain.arguments)
    most = tuple(map(int, num_argument_values))
    if any(size > limit for size, limit in zip(passed, most)):
        raise ValueError(
            f"domain: must have arguments of at most {most} values, as the "
            f"model was made for, got {passed} in {domain.name!r}"
        )


def _blanks(spec):
    """The features' blanks as a `DiscreteEncoder` takes them."""
    blanks = [feature.blank for feature in spec.features]
    return tuple(-1 if blank is None else blank for blank in blanks)


def check_programs(programs: tuple[str, ...], blocks: tuple[int, ...]) -> None:
    """Refuses programs that no memory of such blocks can hold.

    Raises:
        ValueError: If they are no names, not distinct, lack ACT, or are not
            as many as the blocks' rows.
    """
    for name in programs:
        if not isinstance(name, str) or not name:
            raise ValueError(f"programs: must be names, got {name!r}")
    twice = sorted({name for name in programs if programs.count(name) > 1})
    if twice or specs.ACT not in programs:
        got = f"{', '.join(twice)} twice" if twice else repr(programs)
        raise ValueError(
            f"programs: must be distinct and contain {specs.ACT}, got {got}"
        )
    if sum(blocks) != len(programs):
        raise ValueError(
            f"blocks: must add up to {len(programs)} programs, got {blocks!r}"
        )


def check_sizes(**sizes: int) -> None:
    """Refuses what is not a positive integer.

    Raises:
        ValueError: It names the size.
    """
    for name, size in sizes.items():
        if type(size) is not int or size < 1:
            raise ValueError(
                f"{name}: must be a positive integer, got {size!r}"
            )


def check_argument_values(sizes: tuple[int, ...]) -> None:
    """Refuses what are not three positive integers.

    Raises:
        ValueError: If they are not.
    """
    whole = all(type(size) is int and size > 0 for size in sizes)
    if len(sizes) != specs.NUM_ARGUMENTS or not whole:
        raise ValueError(
            f"num_argument_values: must be {specs.NUM_ARGUMENTS} positive "
            f"integers, got {tuple(sizes)!r}"
        )
