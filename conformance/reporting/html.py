"""``report.html``: one self-contained page that a vendor can forward, and that reads and prints without scripts."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from conformance import __version__
from conformance.checks.verdict import Verdict
from conformance.reporting.findings import case, causes, findings
from conformance.reporting.text import pretty, printable
from conformance.spec.ambiguities import ambiguity
from conformance.spec.requirements import Level, catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from conformance.reporting.comparison import Comparison
    from conformance.reporting.findings import Finding
    from conformance.reporting.model import Report
    from conformance.spec.requirements import Requirement
    from conformance.tenant.exchange import Exchange

# Past this many characters of exchanges the page shows request lines only; evidence.har has all of them.
_MOST_EVIDENCE = 1_500_000
# Verdicts in the order in which tables list them, each with its sign.
SYMBOLS = {
    Verdict.PASSED: "✓",
    Verdict.FAILED: "✗",
    Verdict.ERROR: "‽",
    Verdict.BLOCKED: "⊘",
    Verdict.WARNED: "!",
    Verdict.NOTED: "•",
    Verdict.NOT_APPLICABLE: "○",
}


class Score(NamedTuple):
    """How many requirements of a feature have each verdict, by level."""

    feature: str
    levels: dict[Level, Counter[Verdict]]


class Rest(NamedTuple):
    """A requirement that needs no article of its own."""

    requirement: Requirement
    verdict: Verdict
    checks: int
    reason: str


def render(report: Report) -> str:
    """Return the page."""
    return _environment().get_template("report.html.j2").render(page=_Page(report), report=report, version=__version__)


def render_comparison(comparison: Comparison) -> str:
    """Return the page of two runs compared."""
    return _environment().get_template("comparison.html.j2").render(comparison=comparison)


def render_template(name: str, **shown: Any) -> str:
    """Return a page that has a template and a model of its own, and shares the look and the exchanges."""
    return _environment().get_template(name).render(version=__version__, **shown)


def render_evidence(exchanges: Iterable[Exchange]) -> str:
    """Return exchanges as a fragment of HTML, everything in it escaped."""
    show = _environment().get_template("exchange.html.j2").module.show  # type: ignore[attr-defined]
    return "".join(show(exchange) for exchange in exchanges)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("conformance.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"printable": printable, "pretty": pretty, "case": case, "ambiguity": ambiguity}
    environment.globals |= {"SYMBOLS": SYMBOLS, "Verdict": Verdict, "Level": Level}
    return environment


class _Page:
    """What the template asks for. It keeps track: a requirement has one anchor, an exchange is shown once."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.exchanges = {exchange.id: exchange for exchange in report.exchanges}
        self._anchored: set[str] = set()
        self._shown: set[str] = set()
        self._evidence = 0

    @property
    def sections(self) -> Sequence[tuple[Verdict, str, str, list[Finding]]]:
        """The verdicts that are told finding by finding: verdict, heading, explanation, findings."""
        told = (
            (
                Verdict.ERROR,
                "Suite errors",
                "These checks failed in the suite itself and say nothing about the tenant.",
            ),
            (Verdict.FAILED, "Failed", "A mandatory requirement is broken."),
            (Verdict.WARNED, "Warned", "A recommendation is not followed, or a deviation is tolerable but unwise."),
            (Verdict.NOTED, "Noted", "Options the tenant takes, and readings where the RFCs leave a choice."),
        )
        return [(v, title, text, found) for v, title, text in told if (found := findings(self.report, v))]

    @property
    def blocked(self) -> list[Any]:
        """Why checks could not be asked, the reason behind most of them first."""
        return causes(self.report, Verdict.BLOCKED)

    @property
    def scores(self) -> list[Score]:
        """The verdicts on requirements, counted by feature and level."""
        counted: dict[str, dict[Level, Counter[Verdict]]] = {}
        for identifier, verdict in self.report.verdicts.items():
            requirement = catalogue()[identifier]
            by_level = counted.setdefault(requirement.feature, {level: Counter() for level in Level})
            by_level[self.report.level(requirement)][verdict] += 1
        return [Score(feature, counted[feature]) for feature in sorted(counted)]

    @property
    def rest(self) -> list[Rest]:
        """The requirements that no article has shown, once the articles are rendered."""
        checks: Counter[str] = Counter()
        reasons: dict[str, str] = {}
        for result in self.report.results:
            checks.update(result.requirements)
            if result.message:
                reasons.update(dict.fromkeys(result.requirements, result.message))
        return [
            Rest(catalogue()[i], verdict, checks[i], "" if verdict is Verdict.PASSED else reasons.get(i, ""))
            for i, verdict in self.report.verdicts.items()
            if i not in self._anchored
        ]

    @property
    def catalogued(self) -> int:
        """How many requirements the catalogue holds."""
        return len(catalogue())

    def anchor(self, requirement: Requirement) -> bool:
        """Whether this is where links to the requirement lead: where it is shown first."""
        new = requirement.id not in self._anchored
        self._anchored.add(requirement.id)
        return new

    def evidence(self, identifiers: Iterable[str]) -> list[tuple[Exchange, bool]]:
        """Return exchanges, and for each whether it is shown here in full: once on the page, while there is room."""
        found = []
        for identifier in identifiers:
            exchange = self.exchanges.get(identifier)
            if exchange is None:
                continue
            whole = identifier not in self._shown and self._evidence < _MOST_EVIDENCE
            if whole:
                self._shown.add(identifier)
                bodies = (exchange.request.body, exchange.response and exchange.response.body)
                self._evidence += sum(len(pretty(body)[0]) for body in bodies if body)
            found.append((exchange, whole))
        return found

    def shown(self, exchange: Exchange) -> bool:
        """Whether the exchange stands in full somewhere above."""
        return exchange.id in self._shown
