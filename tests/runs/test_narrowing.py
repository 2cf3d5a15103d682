"""A tenant that serves no schemas: it is asked what it keeps, the checks are about that, and the report says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.checks.verdict import Verdict
from conformance.config import Settings
from conformance.probes.evidence import Evidence
from conformance.reference.faults.registry import find_fault
from conformance.reference.faults.seams import on_answer, on_body, on_kept, set_status, wrap
from conformance.reference.in_process import InProcess
from conformance.reference.tenant import BASE_PATH, ReferenceTenant
from conformance.replay import Replay
from conformance.reporting.har import read
from conformance.reporting.markdown import to_markdown
from conformance.run import Run
from conformance.session import judge_all
from conformance.spec.errors import ScimError
from conformance.spec.schema import ENTERPRISE_USER
from conformance.spec.service import Service
from conformance.tenant.exchange import Exchange

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOKEN = "a-token-for-narrowing"
NOTHING_SAID, LITTLE_KEPT = "schemas-are-not-served", "little-is-kept-and-no-schema-says-so"
KEYWORD = "test_no_attribute_is_dropped or test_a_create_keeps_the_value"


def tenant_with(fault: str) -> ReferenceTenant:
    tenant = ReferenceTenant(token=TOKEN, seed_users=3)
    find_fault(fault).plant(tenant)
    return tenant


def run_on(tenant: ReferenceTenant, **settings: Any) -> Run:
    known = {"tenant_url": f"http://127.0.0.1{BASE_PATH}", "token": TOKEN, **settings}
    return Run(Settings(**known), transport=InProcess(tenant))


def narrowed(tenant: ReferenceTenant, **settings: Any) -> Run:
    run = run_on(tenant, **settings)
    run.open()
    run.narrow()
    run.close()
    return run


def paths(run: Run, name: str = "User") -> set[str]:
    resource_type = run.service.resource_type(name)
    return {str(bound).partition(":")[2] for bound in resource_type.attributes()} if resource_type else set()


def asked(run: Run) -> list[Exchange]:
    return [exchange for exchange in run.client.exchanges if exchange.request.method != "GET"]


def test_a_tenant_that_describes_its_attributes_is_not_asked():
    run = narrowed(ReferenceTenant(token=TOKEN))
    assert (asked(run), run.narrowing) == ([], "")


def test_what_is_kept_stays_and_the_rest_goes():
    run = narrowed(tenant_with(LITTLE_KEPT))
    assert {"userName", "name.givenName", "emails.type", "groups.value", "EnterpriseUser.department"} <= paths(run)
    assert not {"title", "name.formatted", "emails.display", "addresses", "EnterpriseUser.manager"} & paths(run)
    assert paths(run, "Group") == {"displayName", "members", "members.value", "members.$ref", "members.type"}
    assert "it kept 14 of 64 attributes of User (userName, name.familyName" in run.narrowing
    assert "all 4 attributes of Group" in run.narrowing
    assert len(run.client.exchanges) < 20
    assert run.client.ledger.left_behind == []


def test_only_what_is_not_described_is_asked_about():
    tenant = ReferenceTenant(token=TOKEN)
    on_kept(tenant, lambda kept, _: kept.get(ENTERPRISE_USER, {}).pop("division", None))
    wrap(tenant.discovery, "schemas", lambda served, base: [s for s in served(base) if s["id"] != ENTERPRISE_USER])
    run = narrowed(tenant)
    assert paths(narrowed(ReferenceTenant(token=TOKEN))) - paths(run) == {"EnterpriseUser.division"}
    assert not any("title" in (exchange.request.json or {}) for exchange in asked(run))
    assert "it kept 7 of 8 attributes of User (all but EnterpriseUser.division)" in run.narrowing


def test_a_tenant_that_keeps_everything_is_judged_by_the_whole_schema():
    run = narrowed(tenant_with(NOTHING_SAID))
    assert run.service.resource_types == Service.default().resource_types
    assert "it kept all 64 attributes of User and all 4 attributes of Group" in run.narrowing


@pytest.mark.parametrize("unknown", [{"title"}, {"title", "photos", "nickName", "locale", "roles", "ims"}])
def test_what_is_refused_goes_after_a_bounded_number_of_requests(unknown: set[str]):
    def refuse(body: dict[str, Any]) -> None:
        if unknown & body.keys():
            raise ScimError("There is no such attribute", scim_type="invalidSyntax")

    tenant = tenant_with(NOTHING_SAID)
    on_body(tenant, refuse, method="POST")
    run = narrowed(tenant)
    assert not unknown & paths(run)
    assert {"userName", "displayName", "name.familyName"} <= paths(run)
    assert len(run.client.exchanges) < 40


def test_a_tenant_that_creates_nothing_is_judged_by_the_whole_schema():
    tenant = tenant_with(NOTHING_SAID)
    on_answer(tenant, set_status(500), method="POST")
    run = narrowed(tenant)
    assert run.service.resource_types == Service.default().resource_types
    assert "What it keeps of User and Group could not be asked" in run.narrowing


def test_a_run_that_only_reads_does_not_ask():
    run = narrowed(tenant_with(LITTLE_KEPT), read_only=True)
    assert asked(run) == []
    assert run.service.resource_types == Service.default().resource_types
    assert "What it keeps of User and Group could not be asked" in run.narrowing


def test_what_a_profile_maps_need_not_be_asked():
    run = narrowed(tenant_with(LITTLE_KEPT), profile=("zscaler-private-access",))
    assert asked(run) == []
    assert {"emails.value", "active", "EnterpriseUser.department"} <= paths(run)
    assert not {"title", "emails.primary", "EnterpriseUser.manager"} & paths(run)
    assert "The checks of User and Group are about what the profile maps." in run.narrowing


def test_a_worker_takes_over_what_its_controller_asked():
    tenant = tenant_with(LITTLE_KEPT)
    first = narrowed(tenant)
    exchanges = {e.id: e for e in (Exchange.from_dict(each.to_dict()) for each in first.client.exchanges)}
    found = {each.key: Evidence.from_dict(each.to_dict(), exchanges) for each in first.gatherer.gathered}
    second = run_on(tenant)
    second.open(found)
    second.narrow()
    assert second.client.exchanges == []
    assert second.service == first.service


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Any]]:
    folder = tmp_path_factory.mktemp("recorded")
    run = run_on(tenant_with(LITTLE_KEPT), output=str(folder), report=("har",))
    run.open()
    yield folder, judge_all(run, KEYWORD, lambda *_: None).report
    run.close()


def test_the_report_says_what_the_checks_are_about(recorded: tuple[Path, Any]):
    _, report = recorded
    assert set(report.counts) >= {Verdict.PASSED}
    assert report.conformant
    assert report.to_dict()["narrowing"] == report.narrowing
    assert "it kept 14 of 64 attributes of User" in to_markdown(report)


def test_a_recording_is_narrowed_in_the_same_way(recorded: tuple[Path, Any]):
    folder, report = recorded
    replay = Replay(read(folder / "evidence.har"), Settings())
    replay.open()
    again = judge_all(replay, KEYWORD, lambda *_: None).report
    assert again.narrowing == report.narrowing
    assert again.verdicts == report.verdicts
