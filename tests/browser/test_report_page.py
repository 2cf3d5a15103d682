"""The report in Chromium: readable by everybody, quick however large, found by link, quiet on the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from conformance.spec.requirements import catalogue

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

REQUIREMENT = list(catalogue())[200]
PHONE = {"width": 360, "height": 740}


def row(page: Page, identifier: str) -> Any:
    return page.locator(f"[id='{identifier}']")


def shown(page: Page) -> int:
    return page.locator(".row:not([hidden])").count()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [{"width": 1200, "height": 900}, PHONE], ids=["desk", "phone"])
def test_axe_finds_no_violation(visit: Callable[..., Page], small: Path, scheme: str, viewport: dict[str, int]):
    page = visit(small, f"#{REQUIREMENT}", color_scheme=scheme, viewport=viewport, bypass_csp=True)
    row(page, REQUIREMENT).locator(".check summary").first.click()
    row(page, REQUIREMENT).locator(".exchange summary").first.click()
    page.locator("#warned-1 > summary").click()
    page.locator("#failed-1 .exchange summary").first.click()
    page.locator(".changes summary").first.click()
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []


def test_the_page_is_as_wide_as_a_phone(visit: Callable[..., Page], small: Path):
    page = visit(small, viewport=PHONE)
    page.evaluate("for (const each of document.querySelectorAll('.cause, .cause .exchange')) each.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_large_report_is_small_and_opens_and_filters_at_once(visit: Callable[..., Page], large: Path):
    assert large.stat().st_size < 8_000_000
    opened, filtered = [], []
    for _ in range(3):
        page = visit(large)
        opened.append(page.evaluate("performance.getEntriesByName('ready')[0].startTime / 1000"))
        filtered.append(
            page.evaluate("""() => new Promise((done) => {
            const begun = performance.now();
            const words = document.querySelector("[name=words]");
            words.value = "members";
            words.dispatchEvent(new Event("input", { bubbles: true }));
            new MutationObserver(() => done((performance.now() - begun) / 1000))
                .observe(document.getElementById("matches"), { childList: true });
        })""")
        )
        assert 0 < shown(page) < len(catalogue())
    assert min(opened) < 1
    assert min(filtered) < 1


def test_without_scripts_verdict_score_and_failures_are_there(visit: Callable[..., Page], small: Path):
    page = visit(small, java_script_enabled=False)
    assert "Not conformant" in page.locator("h1").inner_text()
    assert page.locator(".score .cell.failed").first.is_visible()
    page.locator("#failed-2 > summary").click()
    assert page.locator("#failed-2 .sides").first.is_visible()
    page.locator("#failed-2 .exchange summary").first.click()
    assert "$SCIM_TOKEN" in page.locator("#failed-2 .curl").first.inner_text()
    told = page.locator("#failed .case").count()
    assert told == int(page.locator(".counts .failed b").inner_text())
    assert not page.locator("#filters").is_visible()


def test_a_link_leads_to_its_requirement_even_through_a_filter(visit: Callable[..., Page], small: Path):
    page = visit(small, f"#{REQUIREMENT}")
    row(page, REQUIREMENT).locator(".why").wait_for()
    assert row(page, REQUIREMENT).evaluate("e => e.getBoundingClientRect().top < innerHeight")
    page.locator("[name=words]").fill("nothing has these words")
    page.locator("#none").wait_for()
    assert shown(page) == 0
    page.evaluate("location.hash = ''")
    page.evaluate(f"location.hash = '{REQUIREMENT}'")
    row(page, REQUIREMENT).locator(".why").wait_for()
    assert shown(page) == page.locator(".row").count()


def test_each_filter_narrows_the_tree(visit: Callable[..., Page], small: Path):
    page = visit(small)
    every = shown(page)
    page.get_by_label("Feature").select_option("attributes")
    attributes = shown(page)
    page.locator(".chip", has_text="MUST").click()
    musts = shown(page)
    page.locator(".chip.failed").click()
    failed = shown(page)
    assert every > attributes > musts > failed > 0
    assert page.locator("#matches").inner_text() == f"{failed} of {every}"
    assert page.locator(".row:not([hidden])").first.is_visible()
    page.get_by_role("button", name="Show all").click()
    page.wait_for_function(f"document.querySelectorAll('.row:not([hidden])').length === {every}")
    page.locator("[name=words]").fill(REQUIREMENT.lower())
    page.wait_for_function(f"document.querySelectorAll('.row:not([hidden])').length < {every}")
    assert row(page, REQUIREMENT).is_visible()


def test_a_cell_of_the_heat_map_filters_the_tree(visit: Callable[..., Page], small: Path):
    page = visit(small)
    cell = page.locator(".cell[data-feature=filter][data-level=MUST]")
    cell.click()
    kinds = page.locator(".row:not([hidden])").evaluate_all("all => all.map(e => e.dataset.feature + e.dataset.level)")
    assert set(kinds) == {"filterMUST"}
    assert page.locator("#requirements").evaluate("e => Math.abs(e.getBoundingClientRect().top) < innerHeight")


def test_everything_is_reached_by_keyboard(visit: Callable[..., Page], small: Path):
    page = visit(small)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.classList.contains('cell')")
    page.keyboard.press("Enter")
    assert shown(page) < len(catalogue())
    page.locator(".chip.failed input").focus()
    page.keyboard.press("Space")
    assert page.locator(".chip.failed input").is_checked()
    page.locator("#failed-2 > summary").focus()
    page.keyboard.press("Enter")
    assert page.locator("#failed-2 .sides").first.is_visible()


def test_on_paper_each_failure_is_open_and_filters_are_gone(visit: Callable[..., Page], small: Path):
    page = visit(small)
    page.emulate_media(media="print")
    assert page.locator("#failed-2:not([open]) .sides").first.is_visible()
    assert page.locator("#failed-2 .exchange .curl").first.is_visible()
    assert not page.locator("#filters").is_visible()
    assert not page.locator("#warned-1 .why").first.is_visible()


def test_what_changed_stands_on_the_first_screen(visit: Callable[..., Page], small: Path):
    page = visit(small, viewport={"width": 1200, "height": 900})
    since = page.locator(".since")
    assert since.evaluate("e => e.getBoundingClientRect().bottom < innerHeight")
    assert "newly broken" in since.inner_text()
