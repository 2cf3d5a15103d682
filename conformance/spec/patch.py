"""PATCH (RFC 7644 §3.5.2): what an operation is aimed at. What it does there is in ``editing``.

Besides what the RFC writes down, the forms of common clients work: ``op`` in any letter case; ``remove`` of a
multi-valued attribute with a ``value`` that lists what to remove; keys of a path-less value that are paths themselves
(``name.givenName``, ``urn:…:User:department``); the URI of an extension as path; a bare string for a complex attribute
that has a ``value`` (``manager``), where ``""`` clears it.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance.spec.editing import Selection, edit, edit_selected
from conformance.spec.errors import invalid_path, invalid_syntax, invalid_value, mutability, no_target
from conformance.spec.filter import Filter, ValuePath, parse_path
from conformance.spec.matching import check
from conformance.spec.messages import PATCH_OP
from conformance.spec.paths import AttrPath, PathError, lookup, member
from conformance.spec.values import unassigned

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conformance.spec.schema import Attribute, ResourceType, SchemaExtension


_OPS = ("add", "remove", "replace")


def read_operations(body: object) -> list[dict[str, Any]]:
    """Return the operations of a PatchOp message. Raises ScimError invalidSyntax for a body that is none."""
    schemas = lookup(body, "schemas")
    if not isinstance(schemas, list) or PATCH_OP.lower() not in {str(urn).lower() for urn in schemas}:
        raise invalid_syntax(f"The body must be an object whose schemas name {PATCH_OP}")
    operations = lookup(body, "Operations")
    if not isinstance(operations, list) or not operations or not all(isinstance(o, dict) for o in operations):
        raise invalid_syntax("Operations must be an array of one or more objects")
    return operations


def apply(
    resource: Mapping[str, Any], operations: Sequence[Mapping[str, Any]], resource_type: ResourceType
) -> dict[str, Any]:
    """Return a new document with all operations applied in order; the given one stays as it is.

    A document equal to the given one means that nothing was modified, so ``meta.lastModified`` is to stay (§3.5.2.1).
    ``meta`` itself, uniqueness and the existence of referenced resources are the caller's business.

    Raises ScimError 400: invalidSyntax, invalidPath, invalidFilter, noTarget, invalidValue or mutability.
    """
    document = deepcopy(dict(resource))
    for operation in operations:
        change = _Change.read(operation)
        before = _Namespaces.of(document, resource_type)
        _run(change, document, resource_type)
        before.update(document, resource_type)
    return document


@dataclass(frozen=True, slots=True)
class _Change:
    """One operation as sent; ``value`` is None where it was null or left out."""

    op: str
    path: str | None
    value: Any

    @classmethod
    def read(cls, operation: Mapping[str, Any]) -> _Change:
        op, path = lookup(operation, "op"), lookup(operation, "path")
        if not isinstance(op, str) or op.lower() not in _OPS:
            raise invalid_syntax(f"op must be one of {', '.join(_OPS)}")
        if not (path is None or isinstance(path, str)):
            raise invalid_path("path must be a string")
        if op.lower() == "remove" and path is None:
            raise no_target("remove needs a path")
        if op.lower() != "remove" and member(operation, "value") is None:
            raise invalid_value(f"{op} needs a value")
        return cls(op.lower(), path, lookup(operation, "value"))


@dataclass(frozen=True, slots=True)
class _Target:
    """What a path names: an attribute or a sub-attribute of it, within the elements that a filter picks."""

    urn: str | None
    attribute: Attribute
    sub: Attribute | None
    filter: Filter | None
    text: str

    @classmethod
    def find(cls, text: str, resource_type: ResourceType) -> _Target | None:
        """Resolve a path; None where no schema has the attribute. Raises PathError and FilterError."""
        path = parse_path(text)
        bound = resource_type.find(path.attr.dotted, path.attr.urn)
        if bound is None:
            return None
        attribute, sub = (bound.parent, bound.attribute) if bound.parent else (bound.attribute, None)
        if path.filter:
            if sub or not attribute.multi_valued:
                raise invalid_path(f"{path.attr} is not multi-valued: it takes no filter")
            check(ValuePath(path.attr, path.filter), resource_type)
            sub = attribute.sub(path.sub) if path.sub else None
            if path.sub and sub is None:
                return None
        elif sub and attribute.multi_valued:
            raise invalid_path(f"{attribute.name} has several values: pick some with a filter, {attribute.name}[…]")
        return cls(bound.urn, attribute, sub, path.filter, text)

    def apply(self, op: str, value: Any, document: dict[str, Any]) -> None:
        """Carry out one operation here."""
        for attribute in (self.attribute, self.sub):
            if attribute and attribute.mutability == "readOnly":
                raise mutability(f"{self.text} is readOnly")
        container = _descend(document, self.urn) if self.urn else document
        if self.filter:
            edit_selected(op, container, Selection(self.attribute, self.filter, self.sub), value)
        elif self.sub:
            edit(op, _descend(container, self.attribute.name), self.sub, value)
            _drop_empty(container, self.attribute.name)
        else:
            edit(op, container, self.attribute, value)
        if self.urn:
            _drop_empty(document, self.urn)

    def repeats(self, value: Any, document: dict[str, Any]) -> bool:
        """Return whether the target already has the value: clients send readOnly values back as they read them."""
        if self.filter:
            return False
        container = lookup(document, self.urn) if self.urn else document
        stored = lookup(container, AttrPath(self.attribute.name, self.sub.name if self.sub else None))
        if isinstance(stored, dict) and isinstance(value, dict):
            return all(lookup(stored, name) == item for name, item in value.items())
        return bool(stored == value)


def _run(change: _Change, document: dict[str, Any], resource_type: ResourceType) -> None:
    if change.path is None or change.path.lower() == resource_type.schema.id.lower():
        _apply_members(change.op, change.value, document, resource_type, "")
        return
    extension = resource_type.extension(change.path)
    if extension:
        _apply_extension(change.op, extension, change.value, document, resource_type)
    else:
        target = _Target.find(change.path, resource_type)
        if target is None:
            raise invalid_path(f"{resource_type.name} has no attribute {change.path}")
        target.apply(change.op, change.value, document)


def _apply_members(op: str, value: Any, document: dict[str, Any], resource_type: ResourceType, prefix: str) -> None:
    """Apply an object of attributes, each as if its name, or the path that its key is, had been the path."""
    if not isinstance(value, dict) or not value:
        raise invalid_value("Without the path of an attribute, the value must be an object of attributes")
    for key, item in value.items():
        extension = resource_type.extension(key)
        if extension:
            _apply_extension(op, extension, item, document, resource_type)
            continue
        try:
            target = _Target.find(f"{prefix}{key}", resource_type)
        except PathError:
            continue
        # As in POST and PUT, names in no schema are passed over.
        if target and not target.repeats(item, document):
            # A list of schemas in the value says what the value uses; it does not take extensions away.
            target.apply("add" if target.attribute.name == "schemas" else op, item, document)


def _apply_extension(
    op: str, extension: SchemaExtension, value: Any, document: dict[str, Any], resource_type: ResourceType
) -> None:
    urn = extension.schema.id
    if op == "remove" or (op == "replace" and unassigned(value)):
        if extension.required:
            raise mutability(f"The extension {urn} is required")
        for name in list(lookup(document, urn) or {}):
            target = _Target.find(f"{urn}:{name}", resource_type)
            if target:
                target.apply("remove", None, document)
    elif not unassigned(value):
        _apply_members(op, value, document, resource_type, f"{urn}:")


def _descend(container: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the object under a name, made where there is none."""
    key = member(container, name) or name
    if not isinstance(container.get(key), dict):
        container[key] = {}
    inner: dict[str, Any] = container[key]
    return inner


