"""Sample resources: plausible values by attribute, the same for the same seed, recognisable by the run's tag."""

from __future__ import annotations

import itertools
import re
import threading
import uuid
import zlib
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from conformance.probes.certificates import CERTIFICATES
from conformance.spec.schema import USER, Attribute, ResourceType

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path

    from faker import Faker

_LONGEST_SLUG = 22  # with tag, number and domain a user name has 64 characters, and some tenants take no more
_COMPONENTS = ("honorificPrefix", "givenName", "middleName", "familyName", "honorificSuffix")
# Fixed, since the same seed is to give the same values on another day.
_PAST = (datetime(2021, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC))
_BY_NAME: dict[str, Callable[[Faker], Any]] = {
    "name.formatted": lambda fake: fake.name(),
    "name.familyName": lambda fake: fake.last_name(),
    "name.givenName": lambda fake: fake.first_name(),
    "name.middleName": lambda fake: fake.first_name(),
    "name.honorificPrefix": lambda fake: fake.random_element(("Ms.", "Mr.", "Dr.")),
    "name.honorificSuffix": lambda fake: fake.random_element(("Jr.", "III", "PhD")),
    "displayName": lambda fake: fake.name(),
    "nickName": lambda fake: fake.first_name(),
    "profileUrl": lambda fake: f"https://example.com/people/{fake.pyint()}",
    "title": lambda fake: fake.job(),
    "userType": lambda fake: fake.random_element(("Employee", "Contractor", "Intern")),
    "preferredLanguage": lambda fake: fake.random_element(("en-US", "de-DE", "fr-FR", "pt-BR")),
    "locale": lambda fake: fake.random_element(("en-US", "de-DE", "fr-FR", "pt-BR")),
    "timezone": lambda fake: fake.random_element(("America/Denver", "Europe/Berlin", "Asia/Tokyo")),
    "password": lambda fake: fake.password(length=20),
    "emails.value": lambda fake: f"{fake.user_name()}{fake.pyint()}@example.com",
    "phoneNumbers.value": lambda fake: f"tel:+1-201-555-{fake.random_int(100, 199):04d}",
    "ims.value": lambda fake: fake.user_name(),
    "photos.value": lambda fake: f"https://example.com/photos/{fake.pyint()}.jpg",
    "addresses.formatted": lambda fake: fake.address(),
    "addresses.streetAddress": lambda fake: fake.street_address(),
    "addresses.locality": lambda fake: fake.city(),
    "addresses.region": lambda fake: fake.state_abbr(),
    "addresses.postalCode": lambda fake: fake.postcode(),
    "addresses.country": lambda fake: fake.country_code(),
    "entitlements.value": lambda fake: fake.word(),
    "roles.value": lambda fake: fake.random_element(("Student", "Faculty", "Administrator")),
    "employeeNumber": lambda fake: str(fake.random_int(100000, 999999)),
    "costCenter": lambda fake: str(fake.random_int(1000, 9999)),
    "organization": lambda fake: fake.company(),
    "division": lambda fake: fake.random_element(("Theme Park", "Studios", "Retail")),
    "department": lambda fake: fake.random_element(("Sales", "Engineering", "Finance", "Tour Operations")),
}
_LOCK = threading.Lock()


def prepare() -> None:
    """Load what values are made of, before there are threads: an interrupt must not come while one of them imports."""
    _faker()


@cache
def _faker() -> Faker:
    # Imported late: faker loads slowly and the first requests of a run need no sample data.
    from faker import Faker  # noqa: PLC0415

    return Faker("en_US", use_weighting=False)


@dataclass(frozen=True, slots=True)
class Recipe:
    """What all samples of a run have in common.

    The same ``seed`` makes the same values; ``tag`` marks everything that is created; user names are in ``domain``;
    ``needed`` names attributes by resource type that the target demands although its schema does not; generated
    examples that the tenant got wrong are kept in the folder ``memory``.
    """

    seed: str
    tag: str
    domain: str = "example.com"
    needed: Mapping[str, Collection[str]] = field(default_factory=dict)
    memory: Path | None = None


