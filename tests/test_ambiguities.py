"""Questions that the RFCs leave open: each is complete, and each is tied to what it is about."""

from __future__ import annotations

import importlib
import inspect
import re
from functools import cache
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from conformance.cli.base import Stop
from conformance.cli.requirements import explain
from conformance.session import judges
from conformance.spec.ambiguities import Ambiguity, UnknownAmbiguity, ambiguities, ambiguity
from conformance.spec.requirements import catalogue, requirement

if TYPE_CHECKING:
    from collections.abc import Callable

CLAUSE = re.compile(r"RFC (7643|7644|9865) §[\d.]+")


def test_they_are_numbered_without_a_gap():
    assert list(ambiguities()) == [f"A{number:02}" for number in range(1, len(ambiguities()) + 1)]


@pytest.mark.parametrize("found", ambiguities().values(), ids=lambda found: found.id)
def test_each_has_readings_a_policy_and_clauses_that_the_catalogue_knows(found: Ambiguity):
    assert len(found.readings) > 1
    assert all(found.readings.values())
    assert found.fails or found.warns or found.noted
    assert found.clients
    assert found.clauses
    known = {r.clause for r in catalogue().values()}
    for clause in found.clauses:
        assert CLAUSE.fullmatch(clause)
        assert any(other == clause or other.startswith(f"{clause}.") for other in known), clause


def test_requirements_name_known_ones_only_and_each_is_named():
    named = {identifier for r in catalogue().values() for identifier in r.ambiguity}
    assert named == set(ambiguities())


judges_once = cache(judges)


def checks(found: Ambiguity) -> list[Callable[..., None]]:
    """Return the checks of the requirements that name an ambiguity."""
    concerned = [r.id for r in catalogue().values() if found.id in r.ambiguity]
    names = {name.partition(".py::") for identifier in concerned for name in judges_once().get(identifier, {})}
    return [getattr(importlib.import_module(f"conformance.checks.{module}"), check) for module, _, check in names]


def notes(check: Callable[..., None]) -> bool:
    """Whether a check can note something, itself or through a helper of the checks that it calls."""
    called = [check.__globals__.get(name) for name in check.__code__.co_names]
    helpers = [each for each in called if inspect.isfunction(each) and each.__module__.startswith("conformance.checks")]
    return any("note" in each.__code__.co_names for each in (check, *helpers))


@pytest.mark.parametrize("found", ambiguities().values(), ids=lambda found: found.id)
def test_each_is_judged_and_its_reading_noted_or_not_to_be_seen(found: Ambiguity):
    assert checks(found)
    # Where nothing is to be noted the verdict tells: one reading passes and the others warn or fail.
    told = not found.noted and (found.warns or found.fails)
    assert found.unobservable or told or any(notes(check) for check in checks(found))


def test_what_cannot_be_seen_is_explained():
    shown = CliRunner().invoke(explain, ["A48"]).output
    assert f"Not to be seen: {ambiguity('A48').unobservable}" in " ".join(shown.split())


def test_an_unknown_one_is_told_with_the_range():
    with pytest.raises(UnknownAmbiguity, match="A01 to A"):
        ambiguity("A99")
    with pytest.raises(Stop, match="A01 to A") as stopped:
        explain.main(["A99"], standalone_mode=False)
    assert stopped.value.code == 2


def test_explaining_one_shows_its_readings_and_its_requirements():
    shown = CliRunner().invoke(explain, ["a03"]).output
    assert shown.startswith("A03  Add to a value path whose filter matches nothing\n")
    for name in ambiguity("A03").readings:
        assert f"  {name}:" in shown
    assert "RFC7644-3.5.2.1-20" in shown


def test_explaining_a_requirement_names_what_it_leaves_open():
    assert "A03" in requirement("RFC7644-3.5.2.1-20").ambiguity
    shown = CliRunner().invoke(explain, ["RFC7644-3.5.2.1-20"]).output
    assert "Readings:       Add to a value path whose filter matches nothing (A03)" in shown
