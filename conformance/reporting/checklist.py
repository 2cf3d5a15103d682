"""The checklist before an app goes live, as people tick it off: in the terminal, in Markdown, to print, as JSON."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.text import Text

from conformance import __version__
from conformance.reporting.decisions import Mark
from conformance.reporting.html import render_template
from conformance.reporting.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from rich.console import Console

    from conformance.reporting.decisions import Decision
    from conformance.spec.profile import Profile

_STYLES = {Mark.DONE: "green", Mark.FAILED: "red", Mark.NOT_APPLICABLE: "dim", Mark.OPEN: "yellow"}


@dataclass(frozen=True)
class Checklist:
    """A profile's steps and what became of them. ``tenant`` is empty where none was asked."""

    profile: Profile
    decisions: tuple[Decision, ...]
    made: datetime
    tenant: str = ""

    @property
    def counts(self) -> Counter[Mark]:
        """How many steps have each mark."""
        return Counter(decision.mark for decision in self.decisions)

    @property
    def sentence(self) -> str:
        """The state in one sentence."""
        counts = self.counts
        told = [f"{counts[mark]} {mark}" for mark in Mark if counts[mark]]
        return f"{len(self.decisions)} steps: {', '.join(told)}."

    @property
    def pages(self) -> list[tuple[str, list[Decision]]]:
        """The steps by the administrator's page, in order."""
        return [(page, list(found)) for page, found in groupby(self.decisions, key=lambda d: d.step.page)]

    def to_dict(self) -> dict[str, Any]:
        """Return the checklist as JSON data."""
        return {
            "suite": {"name": "scim-conformance", "version": __version__},
            "title": self.profile.title,
            "profiles": list(self.profile.names),
            "tenant": self.tenant,
            "made": self.made.isoformat(timespec="seconds"),
            "sentence": self.sentence,
            "facts": [{"text": fact.text, "source": fact.source} for fact in self.profile.facts],
            "steps": [decision.to_dict() for decision in self.decisions],
        }

    def to_html(self) -> str:
        """Return one page to print and sign, which loads nothing from elsewhere."""
        return render_template("checklist.html.j2", checklist=self)

    def to_markdown(self) -> str:
        """Return the checklist as a Markdown document."""
        lines = [f"# Before {_plain(self.profile.title)} goes live", "", self.sentence]
        lines += ["", f"Tenant: `{one_line(self.tenant)}`"] if self.tenant else []
        for page, found in self.pages:
            lines += ["", f"## {page}", ""]
            for decision in found:
                lines += [f"- {decision.mark.sign} **{decision.step.id}** {_plain(decision.step.text)}"]
                lines += [f"  - {_plain(text)}" for text in (*why(decision), _source(decision)) if text]
        if self.profile.facts:
            lines += ["", "## Known of this target", ""]
            lines += [f"- {_plain(fact.text)} ({_plain(fact.source)})" for fact in self.profile.facts]
        return "\n".join(lines) + "\n"


def why(decision: Decision) -> Iterator[str]:
    """Yield what there is to say of a step: who answered, what was found, and where to look while it is open."""
    if decision.answer:
        yield str(decision.answer)
    yield from decision.evidence
    if decision.step.look and not decision.answer:
        yield decision.step.look


def show_decisions(console: Console, decisions: Iterable[Decision], sentence: str) -> None:
    """Print what became of steps, page by page, with the reasons where one is not done; then the sentence."""
    for page, found in groupby(decisions, key=lambda decision: decision.step.page):
        console.print(Text(f"\n{page}", style="bold"))
        for decision in found:
            head = f"  {decision.mark.sign} {decision.step.id:<22} "
            console.print(Text.assemble((head, _STYLES[decision.mark]), decision.step.text))
            for text in why(decision) if decision.mark in {Mark.FAILED, Mark.OPEN} else ():
                console.print(Text(f"      {one_line(text, 300)}", style="dim"))
    console.print(Text(f"\n{sentence}", style="bold"))


def _source(decision: Decision) -> str:
    return f"Source: {decision.step.source}" if decision.step.source else ""


def _plain(text: str) -> str:
    """Return text on one line, its Markdown signs escaped."""
    return one_line(text, 1000).replace("\\", "\\\\").replace("*", r"\*").replace("_", r"\_").replace("<", "&lt;")
