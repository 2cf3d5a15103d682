"""The command ``scim-conformance``. Each subcommand imports what it needs, so that the first request leaves early."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import sys
import tempfile
import textwrap
import traceback
from dataclasses import Field, asdict, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance import __version__
from conformance.config import InvalidConfiguration, Settings, default, did_you_mean, key, load
from conformance.reporting.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from conformance.run import Run

NAME = "scim-conformance"
INTERRUPTED = 130
_SEED_USERS = 12  # people in the embedded tenant who are none of the run's, as in any real one


class Stop(click.ClickException):
    """Ends the command with one line on standard error: 2 wrong usage, 3 tenant unreachable, 4 error of the suite."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


def main() -> None:
    """Run the command line and exit with its status; users never see a traceback."""
    try:
        code = cli.main(sys.argv[1:] or ["--help"], NAME, standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        code = _complain(error.format_message(), error.code if isinstance(error, Stop) else 2)
    except InvalidConfiguration as error:
        code = _complain(str(error), 2)
    except (click.Abort, KeyboardInterrupt):
        code = _complain("interrupted", INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except Exception:  # noqa: BLE001 - the last resort
        code = _complain(f"the suite itself failed; {_kept(traceback.format_exc())} says where", 4)
    sys.exit(code)


def _complain(message: str, code: int) -> int:
    click.echo(f"{NAME}: {one_line(message, 1000)}", err=True)
    return code


def _kept(trace: str) -> str:
    with tempfile.NamedTemporaryFile("w", prefix=f"{NAME}-", suffix=".txt", delete=False, encoding="utf-8") as file:
        file.write(trace)
    return file.name


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name=NAME)
def cli() -> None:
    """Judge a SCIM 2.0 service provider against RFC 7643 and RFC 7644."""


def _options(command: Callable[..., Any], *, but: frozenset[str] = frozenset()) -> Callable[..., Any]:
    for setting in reversed(fields(Settings)):
        if setting.name not in {"tenant_url", *but}:
            command = _option(setting)(command)
    return command


def _connection_options(command: Callable[..., Any]) -> Callable[..., Any]:
    return _options(command, but=_OF_JUDGING)


def _option(setting: Field[Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    usual, env, choices = default(setting), setting.metadata["env"], setting.metadata["choices"]
    return click.option(
        f"--{key(setting)}",
        setting.name,
        default=None,
        is_flag=usual is False,
        multiple=isinstance(usual, tuple),
        type=type(usual) if isinstance(usual, int | float) else str,
        metavar=None if usual is False else "|".join(choices) or _METAVARS.get(type(usual), "TEXT"),
        help=setting.metadata["help"] + (f" [{env}]" if env else ""),
    )


_OF_JUDGING = frozenset({"profile", "resource_type", "feature", "level", "read_only", "strict", "seed", "output"})
_METAVARS = {int: "N", float: "NUMBER"}


@cli.command()
@click.argument("tenant_url", required=False)
@_options
@click.option("-k", "expression", default="", metavar="EXPRESSION", help="only checks whose names match, as in pytest")
def run(expression: str, **given: Any) -> int:
    """Judge the tenant at TENANT_URL; without one, the embedded reference tenant.

    Settings may also stand in scim-conformance.toml. Exit status: 0 conformant, 1 not conformant, 2 wrong usage or
    configuration, 3 the tenant cannot be reached or refuses the credentials, 4 the suite itself failed,
    130 interrupted.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    if given["tenant_url"] is not None and not given["tenant_url"].strip():
        raise Stop("the Tenant URL is empty; give one such as https://example.com/scim/v2", 2)
    with _target(load(given)) as settings:
        return _judge(settings, expression)


def _interrupt(number: int, _: object) -> None:
    click.echo(f"{NAME}: interrupted; cleaning up (interrupt again to leave at once)", err=True)
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: os._exit(INTERRUPTED))
    raise KeyboardInterrupt(number)


@contextlib.contextmanager
def _target(settings: Settings) -> Iterator[Settings]:
    if settings.tenant_url:
        yield settings
        return
    from conformance.reference.serve import running  # noqa: PLC0415
    from conformance.reference.tenant import ReferenceTenant  # noqa: PLC0415

    token = secrets.token_urlsafe(24)
    with running(ReferenceTenant(token=token, seed_users=_SEED_USERS)) as url:
        yield replace(settings, tenant_url=url, token=token, token_file="", username="", oauth_token_url="")


def _judge(settings: Settings, expression: str) -> int:
    from conformance.run import Run, TenantUnreachable  # noqa: PLC0415

    opened = Run(settings)
    latest = None
    if opened.output is None:
        opened.output, latest = _default_folder(opened), Path("reports", "latest")
    try:
        opened.open()
        if latest:
            _point(latest, opened.output)
        return _reported(opened, expression)
    except TenantUnreachable as error:
        raise Stop(str(error), 3) from None
    finally:
        opened.close()


def _default_folder(opened: Run) -> Path:
    when = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    return Path("reports", f"{opened.url.host.replace(':', '-')}-{when}")


def _reported(opened: Run, expression: str) -> int:
    from conformance.reporting.terminal import Ticker, summarise  # noqa: PLC0415
    from conformance.session import DEFECTS_FILE, judge_all  # noqa: PLC0415

    click.echo(f"{NAME} {__version__}: {opened.url}, seed {opened.seed}")
    with Ticker(lambda: len(opened.client.exchanges)) as ticker:
        conformance = judge_all(opened, expression, ticker)
    report = conformance.report
    if report.results:
        summarise(report, conformance.written)
    if report.interrupted:
        left = len(report.left_behind)
        kept = f"{left} resources are left: {NAME} clean-up {opened.output}" if left else "nothing is left behind"
        return _complain(f"interrupted; {kept}", INTERRUPTED)
    if conformance.defects:
        raise Stop(f"the suite itself failed; {opened.output}/{DEFECTS_FILE} says where", 4)
    return report.exit_code


def _point(link: Path, folder: Path) -> None:
    # A file system without symbolic links does without this one.
    with contextlib.suppress(OSError):
        link.unlink(missing_ok=True)
        link.symlink_to(folder.name, target_is_directory=True)


@cli.command("clean-up")
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("tenant_url", required=False)
@_connection_options
def clean_up(folder: Path, **given: Any) -> int:
    """Delete what the run that reported into FOLDER created and could not delete.

    Safe to repeat. The Tenant URL is that of the run unless given. Exit status 1 where something is left.
    """
    from conformance.run import Run, TenantUnreachable  # noqa: PLC0415
    from conformance.tenant.clean_up import clean_up as delete  # noqa: PLC0415
    from conformance.tenant.ledger import LEDGER_FILE, Ledger  # noqa: PLC0415

    try:
        ledger = Ledger.resume(folder / LEDGER_FILE if folder.is_dir() else folder)
    except OSError as error:
        raise Stop(f"{error.filename} cannot be read: {error.strerror}", 2) from None
    settings = load(given)
    run = Run(replace(settings, tenant_url=given["tenant_url"] or ledger.tenant or settings.tenant_url, output=""))
    if ledger.tenant not in {"", run.url.base}:
        raise Stop(f"that run was against {ledger.tenant}, not {run.url.base}", 2)
    try:
        run.open()
    except TenantUnreachable as error:
        raise Stop(str(error), 3) from None
    run.client.ledger = ledger
    gone, left = delete(run.client)
    run.close()
    click.echo(f"{len(gone)} resources deleted, {len(left)} left")
    for path, reason in left.items():
        click.echo(one_line(f"  {path}: {reason}"))
    return 1 if left else 0


@cli.command()
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="port; 0 takes a free one")
@click.option("--host", default="127.0.0.1", show_default=True, help="address to listen at")
@click.option("--token", envvar="SCIM_TOKEN", help="Secret Token [SCIM_TOKEN]  [default: a random one]")
@click.option(
    "--database", type=click.Path(path_type=Path, dir_okay=False), help="SQLite file that keeps the resources"
)
@click.option("--without", multiple=True, metavar="FEATURE", help="do not offer a feature, such as bulk (repeatable)")
@click.option("--seed-users", default=0, metavar="N", help="users to begin with")
@click.option("--latency", default=0.0, metavar="MS", help="milliseconds by which each answer is late")
@click.option("--fault", multiple=True, metavar="NAME", help="make it wrong in this; see faults (repeatable)")
def serve(token: str | None, latency: float, without: tuple[str, ...], fault: tuple[str, ...], **options: Any) -> None:
    """Serve the reference tenant: a SCIM 2.0 service provider that is right, unless a fault is asked for."""
    from conformance.reference.database import DatabaseError  # noqa: PLC0415
    from conformance.reference.faults.registry import faults, find_fault  # noqa: PLC0415
    from conformance.reference.serve import serve as listen  # noqa: PLC0415
    from conformance.reference.tenant import OPTIONAL, ReferenceTenant  # noqa: PLC0415

    features = [feature.strip() for names in without for feature in names.split(",")]
    _known("optional feature", features, sorted(OPTIONAL))
    _known("fault", fault, list(faults()) if fault else [])
    token = token or secrets.token_urlsafe(24)
    try:
        port, host = options.pop("port"), options.pop("host")
        tenant = ReferenceTenant(token=token, latency=latency / 1000, without=features, **options)
        for name in fault:
            find_fault(name).plant(tenant)
        listen(tenant, port, host, lambda url: click.echo(f"Tenant URL:   {url}\nSecret Token: {token}"))
    except (DatabaseError, OSError) as error:
        raise Stop(f"the reference tenant cannot be served: {getattr(error, 'strerror', None) or error}", 2) from None


@cli.command()
@click.option("--feature", multiple=True, help="only this feature (repeatable)")
@click.option("--level", multiple=True, metavar="must|should|may", help="only this level (repeatable)")
@click.option("--json", "as_json", is_flag=True, help="print them as JSON")
def requirements(feature: tuple[str, ...], level: tuple[str, ...], *, as_json: bool) -> None:
    """List the requirements of the RFCs that bind a service provider."""
    from conformance.spec.requirements import Level, catalogue, features  # noqa: PLC0415

    _known("feature", feature, features(catalogue().values()))
    levels = [name.upper() for name in level]
    _known("level", levels, list(Level))
    chosen = [
        r for r in catalogue().values() if (not feature or r.feature in feature) and (not levels or r.level in levels)
    ]
    if as_json:
        click.echo(json.dumps([asdict(r) for r in chosen], ensure_ascii=False, indent=2))
        return
    for r in chosen:
        click.echo(f"{r.id:<20} {r.level:<6} {r.feature:<12} {r.text}")


@cli.command()
@click.argument("identifier", metavar="ID")
def explain(identifier: str) -> None:
    """Say what a requirement means, why it matters, how to fix a breach, and which checks judge it."""
    from conformance.session import judges  # noqa: PLC0415
    from conformance.spec.requirements import UnknownRequirement, requirement  # noqa: PLC0415

    try:
        found = requirement(identifier.upper())
    except UnknownRequirement as error:
        raise Stop(str(error), 2) from None
    lines = {
        "Why it matters": found.why,
        "How to fix": found.fix,
        "Binds where": ", ".join(found.condition),
        "Readings": ", ".join(found.ambiguity),
        "Testable": found.testable,
    }
    click.echo(f"{found.id}  {found.level}  {found.feature}\n\n{_wrapped(found.text)}\n")
    for name, text in lines.items():
        if text:
            click.echo(_wrapped(text, f"{name + ':':<16}"))
    click.echo(f"{'Clause:':<16}{found.clause} ({found.keyword}), {found.url}")
    checks = judges().get(found.id, {})
    click.echo(f"\nChecks ({len(checks)}):" if checks else "\nNo check judges it yet.")
    for name, claim in sorted(checks.items()):
        click.echo(f"  {name}\n      {claim}")


def _wrapped(text: str, label: str = "") -> str:
    return textwrap.fill(text, 100, initial_indent=label, subsequent_indent=" " * len(label))


@cli.command()
@click.argument("name", required=False)
def profiles(name: str | None) -> None:
    """List the profiles of clients and apps, or show what one of them needs."""
    from conformance.spec.profile import InvalidProfile, load_profile, profile_names  # noqa: PLC0415

    try:
        if name is None:
            for each in profile_names():
                click.echo(f"{each:<24} {load_profile(each).title}")
            return
        profile = load_profile(name)
    except InvalidProfile as error:
        raise Stop(str(error), 2) from None
    click.echo(profile.title)
    for resource_type, attributes in profile.attributes.items():
        click.echo(f"\n{resource_type} attributes:\n" + _wrapped("  " + ", ".join(attributes)))
    if profile.levels:
        click.echo("\nRaised requirements:")
    for identifier, level in profile.levels.items():
        click.echo(f"  {identifier:<20} {level}")


@cli.command("faults")
def list_faults() -> None:
    """List the faults of the reference tenant, each with the requirements it breaks."""
    from conformance.reference.faults.registry import faults  # noqa: PLC0415

    for fault in faults().values():
        click.echo(f"{fault.name}\n    {fault.description}\n    breaks {', '.join(fault.breaks)}")


@cli.command()
@click.option("--fault", multiple=True, metavar="NAME", help="only this fault (repeatable)")
@click.option("--json", "as_json", is_flag=True, help="print the table as JSON")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="write the table as Markdown, too")
def prove(fault: tuple[str, ...], output: Path | None, *, as_json: bool) -> int:
    """Plant each fault in the reference tenant and show that exactly the checks of what it breaks fail.

    Exit status 1 where a fault goes unnoticed, a check fails for what it does not judge, or a requirement that is
    judged has neither a fault nor a reason for having none.
    """
    from conformance.prove import prove as prove_all  # noqa: PLC0415
    from conformance.reference.faults.registry import faults  # noqa: PLC0415
    from conformance.reporting.terminal import Ticker  # noqa: PLC0415

    _known("fault", fault, list(faults()))
    with Ticker() as ticker:
        table = prove_all(fault, lambda done, total: ticker("proving", done, total))
    if output:
        output.write_text(table.to_markdown(), encoding="utf-8")
    data = table.to_dict()
    if as_json:
        click.echo(json.dumps(data, indent=2))
    else:
        for proof in table.proofs:
            if not proof.holds or fault:
                click.echo(f"{proof.fault}: {'caught by' if proof.caught else 'not caught'} {', '.join(proof.caught)}")
                for label, names in (("missed", proof.missed), ("false alarm", proof.false_alarms)):
                    click.echo("".join(f"  {label}: {name}\n" for name in names), nl=False)
        for identifier in table.unexplained:
            click.echo(f"{identifier} is judged, and no fault breaks it")
        click.echo(
            f"{data['detected']} of {data['faults']} faults detected, {data['false_alarms']} false alarms; "
            f"{data['requirements_proven']} of {data['requirements_judged']} judged requirements proven"
        )
    return 0 if all(proof.holds for proof in table.proofs) and not table.unexplained else 1


def _known(kind: str, given: Iterable[str], known: list[str]) -> None:
    for word in given:
        if word not in known:
            raise Stop(f"there is no {kind} “{word}”{did_you_mean(word, known)}", 2)
