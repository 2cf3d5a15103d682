"""What the tenant does, to be held against what its ServiceProviderConfig declares (RFC 7643 §5, RFC 9865 §4)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from conformance.probes import choose
from conformance.probes.registry import probe
from conformance.spec.messages import BULK_REQUEST

if TYPE_CHECKING:
    from conformance.probes.ask import Ask, Created
    from conformance.spec.schema import ResourceType

NEW_TEXT = "changed by the conformance suite"
ODD_LABEL = "conformance"


@probe
def declared_features(ask: Ask, resource_type: ResourceType) -> None:
    """Use each feature once, on two resources of our own; ``first`` sorts before ``second``."""
    first, second = ask.create("first", resource_type), ask.create("second", resource_type)
    change = {"op": "replace", "path": choose.text(resource_type).name, "value": NEW_TEXT}
    ask.patch("patched", first.path, change)
    _read(ask, first)
    _query(ask, resource_type, first)
    ask.together(partial(_bulk, ask, second), partial(_write, ask, resource_type, first))


def _read(ask: Ask, first: Created) -> None:
    fetched = ask.get("fetched", first.path)
    etag = fetched.header("etag")
    if etag and etag.isascii():
        ask.get("unchanged", first.path, headers={"If-None-Match": etag})


def _query(ask: Ask, resource_type: ResourceType, first: Created) -> None:
    both = f'userName sw "{ask.sample.prefix}"'
    query = partial(ask.filter, resource_type=resource_type)
    questions = [
        partial(query, "filtered", expression=f'userName eq "{first.sent.get("userName")}"'),
        partial(query, "sorted", expression=both, sortBy="userName", sortOrder="descending"),
        partial(query, "second_page", expression=both, startIndex=2, count=1),
        partial(query, "cursor_page", expression=both, cursor="", count=1),
    ]
    if ask.service.pagination.default_method:
        questions.append(partial(query, "first_page", expression=both, count=1))
    ask.together(*questions)


def _bulk(ask: Ask, second: Created) -> None:
    operation = {"method": "PUT", "path": second.path, "data": second.sent}
    body = {"schemas": [BULK_REQUEST], "Operations": [operation]}
    ask.send("bulk", "POST", "/Bulk", json=body)


def _write(ask: Ask, resource_type: ResourceType, first: Created) -> None:
    password = resource_type.find("password")
    if password:
        value = ask.sample.value(password.attribute)
        patched = ask.patch("password", first.path, {"op": "replace", "path": "password", "value": value})
        if not patched.ok:
            ask.replace("password_by_put", first.path, first.sent | {"password": value})
    label = resource_type.find("emails.type")
    if label and label.attribute.canonical_values:
        emails = [{"value": f"{ask.sample.unique()}@example.com", "type": ODD_LABEL}]
        ask.replace("odd_label", first.path, first.sent | {"emails": emails})
    user_type = resource_type.find("userType")
    if user_type and not user_type.attribute.canonical_values:
        ask.replace("odd_user_type", first.path, first.sent | {"userType": ODD_LABEL})
    # Where that is offered, the answer would come before the outcome, by which others judge.
    preference = {} if ask.service.supports("async") else {"Prefer": "respond-async"}
    ask.replace("not_async", first.path, first.sent | {"id": ask.sample.nobody()}, headers=preference)
