"""What a client keeps of the answers is bounded; a rehearsal and a load keep little, however much comes."""

from __future__ import annotations

import httpx
import pytest
from rehearsing import TAG

from conformance.reference.in_process import InProcess
from conformance.reference.tenant import ReferenceTenant
from conformance.rehearsal.directory import invent
from conformance.rehearsal.load import LoadPlan, load
from conformance.rehearsal.rehearse import Plan, rehearse
from conformance.rehearsal.traffic import TEAMS
from conformance.spec.profile import compose
from conformance.tenant.allowance import Ended
from conformance.tenant.auth import BearerToken
from conformance.tenant.client import Client, Limits
from conformance.tenant.url import TenantURL

LIMIT = 48 * 2**20


class Padded(httpx.BaseTransport):
    """The reference tenant with half a megabyte of blanks after each answer; ``length`` counts all that it sent."""

    def __init__(self) -> None:
        self._tenant = InProcess(ReferenceTenant(token="t"))
        self.length = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._tenant.handle_request(request)
        body = answer.read()
        body += b" " * 2**19 if body else b""
        self.length += len(body)
        answer.headers.pop("Content-Length", None)
        return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(body))


def asking(transport: Padded) -> Client:
    url = TenantURL.parse("http://127.0.0.1/scim/v2")
    return Client(url, limits=Limits(concurrency=2), auth=BearerToken("t"), transport=transport)


def test_a_rehearsal_ends_normally_however_much_comes():
    transport = Padded()
    directory = invent(TAG, users=3, groups=1, seed="s")
    outcome = rehearse(asking(transport), compose(["entra"]), directory, Plan())
    assert transport.length > LIMIT
    assert (outcome.good, outcome.stopped) == (True, "")


def test_a_load_ends_normally_however_much_comes():
    transport = Padded()
    directory = invent(TAG, users=20, groups=TEAMS, members_per_group=0, seed="s")
    outcome = load(asking(transport), compose(["entra"]), directory, LoadPlan(60, 2))
    assert transport.length > LIMIT
    assert outcome.stopped == ""


def test_a_run_that_keeps_everything_is_ended():
    client = asking(Padded())
    for _ in range(96):
        client.send("GET", "/ServiceProviderConfig")
    with pytest.raises(Ended, match="the tenant's answers are too long to be kept: more than 48 MB"):
        client.send("GET", "/ServiceProviderConfig")
    assert len(client.take()) == 96
    assert client.exchanges == []
