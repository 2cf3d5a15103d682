"""Specimens: a resource type with attributes of all kinds, so that every check of attributes has something to bite on.

A kind is a combination of type, number of values and the characteristics of RFC 7643 §7. Those that the RFC gives a
meaning are some nine hundred; a few dozen of them are enough for each two characteristics to meet. Every third
attribute stands in an extension, which each specimen must carry.
"""

from __future__ import annotations

import base64
import itertools
import zlib
from dataclasses import astuple, dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from conformance.spec.schema import Attribute, ResourceType, Schema, SchemaExtension
from conformance.spec.service import Service

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SPECIMEN = "urn:example:params:scim:schemas:2.0:Specimen"
LABEL = "urn:example:params:scim:schemas:extension:2.0:Label"

_UNIQUENESS = ("none", "server", "global")
_COMPARISON = {
    "string": (_UNIQUENESS, (False, True)),
    "boolean": (("none",), (False,)),
    "decimal": (_UNIQUENESS, (False,)),
    "integer": (_UNIQUENESS, (False,)),
    "dateTime": (("none",), (False,)),
    "binary": (("none",), (True,)),
    "reference": (_UNIQUENESS, (True,)),
    "complex": (("none",), (False,)),
}
"""Which uniqueness and which caseExact a type may have (§2.3)."""
TYPES = tuple(_COMPARISON)
SIZES = ("none", "few", "all", *TYPES)
_HANDLING = (
    *itertools.product(("readWrite", "immutable"), ("default", "always", "request", "never")),
    # What is never returned could not be known to be there, if no client wrote it.
    *itertools.product(("readOnly",), ("default", "always", "request")),
    ("writeOnly", "never"),
)
"""The pairs of mutability and returned: a writeOnly value is never returned, and the other way round only usually."""
_WORDS = {
    "immutable": "immutable",
    "readOnly": "readOnly",
    "writeOnly": "writeOnly",
    "server": "unique",
    "global": "worldwideUnique",
    "always": "Always",
    "request": "OnRequest",
    "never": "Never",
}
_PLURALS = {"binary": "binaries", "complex": "complexes"}
_SUB_TYPES = {
    "text": "string",
    "flag": "boolean",
    "amount": "decimal",
    "count": "integer",
    "moment": "dateTime",
    "bytes": "binary",
    "link": "reference",
}
_ELEMENT = (
    Attribute("value", description="The value itself."),
    Attribute("display", mutability="immutable", description="How the value is shown to people."),
    Attribute("type", canonical_values=("field", "drawer"), description="What the value is for."),
    Attribute("primary", type="boolean", description="Whether this is the preferred value."),
)


@dataclass(frozen=True, slots=True)
class Kind:
    """What characterises an attribute, whatever it is called."""

    type: str
    multi_valued: bool = False
    required: bool = False
    mutability: str = "readWrite"
    returned: str = "default"
    uniqueness: str = "none"
    case_exact: bool = False

    @property
    def name(self) -> str:
        """An attribute name that tells what is not the default: ``requiredImmutableUniqueStringsOnRequest``."""
        never_said = self.mutability == "writeOnly" or self.returned == "default"
        words = [
            "required" if self.required else "",
            _WORDS.get(self.mutability, ""),
            _WORDS.get(self.uniqueness, ""),
            "exact" if self.case_exact and self.type == "string" else "",
            _PLURALS.get(self.type, f"{self.type}s") if self.multi_valued else self.type,
            "" if never_said else _WORDS[self.returned],
        ]
        first, *others = (word for word in words if word)
        return first + "".join(word[0].upper() + word[1:] for word in others)

    def attribute(self) -> Attribute:
        """Return an attribute of this kind."""
        return Attribute(
            name=self.name,
            type=self.type,
            multi_valued=self.multi_valued,
            required=self.required,
            case_exact=self.case_exact,
            mutability=self.mutability,
            returned=self.returned,
            uniqueness=self.uniqueness,
            description=f"A {self.mutability} {self.type} attribute of a specimen.",
            reference_types=("external",) if self.type == "reference" else (),
            sub_attributes=tuple(self._subs()),
        )

    def _subs(self) -> Iterator[Attribute]:
        if self.type != "complex":
            return
        plain = self.mutability == "readWrite"
        for sub in _ELEMENT if self.multi_valued else _components():
            yield replace(
                sub,
                mutability=sub.mutability if plain else self.mutability,
                returned="never" if self.returned == "never" else sub.returned,
            )


