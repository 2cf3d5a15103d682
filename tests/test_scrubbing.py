"""Scrubbing: what is replaced in an exchange or a text, and what stays."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

from conformance.reporting.scrubbing import Scrubber
from conformance.tenant.exchange import Exchange, Request, Response

BASE = "https://example.com/scim/v2"
JANE = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
    "id": "7",
    "userName": "Jane.Doe",
    "name": {"familyName": "Doe-O'Neil", "givenName": "Ännchen"},
    "emails": [{"value": "jane@corp.invalid", "type": "work", "primary": True}],
    "roomNumber": 40117,
    "birthday": "1980-05-17T00:00:00Z",
    "meta": {"resourceType": "User", "created": "2020-01-01T00:00:00Z", "location": f"{BASE}/Users/7"},
}
OURS = {"id": "8", "userName": "conf-1a2b3c4d.x", "title": "Manager", "meta": {"location": f"{BASE}/Users/8"}}
_numbers = count(1)


def exchange(method: str, path: str, answer: Any, *, sent: Any = None, status: int = 200, **more: str) -> Exchange:
    body = answer if isinstance(answer, str) else json.dumps(answer)
    request = Request(method, BASE + path, (), None if sent is None else json.dumps(sent))
    return Exchange(f"x{next(_numbers)}", "", request, Response(status, tuple(more.items()), body))


def listing(*resources: Any) -> Exchange:
    return exchange("GET", "/Users", {"totalResults": len(resources), "Resources": resources})


def scrubbed(*exchanges: Exchange) -> list[Exchange]:
    scrubber = Scrubber()
    scrubber.learn(exchanges)
    return [scrubber.exchange(each) for each in exchanges]


def test_a_stranger_keeps_structure_and_loses_every_value():
    (listed,) = scrubbed(listing(JANE, OURS))
    jane, ours = listed.resources
    assert ours == OURS
    assert jane.keys() == JANE.keys()
    assert jane["schemas"] == JANE["schemas"]
    assert jane["emails"][0]["type"] == "work"
    assert jane["emails"][0]["primary"] is True
    assert jane["emails"][0]["value"].endswith("@scrubbed.invalid")
    assert jane["meta"]["created"] == JANE["meta"]["created"]
    assert jane["meta"]["location"] == f"{BASE}/Users/{jane['id']}"
    assert isinstance(jane["roomNumber"], int)
    text = listed.answered.body.lower()
    assert not [word for word in ("jane", "doe", "neil", "nnchen", "corp", "40117", "1980") if word in text]


def test_the_same_value_has_the_same_pseudonym_in_any_case_and_wherever_it_stands():
    scrubber = Scrubber()
    known = listing(JANE)
    again = exchange(
        "GET", "/Users/7?filter=userName%20eq%20%22JANE.doe%22", {"detail": "no jane.doe here"}, status=404
    )
    scrubber.learn([known, again])
    jane = scrubber.exchange(known).resources[0]
    shown = scrubber.exchange(again)
    assert shown.request.url == f"{BASE}/Users/{jane['id']}?filter=userName%20eq%20%22{jane['userName']}%22"
    assert shown.document["detail"] == f"no {jane['userName']} here"
    for written in ("Ännchen", json.dumps("Ännchen")[1:-1], "%C3%84nnchen", "&Auml;nnchen".replace("&Auml;", "&#196;")):
        assert scrubber.text(f"<{written}>") == f"<{jane['name']['givenName']}>"


def test_ours_stay_by_their_tag_and_then_by_their_place_even_where_ids_are_reused():
    created = exchange("POST", "/Users", {"id": "9"}, sent={"userName": "conf-1a2b3c4d.y"}, status=201)
    mine = exchange("GET", "/Users/9?attributes=title", {"id": "9", "title": "Someone"})
    group = exchange("GET", "/Groups/9", {"id": "9", "displayName": "Board"})
    kept, read, foreign = scrubbed(created, mine, group)
    assert (kept, read) == (created, mine)
    assert "Board" not in foreign.answered.body


def test_what_the_suite_wrote_itself_and_words_of_the_protocol_are_no_secrets():
    manager = JANE | {"title": "Manager", "nickName": "userName"}
    wrote = exchange("PATCH", "/Users/8", OURS, sent={"Operations": [{"op": "replace", "value": "Manager"}]})
    listed, patched = scrubbed(listing(manager, OURS), wrote)
    assert "Manager" not in json.dumps(listed.resources[0])
    assert patched == wrote


def test_references_of_ours_to_strangers_are_scrubbed():
    member = {"value": "7", "$ref": f"{BASE}/Users/7", "display": "Nobody has seen her elsewhere"}
    (group,) = scrubbed(exchange("GET", "/Groups/1", OURS | {"id": "1", "members": [member]}))
    assert "Nobody" not in group.answered.body
    assert group.document["userName"] == OURS["userName"]


def test_errors_lose_unknown_mail_addresses_and_broken_json_is_left_out():
    error = exchange("POST", "/Users", {"detail": "ask eve@corp.invalid, not conf-1a2b3c4d.x@example.com"}, status=409)
    told, cut = scrubbed(error, exchange("GET", "/Users", '{"Resources": [{"userName": "jane'))
    assert "eve@" not in told.answered.body
    assert "conf-1a2b3c4d.x@example.com" in told.answered.body
    assert cut.answered.body == "[33 characters left out: they cannot be read, nor be scrubbed]"


def test_what_the_tenant_says_of_itself_stays():
    schemas = exchange("GET", "/Schemas", {"Resources": [{"id": "urn:x", "name": "User", "description": "A person"}]})
    assert scrubbed(schemas) == [schemas]
