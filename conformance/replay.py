"""A run judged again from its recording: no tenant, no network, on any machine and with any later set of checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import httpx

from conformance.config import REPORTING, InvalidConfiguration, Settings
from conformance.probes.evidence import Blocked, Evidence
from conformance.probes.gather import Gatherer
from conformance.run import Run, discovery

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.probes.registry import ProbeCall
    from conformance.reporting.har import Recording


class Replay(Run):
    """Stands in for the run that was recorded. ``settings`` say where reports go and what the gate lets pass."""

    def __init__(self, recording: Recording, settings: Settings) -> None:
        """Prepare what the recorded run had. Raises InvalidConfiguration."""
        self.recording = recording
        given = {name: getattr(settings, name) for name in REPORTING}
        told = Settings(tenant_url=recording.tenant, seed=recording.seed, **recording.settings, **given)
        super().__init__(told, transport=_Nobody(), started=recording.started)
        self.profile, self.tag = recording.profile, recording.tag
        self.client.exchanges += recording.exchanges
        self.left = dict.fromkeys(recording.left_behind, "")

    def open(self, found: Mapping[str, Evidence] | None = None) -> None:
        """Take up what the recorded run had discovered. Raises InvalidConfiguration as a run does."""
        self.found = found or {}
        self.gatherer = _Recorded(self.client, self.service, self._recipe)
        self.gatherer.recorded = self.recording.evidence
        try:
            self.learn(self.gatherer.evidence(discovery()))
        except Blocked as missing:
            raise InvalidConfiguration(f"{missing}, without which nothing can be judged") from None
        self.make_folder()

    def sweep(self) -> None:
        """Leave what the recorded run left behind: there is no tenant any more."""

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats in which it is reported: those of any run, but for the recording that there is."""
        return self.settings.report or tuple(name for name in super().formats if name != "har")

    def took(self, ended: float) -> float:  # noqa: ARG002 - it ended long ago
        """Return how many seconds the recorded run took."""
        return self.recording.duration


class _Recorded(Gatherer):
    """Finds evidence where other gatherers ask for it."""

    recorded: Mapping[str, Evidence]

    def gather(self, call: ProbeCall) -> Evidence:
        """Return the evidence of the recording. Raises Blocked where it has none."""
        if call.key not in self.recorded:
            raise Blocked(f"the recording has no evidence of {call.key}")
        return self.recorded[call.key]


class _Nobody(httpx.BaseTransport):
    """For checks that ask the tenant themselves, which no recording can answer."""

    def handle_request(self, request: httpx.Request) -> NoReturn:
        raise Blocked(f"the recording has no tenant that could answer {request.method} {request.url.path}")
