"""Rehearsals in this process: both clients, in all their dialects, against a tenant that is right."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from rehearsing import TAG, play

from conformance.reference import resources
from conformance.reference.faults.registry import find_fault
from conformance.reference.faults.seams import at, on_answer
from conformance.reference.tenant import ReferenceTenant
from conformance.rehearsal.directory import invent
from conformance.rehearsal.entra_dialects import DEFAULT, FLAG, FLAGGED, Assignment
from conformance.rehearsal.entra_log import Tally
from conformance.rehearsal.findings import Kind
from conformance.rehearsal.page import render
from conformance.rehearsal.scope import InvalidScope, in_scope, read_scope
from conformance.rehearsal.source_file import InvalidSource, read_source
from conformance.tenant.client import Limits

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.reference.messages import Request, Response
    from conformance.tenant.exchange import Exchange

DIALECTS = ["entra", "entra-aadoptscim062020", "okta", "okta-wizard"]


def sent(profile: str, **options: Any) -> list[Exchange]:
    exchanges: list[Exchange] = []
    play(profile, announce=exchanges.append, **options)
    return exchanges


def wiping() -> ReferenceTenant:
    """Return a tenant in which removing one member takes all members out of the group."""
    tenant = ReferenceTenant(token="t", seed_users=3)
    find_fault("remove-of-one-member-takes-all").plant(tenant)
    return tenant


def operations(exchanges: list[Exchange], what: str) -> list[dict[str, Any]]:
    return [operation for e in exchanges if e.name == what for operation in e.request.json["Operations"]]


@pytest.mark.parametrize("users", [1, 100])
@pytest.mark.parametrize("profile", [*DIALECTS, "zscaler-one"])
def test_the_right_tenant_ends_up_as_the_source_says(profile: str, users: int):
    tenant = ReferenceTenant(token="t", seed_users=3)
    before = tenant.store.all("User")
    outcome = play(profile, tenant=tenant, users=users)
    assert [finding.cause for finding in outcome.wrong] == []
    assert (outcome.good, outcome.exit_code, outcome.quarantine) == (True, 0, None)
    assert tenant.store.all("User") == before
    assert tenant.store.all("Group") == []
    assert not outcome.left_behind


@pytest.mark.parametrize("profile", DIALECTS)
def test_whatever_is_created_carries_the_tag(profile: str):
    created = [e.request.json for e in sent(profile) if e.request.method == "POST"]
    assert created
    assert all(TAG in body.get("userName", body["displayName"]) for body in created)


def test_entra_names_no_client_no_media_type_and_spells_blanks_with_a_plus():
    exchanges = sent("entra")
    names = {name.lower() for e in exchanges for name, _ in e.request.headers}
    assert names.isdisjoint({"user-agent", "accept"})
    match = next(e.request.url for e in exchanges if e.name == "match" and "/Groups" in e.request.url)
    assert match.partition("?")[2].startswith("excludedAttributes=members&filter=displayName+eq+%22")


def test_entra_by_default_sends_capitals_texts_for_booleans_and_lists_of_members_to_remove():
    exchanges = sent("entra")
    assert operations(exchanges, "disable user")[0] == {"op": "Replace", "path": "active", "value": "False"}
    removed = operations(exchanges, "remove members")[0]
    assert (removed["op"], removed["path"], set(removed["value"][0])) == ("Remove", "members", {"$ref", "value"})
    managers = operations(exchanges, "set manager")
    assert all(o["op"] in {"Add", "Replace"} and isinstance(o["value"], str) for o in managers)
    assert operations(exchanges, "clear manager")[0]["value"] == ""


def test_entra_with_the_flag_sends_one_replace_without_a_path_and_filters_for_members():
    exchanges = sent("entra-aadoptscim062020")
    assert operations(exchanges, "disable user")[0] == {"op": "replace", "path": "active", "value": False}
    whole = [o for o in operations(exchanges, "update user") if "path" not in o]
    assert any("name.familyName" in o["value"] for o in whole)
    assert operations(exchanges, "remove members")[0]["path"].startswith('members[value eq "')


def test_on_demand_provisioning_ignores_the_flag():
    seen: list[str] = []
    cycle: list[str] = []
    play(
        "entra-aadoptscim062020",
        on_progress=lambda title, *_: cycle.append(title),
        announce=lambda e: seen.extend(
            o["op"] for o in (e.request.json or {}).get("Operations", ()) if cycle[-1] == "On-demand provisioning"
        ),
    )
    assert seen
    assert set(seen) <= {"Add", "Replace", "Remove"}


def test_entra_deletes_users_for_good_and_okta_never_does():
    deleted = {
        profile: [e.request.url for e in sent(profile) if e.request.method == "DELETE"] for profile in ("entra", "okta")
    }
    assert any("/Users/" in url for url in deleted["entra"])
    assert not any("/Users/" in url for url in deleted["okta"])


def test_okta_asks_first_creates_with_a_password_and_replaces_the_whole():
    exchanges = sent("okta")
    first = next(e for e in exchanges if e.name == "match")
    assert "filter=userName%20eq%20%22" in first.request.url
    assert "startIndex=1&count=100" in first.request.url
    body = next(e.request.json for e in exchanges if e.name == "create user")
    assert (body["groups"], bool(body["password"])) == ([], True)
    assert {e.request.method for e in exchanges if e.name == "replace user"} == {"PUT"}
    assert operations(exchanges, "deactivate user")[0] == {"op": "replace", "value": {"active": False}}


def test_the_wizard_flavour_of_okta_sends_no_patch():
    assert "PATCH" not in {e.request.method for e in sent("okta-wizard")}


def test_dialects_spell_assignments():
    changed = [
        Assignment("displayName", "A", "B"),
        Assignment("title", None, "C"),
        Assignment("name.givenName", "D", "E"),
        Assignment('emails[type eq "work"].value', None, "f@example.com"),
    ]
    assert DEFAULT.assign(changed)[1] == {"op": "Add", "path": "title", "value": "C"}
    assert FLAGGED.assign(changed) == [
        {"op": "add", "path": 'emails[type eq "work"].value', "value": "f@example.com"},
        {"op": "replace", "value": {"displayName": "B", "name.givenName": "E"}},
        {"op": "add", "path": "title", "value": "C"},
    ]
    assert FLAGGED.name == FLAG


def test_the_same_seed_makes_up_the_same_people():
    first, second = (invent("t", users=50, groups=3, members_per_group=4, seed="x") for _ in range(2))
    assert [p.attributes for p in first.people.values()] == [p.attributes for p in second.people.values()]
    assert [list(t.members) for t in first.teams.values()] == [list(t.members) for t in second.teams.values()]
    assert len({p.label for p in first.people.values()}) == 50


def test_a_directory_is_read_from_csv(tmp_path: Path):
    file = tmp_path / "people.csv"
    file.write_text(
        "userPrincipalName,displayName,department,manager,groups,accountEnabled\n"
        "mia@corp.example,Mia Kern,Finance,,Readers;Owners,true\n"
        "leo@corp.example,Leo Roth,,mia@corp.example,Readers,false\n",
        encoding="utf-8",
    )
    directory = read_source(file, TAG)
    mia, leo = directory.people.values()
    assert (mia.label, leo.manager, leo.enabled) == (f"{TAG}.mia@corp.example", mia.key, False)
    assert leo.value("department") is None
    assert {t.label: len(t.members) for t in directory.teams.values()} == {f"{TAG} Readers": 2, f"{TAG} Owners": 1}
    assert play("zscaler-two", directory=directory).good


def test_a_directory_is_read_from_json(tmp_path: Path):
    file = tmp_path / "people.json"
    user = {"userPrincipalName": "mia@corp.example", "displayName": "Mia Kern"}
    group = {"displayName": "Readers", "members": ["MIA@corp.example"]}
    file.write_text(json.dumps({"users": [user], "groups": [group]}), encoding="utf-8")
    directory = read_source(file, TAG)
    assert [len(team.members) for team in directory.teams.values()] == [1]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("missing.csv", None, "No such file"),
        ("a.csv", "", "no column userPrincipalName"),
        ("a.csv", "name\nMia\n", "its first line is “name”"),
        ("a.csv", "userPrincipalName,displayName\n", "the people, at least one"),
        ("a.csv", "userPrincipalName,displayName\nmia@x.example,Kern, Mia\n", "line 2 has more values"),
        ("a.csv", "userPrincipalName,displayName\n,Mia\n", "lacks the key “userPrincipalName”"),
        ("a.csv", "userPrincipalName\nmia\n", '"mia" does not fit'),
        ("a.csv", "userPrincipalName\nmia@x.example\nMIA@x.example\n", "of an earlier one, “mia@x.example”"),
        ("a.csv", 'userPrincipalName\n"mia@x.example\n', "unexpected end"),
        ("a.csv", f"userPrincipalName\n{'m' * 200_000}@x.example\n", "field larger than"),
        ("a.json", "{", "cannot be read"),
        ("a.json", "[" * 100_000, "cannot be read"),
        ("a.json", "[]", "it must be a table"),
        ("a.json", "{}", "lacks the key “users”"),
        ("a.json", '{"users": ["mia"]}', "must be a table"),
        ("a.json", '{"users": [{"userPrincipalName": "m@x.example"}], "groups": [{}]}', "lacks the key “displayName”"),
    ],
)
def test_a_file_that_is_no_directory_is_told_in_one_line(tmp_path: Path, name: str, text: str | None, told: str):
    if text is not None:
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(InvalidSource, match=re.escape(told)) as raised:
        read_source(tmp_path / name, TAG)
    assert name in str(raised.value)
    assert "\n" not in str(raised.value)


def test_what_a_file_says_of_people_who_are_not_in_it_is_passed_over(tmp_path: Path):
    file = tmp_path / "people.json"
    user = {"userPrincipalName": "mia@corp.example", "manager": "away@corp.example", "businessPhones": []}
    group = {"displayName": "Readers", "members": ["away@corp.example", "mia@corp.example"]}
    file.write_text(json.dumps({"users": [user], "groups": [group]}), encoding="utf-8")
    directory = read_source(file, TAG)
    (mia,), (readers,) = directory.people.values(), directory.teams.values()
    assert (mia.manager, mia.attributes.keys()) == ("", {"userPrincipalName", "objectId"})
    assert list(readers.members) == [mia.key]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ([], True),
        (["department EQUALS finance"], True),
        (["department EQUALS Sales"], False),
        (["department EQUALS Sales", "jobTitle REGEX MATCH Head.*"], True),
        (["department EQUALS Finance AND jobTitle IS NULL"], False),
        (["mobile IS NULL AND jobTitle ENDS_WITH Audit"], True),
        (["department NOT EQUALS Finance"], False),
        (["jobTitle NOT REGEX MATCH [0-9]+ AND displayName INCLUDES kern"], True),
    ],
)
def test_scoping_filters(filters: list[str], expected: bool):
    person = next(iter(invent("t", users=1, groups=0).people.values()))
    person.attributes |= {"department": "Finance", "jobTitle": "Head of Audit", "displayName": "Mia Kern"}
    assert in_scope(person, read_scope(filters)) is expected
    person.assigned = False
    assert not in_scope(person, read_scope(filters))


@pytest.mark.parametrize("text", ["department", "department LIKE x", "department IS NULL x", "a REGEX MATCH ("])
def test_a_scoping_filter_that_cannot_be_read_is_told(text: str):
    with pytest.raises(InvalidScope):
        read_scope([text])


def test_people_out_of_scope_are_not_created():
    directory = invent(TAG, users=9, groups=1, seed="s")
    for number, person in enumerate(directory.people.values()):
        person.attributes["country"] = "DE" if number % 3 else "FR"
    exchanges = sent("entra", directory=directory, scope=read_scope(["country EQUALS FR"]))
    assert len([e for e in exchanges if e.name == "create user"]) == 3


@pytest.mark.parametrize(
    ("tally", "expected"),
    [
        (Tally(attempts=10_000, failures=4_999), ""),
        (Tally(attempts=20_000, failures=5_000), ""),
        (Tally(attempts=10_000, failures=5_000), "50%"),
        (Tally(attempts=200_000, failures=40_001), "40,001"),
        (Tally(attempts=200_000, failures=1, reference_failures=60_000), "60,001"),
        (Tally(attempts=200_000, failures=100, reference_failures=50_000), ""),
        (Tally(attempts=10, failures=1, refused=1), "credentials"),
        (Tally(attempts=10, failures=2, incompatible=2), "twice"),
    ],
)
def test_when_entra_quarantines_a_job(tally: Tally, expected: str):
    assert expected in tally.quarantine
    assert bool(tally.quarantine) is bool(expected)


def test_a_small_directory_tells_what_its_failures_would_mean_in_a_large_one():
    assert "about 10,000 objects" in Tally(attempts=20, failures=10).outlook
    assert Tally(attempts=20, failures=2).outlook == ""


def test_more_deletions_than_the_threshold_are_told():
    outcome = play("entra", users=20, deletion_threshold=1)
    assert [f.examples[0].object for f in outcome.findings if "threshold of 1" in f.cause]
    assert outcome.good


def test_a_value_that_is_cleared_in_entra_stays_and_is_no_difference():
    outcome = play("entra")
    assert {(f.kind, f.attribute) for f in outcome.findings} == {(Kind.NOTE, "title"), (Kind.NOTE, "preferredLanguage")}


def test_refused_credentials_end_the_rehearsal():
    outcome = play("entra", tenant=ReferenceTenant(token="another"))
    assert outcome.stopped
    assert len(outcome.cycles) == 1
    assert "The connection test fails already: the tenant refuses the credentials (401)" in outcome.sentence


def test_a_tenant_that_dies_ends_the_rehearsal_and_the_verdict_says_so(monkeypatch: pytest.MonkeyPatch):
    tenant, left = ReferenceTenant(token="t"), iter(range(50))

    def answer(request: Request) -> Response:
        if next(left, None) is None:
            raise httpx.ConnectError("nobody listens")
        return ReferenceTenant.answer(tenant, request)

    monkeypatch.setattr(tenant, "answer", answer)
    outcome = play("entra", tenant=tenant, users=40)
    assert (len(outcome.cycles), outcome.exit_code) == (2, 1)
    assert "went no further than the initial cycle: " in outcome.sentence
    assert "the tenant does not answer (nobody listens)" in outcome.sentence
    assert outcome.left_behind
    assert any("the GET for match is not answered (nobody listens)" in finding.cause for finding in outcome.findings)


def test_a_rehearsal_that_is_ended_early_without_trouble_gives_no_verdict():
    outcome = play("entra", users=40, limits=Limits(requests=20))
    assert "Whether Entra can provision into this tenant is not known" in outcome.sentence
    assert "20 requests were sent, as many as there may be" in outcome.sentence
    assert outcome.exit_code == 1


def test_an_interrupt_cleans_up():
    tenant = ReferenceTenant(token="t")

    def stop(exchange: Exchange) -> None:
        if exchange.name == "set manager":
            raise KeyboardInterrupt

    outcome = play("entra", tenant=tenant, announce=stop)
    assert outcome.interrupted
    assert tenant.store.all("User") == []


def test_an_account_that_the_tenant_loses_is_made_again():
    tenant = ReferenceTenant(token="t")
    lost: list[str] = []

    def lose(title: str, *_: int) -> None:
        if title.startswith("Restart that keeps") and not lost:
            record = tenant.store.all("User")[0]
            lost.append(record.id)
            tenant.store.delete(record)

    outcome = play("entra", tenant=tenant, on_progress=lose)
    anchors = [finding for finding in outcome.wrong if finding.code == "InvalidAnchor"]
    assert [finding.count for finding in anchors] == [1]
    assert not [finding for finding in outcome.wrong if "could not find or create" in finding.cause]


def test_the_page_shows_each_difference_with_its_request_and_escapes_what_the_tenant_sent():
    outcome = play("okta", tenant=wiping())
    outcome.tenant = "<script>"
    page = render(outcome)
    assert "<script>" not in page
    assert "Removing a member took others out of the group" in page
    assert "members[value eq" in page
    assert "curl -i -X PATCH" in page
    assert page.count('<section id="cycle-') == len(outcome.cycles)


def test_the_outcome_is_json():
    outcome = play("okta", tenant=wiping())
    data = json.loads(json.dumps(outcome.to_dict()))
    leavers = next(cycle for cycle in data["cycles"] if cycle["name"] == "leavers")
    finding = leavers["findings"][0]
    exchange = next(e for e in data["exchanges"] if e["id"] == finding["examples"][0]["exchange"])
    assert (finding["attribute"], exchange["request"]["method"], data["exit_code"]) == ("members", "PATCH", 1)
    assert sum(bucket["requests"] for bucket in data["timeline"]) == data["requests"]


def test_a_soft_delete_that_is_a_delete_is_expected_of_a_target_known_for_it():
    def disabled_is_deleted() -> ReferenceTenant:
        tenant = ReferenceTenant(token="t")
        user = next(t for t in tenant.service.resource_types if t.name == "User")

        def change(request: Request, _: Response) -> None:
            record = tenant.store.get(request.segments[-1])
            if record and record.attributes.get("active") is False:
                resources.delete(tenant.rules, user, record.id, request)

        on_answer(tenant, change, method="PATCH", where=at("Users"))
        return tenant

    kinds = {
        profile: {f.kind for f in play(profile, tenant=disabled_is_deleted()).findings if "is disabled" in f.cause}
        for profile in ("entra", "zscaler-private-access")
    }
    assert kinds == {"entra": {Kind.DIFFERENCE}, "zscaler-private-access": {Kind.NOTE}}
    assert play("zscaler-private-access", tenant=disabled_is_deleted()).good
