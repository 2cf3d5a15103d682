"""SCIM schemas and resource types as values (RFC 7643 §2, §6, §7).

A tenant's ``/Schemas`` and ``/ResourceTypes`` and the shipped JSON Schemas all end up as these types, so the same
checks run on the core attributes, on extensions and on resource types nobody has thought of yet.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE_USER = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
SERVICE_PROVIDER_CONFIG = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
RESOURCE_TYPE = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Schema"

# The RFC's deepest schema, that of Schema itself, has three levels; a hostile one must not exhaust the stack.
_MAX_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute definition with the characteristics and defaults of RFC 7643 §2.2 and §7."""

    name: str
    type: str = "string"
    multi_valued: bool = False
    required: bool = False
    case_exact: bool = False
    mutability: str = "readWrite"
    returned: str = "default"
    uniqueness: str = "none"
    description: str = ""
    canonical_values: tuple[str, ...] = ()
    reference_types: tuple[str, ...] = ()
    sub_attributes: tuple[Attribute, ...] = ()

    def sub(self, name: str) -> Attribute | None:
        """Return the sub-attribute of that name, in any letter case (§2.1).

        Every multi-valued complex attribute has ``primary`` (§2.4), though the printed ``addresses`` leave it out.
        """
        found = _named(self.sub_attributes, name)
        implied = self.multi_valued and self.type == "complex" and name.lower() == "primary"
        return PRIMARY if found is None and implied else found

    @property
    def links(self) -> bool:
        """Whether its values name resources by their id: it has ``$ref``, or is ``members`` (§4.2), ``manager`` (§4.3).

        The latter are named because a served schema may leave out ``$ref``, which is optional.
        """
        return self.type == "complex" and (self.sub("$ref") is not None or self.name in {"members", "manager"})

    @classmethod
    def from_scim(cls, definition: Mapping[str, Any], *, depth: int = 1) -> Attribute:
        """Read an ``attributes`` entry of a Schema resource; what is missing or malformed takes its default (§2.2).

        Sub-attributes nested deeper than any schema has them are left out; ``depth`` counts the levels.
        """

        def text(key: str, default: str) -> str:
            value = definition.get(key)
            return value if isinstance(value, str) else default

        def texts(key: str) -> tuple[str, ...]:
            values = definition.get(key)
            return tuple(v for v in values if isinstance(v, str)) if isinstance(values, list) else ()

        subs = definition.get("subAttributes")
        return cls(
            name=text("name", ""),
            type=text("type", "string"),
            multi_valued=definition.get("multiValued") is True,
            required=definition.get("required") is True,
            case_exact=definition.get("caseExact") is True,
            mutability=text("mutability", "readWrite"),
            returned=text("returned", "default"),
            uniqueness=text("uniqueness", "none"),
            description=text("description", ""),
            canonical_values=texts("canonicalValues"),
            reference_types=texts("referenceTypes"),
            sub_attributes=tuple(_attributes(subs, depth + 1)),
        )

    def to_scim(self) -> dict[str, Any]:
        """Write the definition as an ``attributes`` entry of a Schema resource (§7)."""
        entry: dict[str, Any] = {
            "name": self.name,
            "type": self.type,
            "multiValued": self.multi_valued,
            "description": self.description,
            "required": self.required,
            "mutability": self.mutability,
            "returned": self.returned,
        }
        if self.type not in {"complex", "boolean"}:
            entry |= {"caseExact": self.case_exact, "uniqueness": self.uniqueness}
        if self.canonical_values:
            entry["canonicalValues"] = list(self.canonical_values)
        if self.reference_types:
            entry["referenceTypes"] = list(self.reference_types)
        if self.sub_attributes:
            entry["subAttributes"] = [sub.to_scim() for sub in self.sub_attributes]
        return entry