_NAME = Kind("string", required=True, uniqueness="server")
_INSCRIPTION = Kind("string", required=True, case_exact=True)


@cache  # the choice takes longer than all else of a tenant's beginning
def with_specimens(size: str) -> Service:
    """Return the default service and, unless ``size`` is ``none``, specimens of few or all kinds or all of one type.

    Raises ValueError for an unknown size.
    """
    if size not in SIZES:
        raise ValueError(f"Specimens are one of {', '.join(SIZES)}, not {size!r}")
    service = Service.default()
    if size == "none":
        return service
    wanted = few(kinds()) if size == "few" else [kind for kind in kinds() if size in {"all", kind.type}]
    chosen = [kind for kind in wanted if kind not in {_NAME, _INSCRIPTION}]
    core = Schema(SPECIMEN, "Specimen", "Something on a shelf", _attributes(_NAME, *chosen[0::3], *chosen[2::3]))
    label = Schema(LABEL, "Label", "What is written on the shelf", _attributes(_INSCRIPTION, *chosen[1::3]))
    extension = SchemaExtension(label, required=True)
    resource_type = ResourceType("Specimen", "/Specimens", core, "Attributes of all kinds", (extension,))
    return replace(service, resource_types=(*service.resource_types, resource_type))


def kinds() -> list[Kind]:
    """Return every kind of attribute that RFC 7643 allows."""
    return [
        Kind(data_type, multi_valued, required, mutability, returned, uniqueness, case_exact)
        for data_type, comparison in _COMPARISON.items()
        for multi_valued, required in itertools.product((False, True), repeat=2)
        for mutability, returned in _HANDLING
        for uniqueness, case_exact in itertools.product(*comparison)
    ]


def few(of: Sequence[Kind]) -> list[Kind]:
    """Return some of the kinds such that whatever two characteristics meet in any of them meet in one of these.

    The plainest of each type, with one value and with several, are always among them.
    """
    pairs = {kind: set(itertools.combinations(enumerate(astuple(kind)), 2)) for kind in of}
    chosen = [_NAME, _INSCRIPTION]
    chosen += [
        Kind(data_type, multi_valued, case_exact=case_exact)
        for multi_valued in (False, True)
        for data_type, (_, letters) in _COMPARISON.items()
        for case_exact in letters
    ]
    missing = set().union(*pairs.values()).difference(*(pairs[kind] for kind in chosen))
    while missing:
        best = max(of, key=lambda kind: len(pairs[kind] & missing))
        chosen.append(best)
        missing -= pairs[best]
    return chosen


def assigned(attribute: Attribute, identifier: str) -> Any:
    """Return the value that the tenant gives a readOnly attribute of the resource with an id; no two share one."""
    number = zlib.crc32(identifier.encode())
    values = {
        "string": f"{attribute.name} of {identifier}",
        "boolean": True,
        "decimal": number + 0.5,
        "integer": number,
        "dateTime": "2011-05-13T04:42:34+02:00",
        "binary": base64.b64encode(identifier.encode()).decode(),
        "reference": f"https://example.com/shelves/{quote(identifier)}",
        "complex": {sub.name: assigned(sub, identifier) for sub in attribute.sub_attributes},
    }
    value = attribute.canonical_values[0] if attribute.canonical_values else values[attribute.type]
    return [value] if attribute.multi_valued else value


def _attributes(*of: Kind) -> tuple[Attribute, ...]:
    return tuple(kind.attribute() for kind in of)


def _components() -> Iterator[Attribute]:
    for name, data_type in _SUB_TYPES.items():
        yield replace(Kind(data_type, case_exact=data_type in {"binary", "reference"}).attribute(), name=name)