class Samples:
    """Makes values and resources for one probe run, which ``key`` names.

    ``linked`` gives the value of a required attribute that points to another resource; None where it has none.
    """

    def __init__(
        self, recipe: Recipe, key: str, linked: Callable[[Attribute], dict[str, str] | None] = lambda _: None
    ) -> None:
        self._seed = f"{recipe.seed}:{key}"
        self.domain, self._needed, self._linked = recipe.domain, recipe.needed, linked
        slug = re.sub(r"[^a-z0-9]+", "-", key.lower()).strip("-")
        if len(slug) > _LONGEST_SLUG:
            slug = f"{slug[:_LONGEST_SLUG]}-{zlib.crc32(key.encode()):08x}"
        self.slug = slug
        self.tag = recipe.tag
        self.prefix = f"{self.tag}.{slug}"
        self._thread = threading.local()
        self._numbers: dict[str, Iterator[int]] = defaultdict(partial(itertools.count, 1))
        self._draws: dict[str, Iterator[int]] = defaultdict(partial(itertools.count, 1))

    def unique(self) -> str:
        """Return a text that nothing else in the tenant carries; it starts with ``prefix``."""
        return f"{self.prefix}.{self._next(self._numbers)}"

    def user_name(self, text: str = "") -> str:
        """Return a text, a unique one unless given, in the form of a user name: an address in the run's domain."""
        return f"{text or self.unique()}@{self.domain}"

    def nobody(self) -> str:
        """Return an id that no resource has."""
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{self._seed}:{self._next(self._draws)}"))

    def apart(self, *calls: Callable[[], object]) -> list[Callable[[], object]]:
        """Return calls that may run side by side: what each draws does not depend on how fast the others are."""
        fork = self._next(self._numbers)

        def draw_apart(number: int, call: Callable[[], object]) -> object:
            self._thread.branch = f"{fork}.{number}."
            return call()

        return [partial(draw_apart, number, call) for number, call in enumerate(calls, start=1)]

    def value(self, attribute: Attribute, parent: Attribute | None = None) -> Any:
        """Return a valid value for an attribute: one element for a multi-valued one, an object for a complex one."""
        if attribute.type == "complex":
            wanted = (sub for sub in attribute.sub_attributes if _freely_chosen(sub, attribute))
            return consistent(attribute, {sub.name: self.value(sub, attribute) for sub in wanted})
        name = f"{parent.name}.{attribute.name}" if parent else attribute.name
        if attribute.uniqueness != "none" and attribute.type in {"string", "integer", "decimal", "reference"}:
            return self._unique_value(attribute)
        with _LOCK:
            fake = _faker()
            fake.seed_instance(f"{self._seed}:{self._next(self._draws)}")
            if attribute.canonical_values:
                return fake.random_element(attribute.canonical_values)
            if name in _BY_NAME and attribute.type in {"string", "reference"}:
                return _BY_NAME[name](fake)
            return _by_type(attribute, fake)

    def _unique_value(self, attribute: Attribute) -> Any:
        text = self.unique()
        # 31 bits: there are tenants whose integers hold no more.
        number = zlib.crc32(text.encode()) >> 1
        form = self.user_name(text) if attribute.name == "userName" else text
        return {"integer": number, "decimal": number + 0.5, "reference": f"https://example.com/{text}"}.get(
            attribute.type, form
        )

    def _next(self, counters: dict[str, Iterator[int]]) -> str:
        branch = getattr(self._thread, "branch", "")
        return f"{branch}{next(counters[branch])}"

    def minimal(self, resource_type: ResourceType) -> dict[str, Any]:
        """Return the smallest body a create must accept: ``schemas`` and what is required or needed."""
        needed = {name.lower() for name in self._needed.get(resource_type.name, ())}
        return self._resource(resource_type, lambda a: a.required or a.name.lower() in needed)

    def full(self, resource_type: ResourceType) -> dict[str, Any]:
        """Return a body with every attribute a client may write, but only the required references to resources."""
        return self._resource(resource_type, lambda _: True)

    def completed(self, resource_type: ResourceType, body: dict[str, Any]) -> dict[str, Any]:
        """Return a body whose complex values have what the core schema demands in them, and no ``type`` it lacks."""

        def whole(attribute: Attribute, value: Any) -> Any:
            if isinstance(value, list):
                return [whole(attribute, element) for element in value]
            if not isinstance(value, dict):
                return value
            if attribute.sub("type") is None:
                value = {name: inner for name, inner in value.items() if name != "type"}
            demanded = (s for s in attribute.sub_attributes if s.required and s.mutability != "readOnly")
            missing = [s for s in demanded if s.name not in value and not _points_to_resource(s, attribute)]
            made = value | {sub.name: self.value(sub, attribute) for sub in missing}
            return consistent(attribute, made) if missing else made

        known = {attribute.name: attribute for attribute in resource_type.schema.attributes}
        return {name: whole(known[name], value) if name in known else value for name, value in body.items()}

    def _resource(self, resource_type: ResourceType, wanted: Callable[[Attribute], bool]) -> dict[str, Any]:
        body: dict[str, Any] = {"schemas": [resource_type.schema.id], "externalId": self.unique()}
        body |= self._members(resource_type.schema.attributes, wanted)
        if resource_type.schema.id == USER and "userName" not in body:
            body["userName"] = self.user_name()
        if "userName" not in body and resource_type.schema.attribute("displayName"):
            body["displayName"] = self.unique()
        for extension in resource_type.extensions:
            values = self._members(extension.schema.attributes, wanted)
            if extension.required and not values:
                # An empty object is none (RFC 7643 §2.5): one attribute, whichever, makes the extension present.
                values = dict(itertools.islice(self._members(extension.schema.attributes, lambda _: True).items(), 1))
            if values or extension.required:
                body["schemas"].append(extension.schema.id)
                body[extension.schema.id] = values
        return body

    def _members(self, attributes: tuple[Attribute, ...], wanted: Callable[[Attribute], bool]) -> dict[str, Any]:
        members: dict[str, Any] = {}
        for attribute in attributes:
            if attribute.mutability == "readOnly" or attribute.name in {"schemas", "id", "externalId", "meta"}:
                continue
            if not wanted(attribute):
                continue
            if not _points_to_resource(attribute):
                value = self.value(attribute)
            elif attribute.required and attribute.links and (link := self._linked(attribute)):
                value = link
            else:
                continue
            members[attribute.name] = [value] if attribute.multi_valued else value
        return members


