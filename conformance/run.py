"""A run: connect, discover, gather, and keep what was found until it is reported."""

from __future__ import annotations

import re
import ssl
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from conformance.config import InvalidConfiguration, Settings
from conformance.narrowing import assumed_types, narrow
from conformance.probes.evidence import Blocked
from conformance.probes.gather import Gatherer
from conformance.probes.registry import ProbeCall, probes
from conformance.probes.samples import Recipe
from conformance.reporting.gate import Gate
from conformance.spec.profile import InvalidProfile, compose
from conformance.spec.requirements import catalogue, features
from conformance.spec.service import Service
from conformance.spec.steps import UnknownPlan, load_plan
from conformance.suggest import did_you_mean
from conformance.tenant.auth import BearerToken, ClientCredentials, TokenEndpoint
from conformance.tenant.clean_up import clean_up
from conformance.tenant.client import Client, Limits
from conformance.tenant.ledger import LEDGER_FILE, Ledger
from conformance.tenant.preflight import diagnose, scim
from conformance.tenant.redaction import Redactor
from conformance.tenant.url import InvalidTenantURL, TenantURL

_CREDENTIAL_HEADER = re.compile("auth|cookie|key|password|secret|token", re.IGNORECASE)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.probes.evidence import Evidence
    from conformance.reporting.outline import Outline
    from conformance.spec.schema import ResourceType


_MOST_ATTRIBUTES = 5_000  # each is judged by a dozen checks and more
_FORMATS = ("html", "json", "junit", "har")


class TenantUnreachable(Exception):
    """The tenant could not be reached, or refused the credentials; the message is one line that says what to do."""


