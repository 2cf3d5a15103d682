"""Where an implementation and the oracle disagree, taken apart to the smallest case that shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import oracle
from implementations import Refused

from conformance.spec.filter import And, Filter, Not, Or, ValuePath, operands, parse
from conformance.spec.paths import lookup

if TYPE_CHECKING:
    from collections.abc import Callable

    from cases import Case
    from implementations import Implementation


@dataclass(frozen=True)
class Disagreement:
    """A case and the two answers to it."""

    implementation: str
    question: str
    case: Case
    ours: Any
    theirs: Any


def disagreements(implementation: Implementation, question: str, case: Case) -> list[Disagreement]:
    """Return the smallest disagreements in a case.

    A filter is taken apart into its expressions. Where what the implementation says of them adds up to what it says of
    the whole, the parts alone are at odds; where it does not, the whole is as well.
    """
    if question == "patch":
        return _patch(implementation, case)
    found = _at(implementation, question, case)
    if not found or question != "match":
        return found
    parts, combine = _parts(case)
    below = [item for part in parts for item in disagreements(implementation, question, part)]
    adds_up = below and combine([implementation.ask(question, part) for part in parts]) == found[0].theirs
    return below if adds_up else found + below


def _at(implementation: Implementation, question: str, case: Case) -> list[Disagreement]:
    ours = oracle.answer(question, case)
    if ours == oracle.UNDEFINED:
        return []
    theirs = implementation.ask(question, case)
    if oracle.agree(question, case, ours, theirs):
        return []
    return [Disagreement(implementation.name, question, case, ours, theirs)]


def _patch(implementation: Implementation, case: Case) -> list[Disagreement]:
    """Compare step by step, each from the oracle's state, and then all steps at once.

    An operation without a path is as many steps as it has attributes.
    """
    state, found = case["resource"], []
    for single in (single for operation in case["operations"] for single in _steps(operation)):
        step = {"resource": state, "operations": [single]}
        found += _at(implementation, "patch", step)
        after = oracle.answer("patch", step)
        if after == oracle.UNDEFINED:
            return found
        if isinstance(after, Refused):
            break
        state = after
    return found or _at(implementation, "patch", case)


def _steps(operation: dict[str, Any]) -> list[dict[str, Any]]:
    if "path" in operation:
        return [operation]
    return [operation | {"value": {name: value}} for name, value in operation["value"].items()]


def _parts(case: Case) -> tuple[list[Case], Callable[[list[Any]], Any]]:
    """Return the cases a filter case is made of, none for a single expression, and how their answers combine."""
    node = parse(case["filter"])
    path, inner = (node.path, node.filter) if isinstance(node, ValuePath) else (None, node)
    elements = lookup(case["resource"], path.name) if path else None
    if path and isinstance(elements, list) and len(elements) > 1:
        return [case | {"resource": case["resource"] | {path.name: [e]}} for e in elements], _some

    def cases(nodes: list[Filter]) -> list[Case]:
        return [case | {"filter": str(ValuePath(path, part) if path else part)} for part in nodes]

    match inner:
        case And():
            return cases(operands(inner)), _every
        case Or():
            return cases(operands(inner)), _some
        case Not(operand) if elements or not path:
            return cases([operand]), _negated
    return [], _every


def _every(answers: list[Any]) -> Any:
    return _refusal(answers) or all(answers)


def _some(answers: list[Any]) -> Any:
    return _refusal(answers) or any(answers)


def _negated(answers: list[Any]) -> Any:
    return _refusal(answers) or not answers[0]


def _refusal(answers: list[Any]) -> Refused | None:
    return next((answer for answer in answers if isinstance(answer, Refused)), None)
