"""Whenever and however a run or a rehearsal ends, clean-up leaves the tenant as it was.

``KILLS`` says at how many moments each is killed; the environment variable of that name sets another number. Moments
are requests, drawn evenly from all that an undisturbed run sends, so that the speed of the machine does not matter.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest
from commands import COMMAND, finished
from people import TOKEN, everybody, inhabited

from conformance.reference.serve import running

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from conformance.reference.messages import Request, Response
    from conformance.reference.tenant import ReferenceTenant

KILLS = int(os.environ.get("KILLS", "20"))
# The command, which notes how long the ledger is that has reached the disk.
NOTING = """
import os, conformance.cli
synchronise, notes = os.fsync, os.open("synchronised", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
def noting(file):
    size = os.fstat(file).st_size
    synchronise(file)
    os.write(notes, b"%d\\n" % size)
os.fsync = noting
conformance.cli.main()
"""
_LATENCY = 0.01
_CLEAN_UP_IS_KILLED_TOO = 0.3
_SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)


def start(*arguments: str, folder: Path, command: Sequence[str] = (COMMAND,)) -> subprocess.Popen[bytes]:
    with (folder / "log").open("ab") as log:
        environment = {**os.environ, "SCIM_TOKEN": TOKEN}
        return subprocess.Popen([*command, *arguments], cwd=folder, env=environment, stdout=log, stderr=log)


@contextmanager
def tenant() -> Iterator[tuple[ReferenceTenant, str, dict[str, str]]]:
    there = inhabited(30, 3, latency=_LATENCY)
    before = everybody(there)
    with running(there) as url:
        yield there, url, before


def cleaned(folder: Path, url: str, *arguments: str) -> str:
    start("clean-up", "out", url, *arguments, folder=folder).wait(120)
    return (folder / "log").read_text()


def begun(folder: Path, process: subprocess.Popen[bytes]) -> None:
    """Wait until the ledger holds a create."""
    ledger = folder / "out" / "ledger.jsonl"
    while process.poll() is None and not (ledger.is_file() and b'"intent"' in ledger.read_bytes()):
        time.sleep(0.005)


class Alarm:
    """Rings at the request of that number, perhaps before the tenant acts, perhaps after it did.

    Only requests of the ``method``, if any is given, are counted.
    """

    def __init__(self, there: ReferenceTenant, moment: int = 0, method: str = "") -> None:
        self.asked = 0
        self._method = method
        self._moment, self._rung = moment, threading.Event()
        self._answer, there.answer = there.answer, self._count

    def _count(self, request: Request) -> Response:
        self.asked += self._method in {"", request.method}
        if self.asked == self._moment:
            self._rung.set()
        return self._answer(request)

    def wait(self, process: subprocess.Popen[bytes]) -> None:
        """Wait until it rings, or the process that should have asked has ended."""
        while not self._rung.wait(0.05) and process.poll() is None:
            pass


def told(kind: str, url: str) -> tuple[str, ...]:
    return (kind, url, "--output", "out", "--seed", "s", "--concurrency", "4")


@pytest.fixture(scope="module")
def requests(tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """Return how many requests each kind sends when nothing disturbs it; it leaves nothing behind, either."""
    counts = {}
    for kind in ("run", "rehearse"):
        with tenant() as (there, url, before):
            alarm = Alarm(there)
            start(*told(kind, url), folder=tmp_path_factory.mktemp(kind)).wait(300)
            assert everybody(there) == before
            counts[kind] = alarm.asked
    return counts


@pytest.mark.parametrize("kind", ["run", "rehearse"])
@pytest.mark.parametrize("number", range(KILLS))
def test_killed_at_any_moment(kind: str, number: int, requests: dict[str, int], tmp_path: Path):
    chance = random.Random(f"{kind}{number}")
    with tenant() as (there, url, before):
        alarm = Alarm(there, chance.randint(1, requests[kind]))
        process = start(*told(kind, url), folder=tmp_path)
        alarm.wait(process)
        for _ in range(chance.choice((1, 1, 2))):
            time.sleep(chance.uniform(0, 0.3))
            process.send_signal(chance.choice(_SIGNALS))
        process.wait(120)
        if chance.random() < _CLEAN_UP_IS_KILLED_TOO and (tmp_path / "out" / "ledger.jsonl").is_file():
            alarm = Alarm(there, chance.randint(1, 10))
            process = start("clean-up", "out", url, folder=tmp_path)
            alarm.wait(process)
            process.kill()
            process.wait()
        said = cleaned(tmp_path, url)
        assert everybody(there) == before, said
        assert "Traceback" not in said


@pytest.mark.parametrize("number", range(5))
def test_a_power_cut_takes_away_what_was_not_yet_on_the_disk(number: int, tmp_path: Path):
    chance = random.Random(number)
    with tenant() as (there, url, before):
        alarm = Alarm(there, chance.randint(100, 500))
        process = start(*told("run", url), folder=tmp_path, command=[sys.executable, "-c", NOTING])
        alarm.wait(process)
        process.kill()
        process.wait()
        time.sleep(0.5)  # until the tenant has done what it was asked for last
        ledger = tmp_path / "out" / "ledger.jsonl"
        written = ledger.read_bytes()
        synchronised = int((tmp_path / "synchronised").read_text().split()[-1])
        ledger.write_bytes(written[: chance.randint(synchronised, len(written))] + b'{"event": "intent", "endpo')
        said = cleaned(tmp_path, url)
        assert everybody(there) == before, said
        assert "Traceback" not in said


def test_the_network_goes_during_clean_up(tmp_path: Path):
    with tenant() as (there, url, before):
        alarm = Alarm(there, 300)
        process = start("run", url, "--output", "out", "--concurrency", "16", folder=tmp_path)
        alarm.wait(process)
        process.kill()
        process.wait()
        time.sleep(0.5)  # until the tenant has done what it was asked for last
        there.latency = 0.1  # so that the network goes in the midst of it
        alarm = Alarm(there, 2, "DELETE")
        process = start("clean-up", "out", url, folder=tmp_path)
        alarm.wait(process)
    assert process.wait(120) == 1
    said = (tmp_path / "log").read_text()
    assert "Traceback" not in said
    assert everybody(there) != before, said
    with running(there, port=httpx.URL(url).port):
        assert start("clean-up", "out", url, folder=tmp_path).wait(120) == 0
        assert everybody(there) == before, (tmp_path / "log").read_text()
        assert start("clean-up", "out", url, folder=tmp_path).wait(60) == 0


def test_an_interrupt_finishes_the_clean_up_and_a_second_one_says_how_to_resume(tmp_path: Path):
    with tenant() as (there, url, before):
        process = start("run", url, "--output", "out", folder=tmp_path)
        begun(tmp_path, process)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert everybody(there) == before
    with tenant() as (there, url, before):
        there.latency = 0.5  # so that there is something left to clean up when the second one comes
        folder = tmp_path / "second"
        folder.mkdir()
        process = start("run", url, "--output", "out", folder=folder)
        begun(folder, process)
        time.sleep(2)
        process.send_signal(signal.SIGINT)
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        assert process.wait(5) == 130
        assert "clean-up FOLDER" in (folder / "log").read_text()
        there.latency = 0
        cleaned(folder, url)
        assert everybody(there) == before


def test_a_full_disk_stops_creating_and_loses_nothing(tmp_path: Path):
    with tenant() as (there, url, before):
        # A limit on the size of files stands in for the disk: writing fails in the same place.
        limited = f"ulimit -f 8; exec {COMMAND} run {url} --output out"
        process = finished(command=("bash", "-c", limited), folder=tmp_path)
        said = process.stdout + process.stderr
        assert "Traceback" not in said
        assert process.returncode == 4, said
        assert "cannot be written" in said
        assert everybody(there) == before


def test_what_the_network_hides_is_found_later(tmp_path: Path):
    with tenant() as (there, url, before):
        process = start("run", url, "--output", "out", "--timeout", "1", folder=tmp_path)
        begun(tmp_path, process)
        time.sleep(0.5)
        there.latency = 3  # it acts, and answers when nobody listens any more
        process.wait(180)
        there.latency = 0
        said = cleaned(tmp_path, url)
        time.sleep(3.5)
        said += cleaned(tmp_path, url)
        assert everybody(there) == before, said


def test_clean_up_of_all_runs_of_a_tenant(tmp_path: Path):
    with tenant() as (there, url, before):
        for _ in range(2):
            process = start("run", url, folder=tmp_path)
            while process.poll() is None and len(everybody(there)) < len(before) + 2:
                time.sleep(0.01)
            process.kill()
            process.wait()
            time.sleep(1)
        assert everybody(there) != before
        start("clean-up", "--all", folder=tmp_path).wait(120)
        assert everybody(there) == before, (tmp_path / "log").read_text()
        assert start("clean-up", "--all", folder=tmp_path).wait(60) == 0
        assert "nothing is left behind" in (tmp_path / "log").read_text()


def test_a_folder_with_what_was_left_in_one_tenant_takes_no_run_against_another(tmp_path: Path):
    with tenant() as (there, url, before), tenant() as (_, other, _):
        process = start("run", url, "--output", "out", folder=tmp_path)
        begun(tmp_path, process)
        process.kill()
        process.wait()
        assert start("run", other, "--output", "out", folder=tmp_path).wait(60) == 2
        assert f"a run against {url} left something" in (tmp_path / "log").read_text()
        assert start("clean-up", "out", folder=tmp_path).wait(60) == 0
        assert everybody(there) == before
