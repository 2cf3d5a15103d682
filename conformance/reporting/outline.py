"""A finished run in outline: as much of it as another run is compared with, from a report or from its report.json."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from conformance import __version__
from conformance.checks.verdict import Verdict
from conformance.config import InvalidConfiguration
from conformance.reporting.result import Result

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
            sentence=report.sentence,
            counts=report.counts,
            requirements=report.verdicts,
            results={result.check: result for result in report.results},
        )

    @classmethod
    def read(cls, file: str | Path) -> Self:
        """Read a report.json, or the one in a folder. Raises InvalidConfiguration with one line that says why not."""
        path = Path(file)
        path = path / "report.json" if path.is_dir() else path
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise InvalidConfiguration(f"the report {path} cannot be read: {error.strerror}") from None
        except ValueError as error:
            raise InvalidConfiguration(f"the report {path} is not JSON: {error}") from None
        stated = data.get("format") if isinstance(data, dict) else None
        if not isinstance(stated, int):
            raise InvalidConfiguration(f"{path} is not a report.json of scim-conformance")
        if stated != FORMAT:
            raise InvalidConfiguration(
                f"the report {path} has format {stated} and this version of the suite reads format {FORMAT}; "
                "make it again: scim-conformance judge does so from the evidence.har beside it"
            )
        try:
            return cls(
                tenant=data["tenant"],
                suite=data["suite"]["version"],
                started=data["started"],
                profiles=tuple(data["profiles"]),
                sentence=data["sentence"],
                counts={verdict: data["counts"][verdict] for verdict in Verdict},
                requirements={i: Verdict(found["verdict"]) for i, found in data["requirements"].items()},
                results={result.check: result for result in map(Result.from_dict, data["results"])},
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InvalidConfiguration(f"the report {path} is damaged: {type(error).__name__} {error}") from None
