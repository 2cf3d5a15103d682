"""A finished run in outline: as much of it as another run is compared with, from a report or from its report.json."""

from __future__ import annotations

import json
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from conformance import __version__
from conformance.checks.verdict import Verdict
from conformance.config import InvalidConfiguration
from conformance.reporting.result import Result
from conformance.tenant.exchange import Exchange

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.reporting.model import Report

FORMAT = 1  # of report.json; it changes when what stood there means something else


@dataclass(frozen=True, slots=True)
class Outline:
    """``suite`` is the version that judged, ``started`` an ISO 8601 time; ``results`` are keyed by check."""

    tenant: str
    suite: str
    started: str
    profiles: tuple[str, ...]
    selection: tuple[str, ...]
    sentence: str
    counts: Mapping[Verdict, int]
    requirements: Mapping[str, Verdict]
    results: Mapping[str, Result]

    @classmethod
    def of(cls, report: Report) -> Self:
        """Return the outline of a report."""
        return cls(
            tenant=report.tenant,
            suite=__version__,
            started=report.started.isoformat(timespec="seconds"),
            profiles=report.profiles,
            selection=report.selection,
            sentence=report.sentence,
            counts=report.counts,
            requirements=report.verdicts,
            results={result.check: result for result in report.results},
        )

    @classmethod
    def read(cls, file: str | Path) -> Self:
        """Read a report.json, or the one in a folder. Raises InvalidConfiguration with one line that says why not."""
        data = _data(Path(file))
        try:
            return cls(
                tenant=str(data["tenant"]),
                suite=str(data["suite"]["version"]),
                started=str(data["started"]),
                profiles=tuple(map(str, data["profiles"])),
                selection=tuple(map(str, data["selection"])),
                sentence=str(data["sentence"]),
                counts={verdict: int(data["counts"][verdict]) for verdict in Verdict},
                requirements={i: Verdict(found["verdict"]) for i, found in data["requirements"].items()},
                results={result.check: result for result in map(Result.from_dict, data["results"])},
            )
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise _damaged(file, error) from None

    @classmethod
    def latest(cls, folder: Path, name: str) -> Self | None:
        """Return the newest run among the folders ``<name>-<UTC time>`` in a folder; None where none can be read."""
        dated = f"{escape(name)}-{'[0-9]' * 8}T{'[0-9]' * 6}Z/report.json"
        found = max(folder.glob(dated), default=None)
        try:
            return cls.read(found) if found else None
        except InvalidConfiguration:
            return None

    def asks_the_same(self, other: Outline) -> bool:
        """Whether both runs asked one tenant for the same, so that every difference is the tenant's or the suite's."""
        return (self.tenant, self.profiles, self.selection) == (other.tenant, other.profiles, other.selection)


def read_exchanges(file: str | Path) -> dict[str, Exchange]:
    """Return the exchanges of a report.json, or of the one in a folder, by id; long bodies are cut there.

    Raises InvalidConfiguration as ``Outline.read`` does.
    """
    try:
        return {data["id"]: Exchange.from_dict(data) for data in _data(Path(file))["exchanges"]}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _damaged(file, error) from None


def _data(path: Path) -> dict[str, Any]:
    path = path / "report.json" if path.is_dir() else path
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidConfiguration(f"the report {path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise InvalidConfiguration(f"the report {path} is not JSON: {error}") from None
    stated = data.get("format") if isinstance(data, dict) else None
    if not isinstance(stated, int):
        raise InvalidConfiguration(f"{path} is not a report.json of scim-conformance")
    if stated != FORMAT:
        raise InvalidConfiguration(
            f"the report {path} has format {stated} and this version of the suite reads format {FORMAT}; "
            "make it again: scim-conformance judge does so from the evidence.har beside it"
        )
    return data


def _damaged(file: str | Path, error: Exception) -> InvalidConfiguration:
    return InvalidConfiguration(f"the report {file} is damaged: {type(error).__name__} {error}")
