"""Faults of creating with less common bodies and media types (RFC 7644 §3.1, §3.3, §3.8)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.reference.faults.registry import fault, register
from conformance.reference.faults.seams import on_body, on_kept, wrap
from conformance.reference.messages import SCIM
from conformance.spec.errors import ScimError, invalid_value
from conformance.spec.paths import lookup
from conformance.spec.schema import ENTERPRISE_USER, GROUP, USER

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.messages import Request
    from conformance.reference.tenant import ReferenceTenant

    Body = dict[str, Any]


_LAST_LETTER_KEPT = "\u0fff"


@fault("RFC7643-3.3-08")
def create_finds_extension_attributes_at_the_top(tenant: ReferenceTenant) -> None:
    """An employeeNumber at the top level of a create is taken as the enterprise extension's."""

    def change(body: Body) -> None:
        if "employeeNumber" in body:
            body.setdefault(ENTERPRISE_USER, {})["employeeNumber"] = body.pop("employeeNumber")

    on_body(tenant, change, method="POST")


@fault("RFC7643-3.3-07")
def create_drops_extensions_that_schemas_lacks(tenant: ReferenceTenant) -> None:
    """Data of an extension that the schemas of a create does not list is accepted and lost."""

    def change(body: Body) -> None:
        if ENTERPRISE_USER not in body.get("schemas", ()):
            body.pop(ENTERPRISE_USER, None)

    on_body(tenant, change, method="POST")


@fault("RFC7643-3-08")
def create_keeps_unknown_schemas(tenant: ReferenceTenant) -> None:
    """A URI in the schemas of a create that no resource type declares is kept."""

    def keep(attributes: Body, body: Body) -> None:
        attributes["schemas"] += [urn for urn in body["schemas"] if "unknown" in urn.lower()]

    on_kept(tenant, keep, method="POST", of="")


@fault("RFC7643-3-10")
def create_needs_no_schemas(tenant: ReferenceTenant) -> None:
    """A create without schemas is accepted."""
    on_body(tenant, lambda body: {"schemas": [USER], **body}, method="POST")
    on_body(tenant, lambda body: {"schemas": [GROUP], **body}, method="POST", of="Group")


@fault("RFC7644-3.1-10")
def create_keeps_unknown_attributes(tenant: ReferenceTenant) -> None:
    """An attribute that is in no schema is kept and shown."""

    def keep(attributes: Body, body: Body) -> None:
        attributes |= {name: value for name, value in body.items() if name.endswith("Unknown")}

    on_kept(tenant, keep, method="POST", of="")


@fault("RFC7644-3.3-20")
def create_keeps_objects_as_text(tenant: ReferenceTenant) -> None:
    """A text attribute that is given an object in a create holds that object."""
    texts = {
        resource_type.name: {
            bound.attribute.name
            for bound in resource_type.attributes(subs=False)
            if bound.attribute.type == "string" and not bound.urn and not bound.attribute.required
        }
        | {"externalId"}
        for resource_type in tenant.service.resource_types
    }

    def accept(original: Callable[..., Any], body: Any, resource_type: Any, stored: Any = None) -> Any:
        odd = {k for k in texts[resource_type.name] if stored is None and isinstance(lookup(body, k), dict)}
        if not odd:
            return original(body, resource_type, stored)
        kept = original({name: value for name, value in body.items() if name not in odd}, resource_type)
        return kept | {name: body[name] for name in odd}

    wrap(tenant.rules, "accept", accept)


@fault("RFC7644-3.8-01")
def create_refuses_letters_beyond_latin(tenant: ReferenceTenant) -> None:
    """A create with letters beyond Latin in a title is refused."""

    def refuse(body: Body) -> None:
        for name in ("title", "externalId"):
            if any(letter > _LAST_LETTER_KEPT for letter in str(body.get(name, ""))):
                raise invalid_value(f"{name} has letters that cannot be kept")

    on_body(tenant, refuse, method="POST", of="")


@fault("RFC7644-3.8-01", "RFC7644-3.8-03", "RFC7643-2.3.1-01")
def create_reads_latin_1(tenant: ReferenceTenant) -> None:
    """The texts in a create are read as ISO 8859-1, names of users aside."""

    def misread(body: Body) -> None:
        for name, value in body.items():
            if isinstance(value, str) and name != "userName":
                body[name] = value.encode().decode("latin-1")

    on_body(tenant, misread, method="POST", of="")


_MEDIA_TYPES = {
    "scim_json": ("RFC7644-3.8-10", lambda sent: sent == SCIM),
    "a_charset": ("RFC7644-3.8-11", lambda sent: sent.startswith(SCIM) and "charset" in sent),
    "application_json": ("RFC7644-3.8-12", lambda sent: sent.startswith("application/json")),
}


def _refuse_type(refused: Callable[[str], bool]) -> Callable[[ReferenceTenant], None]:
    def plant(tenant: ReferenceTenant) -> None:
        def read(original: Callable[[Request], Any], request: Request) -> Any:
            sent = request.headers.get("content-type", "").lower()
            if request.method == "POST" and request.segments[-1] in {"Users", "Groups"} and refused(sent):
                raise ScimError(f"{sent} is not supported", status=415)
            return original(request)

        wrap(tenant.rules, "read", read)

    return plant


for _name, (_id, _refused) in _MEDIA_TYPES.items():
    _said = _name.replace("_", " ").replace("scim json", "application/scim+json").replace("n json", "n/json")
    register(
        f"create_refuses_{_name}",
        (_id,),
        f"A create with {_said} in its Content-Type answers 415.",
        _refuse_type(_refused),
    )


@fault("RFC7644-3.8-13")
def create_reads_plain_text(tenant: ReferenceTenant) -> None:
    """A create in text/plain is read as if it were JSON."""

    def read(original: Callable[[Request], Any], request: Request) -> Any:
        return original(replace(request, headers={**request.headers, "content-type": SCIM}))

    wrap(tenant.rules, "read", read)
