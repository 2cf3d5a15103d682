"""Creating resources (RFC 7644 §3.3): the plain way, with less common bodies, and with values a client may not set."""

from __future__ import annotations

import unicodedata
from functools import partial
from typing import TYPE_CHECKING, Any

from conformance.probes import choose
from conformance.probes.registry import probe
from conformance.spec.schema import ENTERPRISE_USER, USER
from conformance.tenant.created import path_of

if TYPE_CHECKING:
    from conformance.probes.ask import Ask
    from conformance.spec.schema import ResourceType

# No schema has them, no tenant gave them out.
UNKNOWN_ATTRIBUTE = "conformanceUnknown"
ALIEN_URN = "urn:ietf:params:scim:schemas:extension:conformance:2.0:Unknown"
FOREIGN_ID = "c11e47c0-5e4e-4c1d-8000-c05e4b7c11e4"  # in the form that a tenant with UUIDs would take over
FOREIGN_META = {
    "resourceType": "Conformance",
    "created": "2001-02-03T04:05:06Z",
    "lastModified": "2001-02-03T04:05:06Z",
    "location": "https://example.com/conformance",
    "version": 'W/"conformance"',
}
LETTERS = "Zoë Đặng 山田太郎 😀"


@probe
def created(ask: Ask, resource_type: ResourceType) -> None:
    """Create a minimal resource; read it at its path and at its locations, then where it must not be found."""
    made = ask.create("created", resource_type)
    fetched = ask.get("fetched", made.path)
    meta = fetched.resource.get("meta") if fetched.ok else None
    location = ask.path_of(made.exchange.header("location"))
    meta_location = ask.path_of(meta.get("location") if isinstance(meta, dict) else None)
    elsewhere = next((t.endpoint for t in ask.service.resource_types if t.endpoint != resource_type.endpoint), None)
    questions = {
        "located": location,
        "meta_located": meta_location,
        "elsewhere": elsewhere and path_of(elsewhere, made.id),
        "recased": made.id != made.id.swapcase() and path_of(resource_type.endpoint, made.id.swapcase()),
    }
    ask.together(*(partial(ask.get, name, path) for name, path in questions.items() if path))
    ask.get("fetched_again", made.path)


@probe
def unusual(ask: Ask, resource_type: ResourceType) -> None:
    """Create with bodies and media types that are less common; each resource stands alone."""
    attribute, several = choose.text(resource_type), choose.multi_valued(resource_type)
    shared = ask.sample.unique()

    def send(name: str, body: dict[str, Any], **options: Any) -> None:
        ask.try_create(name, resource_type, body, **options)

    def body(**members: Any) -> dict[str, Any]:
        return {**choose.named(ask, resource_type), **members}

    plain = body()
    # A tenant that takes no plain body is judged elsewhere: here it blocks the rest.
    ask.create("shared_external_id", resource_type, body(externalId=shared))
    ask.together(
        partial(send, "null", body(**{attribute.name: None})),
        partial(send, "letters", body(**{attribute.name: f"{LETTERS} {ask.sample.unique()}"})),
        partial(send, "upper_case", {k if k == "schemas" or ":" in k else k.upper(): v for k, v in body().items()}),
        partial(send, "schemas_last", dict(reversed(plain.items()))),
        partial(send, "application_json", body(), headers={"Content-Type": "application/json"}),
        partial(send, "charset", body(), headers={"Content-Type": "application/scim+json; charset=utf-8"}),
        partial(send, "plain_text", body(), headers={"Content-Type": "text/plain"}),
        partial(send, "unknown_attribute", body(**{UNKNOWN_ATTRIBUTE: "x"})),
        partial(send, "alien_schema", body(schemas=[resource_type.schema.id, ALIEN_URN])),
        partial(send, "repeated_schema", body(schemas=[resource_type.schema.id, resource_type.schema.id])),
        partial(send, "without_schemas", {k: v for k, v in body().items() if k != "schemas"}),
        partial(send, "without_external_id", {k: v for k, v in body().items() if k != "externalId"}),
        partial(send, "shared_external_id_again", body(externalId=shared)),
        *([partial(send, "empty", body(**{several.name: []}))] if several else []),
    )
    part = choose.component(resource_type)
    if part and part.parent:
        inner = {k: v for k, v in plain.get(part.parent.name, {}).items() if k != part.attribute.name}
        recased = {**inner, part.attribute.name.upper(): "Conformance"}
        send("upper_case_component", body(**{part.parent.name: recased}))
    _read_back(ask, resource_type, "letters", "null")


