"""Users to begin with, the same each time."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from conformance.spec.schema import ENTERPRISE_USER, USER

if TYPE_CHECKING:
    from collections.abc import Iterator

_GIVEN = ("Ada", "Björn", "Chidi", "Dilara", "Emeka", "Fatima", "Grace", "Hiro", "Inés", "Jonas")
_FAMILY = ("Okafor", "Lindqvist", "Moreau", "Demir", "Tanaka", "Novák", "Silva", "Haddad", "Kowalska", "Byrne")
_DEPARTMENTS = ("Engineering", "Finance", "Sales", "Support")


def users(number: int) -> Iterator[dict[str, Any]]:
    """Yield bodies that create users."""
    names = itertools.cycle(itertools.product(_FAMILY, _GIVEN))
    for count, (family, given) in enumerate(itertools.islice(names, number), start=1):
        user_name = f"user{count:05}@example.com"
        yield {
            "schemas": [USER, ENTERPRISE_USER],
            "userName": user_name,
            "name": {"givenName": given, "familyName": family},
            "displayName": f"{given} {family}",
            "active": True,
            "emails": [{"value": user_name, "type": "work", "primary": True}],
            ENTERPRISE_USER: {"employeeNumber": f"{count:05}", "department": _DEPARTMENTS[count % len(_DEPARTMENTS)]},
        }
