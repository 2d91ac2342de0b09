"""The domains that come with the library, by name."""

from __future__ import annotations

from npi_tf import addition
from npi_tf import canonicalization
from npi_tf import sorting
from npi_tf import specs

DOMAINS = {
    domain.name: domain
    for domain in (
        addition.ADDITION,
        sorting.SORTING,
        sorting.MAXIMUM,
        canonicalization.CANONICALIZATION,
    )
}


def get(domain: str | specs.Domain) -> specs.Domain:
    """The domain of that name; a `Domain` is returned as it is.

    Raises:
        ValueError: If the name is unknown.
    """
    if isinstance(domain, specs.Domain):
        return domain
    if domain not in DOMAINS:
        raise ValueError(
            f"domain: must be one of {', '.join(DOMAINS)}, got {domain!r}"
        )
    return DOMAINS[domain]