@dataclass
class Run:
    """One run against one tenant. ``open`` connects and discovers; the rest of the suite works with what it found.

    ``wanted`` are ids of requirements; where there are any, only the checks that judge one of them are selected.
    """

    settings: Settings
    worker: str = ""
    transport: httpx.BaseTransport | None = None
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    memory: Path | None = None
    previous: Outline | None = None
    left: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Prepare the client. Raises InvalidConfiguration; sends nothing and writes nothing."""
        settings = self.settings
        try:
            self.url = TenantURL.parse(settings.tenant_url)
            self.plan = load_plan(settings.plan) if settings.plan else None
            self.profile = compose((*settings.profile, *([self.plan.profile] if self.plan else [])))
        except (InvalidTenantURL, InvalidProfile, UnknownPlan) as error:
            raise InvalidConfiguration(str(error)) from None
        known = features(catalogue().values()) if settings.feature else []
        for feature in settings.feature:
            if feature not in known:
                raise InvalidConfiguration(f"there is no feature “{feature}”{did_you_mean(feature, known)}")
        self.wanted = self.plan.requirements if self.plan else frozenset[str]()
        self.seed = settings.seed or uuid.uuid4().hex[:8]
        self.tag = f"conf-{uuid.uuid4().hex[:8]}"
        self.output = Path(settings.output) if settings.output else None
        self.gate = Gate.of(settings)
        self._tokens: TokenEndpoint | None = None
        self.client = self._client()
        self.service = Service.default()
        self.narrowing = ""

    def open(self, found: Mapping[str, Evidence] | None = None) -> None:
        """Discover what the tenant is. ``found`` is evidence by key of what need not be asked again.

        Raises TenantUnreachable where there is no SCIM endpoint that lets us in, InvalidConfiguration where the run
        does not fit the tenant or its output folder cannot be made.
        """
        self.found = found or {}
        call = discovery()
        self.gatherer = Gatherer(self.client, self.service, self._recipe)
        if call.key in self.found:
            self.gatherer.put(call, self.found[call.key])
        else:
            _preflight(self.gatherer.evidence(call))
        self.learn(self.gatherer.evidence(call))
        self.make_folder()
        self._begin_ledger()
        self.gatherer.service = self.service

    def narrow(self) -> None:
        """Narrow the run to what the tenant keeps, where neither its schemas nor a profile say it: it is asked.

        A run that only reads cannot ask. What came of it stands in ``narrowing``, in words.
        """
        unsaid = [t for t in assumed_types(self.service) if not self.profile.attributes.get(t.name)]
        asked: dict[str, Evidence] = {}
        for resource_type in () if self.settings.read_only else unsaid:
            call = ProbeCall(probes()["kept"], (resource_type,))
            if call.key in self.found:
                self.gatherer.put(call, self.found[call.key])
            with suppress(Blocked):  # a recording may lack it
                asked[resource_type.name] = self.gatherer.evidence(call)
        self.service, self.narrowing = narrow(self.service, self.profile, asked)
        self.gatherer.service = self.service

    def _begin_ledger(self) -> None:
        file = self.output / LEDGER_FILE if self.output else None
        try:
            former = Ledger.resume(file) if file and file.is_file() else Ledger()
            if former.tenant != self.url.base and (former.left_behind or former.unanswered):
                # Clean-up of the folder would delete at this tenant what was created at the other one.
                raise InvalidConfiguration(
                    f"a run against {former.tenant} left something that only {file} knows of: clean up first"
                )
            self.client.ledger.keep(file, self.url.base, self.tag)
        except OSError as error:
            raise InvalidConfiguration(f"the ledger {file} cannot be written: {error.strerror}") from None

    def sweep(self) -> None:
        """Delete whatever is left in the tenant although every probe cleans up after itself."""
        self.client.allowance.end("the run is over")
        _, self.left = clean_up(self.client)

    def learn(self, discovered: Evidence) -> None:
        """Take in what the tenant says of itself.

        Raises InvalidConfiguration where the run does not fit it, TenantUnreachable for more than can be judged.
        """
        self.service = Service.from_documents(
            discovered["config"].shown,
            discovered["resource_types"].listed,
            discovered["schemas"].listed,
            base_path=self.url.path,
        )
        described = sum(map(_described, self.service.resource_types))
        if described > _MOST_ATTRIBUTES:
            raise TenantUnreachable(
                f"the tenant's schemas describe {described} attributes; no more than {_MOST_ATTRIBUTES} can be judged"
            )
        for name in self.settings.resource_type:
            if self.service.resource_type(name) is None:
                served = [served.name for served in self.service.resource_types]
                raise InvalidConfiguration(f"the tenant has no resource type “{name}”{did_you_mean(name, served)}")

    def took(self, ended: float) -> float:
        """Return how many seconds the run took that ended at a time in seconds since the epoch."""
        return ended - self.started.timestamp()

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats in which it is reported."""
        return self.settings.report or _FORMATS

    @property
    def _recipe(self) -> Recipe:
        needed = {name: self.profile.needed(name) for name in ("User", "Group")}
        memory = self.memory or (self.output / "examples" if self.output else None)
        return Recipe(self.seed, self.tag, self.settings.test_domain, needed, memory)

    def close(self) -> None:
        """Close the connections."""
        self.client.close()
        if self._tokens:
            self._tokens.close()

    @property
    def rate(self) -> float:
        """The ceiling of requests per second: as set, else the target's published limit; 0 for none."""
        return self.settings.rate or self.profile.limits.requests_per_second

    def make_folder(self) -> None:
        """Make the folder for the reports. Raises InvalidConfiguration."""
        if self.output is None:
            return
        try:
            self.output.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InvalidConfiguration(f"the output folder {self.output} cannot be used: {error.strerror}") from None

    def _client(self) -> Client:
        settings = self.settings
        token = settings.secret_token
        redactor = Redactor((token, settings.password, settings.client_secret), discreet=settings.scrub)
        for name, value in settings.headers.items():
            if _CREDENTIAL_HEADER.search(name):
                redactor.add(value.rpartition(" ")[2])
        ways = [bool(token), bool(settings.username), bool(settings.oauth_token_url)]
        if sum(ways) > 1:
            raise InvalidConfiguration("give one of a token, a user name or an OAuth token URL, not several")
        if settings.oauth_token_url and not settings.client_id:
            raise InvalidConfiguration("an OAuth token URL needs a client id (--client-id) and its secret")
        verify = self._tls()
        auth: httpx.Auth | None = None
        if token:
            auth = BearerToken(token)
        elif settings.username:
            auth = httpx.BasicAuth(settings.username, settings.password)
            redactor.add(f"{settings.username}:{settings.password}")
        elif settings.oauth_token_url:
            self._tokens = TokenEndpoint(verify, settings.timeout)
            auth = ClientCredentials(
                settings.oauth_token_url,
                settings.client_id,
                settings.client_secret,
                scope=settings.scope,
                in_body=settings.client_auth == "body",
                fetch=self._tokens.fetch,
                learn=redactor.add,
            )
        return Client(
            self.url,
            limits=Limits(
                settings.timeout, self.rate, settings.concurrency, settings.max_requests, settings.max_minutes
            ),
            auth=auth,
            headers=settings.headers,
            verify=verify,
            certificate=(settings.client_cert, settings.client_key or settings.client_cert)
            if settings.client_cert
            else None,
            redactor=redactor,
            read_only=settings.read_only,
            worker=self.worker,
            transport=self.transport,
        )

    def _tls(self) -> ssl.SSLContext:
        settings = self.settings
        if self.url.base.startswith("http://") and not settings.oauth_token_url.startswith("https://"):
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            context = ssl.create_default_context(cafile=settings.ca_file or None)
            if settings.client_cert:
                context.load_cert_chain(settings.client_cert, settings.client_key or None)
        except (OSError, ssl.SSLError) as error:
            files = ", ".join(filter(None, (settings.ca_file, settings.client_cert, settings.client_key)))
            raise InvalidConfiguration(f"the TLS files {files} cannot be used: {error}") from None
        return context


def discovery() -> ProbeCall:
    """Return the questions with which every run begins."""
    return ProbeCall(probes()["discovery"], ())


def _preflight(discovered: Evidence) -> None:
    try:
        config, nobody = discovered["config"], discovered["nobody"]
    except Blocked as reason:
        raise TenantUnreachable(str(reason)) from None
    for exchange in (config, nobody):
        # Some tenants keep the discovery endpoints behind another front end; the users decide.
        complaint = diagnose(exchange)
        if complaint and (exchange is nobody or exchange.response is None or not scim(nobody)):
            raise TenantUnreachable(complaint)
    nothing = config.status == nobody.status == HTTPStatus.NOT_FOUND
    if nothing or (not scim(config) and not scim(nobody)):
        raise TenantUnreachable(
            f"{config.request.url} answers {config.status} and {nobody.request.url} {nobody.status}, "
            "so there is no SCIM endpoint; "
            "check the path of the Tenant URL (often it ends in /scim or /scim/v2)"
        )


def _described(resource_type: ResourceType) -> int:
    schemas = (resource_type.schema, *(extension.schema for extension in resource_type.extensions))
    return sum(1 + len(attribute.sub_attributes) for schema in schemas for attribute in schema.attributes)
