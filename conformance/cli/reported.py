"""What ``run`` and ``judge`` share: a folder for the reports, judging, the summary, the exit status."""

from __future__ import annotations

import contextlib
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance import __version__
from conformance.cli.base import INTERRUPTED, NAME, Stop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.run import Run

_REPORTS = Path("reports")


def judged(run: Run, expression: str, *, sends: bool = True) -> int:
    """Open a run, judge the checks that ``expression`` selects, report, and return the exit status.

    ``sends`` says that its requests are worth counting while it goes on. Raises Stop where the tenant cannot be reached
    or the suite fails.
    """
    from conformance.reporting.outline import Outline  # noqa: PLC0415

    if run.output is None:
        run.previous = Outline.latest(_REPORTS, _name(run))
        run.memory = _REPORTS / "examples" / _name(run)
    threading.Thread(target=_load, name="loading").start()
    with opened(run):
        return _reported(run, expression, sends=sends)


def _load() -> None:
    """Load what takes its time and is needed next, while the tenant answers the first questions."""
    import faker  # noqa: F401, PLC0415

    import conformance.session  # noqa: F401, PLC0415


@contextlib.contextmanager
def opened(run: Run) -> Iterator[Path]:
    """Open a run, with a folder for what comes of it, and close it again.

    ``reports/latest`` leads to the folder of a run that was given none. Raises Stop where nobody lets it in.
    """
    from conformance.run import TenantUnreachable  # noqa: PLC0415

    latest = None if run.output else _REPORTS / "latest"
    run.output = run.output or dated_folder(_name(run))
    try:
        run.open()
        if latest:
            point(latest, run.output)
        yield run.output
    except TenantUnreachable as error:
        raise Stop(str(error), 3) from None
    finally:
        run.close()


def interrupted(run: Run, left: int) -> Stop:
    """Return what ends the command after Ctrl-C, with so many resources left in the tenant."""
    kept = f"{left} resources are left: {NAME} clean-up {run.output}" if left else "nothing is left behind"
    return Stop(f"interrupted; {kept}", INTERRUPTED)


def dated_folder(name: str) -> Path:
    """Return the folder of reports of that name for now."""
    when = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    return _REPORTS / f"{name}-{when}"


def _name(run: Run) -> str:
    return run.url.host.replace(":", "-")


def _reported(run: Run, expression: str, *, sends: bool) -> int:
    from conformance.reporting.terminal import Ticker, summarise  # noqa: PLC0415
    from conformance.session import DEFECTS_FILE, judge_all  # noqa: PLC0415

    click.echo(f"{NAME} {__version__}: {run.url}, seed {run.seed}")
    with Ticker((lambda: len(run.client.exchanges)) if sends else None) as ticker:
        try:
            conformance = judge_all(run, expression, ticker)
        except OSError as error:
            aside = f"; {len(run.left)} resources are left" if run.left else ""
            raise Stop(f"the reports in {run.output} cannot be written: {error.strerror or error}{aside}", 4) from None
    report = conformance.report
    if report.results:
        summarise(report, conformance.written)
    if report.interrupted:
        raise interrupted(run, len(report.left_behind))
    if conformance.defects:
        raise Stop(f"the suite itself failed; {run.output}/{DEFECTS_FILE} says where", 4)
    return report.exit_code


def point(link: Path, folder: Path) -> None:
    """Let a symbolic link beside the folder lead to it."""
    # A file system without symbolic links does without this one.
    with contextlib.suppress(OSError):
        link.unlink(missing_ok=True)
        link.symlink_to(folder.name, target_is_directory=True)
