"""How a check says what it judges and over what it runs.

    @requirement("RFC7644-3.3-08")
    def test_create_answers_201(created):
        \"\"\"A create answers 201 Created.\"\"\"
        assert created.created.status == 201

The arguments name probes (their evidence), dimensions (``resource_type``, ``attribute``) or ``verdict``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from conformance.spec.schema import BoundAttribute


def requirement(*ids: str | Callable[..., str | Iterable[str]]) -> pytest.MarkDecorator:
    """Name the requirements a check judges, the weightiest first.

    A callable is given the check's parameters of the names it takes and returns the ids; a check for which there are
    none is not collected.
    """
    return pytest.mark.requirement.with_args(*ids)


def for_types(*names: str) -> pytest.MarkDecorator:
    """Run a check, or a module's checks, for these resource types only."""
    return pytest.mark.for_types.with_args(*names)


def for_attributes(where: Callable[[BoundAttribute], bool]) -> pytest.MarkDecorator:
    """Run a check for the attributes and sub-attributes of which ``where`` is true."""
    return pytest.mark.for_attributes.with_args(where)
