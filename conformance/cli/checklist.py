"""``checklist``: what has to be so before an app goes live."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.cli.base import Stop
from conformance.cli.options import OF_APP, options, with_tenant_url
from conformance.cli.reported import interrupted, opened
from conformance.cli.run import interruptible
from conformance.config import REPORTING, load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.config import Settings
    from conformance.reporting.checklist import Checklist
    from conformance.reporting.decisions import Answer
    from conformance.run import Run
    from conformance.spec.profile import Profile

_NOT_HERE = (
    (REPORTING - {"output", "scrub"}) | OF_APP | {"plan", "resource_type", "feature", "level", "effort", "read_only"}
)


@click.command()
@with_tenant_url
@partial(options, but=_NOT_HERE)
@click.option("--offline", is_flag=True, help="ask no tenant: the list as it is, with the answers there are")
@click.option("--answers", default="checklist.toml", show_default=True, type=click.Path(path_type=Path, dir_okay=False),
              help="file of answers to the steps that people decide; made where there is none")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="print the list as JSON")
def checklist(tenant_url: str | None, answers: Path, *, offline: bool, as_json: bool, **given: Any) -> int:
    """Walk through what has to be so before the app of a profile goes live with the tenant at TENANT_URL.

    Steps that the suite can decide are decided by asking the tenant; for the others the list says where to look, and
    keeps the answers. It is written as HTML to print and sign, as Markdown and as JSON. Exit status: 0 nothing is
    crossed out, 1 something is, 2 wrong usage or configuration, 3 the tenant cannot be reached or refuses the
    credentials, 4 the suite itself failed, 130 interrupted.
    """
    from conformance.answers import keep_answers, read_answers  # noqa: PLC0415
    from conformance.spec.profile import InvalidProfile, compose  # noqa: PLC0415

    interruptible()
    settings = load({"tenant_url": tenant_url, **given})
    try:
        profile = compose(settings.profile)
    except InvalidProfile as error:
        raise Stop(str(error), 2) from None
    if not profile.checklist:
        raise Stop("no checklist belongs to this profile; try --profile zscaler-private-access", 2)
    if not (settings.tenant_url or offline):
        raise Stop("give the Tenant URL, or --offline for the empty list", 2)
    answered = read_answers(answers, profile.checklist)
    if not offline:
        keep_answers(answers, profile.checklist, answered)
    made = _offline(profile, answered) if offline else None
    folder = Path(settings.output) if settings.output else None
    if made is None:
        made, folder = _asked(settings, answered)
    return _told(made, folder, as_json=as_json)


def _offline(profile: Profile, answers: Mapping[str, Answer]) -> Checklist:
    from conformance.reporting.checklist import Checklist  # noqa: PLC0415
    from conformance.reporting.decisions import decide  # noqa: PLC0415

    return Checklist(profile, decide(profile.checklist, {}, {}, answers), datetime.now(UTC))


def _asked(settings: Settings, answers: Mapping[str, Answer]) -> tuple[Checklist, Path | None]:
    from conformance.run import Run  # noqa: PLC0415

    run = Run(settings)
    run.wanted = frozenset(identifier for step in run.profile.checklist for identifier in step.requirements)
    with opened(run) as folder:
        return _judged(run, answers), folder


def _judged(run: Run, answers: Mapping[str, Answer]) -> Checklist:
    from conformance.inspections import inspect  # noqa: PLC0415
    from conformance.reporting.checklist import Checklist  # noqa: PLC0415
    from conformance.reporting.decisions import decide  # noqa: PLC0415
    from conformance.reporting.terminal import Ticker  # noqa: PLC0415
    from conformance.session import DEFECTS_FILE, judge_all  # noqa: PLC0415

    with Ticker(lambda: len(run.client.exchanges)) as ticker:
        conformance = judge_all(run, "", ticker)
    if conformance.defects:
        raise Stop(f"the suite itself failed; {run.output}/{DEFECTS_FILE} says where", 4)
    report = conformance.report
    if report.interrupted:
        raise interrupted(run, len(report.left_behind))
    decisions = decide(run.profile.checklist, report.verdicts, inspect(run), answers)
    return Checklist(run.profile, decisions, report.started, str(run.url))


def _told(made: Checklist, folder: Path | None, *, as_json: bool) -> int:
    from rich.console import Console  # noqa: PLC0415

    from conformance.reporting.checklist import show_decisions  # noqa: PLC0415
    from conformance.reporting.decisions import Mark  # noqa: PLC0415

    written = _written(made, folder) if folder else []
    if as_json:
        click.echo(json.dumps(made.to_dict(), ensure_ascii=False, indent=2))
    else:
        show_decisions(Console(highlight=False, soft_wrap=True), made.decisions, made.sentence)
        click.echo("".join(f"{path}\n" for path in written), nl=False)
    return 1 if made.counts[Mark.FAILED] else 0


def _written(made: Checklist, folder: Path) -> list[Path]:
    from conformance.reporting.files import write_pages  # noqa: PLC0415

    pages = {
        "checklist.html": made.to_html(),
        "checklist.md": made.to_markdown(),
        "checklist.json": json.dumps(made.to_dict(), ensure_ascii=False, indent=2),
    }
    try:
        return write_pages(folder, pages)
    except OSError as error:
        raise Stop(f"the output folder {folder} cannot be used: {error.strerror}", 2) from None
