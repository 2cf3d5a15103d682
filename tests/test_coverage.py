"""Coverage: the numbers add up, every gap has its reason, and what is judged stays judged."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from conformance.cli.base import Stop
from conformance.cli.coverage import coverage as command
from conformance.coverage import GROUPINGS, Count, Coverage, coverage
from conformance.spec.requirements import Level, Requirement, catalogue


@pytest.fixture(scope="module")
def covered() -> Coverage:
    return coverage()


def entry(identifier: str, testable: str = "yes", level: Level = Level.MUST) -> Requirement:
    return Requirement(identifier, level, "MUST", "filter", "It holds.", "", "", testable=testable)


SMALL = Coverage(
    [
        entry("RFC7643-1-01"),
        entry("RFC7643-1-02", "partly: over TLS only", Level.MAY),
        entry("RFC7644-2-01", "no: nobody sees it"),
        entry("RFC7644-2-02"),
        entry("RFC7644-2-03"),
    ],
    judged=frozenset({"RFC7643-1-01", "RFC7643-1-02"}),
    proven=frozenset({"RFC7643-1-01"}),
    why_not_judged={"RFC7644-2-02": "it needs a second credential"},
    why_not_proven={"RFC7643-1-02": "every behaviour is allowed"},
)


def test_what_can_be_tested_is_judged(covered: Coverage):
    assert set(covered.unjudged) - set(covered.why_not_judged) == set(), "these were judged once, or are new"


def test_a_reason_for_judging_nothing_is_needed_by_somebody(covered: Coverage):
    assert set(covered.why_not_judged) - set(covered.unjudged) == set(), "a check judges it after all"


def test_it_counts_what_is_testable_judged_and_proven():
    assert SMALL.total == Count(requirements=5, testable=4, judged=2, proven=1)
    assert SMALL.by("document") == {"RFC 7643": Count(2, 2, 2, 1), "RFC 7644": Count(3, 2, 0, 0)}
    assert SMALL.by("level")["MAY"] == Count(1, 1, 1, 0)


def test_each_gap_has_its_reason():
    assert SMALL.untestable == {"RFC7644-2-01": "nobody sees it"}
    assert SMALL.unjudged == {
        "RFC7644-2-02": "it needs a second credential",
        "RFC7644-2-03": "no check judges it yet",
    }
    assert SMALL.unproven == {"RFC7643-1-02": "every behaviour is allowed"}


@pytest.mark.parametrize("grouping", GROUPINGS)
def test_the_groups_add_up(covered: Coverage, grouping: str):
    groups = [count.to_dict() for count in covered.by(grouping).values()]
    assert {name: sum(group[name] for group in groups) for name in groups[0]} == covered.total.to_dict()


def test_the_gaps_and_the_numbers_agree(covered: Coverage):
    total = covered.total
    assert total.requirements == len(catalogue())
    assert total.requirements - total.testable == len(covered.untestable)
    assert total.testable - total.judged == len(covered.unjudged)
    assert total.judged - total.proven == len(covered.unproven)
    assert all(covered.untestable.values())


def test_the_command_prints_json():
    result = CliRunner().invoke(command, ["--json"])
    data = json.loads(result.output)
    assert data["requirements"] == len(catalogue())
    assert data["requirements"] >= data["testable"] >= data["judged"] >= data["proven"] > 0
    assert data["level"]["MUST"]["judged"] > 0
    assert data["untestable"]["RFC7644-6-01"] == "needs several tenants"
    assert {"unjudged", "unproven", *GROUPINGS} <= data.keys()


def test_the_command_prints_a_table_for_each_grouping_and_the_gaps():
    result = CliRunner().invoke(command, ["--by", "section", "--by", "level"])
    assert result.exit_code == 0
    assert "RFC 7644 §3.5.2.1" in result.output
    assert "MUST" in result.output
    assert "needs several tenants" in result.output


def test_an_unknown_grouping_is_told_with_the_nearest():
    with pytest.raises(Stop, match="did you mean “level”") as stopped:
        command.main(["--by", "levels"], standalone_mode=False)
    assert stopped.value.code == 2
