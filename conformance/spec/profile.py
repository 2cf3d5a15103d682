"""Profiles: what a client or an app needs of a tenant, as data in ``fixtures/profiles/`` or in the user's own file.

A *client* is a provisioning service (Entra, Okta, …): what it sends, and what it cannot do without. An *app* is a
target: its mapping tables, limits and peculiarities. ``schemas/profile.schema.json`` describes the files.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from conformance.data import data_path
from conformance.spec.requirements import Level, UnknownRequirement, requirement
from conformance.spec.steps import Step, read_steps
from conformance.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from conformance.spec.schema import BoundAttribute

CLIENT, APP = "client", "app"
# The administrator's pages, in the order in which they are worked through before an app goes live.
PAGES = (
    "Before you begin",
    "The application's portal",
    "Admin credentials",
    "Settings",
    "Mappings",
    "What the tenant does",
    "Scope",
    "Start",
    "Afterwards",
)
_TABLES = {"user": "User", "group": "Group"}
_LISTS = ("rules", "fact", "checklist")  # what a profile adds to, where it rests upon another
_VALUE_FILTER = re.compile(r"\[\s*([\w$-]+)[^\]]*\]")


class InvalidProfile(ValueError):
    """A profile does not exist or cannot be read; the message is one line."""


@dataclass(frozen=True, slots=True)
class AttributeMapping:
    """One row of a mapping table: the directory's ``source`` flows into the SCIM ``attribute``.

    ``attribute`` is a path such as ``emails[type eq "work"].value``; ``matching`` is the precedence among the
    attributes by which an existing resource is found, 0 for none; ``type`` is a SCIM type.
    """

    attribute: str
    source: str
    matching: int = 0
    type: str = "string"
    required: bool = False
    filterable: bool = False

    @property
    def paths(self) -> tuple[str, ...]:
        """The attributes that the row touches, without filters: ``emails.value`` and ``emails.type``."""
        plain = _VALUE_FILTER.sub("", self.attribute)
        compared = [f"{self.attribute[: m.start()]}.{m[1]}" for m in _VALUE_FILTER.finditer(self.attribute)]
        return (f"{plain}.value" if self.type == "reference" else plain, *compared)


@dataclass(frozen=True, slots=True)
class Limits:
    """What is published; 0 where nothing is. ``demanded_requests_per_second`` is what a client asks tenants to bear."""

    requests_per_second: float = 0
    demanded_requests_per_second: float = 0
    page_size: int = 0
    groups_per_user: int = 0
    members_per_request: int = 0


@dataclass(frozen=True, slots=True)
class Features:
    """What takes place between a client and an app.

    ``schema_discovery``: the client reads /Schemas. ``soft_delete``: a user who is disabled stays and can be enabled
    again. ``hard_delete``: the client sends DELETE for users. ``groups``: groups are provisioned. ``password``: a
    password is part of a create.
    """

    schema_discovery: bool = False
    soft_delete: bool = True
    hard_delete: bool = True
    groups: bool = True
    password: bool = False


@dataclass(frozen=True, slots=True)
class Credentials:
    """Where the administrator finds them. ``forms`` are regular expressions, one of which a Tenant URL matches."""

    tenant_url: str = ""
    token: str = ""
    forms: tuple[str, ...] = ()
    deprecated_forms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """A peculiarity of the target in its administrator's words, and the ``requirements`` whose breach it explains."""

    text: str
    source: str = ""
    requirements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """A client, an app, or both composed; without names it is the RFCs alone.

    ``client`` names the provisioning service whose requests are expected (``entra``) and ``dialect`` its way of
    speaking, where it has several. ``attributes`` maps a resource type to the attribute paths in use; ``levels`` raises
    requirements; ``rules`` are the ids of what this client asks for beyond the RFCs.
    """

    names: tuple[str, ...] = ()
    title: str = ""
    kind: str = CLIENT
    about: str = ""
    client: str = ""
    dialect: str = ""
    rules: tuple[str, ...] = ()
    user_mappings: tuple[AttributeMapping, ...] = ()
    group_mappings: tuple[AttributeMapping, ...] = ()
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    levels: Mapping[str, Level] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    features: Features = field(default_factory=Features)
    credentials: Credentials = field(default_factory=Credentials)
    facts: tuple[Fact, ...] = ()
    checklist: tuple[Step, ...] = ()

    @property
    def name(self) -> str:
        """The name, or those of the profiles that were composed: ``entra + zscaler-private-access``."""
        return " + ".join(self.names)

    @property
    def explained(self) -> Mapping[str, Fact]:
        """The facts by the requirement whose breach they explain."""
        return {identifier: fact for fact in self.facts for identifier in fact.requirements}

    def maps(self, bound: BoundAttribute) -> bool:
        """Whether an attribute, or one of its sub-attributes, is in use; all are where nothing is mapped."""
        mapped = [path.lower() for path in self.attributes.get(bound.resource_type.name, ())]
        path = bound.path.lower()
        return not mapped or any(each == path or each.startswith(f"{path}.") for each in mapped)

    def needed(self, resource_type: str) -> frozenset[str]:
        """Return the top-level attributes, enterprise ones by their own names, that the mapping table requires."""
        required = (row.attribute for row in self.mappings(resource_type) if row.required)
        return frozenset(re.split(r"[.\[]", attribute.rpartition(":")[2])[0] for attribute in required)

    def mappings(self, resource_type: str) -> tuple[AttributeMapping, ...]:
        """Return the mapping table of a resource type; empty where there is none."""
        return {"User": self.user_mappings, "Group": self.group_mappings}.get(resource_type, ())

    def to_dict(self) -> dict[str, Any]:
        """Return the profile as JSON data; ``from_dict`` reads it back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what ``to_dict`` wrote, before or after it went through JSON."""
        entries = {
            "user_mappings": AttributeMapping,
            "group_mappings": AttributeMapping,
            "facts": Fact,
            "checklist": Step,
        }
        tables = {"limits": Limits, "features": Features, "credentials": Credentials}
        return cls(
            **_tupled(data)
            | {name: tuple(kind(**_tupled(entry)) for entry in data.get(name, ())) for name, kind in entries.items()}
            | {name: kind(**_tupled(data.get(name, {}))) for name, kind in tables.items()}
            | {
                "attributes": _tupled(data["attributes"]),
                "levels": {identifier: Level(level) for identifier, level in data["levels"].items()},
            }
        )


