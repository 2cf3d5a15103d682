"""``run --tenants``: many tenants side by side, each judged in a process of its own, and the matrix of them all."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections import deque
from contextlib import suppress
from dataclasses import replace
from functools import partial
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.cli.base import NAME, exit_status
from conformance.cli.reported import dated_folder, judged, point
from conformance.cli.run import interrupt, target
from conformance.config import InvalidConfiguration, Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from multiprocessing.context import SpawnProcess

    from conformance.reporting.matrix import Column

LOG_FILE = "log.txt"  # what a tenant's run has to say
_DEFECT = 4


def judged_together(tenants: Mapping[str, Settings], expression: str, at_once: int) -> int:
    """Judge tenants, at most ``at_once`` at a time; write a folder of reports for each, and the matrix.

    Returns the worst exit status. Raises InvalidConfiguration for settings that cannot be used; nothing is sent then.
    """
    from conformance.reporting.matrix import Matrix, write  # noqa: PLC0415

    _look_over(tenants)
    output = next(iter(tenants.values())).output
    folder = Path(output) if output else dated_folder("tenants")
    _make_folders(folder, tenants)
    codes = {}
    click.echo(f"{NAME}: {len(tenants)} tenants, {at_once} at a time")
    for name, code in _side_by_side(tenants, expression, folder, at_once):
        codes[name] = code
        click.echo(f"{name}: {_column(name, folder, code).sentence}")
    matrix = Matrix(tuple(_column(name, folder, codes[name]) for name in tenants))
    written = write(matrix, folder)
    if not output:
        point(Path("reports", "latest"), folder)
    click.echo(f"\n{matrix.sentence}")
    for path in written:
        click.echo(path)
    return max(codes.values())


def _look_over(tenants: Mapping[str, Settings]) -> None:
    from conformance.run import Run  # noqa: PLC0415

    for name, settings in tenants.items():
        try:
            Run(settings if settings.tenant_url else replace(settings, tenant_url="http://localhost", app="")).close()
        except InvalidConfiguration as error:
            raise InvalidConfiguration(f"{name}: {error}") from None


def _make_folders(folder: Path, names: Iterable[str]) -> None:
    try:
        for name in names:
            (folder / name).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidConfiguration(f"the output folder {folder} cannot be used: {error.strerror}") from None


def _side_by_side(
    tenants: Mapping[str, Settings], expression: str, folder: Path, at_once: int
) -> Iterator[tuple[str, int]]:
    """Yield the names of tenants as they are done, each with its exit status; stop those at work when interrupted."""
    spawn = multiprocessing.get_context("spawn")
    waiting = deque(tenants.items())
    working: dict[object, SpawnProcess] = {}
    try:
        while waiting or working:
            while waiting and len(working) < at_once:
                name, settings = waiting.popleft()
                process = spawn.Process(target=_judge, args=(settings, expression, folder / name), name=name)
                _start(process)
                working[process.sentinel] = process
            for sentinel in wait([process.sentinel for process in working.values()]):
                process = working.pop(sentinel)
                process.join()
                code = process.exitcode
                yield process.name, _DEFECT if code is None or code < 0 else code
    finally:
        for process in working.values():
            process.terminate()
        for process in working.values():
            process.join()


def _start(process: SpawnProcess) -> None:
    """Start a process that ignores SIGINT: a terminal sends it to all, and the first one passes it on as SIGTERM."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    process.start()
    signal.signal(signal.SIGINT, before)


def _judge(settings: Settings, expression: str, folder: Path) -> None:
    """Judge one tenant in this process, which is its own, and end with the exit status."""
    with (folder / LOG_FILE).open("wb") as log:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(log.fileno(), stream.fileno())
    signal.signal(signal.SIGTERM, interrupt)
    formats = (*settings.report, "json") if settings.report else ()
    settings = replace(settings, output=str(folder), report=formats)
    sys.exit(exit_status(partial(_judged, settings, expression)))


def _judged(settings: Settings, expression: str) -> int:
    from conformance.run import Run  # noqa: PLC0415

    with target(settings) as reachable:
        return judged(Run(reachable), expression)


def _column(name: str, folder: Path, code: int) -> Column:
    from conformance.reporting.matrix import Column  # noqa: PLC0415
    from conformance.reporting.outline import Outline  # noqa: PLC0415

    with suppress(InvalidConfiguration):
        return Column(name, f"{name}/report.html", Outline.read(folder / name))
    log = (folder / name / LOG_FILE).read_text(encoding="utf-8", errors="replace").splitlines()
    return Column(name, f"{name}/{LOG_FILE}", None, log[-1].removeprefix(f"{NAME}: ") if log else f"ended with {code}")
