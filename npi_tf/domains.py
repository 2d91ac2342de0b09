"""The domains that come with the library, by name, and those of users."""

from __future__ import annotations

import importlib

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
FORM = "package.module:ATTRIBUTE"  # How a domain of a user's own is named.


def get(domain: str | specs.Domain) -> specs.Domain:
    """The domain of that name; a `Domain` is returned as it is.

    Args:
        domain: A key of `DOMAINS`; or `package.module:ATTRIBUTE`, a `Domain`
            that stands in a module, which is imported; or a `Domain`.

    Raises:
        ValueError: If the name is unknown, or if there is no such module,
            attribute of it, or `Domain` there.

    >>> get("sorting") is get("npi_tf.sorting:SORTING")
    True
    """
    if isinstance(domain, specs.Domain):
        return domain
    if isinstance(domain, str) and ":" in domain:
        return _imported(domain)
    if domain not in DOMAINS:
        raise ValueError(
            f"domain: must be one of {', '.join(DOMAINS)} or {FORM}, "
            f"got {domain!r}"
        )
    return DOMAINS[domain]


def comes_with_library(domain: specs.Domain) -> bool:
    """Whether it is one of `DOMAINS`, not one of a user's of that name."""
    return DOMAINS.get(domain.name) is domain


def _imported(name):
    """The `Domain` that `package.module:ATTRIBUTE` names."""
    module_name, _, attribute = name.partition(":")
    try:
        if not all(map(str.isidentifier, module_name.split("."))):
            raise ImportError(f"no name of a module: {module_name!r}")
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise ValueError(
            f"domain: must name a module that can be imported, got {name!r} "
            f"({error})"
        ) from error
    if not hasattr(module, attribute):
        raise ValueError(
            f"domain: must name an attribute of module {module_name}, "
            f"got {name!r}"
        )
    found = getattr(module, attribute)
    if not isinstance(found, specs.Domain):
        raise ValueError(
            f"domain: must name a npi_tf.Domain, got {name!r}, which is of "
            f"type {type(found).__name__}"
        )
    return found
