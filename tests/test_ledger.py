"""The ledger on disk, what it lets be created, and how what it knows of is removed."""

from __future__ import annotations

import json
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from test_tenant import asking, reply

from conformance.tenant.allowance import Ended
from conformance.tenant.clean_up import clean_up
from conformance.tenant.created import create, path_of
from conformance.tenant.ledger import Ledger, LedgerLost, NotOurs

if TYPE_CHECKING:
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path


def kept(folder: Path) -> Ledger:
    ledger = Ledger()
    ledger.keep(folder / "ledger.jsonl", "http://h/scim", "conf-1")
    return ledger


def test_an_intent_is_on_the_disk_before_its_request_leaves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    order = []
    sync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda file: (order.append("fsync"), sync(file)))

    def answer(handler: BaseHTTPRequestHandler) -> None:
        order.append((tmp_path / "ledger.jsonl").read_text().count("intent"))
        reply(handler, b'{"id": "1"}', 201)

    with asking(answer, ledger=kept(tmp_path)) as client:
        order.clear()
        create(client, "/Users", "conf-1.a", name="", json={"userName": "conf-1.a"})
    assert order == ["fsync", 1]


def test_what_was_created_is_on_the_disk_before_it_is_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    synchronised = []
    sync, path = os.fsync, tmp_path / "ledger.jsonl"
    monkeypatch.setattr(os, "fsync", lambda file: (synchronised.append(path.read_text()), sync(file)))
    with asking(lambda handler: reply(handler, b'{"id": "1"}', 201), ledger=kept(tmp_path)) as client:
        create(client, "/Users", "conf-1.a", name="", json={"userName": "conf-1.a"})
        client.send("PUT", "/Users/1", json={"userName": "conf-1.b"})
    assert '"created"' in synchronised[-1]


def test_threads_that_wait_together_share_an_fsync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    ledger, count = kept(tmp_path), []
    monkeypatch.setattr(os, "fsync", lambda _: (count.append(1), time.sleep(0.02)))
    together = threading.Barrier(16)

    def intend(number: int) -> None:
        together.wait()
        ledger.intend("/Users", f"conf-1.{number}")
        ledger.secure()

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(intend, range(16)))
    ledger.close()
    assert 1 <= len(count) <= 4
    assert len(Ledger.resume(tmp_path / "ledger.jsonl").unanswered) == 16


def test_nothing_is_created_once_the_disk_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    seen = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        seen.append(handler.command)
        reply(handler)

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    with asking(answer, ledger=kept(tmp_path)) as client:
        client.ledger.created("/Users/1")
        monkeypatch.setattr(os, "fsync", fail)
        for _ in range(2):
            with pytest.raises(Ended, match="No space left"):
                create(client, "/Users", "conf-1.a", name="", json={})
        monkeypatch.undo()
        with pytest.raises(LedgerLost):
            client.ledger.secure()
        assert clean_up(client)[0] == ["/Users/1"]
    assert "POST" not in seen


def test_a_line_that_was_cut_short_spoils_no_other(tmp_path: Path):
    path = tmp_path / "ledger.jsonl"
    path.write_text('{"event": "created", "path": "/Users/1"}\n{"event": "crea')
    ledger = Ledger.resume(path)
    ledger.created("/Users/2")
    ledger.close()
    assert Ledger.resume(path).left_behind == ["/Users/2", "/Users/1"]


@pytest.mark.parametrize(
    "line",
    [
        "7",
        "[]",
        "{}",
        '{"event": "purged", "path": "/Users/2"}',
        '{"event": "created", "path": 5}',
        '{"event": "created", "path": "/Users"}',
        '{"event": "created", "path": "/Users/"}',
        '{"event": "created", "path": "/Users/me"}',
        '{"event": "created", "path": "/Users/%2e%2e/2"}',
        '{"event": "created", "path": "https://elsewhere/Users/2"}',
        '{"event": "created", "path": "/Users/2?x"}',
        '{"event": "run", "tenant": "http://h/scim", "tag": ""}',
        '{"event": "run", "tenant": "http://h/scim", "tag": {}}',
        '{"event": "intent", "endpoint": "/Users", "marker": ["ann"]}',
        '{"event": "intent", "endpo',
    ],
)
def test_what_something_else_wrote_into_a_ledger_makes_nothing_ours(line: str, tmp_path: Path):
    ledger = kept(tmp_path)
    ledger.created("/Users/1")
    ledger.close()
    path = tmp_path / "ledger.jsonl"
    path.write_text(f"{path.read_text()}{line}\n")
    read = Ledger.resume(path)
    assert read.left_behind == ["/Users/1"]
    assert read.unanswered == []
    assert not read.marks("ann")
    assert read.marks("conf-1.a")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "delete", "MOVE", "PROPPATCH"])
