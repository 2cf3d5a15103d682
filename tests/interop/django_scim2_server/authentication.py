"""Authentication with the static bearer token."""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest


def bears_the_token(request: "HttpRequest") -> bool:
    """Tell whether a request carries the token."""
    return request.headers.get("Authorization") == f"Bearer {os.environ['TOKEN']}"