def _drop_empty(container: dict[str, Any], name: str) -> None:
    key = member(container, name)
    if key and container[key] == {}:
        del container[key]


@dataclass(frozen=True, slots=True)
class _Namespaces:
    """The URIs that ``schemas`` lists and the extensions that have data, as they were before an operation."""

    listed: tuple[str, ...]
    extended: frozenset[str]

    @classmethod
    def of(cls, document: dict[str, Any], resource_type: ResourceType) -> _Namespaces:
        urns = (extension.schema.id for extension in resource_type.extensions)
        listed = lookup(document, "schemas")
        return cls(
            tuple(listed) if isinstance(listed, list) else (),
            frozenset(urn for urn in urns if not unassigned(lookup(document, urn))),
        )

    def update(self, document: dict[str, Any], resource_type: ResourceType) -> None:
        """Bring ``schemas`` and the extensions' data into line after the operation.

        An extension that gained data is listed, one that lost all of it is not; a URI taken from the list takes the
        data with it.
        """
        now = _Namespaces.of(document, resource_type)
        known = {resource_type.schema.id, *(e.schema.id for e in resource_type.extensions)}
        strange = [urn for urn in now.listed if urn not in {*self.listed, *known}]
        if strange:
            raise invalid_value(f"{resource_type.name} has no schema {strange[0]}")
        dropped = set(self.listed) - set(now.listed)
        if resource_type.schema.id in dropped:
            raise mutability(f"schemas must list {resource_type.schema.id}")
        for urn in dropped & now.extended:
            del document[member(document, urn) or urn]
        gained = sorted(now.extended - set(now.listed) - dropped)
        lost = self.extended - now.extended
        listed = [urn for urn in now.listed if urn not in lost] + gained
        if listed != list(now.listed):
            document[member(document, "schemas") or "schemas"] = listed
