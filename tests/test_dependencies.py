"""What we depend on: the page that justifies it cannot drift, and every licence goes with ours."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
DECLARED = {each.name: each for each in map(Requirement, PROJECT["dependencies"])}
ROW = re.compile(r"^\| ([a-z0-9-]+) \| `([^`]+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
ALLOWED = {"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "MIT", "MPL-2.0", "PSF-2.0"}
# How metadata older than licence expressions put it.
SPELT = {
    "MIT License": "MIT",
    "BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}


def licences(name: str) -> set[str]:
    """Return the SPDX identifiers that the metadata of an installed package gives, in whichever of its three fields."""
    metadata = importlib.metadata.metadata(name)
    classified = [c.rpartition(" :: ")[2] for c in metadata.get_all("Classifier") or [] if c.startswith("License ::")]
    given = metadata["License-Expression"] or metadata["License"] or " OR ".join(classified)
    return {SPELT.get(each, each) for each in re.split(" (?:OR|AND) ", given.splitlines()[0])}


def installed() -> set[str]:
    """Return the names of all that comes along with the package here."""
    found: set[str] = set()
    waiting = list(DECLARED.values())
    while waiting:
        each = waiting.pop()
        if each.name in found or (each.marker and not each.marker.evaluate({"extra": ""})):
            continue
        found.add(each.name)
        waiting += map(Requirement, importlib.metadata.requires(each.name) or [])
    return found


def test_the_page_justifies_every_dependency_with_its_range():
    rows = {row[0]: row[1:] for row in ROW.findall((ROOT / "docs" / "dependencies.md").read_text("utf-8"))}
    assert list(rows) == sorted(DECLARED)
    for name, (given, *_) in rows.items():
        assert Requirement(f"{name}{given}").specifier == DECLARED[name].specifier, name


def test_the_page_names_the_licences_as_they_are():
    rows = ROW.findall((ROOT / "docs" / "dependencies.md").read_text("utf-8"))
    assert {name: {licence} for name, _, licence, *_ in rows} == {name: licences(name) for name in DECLARED}


@pytest.mark.parametrize("name", sorted(installed()))
def test_the_licence_goes_with_ours(name: str):
    assert licences(name) <= ALLOWED


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_the_range_holds_what_the_tests_are_run_with(name: str):
    assert importlib.metadata.version(name) in DECLARED[name].specifier


def test_nothing_is_imported_that_is_not_declared():
    providers = importlib.metadata.packages_distributions()
    optional = {Requirement(each).name for each in PROJECT["optional-dependencies"]["load"]}
    for file in sorted((ROOT / "conformance").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            for name in {each.partition(".")[0] for each in names} - sys.stdlib_module_names - {"conformance"}:
                known = {found.lower() for found in providers.get(name, [name])}
                assert known & (DECLARED.keys() | optional), f"{file}: {name}"