@dataclass(frozen=True, slots=True)
class Schema:
    """A Schema resource: a URI and the attributes it defines (RFC 7643 §7)."""

    id: str
    name: str
    description: str = ""
    attributes: tuple[Attribute, ...] = ()
    _by_name: dict[str, Attribute] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the attributes by name: a schema may have hundreds, and each value of a resource is looked up."""
        # The first of a name counts, where a broken schema has two.
        object.__setattr__(self, "_by_name", {a.name.lower(): a for a in reversed(self.attributes)})

    def __hash__(self) -> int:
        """Hash by the URI: schemas are keys all the time, and hashing every attribute would cost more than it tells."""
        return hash(self.id)

    def attribute(self, name: str) -> Attribute | None:
        """Return the attribute of that name, in any letter case (§2.1)."""
        return self._by_name.get(name.lower())

    @classmethod
    def from_scim(cls, document: Mapping[str, Any]) -> Schema:
        """Read a Schema resource as a tenant serves it."""
        identifier = document.get("id")
        name = document.get("name")
        description = document.get("description")
        return cls(
            id=identifier if isinstance(identifier, str) else "",
            name=name if isinstance(name, str) else "",
            description=description if isinstance(description, str) else "",
            attributes=tuple(_attributes(document.get("attributes"))),
        )

    def to_scim(self) -> dict[str, Any]:
        """Write the Schema resource without ``meta``."""
        return {
            "schemas": [SCHEMA],
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "attributes": [attribute.to_scim() for attribute in self.attributes],
        }


PRIMARY = Attribute("primary", type="boolean")
PREDEFINED = (
    Attribute("type"),
    PRIMARY,
    Attribute("display", mutability="immutable"),
    Attribute("value"),
    Attribute("$ref", type="reference", case_exact=True),
)
"""The sub-attributes that elements of multi-valued attributes may have without a schema saying so (§2.4)."""

COMMON = Schema(
    id="",
    name="Common",
    description="The attributes of every resource (RFC 7643 §3.1).",
    attributes=(
        Attribute(
            "schemas",
            type="reference",
            multi_valued=True,
            required=True,
            case_exact=True,
            returned="always",
            reference_types=("uri",),
        ),
        Attribute("id", required=True, case_exact=True, mutability="readOnly", returned="always", uniqueness="server"),
        Attribute("externalId", case_exact=True),
        Attribute(
            "meta",
            type="complex",
            mutability="readOnly",
            sub_attributes=(
                Attribute("resourceType", case_exact=True, mutability="readOnly"),
                Attribute("created", type="dateTime", mutability="readOnly"),
                Attribute("lastModified", type="dateTime", mutability="readOnly"),
                Attribute(
                    "location", type="reference", case_exact=True, mutability="readOnly", reference_types=("uri",)
                ),
                Attribute("version", case_exact=True, mutability="readOnly"),
            ),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class SchemaExtension:
    """An extension of a resource type and whether each resource must carry it (RFC 7643 §6)."""

    schema: Schema
    required: bool = False


@dataclass(frozen=True, slots=True)
class BoundAttribute:
    """An attribute, or a sub-attribute, in the place where a resource type has it.

    ``schema`` is the schema that defines it, ``parent`` the complex attribute around a sub-attribute.
    """

    resource_type: ResourceType
    schema: Schema
    attribute: Attribute
    parent: Attribute | None = None

    @property
    def urn(self) -> str | None:
        """The extension's URI, or None for core and common attributes, which stand at the top level."""
        return self.schema.id if any(self.schema is e.schema for e in self.resource_type.extensions) else None

    @property
    def name(self) -> str:
        """The path within its schema: ``name.givenName``."""
        return f"{self.parent.name}.{self.attribute.name}" if self.parent else self.attribute.name

    @property
    def path(self) -> str:
        """The path a filter or PATCH uses, with the URI for an extension attribute (RFC 7644 §3.10)."""
        return f"{self.urn}:{self.name}" if self.urn else self.name

    def __str__(self) -> str:
        """Return the short name for test ids: ``User:name.givenName``, ``User:EnterpriseUser.department``."""
        within = f"{self.schema.name or self.urn}." if self.urn else ""
        return f"{self.resource_type.name}:{within}{self.name}"


@dataclass(frozen=True, slots=True)
class ResourceType:
    """A ResourceType with its schemas resolved (RFC 7643 §6). ``endpoint`` starts with a slash: ``/Users``."""

    name: str
    endpoint: str
    schema: Schema
    description: str = ""
    extensions: tuple[SchemaExtension, ...] = ()

    def __str__(self) -> str:
        """Return the name, which is how test ids show a resource type."""
        return self.name

    def extension(self, urn: str) -> SchemaExtension | None:
        """Return the extension of that URI, in any letter case."""
        return next((e for e in self.extensions if e.schema.id.lower() == urn.lower()), None)

    def attributes(self, *, subs: bool = True) -> Iterator[BoundAttribute]:
        """Yield the core and extension attributes (not the common ones), each followed by its sub-attributes."""
        return (bound for bound in _bound(self) if subs or not bound.parent)

    def narrowed(self, wanted: Callable[[BoundAttribute], bool]) -> ResourceType:
        """Return the resource type with none but the attributes that are wanted, and of these the sub-attributes."""

        def part(schema: Schema) -> Schema:
            kept = (a for a in schema.attributes if wanted(BoundAttribute(self, schema, a)))
            return replace(schema, attributes=tuple(replace(a, sub_attributes=subs(schema, a)) for a in kept))

        def subs(schema: Schema, attribute: Attribute) -> tuple[Attribute, ...]:
            bound = (BoundAttribute(self, schema, sub, attribute) for sub in attribute.sub_attributes)
            return tuple(each.attribute for each in bound if wanted(each))

        extensions = tuple(replace(e, schema=part(e.schema)) for e in self.extensions)
        return replace(self, schema=part(self.schema), extensions=extensions)

    def find(self, name: str, urn: str | None = None) -> BoundAttribute | None:
        """Return the attribute of a name such as ``name.givenName``, in any letter case; None where there is none.

        Without ``urn`` the common and core attributes are looked at, with it the schema of that URI.
        """
        if urn is None or urn.lower() == self.schema.id.lower():
            schemas: tuple[Schema, ...] = (COMMON, self.schema)
        else:
            found = self.extension(urn)
            schemas = (found.schema,) if found else ()
        head, _, tail = name.partition(".")
        for schema in schemas:
            attribute = schema.attribute(head)
            if attribute is None:
                continue
            if not tail:
                return BoundAttribute(self, schema, attribute)
            sub = attribute.sub(tail)
            if sub:
                return BoundAttribute(self, schema, sub, attribute)
        return None


@lru_cache(maxsize=64)
def _bound(resource_type: ResourceType) -> tuple[BoundAttribute, ...]:
    """Return what ``attributes`` yields, once: every check on attributes goes through it."""
    schemas = (resource_type.schema, *(extension.schema for extension in resource_type.extensions))
    return tuple(
        BoundAttribute(resource_type, schema, attribute, parent)
        for schema in schemas
        for top in schema.attributes
        if not _named(COMMON.attributes, top.name)
        for attribute, parent in ((top, None), *((sub, top) for sub in top.sub_attributes))
    )


def _named(attributes: tuple[Attribute, ...], name: str) -> Attribute | None:
    wanted = name.lower()
    return next((a for a in attributes if a.name.lower() == wanted), None)


def _attributes(definitions: object, depth: int = 1) -> Iterator[Attribute]:
    if isinstance(definitions, list) and depth <= _MAX_DEPTH:
        for definition in definitions:
            if isinstance(definition, dict):
                yield Attribute.from_scim(definition, depth=depth)
