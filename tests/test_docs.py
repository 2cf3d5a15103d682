"""The documentation as text: its links lead somewhere, and the commands it shows are ones that there are."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from conformance.cli import cli

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)")
COMMAND = re.compile(r"(?:^|[\s/])(scim-conformance [a-z-]+(?: .*)?)$")


def pages() -> list[object]:
    return [pytest.param(page, id=page.name) for page in PAGES]


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub and the site give to the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def commands(page: Path) -> list[str]:
    """Return the commands in code, each on one line without what the shell does with it."""
    found = []
    fenced = False
    for line in page.read_text("utf-8").replace("\\\n", " ").splitlines():
        fenced ^= line.startswith("```")
        code = [line.strip()] if fenced or line.startswith("    ") else re.findall("`([^`]+)`", line)
        found += [match[1] for match in map(COMMAND.search, code) if match]
    return [re.split(r"\s(?:>>?|&&|\||#)\s", line)[0].rstrip("'") for line in found]


@pytest.mark.parametrize("page", pages())
def test_links_lead_somewhere(page: Path):
    for file, anchor in LINK.findall(page.read_text("utf-8")):
        target = page.parent / file if file else page
        assert target.exists(), file
        assert not anchor or anchor in anchors(target), f"{file}#{anchor}"


@pytest.mark.parametrize("page", pages())
def test_the_commands_it_shows_can_be_given(page: Path):
    for line in commands(page):
        _, name, *arguments = shlex.split(line)
        command = cli.commands[name]
        context = click.Context(command, info_name=name)
        try:
            command.make_parser(context).parse_args([a.replace("…", "x") for a in arguments])
        except click.UsageError as error:
            pytest.fail(f"{line}: {error.format_message()}")


def test_the_documentation_shows_most_commands():
    shown = {line.split()[1] for page in PAGES for line in commands(page)}
    assert {"run", "judge", "compare", "matrix", "checklist", "rehearse", "serve", "clean-up", "explain"} <= shown


def test_the_readme_lists_every_command():
    table = PAGES[0].read_text("utf-8").partition("## Commands")[2].partition("\n## ")[0]
    listed = [
        name for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall("`([^`]+)`", row)
    ]
    assert sorted(listed[1:]) == sorted(cli.commands)


def test_every_page_is_in_the_table_of_contents():
    index = (ROOT / "docs" / "index.md").read_text("utf-8").split()
    assert {page.stem for page in PAGES[1:]} - {"index"} <= set(index)
