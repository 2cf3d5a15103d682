"""From the outcome of a check to its verdict: what failed, what was expected, and what came."""

from __future__ import annotations

import inspect
import json
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from conformance.checks.verdict import NotApplicable, Remarks, Verdict
from conformance.probes.evidence import Blocked
from conformance.reporting.result import BROKEN, Result
from conformance.spec.requirements import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from conformance.spec.profile import Fact
    from conformance.spec.requirements import Requirement
    from conformance.tenant.exchange import Exchange

NO_PARAMETERS = "NOTSET"  # stands in the name of a parametrised test that there is nothing to run for
_WORDS = {
    "==": "{}", "!=": "anything but {}", "in": "one of {}", "not in": "none of {}", "is": "{}", "is not": "not {}",
    ">=": "at least {}", "<=": "at most {}", ">": "more than {}", "<": "less than {}",
}  # fmt: skip
_LONGEST_SIDE = 2000

Comparison = tuple[str, object, object]


def judge(  # noqa: PLR0913 - what pytest knows of a check's end, taken apart
    item: pytest.Item,
    judged: Sequence[Requirement],
    raised: BaseException | None,
    *,
    level: Callable[[Requirement], Level],
    remarks: Remarks,
    compared: Comparison | None,
    looked_at: Iterable[Exchange],
    took: float,
    redact: Callable[[str], str],
) -> Result:
    """Return the result of a check that raised an exception, or none; ``took`` is in seconds.

    ``compared`` are operator and sides of the comparison that failed, ``looked_at`` the exchanges that the check used.
    """
    verdict, message = verdict_of(raised, remarks, min(map(level, judged), key=list(Level).index))
    broken = isinstance(raised, AssertionError)
    exchanges = {exchange.id: None for exchange in looked_at}
    if isinstance(raised, Blocked) and raised.exchange:
        exchanges[raised.exchange.id] = None
    if NO_PARAMETERS in item.name:
        message = "the tenant serves no resource type or attribute that this check is about"
    expected, came = _sides(compared, redact) if broken and "assert " in message else ("", "")
    return Result(
        check=item.nodeid.rpartition("/")[2],
        claim=claim(item),
        requirements=tuple(each.id for each in judged),
        verdict=verdict,
        broken=broken,
        message=redact(_plain(message)),
        expected=expected,
        came=came,
        remarks=tuple(map(redact, remarks.warnings + remarks.notes)),
        exchanges=tuple(exchanges),
        duration=round(took, 4),
    )


def explained(result: Result, facts: Mapping[str, Fact]) -> Result:
    """Return a result with what is known of the target, by requirement, that explains why it is as it is."""
    known = dict.fromkeys(facts[identifier].text for identifier in result.requirements if identifier in facts)
    if not known or not result.broken:
        return result
    said = result.remarks or ((result.message,) if result.message and not result.expected else ())
    return replace(result, remarks=(*said, *(f"Known of this target: {text}" for text in known)))


def verdict_of(raised: BaseException | None, remarks: Remarks, weightiest: Level) -> tuple[Verdict, str]:
    """Return what the end of a check means where its weightiest requirement has that level, and the reason given."""
    if isinstance(raised, NotApplicable | pytest.skip.Exception):
        return Verdict.NOT_APPLICABLE, str(raised)
    if isinstance(raised, Blocked):
        return Verdict.BLOCKED, str(raised)
    if isinstance(raised, AssertionError):
        return BROKEN[weightiest], str(raised)
    if raised is not None:
        return Verdict.ERROR, f"{type(raised).__name__}: {raised}"
    if remarks.warnings:
        return Verdict.WARNED, remarks.warnings[0]
    return (Verdict.NOTED, remarks.notes[0]) if remarks.notes else (Verdict.PASSED, "")


def claim(item: pytest.Item) -> str:
    """Return what a check says of the tenant: the first paragraph of its docstring, on one line."""
    text = inspect.getdoc(getattr(item, "function", None)) or item.name
    return " ".join(text.partition("\n\n")[0].split())


def _sides(compared: Comparison | None, redact: Callable[[str], str]) -> tuple[str, str]:
    if compared is None:
        return "", ""
    op, left, right = compared
    shown = partial(_shown, redact=redact)
    if op in {"in", "not in"} and isinstance(left, str) and isinstance(right, str | dict):
        # `"password" not in resource`: the collection is what came, the member is what was looked for.
        return f"{'' if op == 'in' else 'no '}{shown(left)}", shown(right)
    return _WORDS.get(op, op + " {}").format(shown(right)), shown(left)


def _shown(value: object, *, redact: Callable[[str], str]) -> str:
    """Return a value as JSON writes it, since its readers know SCIM and need not know Python.

    It is cut last: half a secret would not be known for one.
    """
    value = sorted(value, key=str) if isinstance(value, set | frozenset) else value
    try:
        text = json.dumps(value, ensure_ascii=False, default=_plainly)
    except (TypeError, ValueError, RecursionError):
        text = repr(value)
    return redact(text)[:_LONGEST_SIDE]


def _plainly(value: object) -> object:
    return sorted(value, key=str) if isinstance(value, set | frozenset) else repr(value)


def _plain(message: str) -> str:
    """Return what a failed assert says to people: its own message where it has one, else the assertion."""
    head, found, _ = message.partition("\nassert ")
    return (head if found else message.partition("\n +")[0]).strip()