def profile_names() -> list[str]:
    """Return the names of the shipped profiles."""
    return sorted(path.stem for path in data_path("fixtures", "profiles").glob("*.toml"))


def load_profile(name: str) -> Profile:
    """Read a shipped profile by name, or a TOML file by path. Raises InvalidProfile."""
    return _profile((Path(name).stem if name.endswith(".toml") else name,), _load(name))


def compose(names: Iterable[str]) -> Profile:
    """Read profiles and put them together. An app brings the client that provisions it, unless another is named.

    The mapping tables of apps outrank those of clients, and so does whatever else both say; levels take the maximum.
    Raises InvalidProfile.
    """
    tables = {Path(name).stem if name.endswith(".toml") else name: _load(name) for name in dict.fromkeys(names)}
    clients = {name: data for name, data in tables.items() if data.get("kind", APP) == CLIENT}
    apps = {name: data for name, data in tables.items() if name not in clients}
    if not clients:
        clients = {data["client"]: _load(data["client"]) for data in apps.values() if data.get("client")}
    service = _together(clients.values())
    app = _together(apps.values())
    if clients:
        app.pop("client", None)
    return _profile((*clients, *apps), _over(service, app))


def _load(name: str, beside: Path | None = None, above: tuple[Path, ...] = ()) -> dict[str, Any]:
    own = name.endswith(".toml")
    path = (beside or Path()) / name if own else data_path("fixtures", "profiles", f"{name}.toml")
    if not path.is_file():
        raise InvalidProfile(f"there is no profile “{name}”{did_you_mean(name, profile_names())}")
    if path.resolve() in above:
        raise InvalidProfile(f"the profile {path} extends itself")
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidProfile(f"the profile {path} cannot be read: {error}") from None
    if own:
        from conformance.spec.user_files import complaint  # noqa: PLC0415 - what is shipped is known to be valid

        wrong = complaint(data)
        if wrong:
            raise InvalidProfile(f"the profile {path} cannot be used: {wrong}")
    base = data.pop("extends", None)
    return _over(_load(base, path.parent, (*above, path.resolve())), data) if base else data


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Put one profile's data over another's: it wins where both say something, and adds to lists."""
    merged = {**below, **above}
    for name, value in above.items():
        under = below.get(name)
        if under is None:
            continue
        if name in _LISTS:
            merged[name] = [*under, *(entry for entry in value if entry not in under)]
        elif name == "levels":
            merged[name] = {i: min(value.get(i, under.get(i)), under.get(i, value.get(i)), key=_weight)
                            for i in {**under, **value}}  # fmt: skip
        elif isinstance(value, dict) and name != "attributes":
            merged[name] = {**under, **value}
    if "attributes" not in above and _TABLES.keys() & above.keys():
        merged.pop("attributes", None)
    return merged


def _together(tables: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Put profiles of one kind side by side: like one over the other, but with the rows of all mapping tables."""
    merged: dict[str, Any] = {}
    for data in tables:
        rows = {
            table: [*({row["attribute"]: row for row in [*merged.get(table, ()), *data.get(table, ())]}).values()]
            for table in _TABLES
            if table in merged or table in data
        }
        merged = {**_over(merged, data), **rows}
    return merged


