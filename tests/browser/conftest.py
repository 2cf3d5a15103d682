"""Chromium, as the machine has it; the tests are left out where Playwright is not installed."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest
from samples import report

from conformance.reporting.writers import write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

collect_ignore_glob = [] if find_spec("playwright") else ["test_*.py"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not found:
        pytest.fail("there is no Chromium: apt install chromium, or name one in CHROMIUM")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - the unit tests do without

    with sync_playwright() as running:
        launched = running.chromium.launch(executable_path=found)
        yield launched
        launched.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a file in a context of its own; it may load nothing else, and neither throw nor offend its policy."""
    complaints: list[str] = []
    contexts = []

    def opened(path: Path, fragment: str = "", **options: object) -> Page:
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        page.on("request", lambda asked: asked.url.split("#")[0] == path.as_uri() or complaints.append(asked.url))
        page.goto(f"{path.as_uri()}{fragment}")
        if options.get("java_script_enabled", True) and path.name == "report.html":
            page.locator("html.ready").wait_for(state="attached")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(report(400, 40), tmp_path_factory.mktemp("small"), ("html",))[0]


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(report(5000, 2000), tmp_path_factory.mktemp("large"), ("html",))[0]
