"""Preflight: tells a mistake in the configuration as one, before anything is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.tenant.exchange import Unusable

if TYPE_CHECKING:
    from conformance.tenant.exchange import Exchange

_CAUSES = (
    # what the operating system or TLS says, what it means for the person who configured the run
    (("name or service not known", "nodename nor servname", "getaddrinfo failed", "name resolution"),
     "the host name cannot be resolved; check the spelling of the Tenant URL"),
    (("connection refused",), "nothing listens there; check host and port of the Tenant URL"),
    (("certificate has expired",), "its TLS certificate has expired; renew it, or check the clock of this machine"),
    (("certificate is not yet valid",), "its TLS certificate is not valid yet; check the clock of this machine"),
    (("hostname mismatch", "ip address mismatch"),
     "its TLS certificate is that of another host; check the host of the Tenant URL, or let the host be named in it"),
    (("self-signed certificate in certificate chain", "self signed certificate in certificate chain"),
     "its TLS certificate comes from an authority that is not trusted here; give that with --ca-file"),
    (("self-signed certificate", "self signed certificate"),
     "its TLS certificate is signed by itself; where you know it to be the right one, give it with --ca-file"),
    (("unable to get local issuer",),
     "who issued its TLS certificate is unknown; let the server send the intermediate ones, too, or give --ca-file"),
    (("certificate_verify_failed", "certificate verify failed"),
     "the TLS certificate is not trusted; give the certificate authority with --ca-file"),
    (("wrong_version_number", "wrong version number", "record layer failure"),
     "the port does not speak TLS; check whether the Tenant URL should start with http:// or name another port"),
    (("disconnected without sending a response", "connection reset", "illegal request line", "illegal status line"),
     "the port does not speak HTTP; check whether the Tenant URL should start with https:// or name another port"),
    (("alert",), "the TLS handshake was refused; the server may ask for a client certificate (--client-cert)"),
    (("no answer within",), "the server does not answer in time; check the network or raise --timeout"),
)  # fmt: skip


def diagnose(exchange: Exchange) -> str | None:  # noqa: PLR0911 - one for each cause
    """Return in one line why an answer shows that there is no SCIM endpoint to judge here; None where there may be one.

    A 404 is left to the caller, since a small tenant may lack any one endpoint.
    """
    if exchange.response is None:
        error = exchange.error or "no answer"
        if error.startswith("the token endpoint"):
            return f"{error}; check the OAuth token URL, the client id and its secret"
        cause = next((means for signs, means in _CAUSES if any(sign in error.lower() for sign in signs)), None)
        return f"{exchange.request.url} cannot be reached: {cause or error}" + (f" ({error})" if cause else "")
    if exchange.status == 401:  # noqa: PLR2004
        return "the tenant refuses the credentials (401 Unauthorized); check the Secret Token"
    if exchange.status == 403 and not scim(exchange):  # noqa: PLR2004
        return "the tenant refuses access (403 Forbidden); check what the Secret Token is allowed to do"
    if 300 <= exchange.status < 400:  # noqa: PLR2004
        target = exchange.header("location") or "nowhere"
        return (
            f"{exchange.request.url} redirects to {target} (a login page?); "
            "give the URL of the SCIM endpoint itself, the one that takes a token"
        )
    if exchange.media_type in {"text/html", "application/xhtml+xml"}:
        return (
            f"{exchange.request.url} answers {exchange.status} with a web page instead of SCIM; "
            "check the path of the Tenant URL (often it ends in /scim or /scim/v2)"
        )
    if exchange.status >= 500 and exchange.status != 501:  # noqa: PLR2004
        return f"{exchange.request.url} answers {exchange.status}; the tenant is not in a state to be judged"
    return None


def scim(exchange: Exchange) -> bool:
    """Whether the answer is a SCIM message or resource: a JSON object with ``schemas``."""
    try:
        return isinstance(exchange.resource.get("schemas"), list)
    except Unusable:
        return False
