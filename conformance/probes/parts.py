"""Bodies made of parts, one for each attribute, so that one value a tenant refuses does not hide all the others.

A body with every part goes first. If it is refused, halves of it are tried, then halves of those, until each part
that cannot pass stands alone: its exchange is named ``alone(...)``. What is taken goes into the body that counts.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance.probes.evidence import Blocked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from conformance.probes.ask import Ask, Created
    from conformance.spec.schema import Attribute, ResourceType
    from conformance.tenant.exchange import Exchange

_MOST_ATTEMPTS = 24


@dataclass(frozen=True, slots=True)
class Part:
    """A value for a top-level attribute: of the core schema, or of the extension ``urn``.

    ``plain`` is a value with less in it, for a tenant that refuses the first; None where there is none.
    """

    name: str
    value: Any
    urn: str | None = None
    plain: Any = None

    @property
    def key(self) -> str:
        """The path of the attribute."""
        return f"{self.urn}:{self.name}" if self.urn else self.name


def alone(name: str, key: str) -> str:
    """Return the name of the exchange that sent a single part on the way to the exchange ``name``."""
    return f"{name} with {key} alone"


def body(base: dict[str, Any], parts: Iterable[Part]) -> dict[str, Any]:
    """Return ``base`` with the parts in it and their extensions in ``schemas``; ``base`` stays untouched."""
    made = {**base, "schemas": list(base["schemas"])}
    for part in parts:
        if part.urn is None:
            made[part.name] = part.value
            continue
        made[part.urn] = {**made.get(part.urn, {}), part.name: part.value}
        if part.urn not in made["schemas"]:
            made["schemas"].append(part.urn)
    return made


def parts_of(whole: dict[str, Any], resource_type: ResourceType, wanted: Callable[[Attribute], bool]) -> list[Part]:
    """Take a body apart again: a part for each attribute of the resource type that is ``wanted`` and in it."""
    found: dict[str, Part] = {}
    for bound in resource_type.attributes(subs=False):
        name = bound.attribute.name
        container = whole.get(bound.urn, {}) if bound.urn else whole
        # A broken schema may name an attribute twice, or with a dot.
        if name in container and wanted(bound.attribute) and "." not in name:
            found.setdefault(bound.path.lower(), Part(name, container[name], bound.urn))
    return list(found.values())


def create_with(
    ask: Ask, name: str, resource_type: ResourceType, parts: Sequence[Part], attempts: int = _MOST_ATTEMPTS
) -> tuple[Created, Sequence[Part]]:
    """Create a resource with every part that the tenant takes, as far as so many attempts tell; return it and those.

    The create that counts is the last whose name starts with ``name``. Raises Blocked where none succeeds.
    """
    try:
        return ask.create(name, resource_type, body(ask.sample.minimal(resource_type), parts)), parts
    except Blocked:
        if not parts:
            raise

    def attempt(label: str, some: Sequence[Part]) -> Exchange:
        # Removed at once: the next attempt may carry the same unique value.
        try:
            made = ask.create(label, resource_type, body(ask.sample.minimal(resource_type), some))
        except Blocked:
            return ask.evidence[label]
        ask.delete(f"{label}: removed", made.path)
        return made.exchange

    taken = _taken(name, parts, attempt, attempts)
    plainer = [Part(p.name, p.plain, p.urn) for p in parts if p not in taken and p.plain is not None]
    if plainer:
        taken += _taken(f"{name} plainly", plainer, attempt, attempts)
    made = ask.create(f"{name} with the rest", resource_type, body(ask.sample.minimal(resource_type), taken))
    return made, taken


def replace_with(ask: Ask, name: str, path: str, base: dict[str, Any], parts: Sequence[Part]) -> None:
    """Replace a resource with every part that the tenant takes; the replace that counts is the last of that name."""
    if ask.replace(name, path, body(base, parts)).ok:
        return
    taken = _taken(name, parts, lambda label, some: ask.replace(label, path, body(base, some)), _MOST_ATTEMPTS)
    if not ask.replace(f"{name} with the rest", path, body(base, taken)).ok:
        ask.stop("the tenant refused to replace the resource, whatever attributes were left out", ask.evidence[name])


def _taken(
    name: str, parts: Sequence[Part], attempt: Callable[[str, Sequence[Part]], Exchange], most: int
) -> list[Part]:
    numbers = itertools.count(1)

    def narrow(some: Sequence[Part]) -> list[Part]:
        number = next(numbers)
        if number > most:
            return []
        label = alone(name, some[0].key) if len(some) == 1 else f"{name} with {len(some)} attributes ({number})"
        if attempt(label, some).ok:
            return list(some)
        return [] if len(some) == 1 else halves(some)

    def halves(some: Sequence[Part]) -> list[Part]:
        middle = len(some) // 2
        return [*narrow(some[:middle]), *narrow(some[middle:])]

    return halves(parts) if len(parts) > 1 else narrow(parts)
