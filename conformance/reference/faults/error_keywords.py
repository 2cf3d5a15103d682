"""Faults of the scimType of errors (RFC 7644 §3.12, Table 9): a keyword that is missing where one is due."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from conformance.reference.faults.registry import register
from conformance.reference.faults.seams import on_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.messages import Request, Response
    from conformance.reference.tenant import ReferenceTenant

# The keyword that is left out, from errors to which method, and to requests whose query or body holds what.
_LEFT_OUT: dict[str, tuple[tuple[str, ...], str, str, str]] = {
    "malformed_filter": (
        ("RFC7644-3.12-25", "RFC7644-3.4.2.2-11"),
        "invalidFilter",
        "GET",
        r"filter=userName eq(?:$|&)",
    ),
    "unfit_operator": (("RFC7644-3.12-26", "RFC7644-3.4.2.2-52"), "invalidFilter", "GET", r"filter=active\W+gt"),
    "filter_in_a_path": (("RFC7644-3.12-27",), "invalidFilter invalidPath", "PATCH", r"eq ..work.\""),
    "taken_name_in_a_patch": (("RFC7644-3.12-31",), "uniqueness", "PATCH", ""),
    "patched_id": (("RFC7644-3.12-32",), "mutability", "PATCH", r'"op": ?"replace", ?"path": ?"id"'),
    "wrong_structure": (("RFC7644-3.12-34",), "invalidSyntax", "PUT", r"^\["),
    "malformed_path": (("RFC7644-3.12-35",), "invalidPath", "PATCH", r"name\.\."),
    "path_to_nothing": (("RFC7644-3.12-36", "RFC7644-3.5.2.3-18"), "noTarget", "PATCH", r'"op": ?"replace"'),
    "missing_value": (("RFC7644-3.12-37",), "invalidValue", "PUT", r'^(?=.*core:2)(?!.*"(?:userName|displayName)")'),
    "wrong_type": (("RFC7644-3.12-38",), "invalidValue", "PUT", r'\["no", ?"text"\]'),
}


def _leave_out(keywords: str, method: str, pattern: str) -> Callable[[ReferenceTenant], None]:
    def plant(tenant: ReferenceTenant) -> None:
        def change(request: Request, response: Response) -> None:
            error, asked = response.document or {}, unquote_plus(request.query.decode()) or request.body.decode()
            if error.get("scimType") in keywords.split() and re.search(pattern, asked):
                del error["scimType"]

        on_answer(tenant, change, method=method, status=(400, 409))

    return plant


for _name, (_breaks, _keywords, _method, _pattern) in _LEFT_OUT.items():
    _said = f"An error for a {_name.replace('_', ' ')} has no scimType."
    register(f"{_name}_has_no_scim_type", _breaks, _said, _leave_out(_keywords, _method, _pattern))
