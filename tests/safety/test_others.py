"""Nothing of other people's is touched: not by a thorough run, not by a rehearsal, not by what is interrupted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from people import AT, TOKEN, Watch, everybody, inhabited

from conformance.config import Settings
from conformance.rehearsal.directory import invent
from conformance.rehearsal.rehearse import Plan, rehearse
from conformance.rehearsal.services import DIALECTS
from conformance.run import Run
from conformance.session import judge_all
from conformance.spec.profile import compose

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.reference.tenant import ReferenceTenant

USERS, GROUPS = 1000, 50


def opened(tenant: ReferenceTenant, folder: Path, **settings: object) -> tuple[Run, Watch]:
    watch = Watch(tenant)
    run = Run(Settings(tenant_url=AT, token=TOKEN, output=str(folder), report=("json",), **settings), transport=watch)  # type: ignore[arg-type]
    run.open()
    return run, watch


def test_a_thorough_run_touches_nobody_else(tmp_path: Path):
    tenant = inhabited(USERS, GROUPS)
    before = everybody(tenant)
    run, watch = opened(tenant, tmp_path, effort="thorough")
    conformance = judge_all(run, "", lambda *_: None)
    run.close()
    assert conformance.defects == []
    assert watch.writes > 500
    assert watch.named & before.keys() == set()
    assert everybody(tenant) == before
    assert conformance.report.left_behind == ()


@pytest.mark.parametrize(("profile", "dialect"), [(p, d) for p, dialects in DIALECTS.items() for d in dialects])
def test_a_rehearsal_touches_nobody_else(profile: str, dialect: str, tmp_path: Path):
    tenant = inhabited(USERS, GROUPS)
    before = everybody(tenant)
    run, watch = opened(tenant, tmp_path, profile=(profile,))
    directory = invent(run.tag, users=20, groups=3, members_per_group=5, seed="s")
    outcome = rehearse(run.client, compose([profile]), directory, Plan(dialect))
    run.close()
    assert watch.writes > 10
    assert watch.named & before.keys() == set()
    assert everybody(tenant) == before
    assert outcome.left_behind == ()
