"""Filters as values (RFC 7644 §3.4.2.2): the grammar, read and written.

The reader holds to the ABNF where it is clear. It is wider in four places that the RFC's own examples or its errata
need: ``$ref`` is a name, a space may stand after ``not``, a quoted value may follow its operator directly
(``value eq"…"``, §3.5.2.2), and more than one space separates as one does. Brackets do not nest (erratum 4690).
What a filter means is in ``matching``.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import NoReturn

from conformance.spec.errors import ScimError
from conformance.spec.paths import SUB_ATTRIBUTE, AttrPath, PathError

COMPARISONS = ("eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le")
MAX_DEPTH = 40
MAX_TERMS = 256

_LONGEST_NUMBER = 300
_WORD = re.compile(r"[^\s()\[\]\"]+")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_LITERALS = {"true": True, "false": False, "null": None}
_ATTRIBUTE = "an attribute name such as userName or name.givenName"


class FilterError(ScimError):
    """A filter that cannot be used (400 invalidFilter).

    ``position`` is the offset in ``text``, from 0, and ``expected`` what should have stood there.
    """

    def __init__(self, position: int, expected: str, text: str) -> None:
        word = _WORD.match(text, position)
        found = repr((word.group() if word else text[position : position + 1])[:30]) if text[position:] else "the end"
        super().__init__(
            f"Invalid filter at position {position}: expected {expected}, found {found}", scim_type="invalidFilter"
        )
        self.position = position
        self.expected = expected
        self.text = text


@dataclass(frozen=True, slots=True)
class Comparison:
    """``path op value``; ``op`` is lower-case, ``value`` a JSON string, number, boolean or null."""

    path: AttrPath
    op: str
    value: str | float | bool | None

    def __str__(self) -> str:
        return f"{self.path} {self.op} {json.dumps(self.value, ensure_ascii=False)}"


@dataclass(frozen=True, slots=True)
class Present:
    """``path pr``."""

    path: AttrPath

    def __str__(self) -> str:
        return f"{self.path} pr"


@dataclass(frozen=True, slots=True)
class And:
    """``left and right``; a row of them leans left."""

    left: Filter
    right: Filter

    def __str__(self) -> str:
        return " and ".join(f"({node})" if isinstance(node, And | Or) else str(node) for node in operands(self))


@dataclass(frozen=True, slots=True)
class Or:
    """``left or right``; a row of them leans left."""

    left: Filter
    right: Filter

    def __str__(self) -> str:
        return " or ".join(f"({node})" if isinstance(node, Or) else str(node) for node in operands(self))


@dataclass(frozen=True, slots=True)
class Not:
    """``not (operand)``."""

    operand: Filter

    def __str__(self) -> str:
        return f"not ({self.operand})"


@dataclass(frozen=True, slots=True)
class ValuePath:
    """``path[filter]``: one value of ``path`` satisfies the whole filter over its sub-attributes."""

    path: AttrPath
    filter: Filter

    def __str__(self) -> str:
        return f"{self.path}[{self.filter}]"


Filter = Comparison | Present | And | Or | Not | ValuePath


@dataclass(frozen=True, slots=True)
class PatchPath:
    """A PATCH target (§3.5.2): ``attr``, or the values of ``attr`` that satisfy ``filter``, or ``sub`` in those."""

    attr: AttrPath
    filter: Filter | None = None
    sub: str | None = None

    def __str__(self) -> str:
        if self.filter is None:
            return str(self.attr)
        return f"{self.attr}[{self.filter}]" + (f".{self.sub}" if self.sub else "")


def operands(node: And | Or) -> list[Filter]:
    """Return what a row of one logical operator joins, from left to right: a, b and c of ``a or b or c``.

    A long row leans left as deeply as it is long, so it is walked, not descended into.
    """
    found: list[Filter] = []
    rest: Filter = node
    while type(rest) is type(node):
        found.append(rest.right)
        rest = rest.left
    return [rest, *reversed(found)]


def parse(text: str) -> Filter:
    """Read a filter; ``str()`` of the result is a filter that reads back as an equal value.

    Raises FilterError, also for more than MAX_DEPTH parentheses in each other or more than MAX_TERMS expressions.
    """
    return _Reader(text).whole()


def parse_path(text: str) -> PatchPath:
    """Read the ``path`` of a PATCH operation.

    Raises PathError, and FilterError where the fault lies between the brackets. A bare extension URI reads as if its
    last part were an attribute: compare the text with the URIs of the resource type first.
    """
    return _Reader(text).patch_path()


class _Reader:
    """Recursive descent; the offset moves on over the text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0
        self.terms = 0

    def whole(self) -> Filter:
        node = self._disjunction()
        self._spaces()
        if self.at < len(self.text):
            self._fail('"and", "or" or the end')
        return node

    def patch_path(self) -> PatchPath:
        word = _WORD.match(self.text)
        end = word.end() if word else 0
        attr = AttrPath.parse(self.text[:end])
        self.at = end
        if end == len(self.text):
            return PatchPath(attr)
        if not self._take("["):
            raise PathError(end, "expected '[' or the end")
        node = self._bracketed()
        if self.at == len(self.text):
            return PatchPath(attr, node)
        sub = SUB_ATTRIBUTE.fullmatch(self.text, self.at)
        if sub is None:
            raise PathError(self.at, "expected '.' and the name of a sub-attribute, or the end")
        return PatchPath(attr, node, sub["name"])

    def _disjunction(self, *, within: bool = False) -> Filter:
        node = self._conjunction(within=within)
        while self._joined_by("or"):
            node = Or(node, self._conjunction(within=within))
        return node

    def _conjunction(self, *, within: bool) -> Filter:
        node = self._operand(within=within)
        while self._joined_by("and"):
            node = And(node, self._operand(within=within))
        return node

    def _operand(self, *, within: bool) -> Filter:
        self._spaces()
        if self._take("("):
            return self._group(within=within)
        word = _WORD.match(self.text, self.at)
        if word is None:
            self._fail(f'{_ATTRIBUTE}, "not" or "("')
        start, self.at = self.at, word.end()
        if word.group().lower() == "not":
            self._spaces()
            if not self._take("("):
                self._fail('"(" after "not"')
            return Not(self._group(within=within))
        return self._expression(self._path(word.group(), start), within=within)

    def _expression(self, path: AttrPath, *, within: bool) -> Filter:
        self.terms += 1
        if self.terms > MAX_TERMS:
            self._fail(f"no more than {MAX_TERMS} expressions")
        if self._peek() == "[":
            if within:
                self._fail("an operator: a filter in brackets holds no other brackets")
            self.at += 1
            return ValuePath(path, self._bracketed())
        operator = self._operator()
        return Present(path) if operator == "pr" else Comparison(path, operator, self._value())

    def _group(self, *, within: bool) -> Filter:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self._fail(f"no more than {MAX_DEPTH} parentheses in each other")
        node = self._disjunction(within=within)
        self._spaces()
        if not self._take(")"):
            self._fail('"and", "or" or ")"')
        self.depth -= 1
        return node

    def _bracketed(self) -> Filter:
        node = self._disjunction(within=True)
        self._spaces()
        if not self._take("]"):
            self._fail('"and", "or" or "]"')
        return node

    def _path(self, word: str, start: int) -> AttrPath:
        try:
            return AttrPath.parse(word)
        except PathError as error:
            raise FilterError(start + error.position, _ATTRIBUTE, self.text) from error

    def _operator(self) -> str:
        spaced = self._spaces()
        word = _WORD.match(self.text, self.at)
        operator = word.group().lower() if word and spaced else ""
        if word is None or operator not in {"pr", *COMPARISONS}:
            self._fail(f"an operator (pr, {', '.join(COMPARISONS)})")
        self.at = word.end()
        return operator

    def _value(self) -> str | float | bool | None:
        spaced = self._spaces()
        if self._peek() == '"':
            return self._string()
        word = _WORD.match(self.text, self.at)
        literal = word.group() if word and spaced else ""
        if literal in _LITERALS:
            self.at += len(literal)
            return _LITERALS[literal]
        if not _NUMBER.fullmatch(literal):
            self._fail('a JSON value (a "quoted" string, a number, true, false or null)')
        number = self._number(literal)
        self.at += len(literal)
        return number

    def _number(self, literal: str) -> float:
        # Python refuses to read an integer of thousands of digits, and 1e999 would read as infinity.
        if len(literal) > _LONGEST_NUMBER or math.isinf(float(literal)):
            self._fail("a number of sensible size")
        return float(literal) if set(literal) & set(".eE") else int(literal)

    def _string(self) -> str:
        try:
            value, self.at = json.JSONDecoder().raw_decode(self.text, self.at)
        except json.JSONDecodeError as error:
            self.at = error.pos
            self._fail(f"a JSON string ({error.msg.removesuffix(' starting at').lower()})")
        return str(value)

    def _joined_by(self, operator: str) -> bool:
        match = re.compile(rf" +{operator}(?= |$)", re.IGNORECASE).match(self.text, self.at)
        if match:
            self.at = match.end()
        return match is not None

    def _spaces(self) -> bool:
        start = self.at
        while self._peek() == " ":
            self.at += 1
        return self.at > start

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _take(self, sign: str) -> bool:
        if self._peek() != sign:
            return False
        self.at += 1
        return True

    def _fail(self, expected: str) -> NoReturn:
        raise FilterError(self.at, expected, self.text)