def _weight(level: str) -> int:
    return list(Level).index(Level(level))


def _profile(names: tuple[str, ...], data: Mapping[str, Any]) -> Profile:
    rows = {
        resource_type: tuple(AttributeMapping(**row) for row in data.get(table, ()))
        for table, resource_type in _TABLES.items()
    }
    facts = tuple(Fact(**_tupled(fact)) for fact in data.get("fact", ()))
    try:
        rules = tuple(requirement(identifier).id for identifier in data.get("rules", ()))
        levels = _levels(data.get("levels", {}), facts)
        steps = read_steps(data.get("checklist", ()))
    except UnknownRequirement as error:
        raise InvalidProfile(f"the profile {' + '.join(names)} cannot be used: {error}") from None
    return Profile(
        names=names,
        title=data.get("title", " + ".join(names)),
        kind=data.get("kind", APP),
        about=data.get("about", ""),
        client=data.get("client", ""),
        dialect=data.get("dialect", ""),
        rules=rules,
        user_mappings=rows["User"],
        group_mappings=rows["Group"],
        attributes=_attributes(data.get("attributes", {}), rows),
        levels=levels,
        limits=Limits(**_named(data.get("limits", {}))),
        features=Features(**_named(data.get("features", {}))),
        credentials=Credentials(**_named(data.get("credentials", {}))),
        facts=facts,
        checklist=tuple(sorted(steps, key=lambda step: PAGES.index(step.page))),
    )


def _levels(given: Mapping[str, str], facts: Sequence[Fact]) -> dict[str, Level]:
    """Return the levels that differ from the catalogue's.

    What is known of a target outranks what its client wishes: a breach that a fact explains counts as the RFC has it,
    and that of a client rule is noted.
    """
    explained = [requirement(identifier) for fact in facts for identifier in fact.requirements]
    raised = {requirement(identifier).id: Level(level) for identifier, level in given.items()}
    kept = {identifier: level for identifier, level in raised.items() if requirement(identifier) not in explained}
    return kept | {each.id: Level.MAY for each in explained if each.client}


def _attributes(
    given: Mapping[str, Sequence[str]], rows: Mapping[str, Sequence[AttributeMapping]]
) -> dict[str, tuple[str, ...]]:
    mapped = {name: tuple(dict.fromkeys(path for row in table for path in row.paths)) for name, table in rows.items()}
    return {name: paths for name, paths in mapped.items() if paths} | {
        name: tuple(paths) for name, paths in given.items()
    }


def _named(table: Mapping[str, Any]) -> dict[str, Any]:
    return _tupled({key.replace("-", "_"): value for key, value in table.items()})


def _tupled(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
