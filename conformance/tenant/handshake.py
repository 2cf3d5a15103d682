"""TLS handshakes by themselves, one for each version of the protocol (RFC 7644 §7.2)."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from conformance.tenant.exchange import Response

if TYPE_CHECKING:
    from conformance.tenant.url import TenantURL

VERSIONS = {
    "TLS 1.0": ssl.TLSVersion.TLSv1,
    "TLS 1.1": ssl.TLSVersion.TLSv1_1,
    "TLS 1.2": ssl.TLSVersion.TLSv1_2,
    "TLS 1.3": ssl.TLSVersion.TLSv1_3,
}
_HTTPS = 443
_OURS = {"NO_PROTOCOLS_AVAILABLE", "NO_CIPHERS_AVAILABLE"}


class Unspoken(Exception):
    """There is no TLS at the Tenant URL, or the TLS library here does not speak the version any more."""


def shake_hands(url: TenantURL, version: str, certificate: tuple[str, str] | None, timeout: float) -> Response:
    """Connect with one version only, and close; the answer is that to CONNECT: 200, with what was agreed on.

    ``certificate`` are the files of a client certificate and its key, ``timeout`` is in seconds. Raises OSError where
    the host does not accept the version, Unspoken where it was not asked.
    """
    parts = urlsplit(url.base)
    host = parts.hostname or ""
    if parts.scheme != "https":
        raise Unspoken
    try:
        context = _context(VERSIONS[version])
        if certificate:
            context.load_cert_chain(*certificate)
        with (
            socket.create_connection((host, parts.port or _HTTPS), timeout) as plain,
            context.wrap_socket(plain, server_hostname=host) as secured,
        ):
            cipher = secured.cipher()
            return Response(200, (("TLS-Version", str(secured.version())), ("TLS-Cipher", cipher[0] if cipher else "")))
    except ssl.SSLError as error:
        if error.reason in _OURS:
            raise Unspoken from error
        raise
    except ValueError as error:
        raise Unspoken from error


def _context(version: ssl.TLSVersion) -> ssl.SSLContext:
    """Return a context for one version; the certificate of the host is judged with every other request."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    # The library refuses the signatures and ciphers of the old versions unless told otherwise.
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version, context.maximum_version = version, version
    return context
