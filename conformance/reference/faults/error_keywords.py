"""Faults of the scimType of errors (RFC 7644 §3.12, Table 9): a keyword that is missing where one is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.reference.faults.registry import register
from conformance.reference.faults.seams import on_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.messages import Request, Response
    from conformance.reference.tenant import ReferenceTenant

# The keyword that is left out, from errors to which method, and from which of these by a word in the detail.
_LEFT_OUT: dict[str, tuple[tuple[str, ...], str, str, str]] = {
    "malformed_filter": (("RFC7644-3.12-25",), "invalidFilter", "GET", "expected"),
    "unfit_operator": (("RFC7644-3.12-26",), "invalidFilter", "GET", "operator"),
    "filter_in_a_path": (("RFC7644-3.12-27",), "invalidFilter invalidPath", "PATCH", "]"),
    "taken_name_in_a_patch": (("RFC7644-3.12-31",), "uniqueness", "PATCH", ""),
    "patched_id": (("RFC7644-3.12-32",), "mutability", "PATCH", ""),
    "wrong_structure": (("RFC7644-3.12-34",), "invalidSyntax", "PUT", ""),
    "malformed_path": (("RFC7644-3.12-35",), "invalidPath", "PATCH", ""),
    "path_to_nothing": (("RFC7644-3.12-36",), "noTarget", "PATCH", ""),
    "missing_value": (("RFC7644-3.12-37",), "invalidValue", "POST", "required"),
    "wrong_type": (("RFC7644-3.12-38",), "invalidValue", "POST", "must be"),
}


def _leave_out(keywords: str, method: str, word: str) -> Callable[[ReferenceTenant], None]:
    def plant(tenant: ReferenceTenant) -> None:
        def change(_: Request, response: Response) -> None:
            error = response.document or {}
            if error.get("scimType") in keywords.split() and word in str(error.get("detail")):
                del error["scimType"]

        on_answer(tenant, change, method=method, status=(400, 409))

    return plant


for _name, (_breaks, _keywords, _method, _word) in _LEFT_OUT.items():
    _said = f"An error for a {_name.replace('_', ' ')} has no scimType."
    register(f"{_name}_has_no_scim_type", _breaks, _said, _leave_out(_keywords, _method, _word))
