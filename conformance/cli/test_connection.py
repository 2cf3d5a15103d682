"""``test-connection``: what Microsoft Entra ID does when Test Connection is pressed."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from conformance.cli.base import Stop
from conformance.cli.options import connection_options, scrub_option, with_tenant_url
from conformance.cli.run import target
from conformance.config import load
from conformance.rehearsal.entra_log import INCOMPATIBLE
from conformance.reporting.text import one_line

if TYPE_CHECKING:
    from conformance.run import Run
    from conformance.spec.schema import ResourceType
    from conformance.tenant.exchange import Exchange

_SUCCESS = "The supplied credentials are authorized to enable provisioning."
_FAILURE = (
    "You appear to have entered invalid credentials. "
    "Please confirm you are using the correct information for an administrative account."
)
_INVALID = "InvalidCredentials"
_UNAVAILABLE = "CredentialValidationUnavailable"
_LONGEST_BODY = 300


@dataclass(frozen=True, slots=True)
class _Asked:
    """One look-up of Test Connection; ``code`` is Entra's word for what is wrong, ``wrong`` says it, empty if right."""

    exchange: Exchange
    code: str = ""
    wrong: str = ""

    @property
    def refused(self) -> bool:
        """Whether the tenant was not reached, or did not let the client in."""
        return self.exchange.response is None or self.code == _INVALID


@click.command("test-connection")
@with_tenant_url
@connection_options
@scrub_option
@click.option("--users-only", is_flag=True, help="do not ask for groups")
@click.option("--json", "as_json", is_flag=True, help="print the outcome as JSON")
def test_connection(*, users_only: bool, as_json: bool, **given: Any) -> int:
    """Do what Entra's Test Connection does to the tenant at TENANT_URL, and say what Entra would say.

    Entra looks up a user, and a group, who cannot exist, without User-Agent and Accept and with + for spaces; it takes
    200 with an empty list. It writes nothing. Exit status: 0 Entra would accept the tenant, 1 it would not, 2 wrong
    usage or configuration, 3 the tenant cannot be reached or refuses the credentials.
    """
    from conformance.run import Run  # noqa: PLC0415

    with target(load(given)) as settings:
        run = Run(settings)
        try:
            types = [run.service.resource_type(name) for name in ("User", *(() if users_only else ("Group",)))]
            answers = [_look_up(run, resource_type) for resource_type in types if resource_type]
        finally:
            run.close()
    if settings.scrub:
        answers = _scrubbed(answers)
    return _told([_Asked(answer, *_complaint(answer)) for answer in answers], as_json=as_json)


def _look_up(run: Run, resource_type: ResourceType) -> Exchange:
    from conformance.probes.client_entra import BARE, entra_lookup_path  # noqa: PLC0415

    path = entra_lookup_path(resource_type, str(uuid.uuid4()))
    return run.client.send("GET", path, name="test connection", headers=BARE)


def _scrubbed(answers: list[Exchange]) -> list[Exchange]:
    from conformance.reporting.scrubbing import Scrubber  # noqa: PLC0415

    scrubber = Scrubber()
    scrubber.learn(answers)
    return list(map(scrubber.exchange, answers))


def _complaint(exchange: Exchange) -> tuple[str, str]:
    """Return Entra's word for what is wrong with an answer, and a sentence; both empty where nothing is."""
    from conformance.tenant.exchange import Unusable  # noqa: PLC0415
    from conformance.tenant.preflight import diagnose  # noqa: PLC0415

    if exchange.response is None:
        return _UNAVAILABLE, diagnose(exchange) or "no answer"
    if exchange.status in {401, 403}:
        return _INVALID, diagnose(exchange) or f"the tenant refuses access ({exchange.status})"
    if exchange.status != 200:  # noqa: PLR2004
        said = one_line(exchange.answered.body, _LONGEST_BODY)
        told = f"HTTP/{exchange.status} rather than the expected HTTP/200 OK" + (
            f". Web Response: {said}" if said else ""
        )
        return INCOMPATIBLE if exchange.status == 404 else _UNAVAILABLE, told  # noqa: PLR2004
    try:
        found, total = exchange.resources, exchange.resource.get("totalResults")
    except Unusable as problem:
        return INCOMPATIBLE, f"StatusCode: OK, but the answer is no list: {problem}"
    if found or total != 0:
        return INCOMPATIBLE, f"somebody who cannot exist was found {len(found)} times, and totalResults is {total}"
    return "", ""


def _told(asked: list[_Asked], *, as_json: bool) -> int:
    bad = next((one for one in asked if one.wrong), None)
    verdict = _FAILURE if bad else _SUCCESS
    if as_json:
        looked_up = [
            {"request": one.exchange.label, "status": one.exchange.response and one.exchange.status,
             "code": one.code, "message": one.wrong}
            for one in asked
        ]  # fmt: skip
        click.echo(json.dumps({"accepted": bad is None, "verdict": verdict, "requests": looked_up}, indent=2))
    else:
        for one in asked:
            status = one.exchange.status if one.exchange.response else "no answer"
            click.echo(f"{one_line(one.exchange.label, 200)}\n    {status}{', an empty list' if not one.wrong else ''}")
            if one.wrong:
                click.echo(f"    {one.code}: {one_line(one.wrong, 600)}")
        click.echo(f"\n{verdict}")
    if bad and bad.refused:
        raise Stop(bad.wrong, 3)
    return 1 if bad else 0
