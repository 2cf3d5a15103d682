"""Authentication with the static bearer token."""

import os
from types import SimpleNamespace


def bearer_token(get_response):
    """Mark a request as logged in when it carries the token."""

    def middleware(request):
        known = request.headers.get("Authorization") == f"Bearer {os.environ['TOKEN']}"
        request.user = SimpleNamespace(is_authenticated=known, is_anonymous=not known)
        return get_response(request)

    return middleware
