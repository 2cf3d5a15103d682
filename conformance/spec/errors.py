"""The one error every rule of the protocol ends in (RFC 7644 §3.12)."""

from __future__ import annotations

from typing import Any

from conformance.spec.messages import ERROR


class ScimError(Exception):
    """A request the protocol refuses: HTTP status, ``scimType`` of Table 9 or None, and a sentence for people."""

    def __init__(self, detail: str, *, status: int = 400, scim_type: str | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.scim_type = scim_type
        self.detail = detail

    def to_document(self) -> dict[str, Any]:
        """Return the Error message; ``status`` is a string there (§3.12)."""
        document: dict[str, Any] = {"schemas": [ERROR], "status": str(self.status), "detail": self.detail}
        if self.scim_type:
            document["scimType"] = self.scim_type
        return document


def invalid_syntax(detail: str) -> ScimError:
    """Return the error for a message whose structure is wrong."""
    return ScimError(detail, scim_type="invalidSyntax")


def invalid_value(detail: str) -> ScimError:
    """Return the error for a value that is missing or does not fit its attribute."""
    return ScimError(detail, scim_type="invalidValue")


def invalid_path(detail: str) -> ScimError:
    """Return the error for a PATCH path that is malformed or names no attribute."""
    return ScimError(detail, scim_type="invalidPath")


def no_target(detail: str) -> ScimError:
    """Return the error for a PATCH path that selects nothing to operate on."""
    return ScimError(detail, scim_type="noTarget")


def mutability(detail: str) -> ScimError:
    """Return the error for a change that the attribute's mutability or present state forbids."""
    return ScimError(detail, scim_type="mutability")
