"""The requirement catalogue: every normative statement of the RFCs that binds a service provider, as data.

One TOML file for each section in ``fixtures/requirements/``; an entry's key is its id, which never changes. Beside them
stand the client rules: what a provisioning client does on the wire and tenants therefore have to cope with. Those bind
only where a profile names them.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from conformance.data import data_path
from conformance.spec.schema import ENTERPRISE_USER
from conformance.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from conformance.spec.service import Service

_ID = re.compile(r"RFC(\d+)-([\d.]+)-(\d+)")
_CLIENT_RULE = re.compile(r"([A-Z]+)-(\d+)")
_AFTER_THE_RFCS = 100_000
_CLIENTS = {"ENTRA": "Microsoft Entra ID", "OKTA": "Okta", "JUMPCLOUD": "JumpCloud", "ONELOGIN": "OneLogin"}


class Level(StrEnum):
    """How a breach is judged: a MUST fails, a SHOULD warns, a MAY is noted."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


class UnknownRequirement(LookupError):
    """No requirement has that id; the message names the nearest one."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One normative statement.

    ``keyword`` is the RFC's own word or "described"; ``condition`` lists what must be offered or served for it to bind;
    ``testable`` is "yes", "partly: reason" or "no: reason"; ``attribute`` names the attribute it is about, if just one.
    A client rule's ``keyword`` is "documented" by the client's vendor or "observed" on the wire, its ``source`` a URL.
    """

    id: str
    level: Level
    keyword: str
    feature: str
    text: str
    why: str
    fix: str
    condition: tuple[str, ...] = ()
    ambiguity: tuple[str, ...] = ()
    testable: str = "yes"
    attribute: str = ""
    source: str = ""

    @property
    def client(self) -> str:
        """The client whose rule it is, by its name as a profile; empty for what an RFC says."""
        rule = _CLIENT_RULE.fullmatch(self.id)
        return rule[1].lower() if rule else ""

    @property
    def document(self) -> str:
        """The document: ``RFC 7644``, or the name of the client whose rule it is."""
        return _CLIENTS[self.client.upper()] if self.client else f"RFC {self.id[3:7]}"

    @property
    def section(self) -> str:
        """The section: ``3.5.2.1``; empty for a client rule."""
        return "" if self.client else self.id.split("-")[1]

    @property
    def clause(self) -> str:
        """Document and section as people cite them: ``RFC 7644 §3.5.2.1``."""
        return f"{self.document}, client rule" if self.client else f"{self.document} §{self.section}"

    @property
    def untestable(self) -> str | None:
        """Why nothing that can be seen from outside shows whether it holds; None where something does."""
        verdict, _, reason = self.testable.partition(": ")
        return reason if verdict == "no" else None

    @property
    def url(self) -> str:
        """Where the section can be read, or what is known of the client."""
        return self.source or f"https://www.rfc-editor.org/rfc/rfc{self.id[3:7]}#section-{self.section}"

    @property
    def order(self) -> tuple[int, ...]:
        """A sort key: document, section, number; client rules come after the RFCs."""
        rule = _CLIENT_RULE.fullmatch(self.id)
        if rule:
            return (_AFTER_THE_RFCS, list(_CLIENTS).index(rule[1]), int(rule[2]))
        document, section, number = _parts(self.id)
        return (document, *map(int, section.split(".")), number)

    def inapplicable(self, service: Service, rules: Collection[str] = ()) -> str | None:
        """Return why the requirement does not bind this tenant, or None where it does or where only asking tells.

        ``rules`` are the ids of the client rules that bind in this run.
        """
        if self.client and self.id not in rules:
            return f"it binds where {self.document} is the client (--profile {self.client})"
        for term in self.condition:
            test = _CONDITIONS.get(term)
            if test and not test(service):
                return _REASONS.get(term) or f"the tenant does not serve {term}"
        return None


def _parts(identifier: str) -> tuple[int, str, int]:
    match = _ID.fullmatch(identifier)
    if not match:
        raise ValueError(f"{identifier!r} is not a requirement id such as RFC7644-3.5.2-01")
    return int(match[1]), match[2], int(match[3])


def _not_declared_off(feature: str) -> Callable[[Service], bool]:
    return lambda service: service.supports(feature) is not False


def _declared_off(feature: str) -> Callable[[Service], bool]:
    return lambda service: service.supports(feature) is False


def _serves(name: str) -> Callable[[Service], bool]:
    return lambda service: service.resource_type(name) is not None


