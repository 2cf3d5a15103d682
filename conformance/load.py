"""The traffic of a provisioning client as a Locust user, for load from more than one machine.

A locustfile of one line will do: ``from conformance.load import Provisioning``. It needs the extra
``scim-conformance[load]``. Settings come from ``scim-conformance.toml`` and the environment, the Tenant URL also from
``--host``.
"""

from __future__ import annotations

# Locust comes first: it makes sockets and locks give way to other users before anything else takes hold of them.
from locust import User, constant, events, task
from locust.exception import StopUser
from locust.runners import MasterRunner

# ruff: isort: split
import logging
import random
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from conformance.config import InvalidConfiguration, load
from conformance.rehearsal.directory import invent
from conformance.rehearsal.refusals import answer
from conformance.rehearsal.schedule import Schedule
from conformance.rehearsal.service import Failed
from conformance.rehearsal.services import engage, leave
from conformance.rehearsal.traffic import TEAMS, Traffic, people_for
from conformance.run import Run, TenantUnreachable
from conformance.tenant.allowance import Ended

if TYPE_CHECKING:
    from conformance.tenant.exchange import Exchange

_MOST_USERS = 1_000  # in one process
_FOR_EVER = 1e9  # seconds

logging.getLogger("httpx").setLevel(logging.WARNING)  # Locust would print a line for each request


class _Worker:
    """What the users of one process share: the run with its ledger, the service and its traffic."""

    def __init__(self, environment: Any) -> None:
        """Connect and discover. Raises InvalidConfiguration, TenantUnreachable."""
        settings = load({"tenant_url": environment.host or None})
        profile = settings.profile or ("entra",)
        self._run = Run(replace(settings, profile=profile, concurrency=_MOST_USERS, read_only=False))
        self._run.output = self._run.output or Path("reports", f"load-{self._run.tag}")
        self._run.open()
        self._usual = self._run.client.limits
        self._run.client.limits = replace(self._usual, rate=0.0, attempts=1)
        directory = invent(
            self._run.tag,
            users=people_for(_FOR_EVER),
            groups=TEAMS,
            members_per_group=0,
            seed=self._run.seed,
            domain=settings.test_domain,
        )
        self._request = environment.events.request
        self._user = threading.local()
        self._service = engage(self._run.client, self._run.profile, directory, announce=self._after)
        self._service.wire.before = self._before
        self.traffic = Traffic(self._service, self._run.seed)

    def begin(self) -> None:
        """Begin the schedule of the user that calls: a request a second, and not at the moment of all others."""
        time.sleep(random.random())  # noqa: S311 - no secret
        self._user.schedule = Schedule(1.0, _FOR_EVER)

    def close(self) -> None:
        """Delete what was created, no faster than the settings allow."""
        self._run.client.limits = replace(self._usual, concurrency=8)
        left = leave(self._service)
        self._run.close()
        print(f"{len(left)} resources are left behind; the ledger is in {self._run.output}")  # noqa: T201

    def _before(self) -> None:
        self._user.late = self._user.schedule.turn()

    def _after(self, exchange: Exchange) -> None:
        self._request.fire(
            request_type=exchange.request.method,
            name=exchange.name,
            response_time=(exchange.elapsed + self._user.late) * 1000,
            response_length=len(exchange.response.body) if exchange.response else 0,
            exception=None if exchange.ok else RuntimeError(answer(exchange)),
            context={},
        )


class Provisioning(User):
    """Sends one request a second, so that as many users are as many requests a second.

    Response times count from the moment at which a request was due.
    """

    wait_time = constant(0)
    worker: ClassVar[_Worker | None] = None

    def on_start(self) -> None:
        """Begin, where the tenant could be reached."""
        if self.worker:
            self.worker.begin()

    @task
    def step(self) -> None:
        """Take one step of the client. Raises StopUser once nothing more may be asked."""
        if self.worker is None:
            raise StopUser
        try:
            self.worker.traffic.step()
        except Failed as failed:
            if failed.exchange.ok:
                self.environment.events.user_error.fire(user_instance=self, exception=failed, tb=failed.__traceback__)
        except Ended:
            raise StopUser from None


@events.test_start.add_listener
def _begin(environment: Any, **_: Any) -> None:
    if isinstance(environment.runner, MasterRunner):
        return
    try:
        Provisioning.worker = _Worker(environment)
    except (InvalidConfiguration, TenantUnreachable) as error:
        print(error)  # noqa: T201
        environment.process_exit_code = 2
        environment.runner.quit()


@events.test_stop.add_listener
def _end(**_: Any) -> None:
    worker, Provisioning.worker = Provisioning.worker, None
    if worker:
        worker.close()
