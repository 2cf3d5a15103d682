"""Questions that the RFCs leave open: each is complete, and each is tied to what it is about."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from conformance.cli.base import Stop
from conformance.cli.requirements import explain
from conformance.spec.ambiguities import Ambiguity, UnknownAmbiguity, ambiguities, ambiguity
from conformance.spec.requirements import catalogue, requirement

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
