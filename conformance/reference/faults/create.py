"""Faults of creating resources (RFC 7644 §3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.reference.faults.registry import fault
from conformance.reference.faults.seams import on_answer, set_status

if TYPE_CHECKING:
    from conformance.reference.tenant import ReferenceTenant


@fault("RFC7644-3.3-05")
def create_answers_200(tenant: ReferenceTenant) -> None:
    """A create answers 200 instead of 201."""
    on_answer(tenant, set_status(200), method="POST", status=201)