@pytest.mark.parametrize("path", ["/Users/foreign", "/Groups/foreign", "/Users/", "/Users/foreign/.search/.."])
def test_no_method_reaches_what_is_not_ours(method: str, path: str):
    with asking(reply) as client:
        client.ledger.intend("/Users", "conf-1")
        with pytest.raises(NotOurs):
            client.send(method, path, json={})
        assert client.exchanges == []


def test_nothing_is_created_that_the_ledger_does_not_know_of():
    with asking(reply) as client, pytest.raises(NotOurs):
        client.send("POST", "/Users", json={})


@pytest.mark.parametrize(
    ("identifier", "path"),
    [
        ("a/b", "/Users/a%2Fb"),
        ("a?b#c", "/Users/a%3Fb%23c"),
        ("50%", "/Users/50%25"),
        ("é", "/Users/%C3%A9"),
        ("ann@example.com", "/Users/ann@example.com"),
        ("..", None),
        ("Me", None),
        ("x/../y", None),
        ("", None),
        (7, None),
        ("\ud800", None),
        ("x" * 5000, None),
    ],
)
def test_an_id_leads_to_one_resource_or_to_none(identifier: object, path: str | None):
    assert path_of("/Users", identifier) == path


def test_somebody_else_in_the_answer_to_a_create_is_not_ours():
    with asking(lambda handler: reply(handler, b'{"id": "9", "userName": "ann"}', 201)) as client:
        client.ledger.keep(None, "http://h/scim", "conf-1")
        assert create(client, "/Users", "conf-1.a", name="", json={"userName": "conf-1.a"})[1] is None
        with pytest.raises(NotOurs):
            client.send("DELETE", "/Users/9")


# --- clean-up ---------------------------------------------------------------------------------------------------------


class Shelf:
    """A tenant of a few resources; a user cannot go while a group that holds it is there."""

    def __init__(self, **resources: dict[str, Any]) -> None:
        self.resources = resources
        self.deleted: list[str] = []

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        path = handler.path.removeprefix("/scim")
        if handler.command == "DELETE":
            held = any(path in resource.get("holds", ()) for resource in self.resources.values())
            gone = None if held else self.resources.pop(path, None)
            self.deleted += [path] if gone is not None else []
            reply(handler, b"", 409 if held else 204 if gone is not None else 404)
            return
        found = [r for p, r in self.resources.items() if p.startswith(path.partition("?")[0]) and "userName" in path]
        reply(handler, json.dumps({"totalResults": len(found), "Resources": found}).encode())


def test_groups_go_before_users_and_what_is_held_is_tried_again():
    shelf = Shelf(**{"/Users/1": {}, "/Groups/2": {"holds": ["/Users/1"]}, "/Things/3": {"holds": ["/Groups/2"]}})
    with asking(shelf) as client:
        for path in ("/Things/3", "/Groups/2", "/Users/1"):
            client.ledger.created(path)
        gone, left = clean_up(client)
    assert (set(gone), left) == ({"/Users/1", "/Groups/2", "/Things/3"}, {})
    assert shelf.deleted == ["/Things/3", "/Groups/2", "/Users/1"]


def test_a_clean_up_need_not_hold_what_was_answered():
    shelf = Shelf(**{f"/Users/{number}": {} for number in range(20)})
    with asking(shelf) as client:
        held = []
        for path in shelf.resources:
            client.ledger.created(path)
        gone, _ = clean_up(client, lambda: held.append(len(client.take())))
        assert (len(gone), sum(held), client.exchanges) == (20, 20, [])
    assert max(held) <= client.limits.concurrency


def test_a_create_whose_answer_was_lost_is_found_by_its_marker_in_any_letter_case():
    shelf = Shelf(**{"/Users/1": {"id": "1", "userName": "CONF-1.A"}, "/Users/2": {"id": "2", "userName": "ann"}})
    with asking(shelf) as client:
        client.ledger.keep(None, "http://h/scim", "conf-1")
        client.ledger.intend("/Users", "conf-1.a")
        assert clean_up(client) == (["/Users/1"], {})
    assert list(shelf.resources) == ["/Users/2"]


@pytest.mark.parametrize(("status", "total"), [(500, 0), (400, 0), (200, 99)])
def test_what_cannot_be_looked_up_is_said_and_not_forgotten(status: int, total: int):
    body = json.dumps({"totalResults": total, "Resources": [{"id": "7", "userName": "ann"}]}).encode()
    with asking(lambda handler: reply(handler, body, status)) as client:
        client.ledger.keep(None, "http://h/scim", "conf-1")
        client.ledger.intend("/Users", "conf-1.a")
        for _ in range(2):
            gone, left = clean_up(client)
            assert gone == []
            assert "conf-1.a" in next(iter(left))


def test_a_create_that_failed_on_the_server_may_have_happened():
    with asking(lambda handler: reply(handler, status=502)) as client:
        client.ledger.keep(None, "http://h/scim", "conf-1")
        create(client, "/Users", "conf-1.a", name="", json={})
        assert client.ledger.unanswered == [("/Users", "conf-1.a", "")]
