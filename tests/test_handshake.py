"""Handshakes: a host is asked for one version of TLS at a time."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conformance.tenant.client import Client
from conformance.tenant.url import TenantURL

if TYPE_CHECKING:
    from collections.abc import Iterator

PEM = Path(__file__).parent / "data" / "localhost.pem"


@contextlib.contextmanager
def host(oldest: ssl.TLSVersion, newest: ssl.TLSVersion) -> Iterator[str]:
    """Accept connections with these versions on this machine; yields a Tenant URL there."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(PEM)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version, context.maximum_version = oldest, newest
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    plain, _ = listener.accept()
                    with contextlib.suppress(OSError), context.wrap_socket(plain, server_side=True) as secured:
                        secured.recv(1)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}/scim/v2"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    ("oldest", "newest", "accepted"),
    [
        (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3, {"TLS 1.2", "TLS 1.3"}),
        (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_3, {"TLS 1.3"}),
        (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, {"TLS 1.0", "TLS 1.1"}),
    ],
)
def test_each_version_is_asked_for_by_itself(oldest: ssl.TLSVersion, newest: ssl.TLSVersion, accepted: set[str]):
    with host(oldest, newest) as url:
        client = Client(TenantURL.parse(url))
        versions = ["TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3"]
        shaken = {version: client.handshake(version, name=version) for version in versions}
        client.close()
    assert {version for version, exchange in shaken.items() if exchange and exchange.ok} == accepted
    assert [exchange.error is None for exchange in client.exchanges] == [v in accepted for v in versions]


def test_without_https_nothing_is_asked():
    client = Client(TenantURL.parse("http://127.0.0.1:9/scim/v2"))
    assert client.handshake("TLS 1.2", name="") is None
    assert client.exchanges == []
    client.close()


def test_version_segments_are_exchanged():
    url = TenantURL.parse("https://example.com/scim/v2?a=b")
    assert str(url.in_version("v99")) == "https://example.com/scim/v99?a=b"
    assert str(url.in_version("")) == "https://example.com/scim?a=b"
    assert TenantURL.parse("https://v2").in_version("") is None
    assert TenantURL.parse("https://example.com/scim").in_version("v3") is None
