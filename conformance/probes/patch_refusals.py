"""PATCH requests that must be refused and change nothing (RFC 7644 §3.5.2).

Every request tries to store a text that starts with ``Refused`` and names the question, so that one read at the end
tells which of them left a trace.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.probes.patch import operation
from conformance.probes.registry import probe
from conformance.spec.messages import PATCH_OP, SEARCH_REQUEST

if TYPE_CHECKING:
    from conformance.probes.ask import Ask, Created
    from conformance.spec.schema import ResourceType


def _named(question: str, op: str = "replace") -> dict[str, Any]:
    return operation(op, "displayName", value=f"Refused {question}")


def _message(*operations: dict[str, Any], schema: str = PATCH_OP) -> dict[str, Any]:
    return {"schemas": [schema], "Operations": list(operations)}


MESSAGES: dict[str, Any] = {
    "no_schemas": {"Operations": [_named("no_schemas")]},
    "other_schemas": _message(_named("other_schemas"), schema=SEARCH_REQUEST),
    "no_operations": {"schemas": [PATCH_OP], "displayName": "Refused no_operations"},
    "empty_operations": _message(),
    "no_op": _message({"path": "displayName", "value": "Refused no_op"}),
    "unknown_op": _message(_named("unknown_op", "upsert")),
    "json_patch": [{"op": "replace", "path": "/displayName", "value": "Refused json_patch"}],
    "move": _message({"op": "move", "from": "userName", "path": "displayName", "value": "Refused move"}),
    "test": _message(_named("test", "test")),
    "add_without_value": _message(operation("add", "displayName")),
    "remove_without_path": _message(operation("remove")),
    "replace_with_nothing": _message(operation("replace", value={})),
}

TARGETS: dict[str, tuple[dict[str, Any], ...]] = {
    "index": (operation("replace", "emails[0].value", value="refused-index@example.com"),),
    "open_bracket": (operation("replace", 'emails[type eq "work"', value="Refused open_bracket"),),
    "empty_segment": (operation("replace", "name..familyName", value="Refused empty_segment"),),
    "unknown_attribute": (operation("replace", "noSuchAttribute", value="Refused unknown_attribute"),),
    "replaced_id": (operation("replace", "id", value="Refused replaced_id"),),
    "any_case_id": (operation("replace", "ID", value="Refused any_case_id"),),
    "replaced_meta": (operation("replace", "meta.resourceType", value="Refused replaced_meta"),),
    "removed_id": (operation("remove", "id"),),
    "removed_user_name": (operation("remove", "userName"),),
    "text_for_complex": (operation("add", "name", value="Refused text_for_complex"),),
    "number_for_complex": (operation("replace", "name", value=4711),),
    "text_for_boolean": (operation("replace", "active", value="Refused text_for_boolean"),),
    "object_for_text": (operation("replace", "displayName", value={"text": "Refused object_for_text"}),),
    "last_fails": (
        _named("last_fails"),
        operation("add", "name.familyName", value="Refused last_fails"),
        operation("replace", "noSuchAttribute", value="Refused last_fails"),
    ),
}


@probe
def messages_refused(ask: Ask, resource_type: ResourceType) -> None:
    """Send PATCH messages whose form is wrong to one user and a right one to nobody, then read the user."""
    created = ask.create("created", resource_type, _body(ask, resource_type))
    for question, body in MESSAGES.items():
        ask.send(question, "PATCH", created.path, json=body)
    ask.patch("nobody", ask.imagine(resource_type.endpoint), _named("nobody"))
    ask.get("fetched", created.path)
    _plain(ask, created)


@probe
def targets_refused(ask: Ask, resource_type: ResourceType) -> None:
    """Send PATCH operations whose target or value is not allowed to one user, then read the user.

    The last of them asks for the userName of another user.
    """
    created = ask.create("created", resource_type, _body(ask, resource_type))
    for question, operations in TARGETS.items():
        ask.patch(question, created.path, *operations)
    holder = ask.create("holder", resource_type)
    ask.patch("taken", created.path, operation("replace", "userName", value=holder.sent.get("userName")))
    ask.get("fetched", created.path)
    ask.get("holder_fetched", holder.path)
    _plain(ask, created)


def _plain(ask: Ask, user: Created) -> None:
    """Send a PATCH with nothing wrong in it, which tells a refusal from a PATCH that is not offered at all."""
    ask.patch("plain", user.path, operation("replace", "displayName", value="Plain Name"))


def _body(ask: Ask, resource_type: ResourceType) -> dict[str, Any]:
    """Return a minimal body plus what the refused operations aim at, as far as it is served."""
    body = ask.sample.minimal(resource_type)
    if resource_type.find("displayName"):
        body["displayName"] = "Kept Name"
    if resource_type.find("emails"):
        body["emails"] = [{"value": f"{ask.sample.unique()}@example.com", "type": "work"}]
    return body