def _has_attribute(**characteristics: str) -> Callable[[Service], bool]:
    return lambda service: any(
        all(getattr(bound.attribute, key) == value for key, value in characteristics.items())
        for resource_type in service.resource_types
        for bound in resource_type.attributes()
    )


def _has_extension(urn_tail: str = "", *, required: bool | None = None) -> Callable[[Service], bool]:
    return lambda service: any(
        extension.schema.id.endswith(urn_tail) and required in {None, extension.required}
        for resource_type in service.resource_types
        for extension in resource_type.extensions
    )


def _user_has(attribute: str, urn: str | None = None) -> Callable[[Service], bool]:
    def test(service: Service) -> bool:
        user = service.resource_type("User")
        return user is not None and user.find(attribute, urn) is not None

    return test


_FEATURES = ("patch", "bulk", "filter", "changePassword", "sort", "etag")
_CONDITIONS: Mapping[str, Callable[[Service], bool]] = {
    **{feature: _not_declared_off(feature) for feature in _FEATURES},
    **{f"not {feature}": _declared_off(feature) for feature in _FEATURES},
    "cursor": lambda service: service.supports("cursor") is True,
    "index": _not_declared_off("index"),
    "async": lambda service: service.supports("async") is True,
    "not async": _declared_off("async"),
    "User": _serves("User"),
    "Group": _serves("Group"),
    "EnterpriseUser": _has_extension("enterprise:2.0:User"),
    "extension": _has_extension(),
    "required extension": _has_extension(required=True),
    "optional extension": _has_extension(required=False),
    "immutable attribute": _has_attribute(mutability="immutable"),
    "request attribute": _has_attribute(returned="request"),
    "decimal attribute": _has_attribute(type="decimal"),
    "integer attribute": _has_attribute(type="integer", mutability="readWrite"),
    "dateTime attribute": _has_attribute(type="dateTime", mutability="readWrite"),
    "x509Certificates": _user_has("x509Certificates"),
    "User.groups": _user_has("groups"),
    **{name: _user_has(name) for name in ("active", "displayName", "name", "phoneNumbers")},
    **{name: _user_has(name, ENTERPRISE_USER) for name in ("department", "manager")},
    "custom type": lambda service: any(t.name not in {"User", "Group"} for t in service.resource_types),
}
_REASONS: Mapping[str, str] = {
    **{feature: f"the tenant's ServiceProviderConfig declares {feature} unsupported" for feature in _FEATURES},
    **{f"not {feature}": f"the tenant offers {feature}" for feature in _FEATURES},
    "cursor": "the tenant does not declare cursor pagination",
    "index": "the tenant declares index pagination unsupported",
    "async": "the tenant does not declare asynchronous requests",
    "not async": 'the tenant does not declare asyncRequest "none"',
    "EnterpriseUser": "the tenant does not serve the enterprise extension",
    "extension": "the tenant serves no extension",
    "required extension": "the tenant serves no required extension",
    "optional extension": "the tenant serves no optional extension",
    "custom type": "the tenant serves no resource type beyond User and Group",
}


@cache
def catalogue() -> Mapping[str, Requirement]:
    """Return every requirement by id, in the order of the documents. Raises ValueError for a malformed entry."""
    entries: dict[str, Any] = {}
    for path in data_path("fixtures", "requirements").glob("*.toml"):
        with path.open("rb") as file:
            entries |= tomllib.load(file)
    found = [_read(identifier, entry) for identifier, entry in entries.items()]
    return {requirement.id: requirement for requirement in sorted(found, key=lambda r: r.order)}


def _read(identifier: str, entry: dict[str, Any]) -> Requirement:
    try:
        entry["level"] = Level(entry["level"])
        for key in ("condition", "ambiguity"):
            entry[key] = tuple(entry.get(key, ()))
        return Requirement(id=identifier, **entry)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"catalogue entry {identifier}: {error}") from None


def requirement(identifier: str) -> Requirement:
    """Return one requirement. Raises UnknownRequirement with the nearest id."""
    found = catalogue().get(identifier)
    if found is None:
        raise UnknownRequirement(f"there is no requirement “{identifier}”{did_you_mean(identifier, catalogue())}")
    return found


def features(requirements: Iterable[Requirement]) -> list[str]:
    """Return the features of these requirements, each once, in alphabetical order."""
    return sorted({r.feature for r in requirements})


def client_rules() -> tuple[str, ...]:
    """Return the ids of all client rules."""
    return tuple(r.id for r in catalogue().values() if r.client)
