"""A tenant that attacks its reader is only quoted: in the report and in the log of checks, in real Chromium."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from attacker import HostileTenant

from conformance.reference.tenant import BASE_PATH, DEFAULT_TOKEN
from conformance.serving import serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

FEATURES = ("discovery", "create", "attributes", "errors")
# What a browser would have made of the attack, had it read it as anything but text.
MADE = "#owned, img[src=x], iframe, [onload], [onerror], [href^=javascript]"
OWNED = f"window.owned !== undefined || document.querySelector('{MADE}')"
INVISIBLE = "\x1b\x07\u202e\u2066\u200f"


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    narrowed = [word for feature in FEATURES for word in ("--feature", feature)]
    command = [Path(sys.executable).with_name("scim-conformance"), "run", "--token", DEFAULT_TOKEN, "--output", folder]
    with serving(HostileTenant()) as served:
        url = f"{served.origin}{BASE_PATH}"
        done = subprocess.run([*command, *narrowed, url], capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert not set(INVISIBLE) & set(done.stdout + done.stderr)
    return folder


def test_the_report_only_quotes(visit: Callable[..., Page], reports: Path):
    page = visit(reports / "report.html")
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    page.wait_for_function(
        "document.querySelectorAll('.row[data-filled]').length === document.querySelectorAll('.row').length"
    )
    for _ in range(2):  # opening a row draws checks, and opening those draws exchanges
        page.evaluate("for (const each of document.querySelectorAll('.row details')) each.open = true")
        page.wait_for_timeout(300)
    assert not page.evaluate(OWNED)
    words = page.evaluate("document.body.textContent")
    assert "<script>window.owned=1</script>" in words
    assert not set(INVISIBLE) & set(words)
    assert page.locator(".row .exchange .curl").count() > 50


def test_the_log_of_checks_only_quotes(visit: Callable[..., Page], reports: Path):
    page = visit(reports / "log.html")
    page.locator(".collapsible").first.wait_for()
    page.locator("#show_all_details").click()
    assert not page.evaluate(OWNED)
    words = page.evaluate("document.querySelector('#results-table').textContent")
    assert "<script>window.owned=1</script>" in words
    assert not set(INVISIBLE) & set(words)
