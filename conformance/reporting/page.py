"""What the report's page shows: the model behind ``report.html.j2``."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from conformance.checks.verdict import Verdict
from conformance.reporting.findings import causes
from conformance.reporting.packed import pack
from conformance.reporting.priorities import problems
from conformance.reporting.result import SEVERITY
from conformance.reporting.text import pretty
from conformance.spec.requirements import Level, catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from conformance.reporting.findings import Cause
    from conformance.reporting.model import Report
    from conformance.reporting.priorities import Problem
    from conformance.spec.requirements import Requirement
    from conformance.tenant.exchange import Exchange

# Past this many characters of exchanges the page shows request lines only; evidence.har has all of them.
_MOST_EVIDENCE = 1_000_000
_HOLDS = (Verdict.PASSED, Verdict.NOTED)
_PROVEN = (Verdict.FAILED, Verdict.ERROR, Verdict.BLOCKED)
_TOLD = (
    (Verdict.ERROR, "Suite errors", "These checks failed in the suite itself and say nothing about the tenant."),
    (
        Verdict.FAILED,
        "Fix first",
        "Broken mandatory requirements by root cause: first what clients of this profile rely on, then what hits most.",
    ),
    (Verdict.WARNED, "Warned", "A recommendation is not followed, or a deviation is tolerable but unwise."),
)


class Cell(NamedTuple):
    """The requirements of one feature and level, counted by verdict."""

    counts: Counter[Verdict]

    @property
    def applicable(self) -> int:
        """How many bind the tenant."""
        return self.counts.total() - self.counts[Verdict.NOT_APPLICABLE]

    @property
    def held(self) -> int:
        """How many of those hold."""
        return sum(self.counts[verdict] for verdict in _HOLDS)

    @property
    def worst(self) -> Verdict:
        """The most severe verdict among them."""
        return next((verdict for verdict in SEVERITY if self.counts[verdict]), Verdict.NOT_APPLICABLE)

    @property
    def share(self) -> int:
        """How much of it does not hold, in quarters rounded up: 0 to 4."""
        return -(-4 * (self.applicable - self.held) // self.applicable) if self.applicable else 0


class Score(NamedTuple):
    """A feature's row of the heat-map."""

    feature: str
    levels: dict[Level, Cell]

    @property
    def applies(self) -> bool:
        """Whether any of its requirements binds the tenant."""
        return any(cell.applicable for cell in self.levels.values())


class Section(NamedTuple):
    """A section of a document and its requirements with their verdicts."""

    clause: str
    url: str
    requirements: list[tuple[Requirement, Verdict]]

    @property
    def counts(self) -> Counter[Verdict]:
        """How many requirements have each verdict."""
        return Counter(verdict for _, verdict in self.requirements)


class Page:
    """What the template asks for. It keeps track of exchanges: each is shown once."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.verdicts = report.verdicts
        self.exchanges = {exchange.id: exchange for exchange in report.exchanges}
        self._shown: set[str] = set()
        self._evidence = 0

    @cached_property
    def sections(self) -> Sequence[tuple[Verdict, str, str, list[Problem]]]:
        """The verdicts that are told problem by problem: verdict, heading, explanation, problems."""
        return [(v, title, text, found) for v, title, text in _TOLD if (found := problems(self.report, v))]

    @property
    def blocked(self) -> list[Cause]:
        """Why checks could not be asked, the reason behind most of them first."""
        return causes(self.report, Verdict.BLOCKED)

    @property
    def counts(self) -> Counter[Verdict]:
        """How many requirements have each verdict."""
        return Counter(self.verdicts.values())

    @property
    def scores(self) -> list[Score]:
        """The heat-map: the verdicts on requirements, counted by feature and level."""
        counted: dict[str, dict[Level, Cell]] = defaultdict(lambda: {level: Cell(Counter()) for level in Level})
        for identifier, verdict in self.verdicts.items():
            requirement = catalogue()[identifier]
            counted[requirement.feature][self.report.level(requirement)].counts[verdict] += 1
        return [Score(feature, counted[feature]) for feature in sorted(counted)]

    @property
    def tree(self) -> dict[str, list[Section]]:
        """Every judged requirement by document and section, in their order."""
        documents: dict[str, list[Section]] = defaultdict(list)
        for identifier, verdict in self.verdicts.items():
            requirement = catalogue()[identifier]
            sections = documents[requirement.document]
            if not sections or sections[-1].clause != requirement.clause:
                sections.append(Section(requirement.clause, "" if requirement.client else requirement.url, []))
            sections[-1].requirements.append((requirement, verdict))
        return documents

    def place(self, requirement: Requirement) -> str:
        """Return the id of the problem that tells of a requirement; empty where none does."""
        return self._places.get(requirement.id, "")

    @cached_property
    def _places(self) -> dict[str, str]:
        return {
            requirement.id: f"{verdict.name.lower()}-{number}"
            for verdict, _, _, found in reversed(self.sections)
            for number, problem in enumerate(found, 1)
            for requirement in problem.requirements
        }

    @property
    def data(self) -> str:
        """What the script reads."""
        return pack(self.report)

    @property
    def catalogued(self) -> int:
        """How many requirements the catalogue holds."""
        return len(catalogue())

    def evidence(self, identifiers: Iterable[str], verdict: Verdict) -> list[tuple[Exchange, bool]]:
        """Return exchanges, and for each whether it is shown here in full to readers without scripts.

        It is behind the verdicts that make a tenant not conformant, once on the page, while there is room.
        """
        found = []
        for identifier in identifiers:
            exchange = self.exchanges.get(identifier)
            if exchange is None:
                continue
            whole = verdict in _PROVEN and identifier not in self._shown and self._evidence < _MOST_EVIDENCE
            if whole:
                self._shown.add(identifier)
                bodies = (exchange.request.body, exchange.response and exchange.response.body)
                self._evidence += sum(len(pretty(body)[0]) for body in bodies if body)
            found.append((exchange, whole))
        return found

    def shown(self, exchange: Exchange) -> bool:
        """Whether the exchange stands in full somewhere above."""
        return exchange.id in self._shown
