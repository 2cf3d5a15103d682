"""What the processes of one run tell each other under pytest-xdist, as JSON data: what was asked, and what came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.probes.evidence import Evidence
from conformance.tenant.exchange import Exchange

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.run import Run

SHARED = "conformance"  # the key of it in xdist's ``workerinput`` and ``workeroutput``


def gathered_by(run: Run) -> dict[str, Any]:
    """Return the ``exchanges`` and the ``evidence`` of this process so far."""
    return {
        "exchanges": [exchange.to_dict() for exchange in run.client.exchanges],
        "evidence": [evidence.to_dict() for evidence in run.gatherer.gathered],
    }


def gathered_elsewhere(told: Mapping[str, Any], run: Run) -> tuple[list[Exchange], list[Evidence]]:
    """Return what ``gathered_by`` told of another process; its evidence may rest on exchanges of this one."""
    exchanges = list(map(Exchange.from_dict, told.get("exchanges", ())))
    known = {exchange.id: exchange for exchange in (*run.client.exchanges, *exchanges)}
    return exchanges, [Evidence.from_dict(each, known) for each in told.get("evidence", ())]
