"""Our own parsers take anything: they return, or refuse in the words they promise, in a bounded time.

``FUZZ`` is the number of examples for each; the default is fit for every commit.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from inputs import NAMES, WORDS

from conformance.config import InvalidConfiguration, settings_in
from conformance.rehearsal.scope import InvalidScope, read_scope
from conformance.reporting.har import read
from conformance.reporting.waivers import load_waivers
from conformance.spec.errors import ScimError
from conformance.spec.filter import parse, parse_path
from conformance.spec.paths import AttrPath
from conformance.spec.schema import Schema
from conformance.spec.service import Service
from conformance.tenant.exchange import Exchange, Request, Response, Unusable
from conformance.tenant.ledger import Ledger, leads_astray
from conformance.tenant.redaction import Redactor
from conformance.tenant.url import InvalidTenantURL, TenantURL

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLES = int(os.environ.get("FUZZ", "60"))
MOST_SECONDS = 5

TEXTS = st.lists(st.sampled_from(WORDS) | st.text(max_size=5), max_size=40).map("".join)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
KEYS = st.sampled_from(NAMES) | TEXTS
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=30)
TABLES = st.dictionaries(KEYS, VALUES)


def fuzzed(strategy: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run a test with many examples, none of which may take long."""

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        relaxed = settings(max_examples=EXAMPLES, deadline=MOST_SECONDS * 1000, suppress_health_check=list(HealthCheck))
        return relaxed(given(strategy)(test))

    return decorate


def in_words(refusal: Exception) -> None:
    assert str(refusal)


@fuzzed(TEXTS)
def test_filters(text: str):
    for reader in (parse, parse_path, AttrPath.parse):
        try:
            reader(text)
        except ScimError as refusal:
            in_words(refusal)


@pytest.mark.parametrize(
    "text", ["(" * 10**6, "a eq 1 and " * 10**5, 'a eq "' + "\\" * 10**6, "a[" * 10**5, "not " * 10**5]
)
def test_filters_that_are_very_long(text: str):
    clock = time.monotonic()
    with pytest.raises(ScimError):
        parse(text)
    assert time.monotonic() - clock < MOST_SECONDS


@fuzzed(VALUES)
def test_schemas(document: Any):
    if isinstance(document, dict):
        Schema.from_scim(document)
    Service.from_documents(document, [document], [document], base_path="/scim")
    Service.from_documents({}, document, document)


@fuzzed(TEXTS)
def test_urls_and_paths(text: str):
    tenant = TenantURL.parse("https://h/scim")
    found = tenant.relative(text)
    assert found is None or found.startswith("/")
    leads_astray(text)
    try:
        TenantURL.parse(text)
    except InvalidTenantURL as refusal:
        in_words(refusal)


@fuzzed(TEXTS)
def test_answers(text: str):
    exchange = Exchange("x", "", Request("GET", "http://h/"), Response(200, (("Retry-After", text),), text))
    try:
        exchange.resources  # noqa: B018
    except Unusable as problem:
        in_words(problem)


@fuzzed(st.lists(st.text(min_size=4, max_size=30), max_size=4).flatmap(lambda s: st.tuples(st.just(s), TEXTS)))
def test_redaction(given_: tuple[list[str], str]):
    secrets, around = given_
    secrets = [secret for secret in secrets if secret.isprintable()]
    redactor = Redactor(secrets)
    for secret in secrets:
        assert secret not in redactor.text(around + secret + around).replace("[redacted]", "")


@fuzzed(TEXTS)
def test_scoping_filters(text: str):
    try:
        read_scope([text])
    except InvalidScope as refusal:
        in_words(refusal)


@fuzzed(TABLES)
def test_settings(table: dict[str, Any]):
    try:
        settings_in(table, Path("scim-conformance.toml"))
    except InvalidConfiguration as refusal:
        in_words(refusal)


@fuzzed(st.one_of(TEXTS, VALUES.map(json.dumps)))
def test_files(text: str):
    path = Path(os.environ["PYTEST_FUZZ_FILE"])
    path.write_text(text, "utf-8", "surrogatepass")
    Ledger.resume(path).close()
    for reader in (read, load_waivers):
        try:
            reader(str(path))
        except InvalidConfiguration as refusal:
            in_words(refusal)


@pytest.fixture(autouse=True)
def _file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_FUZZ_FILE", str(tmp_path / "file"))
