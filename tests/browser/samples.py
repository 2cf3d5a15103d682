"""Reports to look at, made without a tenant."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from itertools import cycle, islice

from conformance.checks.verdict import Verdict
from conformance.reporting.model import Report
from conformance.reporting.outline import Outline
from conformance.reporting.result import Result
from conformance.spec.requirements import Requirement, catalogue
from conformance.tenant.exchange import Exchange, Request, Response

HEADERS = (("Authorization", "Bearer [redacted]"), ("Content-Type", "application/scim+json"))
KINDS = (Verdict.FAILED, Verdict.WARNED, Verdict.NOTED, Verdict.BLOCKED, Verdict.NOT_APPLICABLE)


def report(checks: int, exchanges: int) -> Report:
    """Return a report in which each requirement is judged and about one check in five has something to tell."""
    chance = random.Random(7)
    sent = tuple(_exchange(number, chance) for number in range(exchanges))
    requirements = islice(cycle(catalogue().values()), checks)
    results = tuple(_result(number, each, sent, chance) for number, each in enumerate(requirements))
    before = Report("https://example.com/scim", datetime(2026, 1, 1, tzinfo=UTC), 60.0, results[5:], ())
    now = {**{r.check: r for r in results}, results[9].check: results[6]}
    return Report(
        tenant="https://example.com/scim",
        started=datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
        duration=61.0,
        results=tuple(now.values()),
        exchanges=sent,
        profiles=("entra",),
        seed="0badcafe",
        previous=Outline.of(Report(before.tenant, before.started, 60.0, before.results, (), profiles=("entra",))),
    )


def _exchange(number: int, chance: random.Random) -> Exchange:
    words = [f"{chance.getrandbits(64):016x}" for _ in range(40)]
    user = {"id": words[0], "userName": f"{words[1]}@example.com", "emails": [{"value": word} for word in words]}
    request = Request("POST", "https://example.com/scim/Users", HEADERS, json.dumps(user))
    response = Response(chance.choice((200, 201, 400, 500)), HEADERS, json.dumps(user))
    return Exchange(f"x{number:05}", f"user {number}", request, response, elapsed=0.02)


def _result(number: int, requirement: Requirement, sent: tuple[Exchange, ...], chance: random.Random) -> Result:
    verdict = KINDS[number // 5 % len(KINDS)] if number % 5 == 0 else Verdict.PASSED
    bad = verdict is Verdict.FAILED
    return Result(
        f"test_{requirement.feature}.py::test_{number // 3}[User:case-{number}]",
        f"{requirement.text} Judged {number // 3}.",
        (requirement.id,),
        verdict,
        message="" if verdict is Verdict.PASSED else f"why check {number} came out so",
        expected='{"a": 1, "b": "two"}' if bad else "",
        came='{"a": 1, "b": "three"}' if bad else "",
        exchanges=tuple(each.id for each in chance.sample(sent, 2)),
    )