def consistent(attribute: Attribute, value: dict[str, Any]) -> dict[str, Any]:
    """Return an object; if it is a name, ``formatted`` is made of its components, as a tenant may do (§4.1.1)."""
    if attribute.name == "name" and "formatted" in value:
        value["formatted"] = " ".join(str(value[n]) for n in _COMPONENTS if n in value) or value["formatted"]
    return value


def _freely_chosen(sub: Attribute, parent: Attribute) -> bool:
    """Whether any client could give the sub-attribute a value: some tenants take only ``type``s that they list."""
    if sub.mutability == "readOnly" or sub.name in {"primary", "display"} or _points_to_resource(sub, parent):
        return False
    return sub.name != "type" or bool(sub.canonical_values)


def _points_to_resource(attribute: Attribute, parent: Attribute | None = None) -> bool:
    """Whether a value would have to be the id or URI of another resource: ``manager``, ``members``, their ``value``."""
    owner = parent or attribute
    reference = owner.sub("$ref")
    if owner.links and not (reference and reference.reference_types in {(), ("external",), ("uri",)}):
        return parent is None or attribute.name in {"value", "$ref"}
    external = attribute.reference_types in {(), ("external",), ("uri",), ("external", "uri"), ("uri", "external")}
    return attribute.type == "reference" and not external


def _by_type(attribute: Attribute, fake: Faker) -> Any:  # noqa: PLR0911 - one for each type
    match attribute.type:
        case "boolean":
            return True
        case "integer":
            return fake.random_int(1, 1000)
        case "decimal":
            return fake.random_int(1, 1000) + 0.5
        case "dateTime":
            return fake.date_time_between(*_PAST).strftime("%Y-%m-%dT%H:%M:%SZ")
        case "binary":
            return fake.random_element(CERTIFICATES)
        case "reference":
            return f"https://example.com/{fake.slug()}"
        case _:
            return fake.text(40).strip(".").replace("\n", " ")
