"""The pytest plugin: it has pytest judge a tenant, with the hooks of a run.

``scim-conformance run`` passes a ready-made ``Conformance``; in plain pytest the options make one. Without a tenant,
and where the checks are not asked for, the plugin does nothing.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from conformance.config import InvalidConfiguration
from conformance.hooks import Conformance
from conformance.pytest_options import CHECKS, add_options, asked_for, settings_given
from conformance.reporting.check_log import CheckLog
from conformance.reporting.pytest_terminal import PytestTerminal
from conformance.run import Run
from conformance.workers import SHARED

if TYPE_CHECKING:
    from pathlib import Path

NAME = "conformance-run"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer every setting as an option."""
    add_options(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Register the marks, and the run where a Tenant URL is given."""
    for mark in ("requirement(*ids): the requirements a check judges",
                 "for_types(*names): the resource types a check is about",
                 "for_attributes(where): the attributes a check is about",
                 "thorough: a check for thorough runs only"):  # fmt: skip
        config.addinivalue_line("markers", mark)
    conformance = config.pluginmanager.get_plugin(NAME) or _from_options(config)
    if conformance is None:
        return
    output = conformance.run.output
    wanted = "html" in conformance.run.formats and not hasattr(config, "workerinput")
    if output and wanted and getattr(config.option, "htmlpath", "absent") is None:
        config.option.htmlpath = str(output / "log.html")
        config.option.self_contained_html = True
    config.pluginmanager.register(CheckLog(lambda: conformance.report), "conformance-log")
    found = PytestTerminal(lambda: conformance.report if conformance.results else None, lambda: conformance.written)
    config.pluginmanager.register(found, "conformance-terminal")


def _from_options(config: pytest.Config) -> Conformance | None:
    if not asked_for(config):
        return None
    worker = getattr(config, "workerinput", {})
    try:
        settings = settings_given(config)
        if SHARED in worker:
            settings = replace(settings, app="", tenant_url=worker[SHARED]["tenant_url"])
        elif settings.app:
            from conformance.application import running  # noqa: PLC0415 - only then is there something to serve

            resources = ExitStack()
            settings = resources.enter_context(running(settings))
            config.add_cleanup(resources.close)
        if not settings.tenant_url:
            return None
        run = Run(settings, worker=worker.get("workerid", ""))
    except InvalidConfiguration as error:
        raise pytest.UsageError(str(error)) from None
    conformance = Conformance(run, opens=True)
    config.pluginmanager.register(conformance, NAME)
    return conformance


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the checks alone where no tenant is given: there is nothing to judge."""
    if collection_path.parent == CHECKS and not config.pluginmanager.has_plugin(NAME):
        raise pytest.UsageError("no tenant to check: give --tenant-url or --scim-app, or use scim-conformance run")
    return None
