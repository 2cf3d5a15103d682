"""Requests that a tenant must refuse, and what they leave behind (RFC 7644 §3.12)."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from conformance.probes import choose
from conformance.probes.registry import probe
from conformance.spec.schema import USER
from conformance.tenant.client import SCIM_JSON

if TYPE_CHECKING:
    from conformance.probes.ask import Ask, Created
    from conformance.spec.schema import ResourceType

_SCIM = {"Content-Type": SCIM_JSON}
NO_ENDPOINT = "/ConformanceNoSuchEndpoint"
# What a text attribute never holds: kept as it is, it would break every reader.
WRONG_VALUE = {"conformance": ["no", "text"]}


@probe
def mistakes(ask: Ask, resource_type: ResourceType) -> None:
    """Send wrong creates, wrong replaces and requests to nowhere; then look whether anything came of them."""
    target = ask.create("target", resource_type, choose.named(ask, resource_type))
    other = ask.create("other", resource_type, choose.named(ask, resource_type))
    ask.together(
        partial(_wrong_creates, ask, resource_type, other),
        partial(_wrong_replaces, ask, resource_type, target, other),
        partial(_nowhere, ask, resource_type, target),
    )
    naming = choose.naming(resource_type)
    ask.together(
        partial(ask.get, "target_after", target.path),
        partial(ask.get, "other_after", other.path),
        *([partial(ask.filter, "left", resource_type, f'{naming.name} sw "{ask.sample.prefix}"')] if naming else []),
    )


def _wrong_bodies(resource_type: ResourceType, correct: dict[str, Any]) -> dict[str, str]:
    """Return wrong bodies by name, as the text to send."""
    text, several = choose.text(resource_type), choose.multi_valued(resource_type)

    def body(**members: Any) -> dict[str, Any]:
        return correct | members

    wrong: dict[str, Any] = {
        "array": [correct],
        "string": "conformance",
        "wrong_type": body(**{text.name: WRONG_VALUE}),
    }
    if several:
        wrong["no_array"] = body(**{several.name: "conformance"})
    for extension in (e for e in resource_type.extensions if e.required):
        bare = body(schemas=[u for u in correct["schemas"] if u != extension.schema.id])
        wrong["without_extension"] = {k: v for k, v in bare.items() if k != extension.schema.id}
        wrong["empty_extension"] = body(**{extension.schema.id: {}})
    return {"malformed": json.dumps(correct)[:-1], **{name: json.dumps(value) for name, value in wrong.items()}}


def _wrong_creates(ask: Ask, resource_type: ResourceType, existing: Created) -> None:
    unique = choose.unique(resource_type)
    for name in _wrong_bodies(resource_type, existing.sent):
        # Each body names a resource of its own, so that one that should not be there can be told by its name.
        body = choose.named(ask, resource_type)
        content = _wrong_bodies(resource_type, body)[name]
        ask.try_create(f"create_{name}", resource_type, body, json=None, content=content, headers=_SCIM)
    if resource_type.schema.id == USER:
        for name, value in (("create_empty", ""), ("create_blank", "  ")):
            ask.try_create(name, resource_type, {**choose.named(ask, resource_type), "userName": value})
    if unique:
        taken = existing.sent[unique.name]
        again = {**choose.named(ask, resource_type), unique.name: taken}
        ask.try_create("create_taken", resource_type, again)
        if not unique.case_exact or resource_type.schema.id == USER:
            recased = {**choose.named(ask, resource_type), unique.name: taken.swapcase()}
            ask.try_create("create_taken_recased", resource_type, recased)


def _wrong_replaces(ask: Ask, resource_type: ResourceType, target: Created, other: Created) -> None:
    unique = choose.unique(resource_type)
    correct = target.sent | {choose.text(resource_type).name: ask.sample.unique()}
    for name, content in _wrong_bodies(resource_type, correct).items():
        ask.send(f"replace_{name}", "PUT", target.path, content=content, headers=_SCIM)
    if unique and unique.mutability != "immutable":
        ask.replace("replace_taken", target.path, correct | {unique.name: other.sent[unique.name]})
    if ask.service.supports("etag"):
        ask.replace("replace_outdated", target.path, correct, headers={"If-Match": 'W/"conformance-outdated"'})


def _nowhere(ask: Ask, resource_type: ResourceType, target: Created) -> None:
    unknown = ask.imagine(resource_type.endpoint)
    text = choose.text(resource_type)
    ask.get("read_unknown", unknown)
    if ask.service.supports("patch") is not False:
        ask.patch("patch_unknown", unknown, {"op": "replace", "path": text.name, "value": "x"})
    ask.delete("delete_unknown", unknown)
    ask.replace("replace_unknown", unknown, choose.named(ask, resource_type))
    if ask.get("reread_unknown", unknown).ok:
        ask.delete("made_by_replace", unknown)
    ask.get("no_endpoint", NO_ENDPOINT)
    ask.try_create("post_to_resource", resource_type, choose.named(ask, resource_type), path=target.path)
