"""``rehearse``: what a provisioning client would do to a tenant."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance import __version__
from conformance.cli.base import NAME, Stop, known
from conformance.cli.options import options, with_tenant_url
from conformance.cli.reported import interrupted, opened
from conformance.cli.run import interruptible, target
from conformance.config import REPORTING, Settings, load

if TYPE_CHECKING:
    from conformance.rehearsal.directory import Directory
    from conformance.rehearsal.load_outcome import LoadOutcome
    from conformance.rehearsal.outcome import Outcome
    from conformance.rehearsal.rehearse import Plan
    from conformance.reporting.scrubbing import Scrubber
    from conformance.run import Run
    from conformance.tenant.exchange import Exchange

_NOT_HERE = (REPORTING - {"output", "scrub"}) | {"plan", "resource_type", "feature", "level", "effort", "read_only"}
_USERS, _SIZE, _NUMBER = click.IntRange(1, 100_000), click.IntRange(0, 100_000), click.IntRange(0)
_SECONDS = 60.0  # how long a load lasts
_SLOW_ANSWER, _MOST_IN_FLIGHT = 2.0, 64  # seconds; requests


@click.command()
@with_tenant_url
@partial(options, but=_NOT_HERE)
@click.option("--dialect", default="", metavar="NAME", help="the client's way of speaking, where it has several")
@click.option("--users", default=10, show_default=True, type=_USERS, help="users in the source directory")
@click.option("--groups", default=2, show_default=True, type=_SIZE, help="groups in the source directory")
@click.option("--members-per-group", default=5, show_default=True, type=_SIZE, help="members of each group")
@click.option("--source", type=click.Path(path_type=Path, dir_okay=False), help="source directory (CSV or JSON)")
@click.option("--scoping-filter", multiple=True, metavar="CLAUSES", help="who is in scope (repeatable)")
@click.option("--deletion-threshold", default=0, type=_NUMBER, help="accidental deletions prevention (0: off)")
@click.option("--skip-out-of-scope-deletions", is_flag=True, help="Entra: leave accounts that fall out of scope")
@click.option("--dry-run", is_flag=True, help="print every request that would be sent, and send nothing")
@click.option("--load", "under_load", is_flag=True, help="instead of the cycles, hold --rate (default: 25) for a time")
@click.option("--seconds", type=click.FloatRange(1, 3600), help="how long --load lasts  [default: 60]")
def rehearse(tenant_url: str | None, **given: Any) -> int:
    """Rehearse what the client of a profile (default: entra) would do to the tenant at TENANT_URL.

    All cycles are replayed with a made-up source directory, or one from a file, and after each of them the tenant's
    state is compared with it; without a Tenant URL it is the embedded reference tenant. Exit status: 0 everything is
    as the source says, 1 something is not, 2 wrong usage or configuration, 3 the tenant cannot be reached or refuses
    the credentials, 4 the suite itself failed, 130 interrupted.

    With --load the client's everyday requests are sent at a steady rate instead: 0 the tenant sustains it, 1 not.
    """
    interruptible()
    own = {name: given.pop(name) for name in _OWN}
    settings = load({"tenant_url": tenant_url, **given})
    settings = settings if settings.profile else replace(settings, profile=("entra",))
    if own["seconds"] and not own["under_load"]:
        raise Stop("--seconds says how long a load lasts; a load is made with --load only", 2)
    if own["under_load"] and (own["source"] or own["dry_run"]):
        raise Stop("--load makes up its own traffic; --source and --dry-run do not go with it", 2)
    if own["dry_run"]:
        return _dry(settings, own)
    with target(settings) as reachable:
        return _rehearsed(reachable, own)


_OWN = (
    "dialect",
    "users",
    "groups",
    "members_per_group",
    "source",
    "scoping_filter",
    "deletion_threshold",
    "skip_out_of_scope_deletions",
    "dry_run",
    "under_load",
    "seconds",
)


def _rehearsed(settings: Settings, own: dict[str, Any]) -> int:
    from conformance.rehearsal.load_outcome import LoadOutcome  # noqa: PLC0415
    from conformance.rehearsal.load_summary import summarise_load  # noqa: PLC0415
    from conformance.rehearsal.page import write  # noqa: PLC0415
    from conformance.rehearsal.summary import summarise  # noqa: PLC0415
    from conformance.reporting.scrubbing import Scrubber  # noqa: PLC0415

    scrubber = Scrubber() if settings.scrub else None
    outcome: Outcome | LoadOutcome
    if own["under_load"]:
        run, dialect = _prepared(_eased(settings, own), own)
        with opened(run) as output:
            outcome = _load(run, dialect, own)
    else:
        run, dialect = _prepared(settings, own)
        directory, plan = _directory(run, own), _plan(run, dialect, own)
        with opened(run) as output:
            outcome = _cycles(run, directory, plan, scrubber)
    if scrubber:
        outcome.scrub(scrubber)
    try:
        written = write(outcome, output)
    except OSError as error:
        raise Stop(f"the reports in {output} cannot be written: {error.strerror}", 4) from None
    if isinstance(outcome, LoadOutcome):
        summarise_load(outcome, written)
    else:
        summarise(outcome, written)
    if outcome.interrupted:
        raise interrupted(run, len(outcome.left_behind))
    return outcome.exit_code


def _cycles(run: Run, directory: Directory, plan: Plan, scrubber: Scrubber | None) -> Outcome:
    """Rehearse. The scrubber learns of every exchange, since the outcome keeps only those that it tells of."""
    from conformance.rehearsal.rehearse import rehearse as play  # noqa: PLC0415
    from conformance.reporting.terminal import Ticker  # noqa: PLC0415

    sent: Counter[str] = Counter()

    def heard(exchange: Exchange) -> None:
        sent[exchange.request.method] += 1
        if scrubber:
            scrubber.learn([exchange])

    click.echo(f"{NAME} {__version__}: {run.url}, {run.profile.title}, {len(directory.people)} users")
    with Ticker(sent.total) as ticker:
        return play(run.client, run.profile, directory, replace(plan, announce=heard, on_progress=ticker))


def _dry(settings: Settings, own: dict[str, Any]) -> int:
    """Print what would be sent to a tenant that answers as the RFCs say."""
    from conformance.cli.stand_in import StandIn  # noqa: PLC0415
    from conformance.rehearsal.rehearse import rehearse as play  # noqa: PLC0415

    if not settings.tenant_url:
        settings = replace(settings, tenant_url="https://tenant.example/scim/v2", app="")
    run, dialect = _prepared(settings, own, transport=StandIn(settings.tenant_url))
    directory, plan = _directory(run, own), _plan(run, dialect, own)
    run.output = None
    run.open()
    titles: list[str] = []

    def told(title: str, *_: int) -> None:
        if title not in titles:
            titles.append(title)
            click.echo(f"# {title}\n")

    try:
        play(run.client, run.profile, directory, replace(plan, announce=_print_request, on_progress=told))
    finally:
        run.close()
    return 0


def _prepared(settings: Settings, own: dict[str, Any], **options: Any) -> tuple[Run, str]:
    """Return a run that is not open yet, and the dialect. Raises Stop where the profile cannot be rehearsed."""
    from conformance.rehearsal.entra_dialects import FLAG  # noqa: PLC0415
    from conformance.rehearsal.services import DIALECTS  # noqa: PLC0415
    from conformance.run import Run  # noqa: PLC0415

    if settings.read_only:
        raise Stop("a rehearsal writes; take read-only out of the configuration", 2)
    run = Run(settings, **options)
    client = run.profile.client
    if client not in DIALECTS or not run.profile.user_mappings:
        raise Stop(f"“{run.profile.name}” cannot be rehearsed; there are rehearsals for {', '.join(DIALECTS)}", 2)
    if own["skip_out_of_scope_deletions"] and client != "entra":
        raise Stop("--skip-out-of-scope-deletions is a setting of Entra's", 2)
    flagged = FLAG if FLAG.lower() in run.url.query.lower() else ""
    dialect = own["dialect"] or run.profile.dialect or (flagged if client == "entra" else "") or DIALECTS[client][0]
    known("dialect", [dialect], list(DIALECTS[client]))
    if dialect == FLAG and not flagged:
        # The flag is part of the Tenant URL that an administrator enters.
        return Run(replace(settings, tenant_url=f"{run.url}{'&' if run.url.query else '?'}{FLAG}"), **options), dialect
    return run, dialect


def _directory(run: Run, own: dict[str, Any]) -> Directory:
    from conformance.rehearsal.directory import invent  # noqa: PLC0415
    from conformance.rehearsal.source_file import InvalidSource, read_source  # noqa: PLC0415

    if own["source"]:
        try:
            return read_source(own["source"], run.tag)
        except InvalidSource as error:
            raise Stop(str(error), 2) from None
    return invent(
        run.tag,
        users=own["users"],
        groups=own["groups"],
        members_per_group=own["members_per_group"],
        seed=run.seed,
        domain=run.settings.test_domain,
    )


def _plan(run: Run, dialect: str, own: dict[str, Any]) -> Plan:
    from conformance.rehearsal.rehearse import Plan  # noqa: PLC0415
    from conformance.rehearsal.scope import InvalidScope, read_scope  # noqa: PLC0415

    try:
        scope = read_scope(own["scoping_filter"])
    except InvalidScope as error:
        raise Stop(str(error), 2) from None
    skip = own["skip_out_of_scope_deletions"]
    return Plan(dialect, scope, run.seed, own["deletion_threshold"], skip_out_of_scope_deletions=skip)


def _eased(settings: Settings, own: dict[str, Any]) -> Settings:
    """Return settings with the rate of a load, and as many requests in flight as it takes with slow answers."""
    from conformance.rehearsal.load_outcome import ENTRA_RATE  # noqa: PLC0415

    run, _ = _prepared(settings, own)
    rate = run.rate or ENTRA_RATE
    usual = settings.concurrency == Settings().concurrency
    concurrency = min(max(math.ceil(rate * _SLOW_ANSWER), settings.concurrency), _MOST_IN_FLIGHT)
    return replace(settings, rate=rate, concurrency=concurrency if usual else settings.concurrency)


def _load(run: Run, dialect: str, own: dict[str, Any]) -> LoadOutcome:
    from conformance.rehearsal.load import LoadPlan, load as make_load  # noqa: PLC0415
    from conformance.rehearsal.traffic import TEAMS, people_for  # noqa: PLC0415
    from conformance.reporting.terminal import Ticker  # noqa: PLC0415

    click.echo(f"{NAME} {__version__}: {run.url}, {run.profile.title}, {run.rate:g} requests a second")
    with Ticker() as ticker:
        plan = LoadPlan(run.rate, own["seconds"] or _SECONDS, dialect, run.seed, on_progress=ticker)
        sizes = {"users": people_for(plan.rate * plan.seconds), "groups": TEAMS, "members_per_group": 0}
        return make_load(run.client, run.profile, _directory(run, own | sizes), plan)


def _print_request(exchange: Exchange) -> None:
    request = exchange.request
    click.echo(f"{request.method} {request.url}")
    for name, value in request.headers:
        if name.lower() in {"accept", "authorization", "content-type", "user-agent"}:
            click.echo(f"{name}: {value}")
    if request.body is not None:
        click.echo(json.dumps(request.json, ensure_ascii=False, indent=2))
    click.echo()
