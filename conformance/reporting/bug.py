"""A finding as a bug report for whoever maintains the server: one requirement, one example, nothing else to read.

It is Markdown to send as it is. What the server had a hand in stands in fenced blocks and code spans.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from conformance.checks.verdict import Verdict
from conformance.config import InvalidConfiguration
from conformance.reporting.findings import case
from conformance.reporting.markdown import code
from conformance.reporting.result import SEVERITY
from conformance.reporting.text import pretty, printable
from conformance.spec.requirements import Level

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from conformance.reporting.outline import Outline
    from conformance.reporting.result import Result
    from conformance.spec.requirements import Requirement
    from conformance.tenant.exchange import Exchange

_MOST_EXCHANGES = 4
_MOST_CASES = 8
_LONGEST_BODY = 1500
_TELLING = ("content-type", "location", "etag", "www-authenticate", "retry-after")
_GREETING = (
    "Hello, and thank you for this software. While testing its SCIM 2.0 interface we came across the following, which "
    "we believe differs from the specification. If we have misread something, please tell us."
)
_DUTY = {Level.MUST: "is required", Level.SHOULD: "is recommended", Level.MAY: "is left to the server"}


def bug_report(requirement: Requirement, outline: Outline, exchanges: Mapping[str, Exchange]) -> str:
    """Return the report on a requirement that a run found broken, with its shortest example.

    ``exchanges`` are those of the run by id. Raises InvalidConfiguration where the run has nothing to report.
    """
    broken = _broken(requirement, outline)
    example = min(broken, key=lambda r: (SEVERITY.index(r.verdict), sum(len(e.curl) for e in _of(r, exchanges))))
    shown = _of(example, exchanges)
    blocks = [
        f"# {requirement.clause}: {printable(requirement.text)}",
        _GREETING,
        "## What was sent, and what came",
        *(block for exchange in shown for block in _told(exchange)),
        "## What is expected",
        f"{requirement.text} By [{requirement.clause}]({requirement.url}) this {_DUTY[requirement.level]}.",
        *_difference(example),
        "## Why it matters",
        requirement.why,
        "## A way to repair it",
        requirement.fix,
        *_others(example, broken),
        "## Versions",
        "\n".join(_versions(requirement, outline, example)),
    ]
    return "\n\n".join(blocks) + "\n"


def _broken(requirement: Requirement, outline: Outline) -> list[Result]:
    verdict = outline.requirements.get(requirement.id)
    if verdict not in {Verdict.FAILED, Verdict.WARNED}:
        found = f"is {verdict}" if verdict else "was not judged"
        raise InvalidConfiguration(f"{requirement.id} {found} in this run, so there is no bug to report")
    bad = {Verdict.FAILED, Verdict.WARNED}
    return [r for r in outline.results.values() if requirement.id in r.requirements and r.verdict in bad]


def _of(result: Result, exchanges: Mapping[str, Exchange]) -> list[Exchange]:
    """Return the last exchanges that a verdict rests on, in the order in which they were sent."""
    known = [exchanges[i] for i in dict.fromkeys(result.exchanges) if i in exchanges]
    return sorted(known[-_MOST_EXCHANGES:], key=lambda exchange: exchange.started)


def _told(exchange: Exchange) -> Iterator[str]:
    yield _fenced(printable(exchange.curl), "sh")
    if exchange.response is None:
        yield f"There was no answer: {code(exchange.error or '')}"
        return
    body, cut = pretty(exchange.response.body, _LONGEST_BODY)
    headers = [f"{name}: {value}" for name, value in exchange.response.headers if name.lower() in _TELLING]
    head = "\n".join([f"HTTP {exchange.response.status}", *map(printable, headers)])
    more = f"\n… {cut} more characters" if cut else ""
    yield _fenced(f"{head}\n\n{body}{more}".rstrip(), "")


def _difference(result: Result) -> Iterator[str]:
    if result.expected or result.came:
        yield f"Expected was {code(result.expected)}, and {code(result.came)} came."
    elif result.message:
        yield f"What the check says: {code(result.message)}"


def _others(example: Result, broken: Sequence[Result]) -> Iterator[str]:
    more = list(dict.fromkeys(case(r) for r in broken if r is not example and case(r)))
    if more:
        rest = f" and {len(more) - _MOST_CASES} more" if len(more) > _MOST_CASES else ""
        yield f"The same shows in other cases: {', '.join(map(code, more[:_MOST_CASES]))}{rest}."


def _versions(requirement: Requirement, outline: Outline, example: Result) -> Iterator[str]:
    yield "- Server: (software and version)"
    yield f"- scim-conformance {outline.suite}, run of {outline.started[:10]}"
    yield f"- Requirement {requirement.id}, check {code(example.check)}"


def _fenced(text: str, language: str) -> str:
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}{language}\n{text}\n{fence}"
