"""A certificate that nobody should trust: exit status 3, and one line that says what is wrong and what to do."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from commands import finished
from listening import listening

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
HERE = "subjectAltName=IP:127.0.0.1"
AUTHORITY = """
[ca]
default_ca = here
[here]
new_certs_dir = .
database = index.txt
rand_serial = yes
default_md = sha256
policy = names
copy_extensions = copy
default_days = 2
[names]
commonName = supplied
[authority]
basicConstraints = critical,CA:true
"""
# What is wrong, whether the root is given with --ca-file, and what the one line says.
CASES = {
    "expired": (True, "has expired"),
    "of_tomorrow": (True, "not valid yet"),
    "another_host": (True, "another host"),
    "self_signed": (False, "signed by itself"),
    "private_root": (False, "--ca-file"),
    "intermediate_missing": (True, "intermediate"),
}

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="certificates are made with openssl")


class Closet:
    """Makes certificates in a folder with openssl."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "ca.cnf").write_text(AUTHORITY)
        (folder / "index.txt").touch()
        self._openssl("req", "-x509", *KEY, "-keyout", "root.key", "-out", "root.pem", "-subj", "/CN=root")

    def make(self, case: str) -> None:
        """Make ``server.pem``, all that the server shows, and ``server.key``."""
        if case == "self_signed":
            self._openssl(
                "req", "-x509", *KEY, "-keyout", "server.key", "-out", "server.pem", "-subj", "/CN=me", "-addext", HERE
            )
            return
        issuer, dates = "root", ()
        if case == "intermediate_missing":
            issuer = "between"
            self._sign("between", "root", ("-extensions", "authority"))
        if case == "expired":
            dates = ("-startdate", "20200101000000Z", "-enddate", "20200102000000Z")
        if case == "of_tomorrow":
            dates = ("-startdate", "20900101000000Z", "-enddate", "20900102000000Z")
        self._sign("server", issuer, dates, "subjectAltName=DNS:other.example" if case == "another_host" else HERE)

    def _sign(self, name: str, issuer: str, more: tuple[str, ...], alternative: str = "") -> None:
        added = ("-addext", alternative) if alternative else ()
        self._openssl("req", *KEY, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}", *added)
        signer = ("-cert", f"{issuer}.pem", "-keyfile", f"{issuer}.key")
        files = ("-in", f"{name}.csr", "-out", f"{name}.pem")
        self._openssl("ca", "-batch", "-notext", "-config", "ca.cnf", *signer, *files, *more)

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)


@contextmanager
def speaking_tls(folder: Path) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    with listening(server) as origin:
        yield f"https://{origin}/scim/v2"


@pytest.mark.parametrize("case", CASES)
def test_one_line_says_what_is_wrong_with_a_certificate(case: str, tmp_path: Path):
    trusted, told = CASES[case]
    Closet(tmp_path).make(case)
    trust = ("--ca-file", str(tmp_path / "root.pem")) if trusted else ()
    with speaking_tls(tmp_path) as url:
        process = finished("run", url, *trust, "--timeout", "5", "--output", "out", folder=tmp_path)
    print(process.stderr)
    assert process.returncode == 3
    assert told in process.stderr
    assert process.stderr.count("\n") == 1
    assert "Traceback" not in process.stderr
