"""Scoping filters: which of the assigned people are provisioned at all.

    department EQUALS Finance AND jobTitle IS NOT NULL

Clauses of one filter must all hold; of several filters one is enough.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conformance.rehearsal.directory import Person

_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "NOT EQUALS": lambda value, operand: value.casefold() != operand.casefold(),
    "EQUALS": lambda value, operand: value.casefold() == operand.casefold(),
    "IS NOT NULL": lambda value, _: bool(value),
    "IS NULL": lambda value, _: not value,
    "IS TRUE": lambda value, _: value.casefold() == "true",
    "IS FALSE": lambda value, _: value.casefold() == "false",
    "NOT REGEX MATCH": lambda value, operand: re.fullmatch(operand, value) is None,
    "REGEX MATCH": lambda value, operand: re.fullmatch(operand, value) is not None,
    "INCLUDES": lambda value, operand: operand.casefold() in value.casefold(),
    "ENDS_WITH": lambda value, operand: value.casefold().endswith(operand.casefold()),
}
_WITHOUT_OPERAND = ("IS NOT NULL", "IS NULL", "IS TRUE", "IS FALSE")
_CLAUSE = re.compile(rf"(?P<attribute>\w+) (?P<operator>{'|'.join(_OPERATORS)})(?: (?P<operand>.+))?")


class InvalidScope(ValueError):
    """A scoping filter cannot be read; the message is one line."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition on an attribute of the directory."""

    attribute: str
    operator: str
    operand: str = ""

    def holds(self, person: Person) -> bool:
        """Whether the person meets it."""
        return _OPERATORS[self.operator](person.value(self.attribute) or "", self.operand)


Scope = tuple[tuple[Clause, ...], ...]


def read_scope(filters: Sequence[str]) -> Scope:
    """Read scoping filters, one text each. Raises InvalidScope."""
    return tuple(tuple(_clause(text.strip()) for text in re.split(r" AND ", each)) for each in filters)


def in_scope(person: Person, scope: Scope) -> bool:
    """Whether a person is to be provisioned: assigned, there, and within one of the filters if there are any."""
    if not person.assigned or person.deleted:
        return False
    return not scope or any(all(clause.holds(person) for clause in clauses) for clauses in scope)


def _clause(text: str) -> Clause:
    match = _CLAUSE.fullmatch(text)
    if match is None or (match["operand"] is None) is not (match["operator"] in _WITHOUT_OPERAND):
        raise InvalidScope(
            f"the scoping filter “{text}” is not of the form 'department EQUALS Finance'; "
            f"operators are {', '.join(_OPERATORS)}"
        )
    try:
        re.compile(match["operand"] or "" if "REGEX" in match["operator"] else "")
    except re.error as error:
        raise InvalidScope(f"the regular expression in “{text}” cannot be read: {error}") from None
    return Clause(match["attribute"], match["operator"], match["operand"] or "")
