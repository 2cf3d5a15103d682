"""A run's checks, judged by pytest inside this process, with nothing of the surroundings' pytest configuration."""

from __future__ import annotations

import contextlib
import gc
import io
import os
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conformance.config import InvalidConfiguration, Settings
from conformance.hooks import Conformance
from conformance.judge import claim
from conformance.plan import JUDGED
from conformance.plugin import NAME
from conformance.reporting.files import write_text
from conformance.run import Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PACKAGE = Path(__file__).parent
# Plugins of pytest that take part in every check, or take long to load, and have nothing to do here.
_UNUSED = (
    "cacheprovider", "capture", "debugging", "doctest", "faulthandler", "junitxml", "legacypath", "logging",
    "monkeypatch", "pastebin", "recwarn", "setuponly", "setupplan", "subtests", "threadexception", "tmpdir", "unittest",
    "unraisableexception", "warnings",
)  # fmt: skip
_ARGUMENTS = (
    "-c", str(_PACKAGE / "pytest.ini"), "--rootdir", str(_PACKAGE), "--noconftest", "--tb=native",
    *(f"-pno:{name}" for name in _UNUSED),
    "-p", "conformance.plugin",
    "-p", "pytest_metadata.plugin", "-p", "pytest_html.plugin", "-p", "pytest_html.fixtures",
)  # fmt: skip
_AUTOLOAD = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"
DEFECTS_FILE = "suite-errors.txt"


class _Host:
    """Puts the run into pytest, and pytest's own words out of the terminal."""

    def __init__(self, conformance: Conformance) -> None:
        self.conformance = conformance
        self.collected: list[pytest.Item] = []

    def pytest_cmdline_parse(self, pluginmanager: pytest.PytestPluginManager) -> None:
        """Register the run before the plugin looks for it."""
        pluginmanager.register(self.conformance, NAME)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Silence the terminal reporter, once the plugins that insist on it are configured."""
        manager = session.config.pluginmanager
        manager.unregister(manager.get_plugin("terminalreporter"))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Keep the checks that are selected."""
        self.collected = session.items
        gc.enable()

    def pytest_internalerror(self, excrepr: object) -> bool:
        """Keep an error of pytest or of a hook for the file of defects."""
        self.conformance.defects.append(self.conformance.clean(str(excrepr)))
        return True

    def run(self, *arguments: str) -> tuple[int, str]:
        """Let pytest collect and judge; return its exit status and whatever it said."""
        heard = io.StringIO()
        gc.disable()  # until the checks are collected: all that is made until then stays
        try:
            with _undisturbed(), contextlib.redirect_stdout(heard), contextlib.redirect_stderr(heard):
                code = pytest.main([str(_PACKAGE / "checks"), *_ARGUMENTS, *arguments], plugins=[self])
        finally:
            gc.enable()
        return code, heard.getvalue()


def judge_all(run: Run, expression: str, on_progress: Callable[[str, int, int], None]) -> Conformance:
    """Gather and judge everything that is selected, and write the reports. The run must be open.

    ``expression`` selects checks by name as pytest's ``-k`` does. What the suite did wrong is in ``defects`` of the
    returned object, and in a file beside the reports. Raises InvalidConfiguration where nothing is selected, OSError
    where the reports cannot be written.
    """
    run.narrow()
    conformance = Conformance(run, on_progress=on_progress)
    code, heard = _Host(conformance).run("-k", expression)
    if code == pytest.ExitCode.USAGE_ERROR:
        raise InvalidConfiguration(_complaint(heard))
    if code == pytest.ExitCode.NO_TESTS_COLLECTED and not conformance.defects:
        raise InvalidConfiguration("no check is selected; loosen -k, --feature, --level, --effort or --resource-type")
    if code == pytest.ExitCode.INTERNAL_ERROR and not conformance.defects:
        conformance.defects.append(conformance.clean(heard))
    if conformance.defects and run.output:
        text = "\n\n".join(conformance.defects)
        write_text(run.output / DEFECTS_FILE, text)
    return conformance


def collect(run: Run) -> list[pytest.Item]:
    """Return the checks that a run would judge, without judging them; nothing is sent.

    Raises RuntimeError where a check cannot be collected: what is then missing must not go unnoticed.
    """
    host = _Host(Conformance(run))
    _, heard = host.run("--collect-only")
    if host.conformance.defects or not host.collected:
        raise RuntimeError("\n".join(host.conformance.defects) or heard)
    return host.collected


def judges() -> dict[str, dict[str, str]]:
    """Return for each requirement that a check judges the names of these checks, each with its claim.

    They are those for the reference tenant, which offers everything the RFCs describe; nothing is sent.
    """
    from conformance.reference.tenant import ReferenceTenant  # noqa: PLC0415 - a run does without it

    run = Run(Settings(tenant_url="http://localhost"))
    run.service = ReferenceTenant(token="").service
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for item in collect(run):
        for requirement in item.stash.get(JUDGED, ()):
            found[requirement.id][item.nodeid.rpartition("/")[2].partition("[")[0]] = claim(item)
    return found


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Hide the environment variables by which others tell pytest what to load and how to behave."""
    hidden = {name: os.environ.pop(name, None) for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", _AUTOLOAD)}
    os.environ[_AUTOLOAD] = "1"
    try:
        yield
    finally:
        del os.environ[_AUTOLOAD]
        os.environ |= {name: value for name, value in hidden.items() if value is not None}


def _complaint(text: str) -> str:
    lines = [line.removeprefix("ERROR: ") for line in text.splitlines() if line.startswith("ERROR: ")]
    return lines[0] if lines else "pytest refuses the options"