@probe
def extended(ask: Ask, resource_type: ResourceType) -> None:
    """Create with and without data of an extension, in every way in which ``schemas`` can speak of it."""
    bound = choose.extension_text(resource_type)
    extension = resource_type.extension(bound.urn) if bound and bound.urn else None
    if bound is None or extension is None:
        return
    urn, core = extension.schema.id, resource_type.schema.id

    def needed() -> dict[str, Any]:
        container: dict[str, Any] = choose.named(ask, resource_type).get(urn, {})
        return container

    def data() -> dict[str, Any]:
        return needed() | {bound.attribute.name: ask.sample.unique()}

    def body(*schemas: str, **members: Any) -> dict[str, Any]:
        plain = {name: value for name, value in choose.named(ask, resource_type).items() if name != urn}
        others = [e for e in plain["schemas"] if e not in {core, urn}]
        return {**plain, **members, "schemas": [*schemas, *others]}

    def send(name: str, *schemas: str, **members: Any) -> None:
        ask.try_create(name, resource_type, body(*schemas, **members))

    beside = {urn: needed()} if extension.required else {}
    ask.create("extended", resource_type, body(core, urn, **{urn: data()}))
    ask.together(
        partial(send, "reversed", urn, core, **{urn: data()}),
        partial(send, "unlisted", core, **{urn: data()}),
        partial(send, "top_level", core, *beside, **beside, **{bound.attribute.name: ask.sample.unique()}),
        partial(send, "upper_case", core, urn, **{urn.upper(): data()}),
        *([] if extension.required else [partial(send, "left_out", core)]),
    )
    _read_back(ask, resource_type, "extended", "unlisted")


@probe
def claiming(ask: Ask, resource_type: ResourceType) -> None:
    """Create with values for readOnly attributes; a User also claims a group and a name for its manager."""
    ask.create("plain", resource_type, choose.named(ask, resource_type))
    ask.together(
        partial(ask.try_create, "with_id", resource_type, {**choose.named(ask, resource_type), "id": FOREIGN_ID}),
        partial(ask.try_create, "with_meta", resource_type, {**choose.named(ask, resource_type), "meta": FOREIGN_META}),
    )
    if resource_type.schema.id != USER:
        return
    group_type = ask.service.resource_type("Group")
    if group_type and resource_type.find("groups"):
        group = ask.create("group", group_type)
        groups = [{"value": group.id, "display": "Conformance"}]
        ask.try_create("with_groups", resource_type, {**choose.named(ask, resource_type), "groups": groups})
        ask.get("group_after", group.path)
    if resource_type.find("manager.displayName", ENTERPRISE_USER):
        manager = ask.create("manager", resource_type)
        report = choose.named(ask, resource_type)
        report["schemas"] = list(dict.fromkeys([*report["schemas"], ENTERPRISE_USER]))
        report[ENTERPRISE_USER] = {"manager": {"value": manager.id, "displayName": "Conformance"}}
        ask.try_create("with_manager_name", resource_type, report)


@probe
def prepared(ask: Ask, resource_type: ResourceType) -> None:
    """Create a user, then others whose names are the same to the eye but not in their code points."""
    unique = choose.unique(resource_type)
    if unique is None:
        return
    name = f"Zo\u00eb.{choose.another_name(ask, resource_type)}"
    ask.create("composed", resource_type, {**choose.named(ask, resource_type), unique.name: name})
    look_alikes = {
        "decomposed": unicodedata.normalize("NFD", name),
        "full_width": name.replace("Z", "\N{FULLWIDTH LATIN CAPITAL LETTER Z}"),
    }
    for look_alike, value in look_alikes.items():
        ask.try_create(look_alike, resource_type, {**choose.named(ask, resource_type), unique.name: value})


def _read_back(ask: Ask, resource_type: ResourceType, *names: str) -> None:
    for name in names:
        exchange = ask.evidence[name]
        path = path_of(resource_type.endpoint, exchange.resource.get("id")) if exchange.ok else None
        if path:
            ask.get(f"{name}_fetched", path)
