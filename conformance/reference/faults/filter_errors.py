"""Faults of refusing filters that are wrong (RFC 7644 §3.4.2.2, §3.12)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from conformance.reference.faults.registry import fault, register
from conformance.reference.faults.seams import declare, wrap
from conformance.reference.faults.selecting import NOBODY, break_down, reword
from conformance.spec.errors import ScimError
from conformance.spec.filter import Filter, FilterError, Not
from conformance.spec.service import FilterSupport

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.faults.registry import Plant
    from conformance.reference.tenant import ReferenceTenant

_FILTER = "RFC7644-3.4.2.2-"

# A lenient reader: what is missing is filled in, what is too much is left out.
_LENIENT = (
    ("lone_attribute_is_presence", "10", "An attribute without an operator is taken for pr.", r"[\w.]+", r"\g<0> pr"),
    (
        "missing_operand_is_empty",
        "11 RFC7644-3.12-25 RFC7644-3.4.3-11",
        "An operator without an operand compares with nothing.",
        r"(\w+ eq)",
        r'\1 ""',
    ),
    ("missing_attribute_is_id", "12", "A comparison without an attribute is about id.", r'eq ".*"', r"id \g<0>"),
    ("open_text_is_closed", "14", "A quoted operand may lack its end.", r'\w+ eq "\w+', r'\g<0>"'),
    ("open_bracket_is_closed", "15 RFC7644-3.12-25", "A round bracket need not be closed.", r"\([^)]*", r"\g<0>)"),
    ("closing_bracket_is_dropped", "15", "A closing round bracket may be too many.", r"([^(]*)\)", r"\1"),
    ("open_square_is_closed", "16", "A square bracket need not be closed.", r"\w+\[[^\]]*", r"\g<0>]"),
    ("final_and_is_dropped", "17", "A filter may end in and.", r"(.*) and", r"\1"),
    ("final_not_is_dropped", "17", "A filter may end in not.", r"(.*) and not", r"\1"),
    (
        "rest_is_ignored",
        "18 RFC7644-3.12-25 RFC7644-3.4.3-11",
        "What follows a filter is ignored.",
        r'(\w+ eq "\w+") "\w+"',
        r"\1",
    ),
    ("and_may_be_left_out", "19", "Two comparisons need no and.", r'(\w+ eq "\w+") (\w+ eq "\w+")', r"\1 and \2"),
    ("pr_takes_an_operand", "20", "The operator pr ignores an operand.", r'(\w+ pr) "\w+"', r"\1"),
    ("quotes_may_be_left_out", "13", "A text needs no quotes.", r"(\w+ eq) (nobody)", r'\1 "\2"'),
    ("single_quotes_will_do", "21", "A text may stand in single quotes.", r"(\w+ eq) '(\w+)'", r'\1 "\2"'),
    ("not_needs_no_brackets", "22", "The word not needs no brackets.", r'not (\w+ eq ".*")', r"not (\1)"),
    ("unknown_operator_is_eq", "23", "An unknown operator is taken for eq.", r"(\w+) regex (.*)", r"\1 eq \2"),
    ("complex_is_present", "89", "A comparison with name selects everybody who has one.", r"name eq .*", "name pr"),
    ("unknown_is_ignored", "108", "A comparison with an unknown attribute is true.", r"shoeSize eq .*", "id pr"),
    ("misfit_is_true", "107", "Any text is true for a boolean.", r'active eq "maybe"', "active eq true"),
    ("number_is_ignored", "107", "A number is true for a text.", r"(\w+) eq \d+", r"\1 pr"),
    ("odd_time_is_ignored", "107", "A text that is no time is before all.", r'([\w.]+) gt "yesterday"', r"\1 pr"),
)


def _lenient(pattern: str, replacement: str) -> Plant:
    def change(text: str) -> str:
        found = re.fullmatch(pattern, text)
        return found.expand(replacement) if found else text

    return lambda tenant: reword(tenant, change)


for _name, _breaks, _description, _pattern, _replacement in _LENIENT:
    _number, *_twins = _breaks.split()
    register(_name, (_FILTER + _number, *_twins), _description, _lenient(_pattern, _replacement))

_UNORDERED = {"boolean": ("active", 52), "binary": ("x509Certificates.value", 53)}
_TWINS = {("boolean", "gt"): ("RFC7644-3.12-26",)}
for _kind, (_path, _first) in _UNORDERED.items():
    for _place, _operator in enumerate(("gt", "ge", "lt", "le")):
        register(
            f"{_kind}_has_{_operator}",
            (f"{_FILTER}{_first + 5 * _place}", *_TWINS.get((_kind, _operator), ())),
            f"The operator {_operator} is answered for a {_kind} attribute.",
            _lenient(f"({re.escape(_path)}) {_operator} (.*)", r"\1 eq \2"),
        )


def _refusing(pattern: str, error: ScimError) -> Plant:
    def change(text: str) -> str:
        if re.fullmatch(pattern, text):
            raise error
        return text

    return lambda tenant: reword(tenant, change)


for _name, _number, _description, _pattern, _error in (
    (
        "empty_filter_is_invalid_syntax",
        "09",
        "An empty filter is refused with scimType invalidSyntax.",
        "",
        ScimError("The filter is empty", scim_type="invalidSyntax"),
    ),
    (
        "unknown_operator_is_invalid_syntax",
        "24",
        "An unknown operator is refused with scimType invalidSyntax.",
        ".* regex .*",
        ScimError("The operator is unknown", scim_type="invalidSyntax"),
    ),
    (
        "unknown_operator_is_not_explained",
        "25",
        "The refusal of an unknown operator has an empty detail.",
        ".* regex .*",
        ScimError("", scim_type="invalidFilter"),
    ),
    (
        "apostrophes_are_refused",
        "111",
        "A quoted operand with an apostrophe is refused.",
        ".*O'Malley.*",
        FilterError(0, "a text", "an apostrophe"),
    ),
    (
        "two_value_filters_are_refused",
        "111",
        "Of several filters in square brackets more than one is refused.",
        r".*\[.*\] or .*\[.*\]",
        FilterError(0, "the end", "or"),
    ),
):
    register(_name, (_FILTER + _number,), _description, _refusing(_pattern, _error))


@fault("RFC7644-3.4.2.2-106")
def null_breaks_down(tenant: ReferenceTenant) -> None:
    """A comparison with null is answered with 500."""
    break_down(tenant, lambda text: text.endswith("null"))


@fault("RFC7644-3.4.2.2-02")
def unsupported_filter_is_ignored(tenant: ReferenceTenant) -> None:
    """A tenant that declares no filtering answers a query for one value as if it had no filter."""

    def read(original: Callable[..., Filter], text: str, *more: Any, everywhere: bool) -> Filter:
        ignored = not everywhere and re.fullmatch(r'\w+ eq "[^"]*"', text)
        return Not(NOBODY) if ignored else original(text, *more, everywhere=everywhere)

    declare(tenant, filter=FilterSupport(supported=False))
    wrap(tenant.rules, "read_filter", read)
