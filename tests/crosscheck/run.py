"""Compare the oracle with independent implementations on generated cases.

    python tests/crosscheck/run.py [--examples N] [--seed N] [IMPLEMENTATION ...]

``disagreements.toml`` lists what was decided by hand. A disagreement that nothing in it accounts for fails, and so does
an entry whose own example no longer shows it. Every run asks the same cases; another ``--seed`` asks others.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import cases
import compare
import listed
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import HypothesisWarning
from implementations import Refused, node_implementations, python_implementations

if TYPE_CHECKING:
    from cases import Case
    from compare import Disagreement
    from hypothesis import strategies as st
    from implementations import Implementation

_EXAMPLES = 300
_CASES: dict[str, st.SearchStrategy[Case]] = {
    "read": cases.readings(),
    "accept": cases.mutations(),
    "match": cases.matchings(),
    "allow": cases.expressions(),
    "path": cases.paths(),
    "patch": cases.patches(),
    "create": cases.bodies(),
    "replace": cases.replacements(),
    "project": cases.projections(),
    "sort": cases.sortings(),
}


class Undecided(Exception):
    """A disagreement that is not listed."""

    def __init__(self, disagreement: Disagreement) -> None:
        super().__init__(
            f"  case    {json.dumps(disagreement.case, ensure_ascii=False)}\n"
            f"  oracle  {_shown(disagreement.ours)}\n"
            f"  other   {_shown(disagreement.theirs)}"
        )


def _shown(answer: object) -> str:
    return f"refused: {answer.reason}" if isinstance(answer, Refused) else json.dumps(answer, ensure_ascii=False)


def examine(implementation: Implementation, question: str, examples: int, number: int) -> str | None:
    """Ask generated cases; return the smallest undecided disagreement as text."""
    counted: Counter[str] = Counter()

    @seed(number)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(_CASES[question])
    def asked(case: Case) -> None:
        counted["cases"] += 1
        for disagreement in compare.disagreements(implementation, question, case):
            entries = listed.explained(implementation, disagreement)
            if not entries:
                raise Undecided(disagreement)
            counted.update(entries)

    began = time.monotonic()
    undecided = None
    try:
        asked()
    except Undecided as error:
        undecided = str(error)
    entries = ", ".join(f"{i} {n}" for i, n in sorted(counted.items()) if i != "cases")
    print(
        f"{implementation.name}: {question}: {counted['cases']} cases in {time.monotonic() - began:.1f} s"
        f"{f'; listed: {entries}' if entries else ''}",
        flush=True,
    )
    return undecided


def vanished(implementation: Implementation) -> list[str]:
    """Return the entries about an implementation whose example does not show them any more."""
    gone = []
    for entry in listed.ENTRIES:
        if implementation.name in entry.implementations:
            found = compare.disagreements(implementation, entry.question, entry.example)
            if not any(listed.shows(implementation, item, entry) for item in found):
                gone.append(entry.id)
    return gone


def main(arguments: list[str]) -> int:
    """Run. Return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=_EXAMPLES, help="cases for each question (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="which cases (%(default)s)")
    parser.add_argument("implementations", nargs="*", help="all, if none is named")
    chosen = parser.parse_args(arguments)
    home = Path(os.environ.get("CROSSCHECK_FOLDER") or Path(tempfile.gettempdir()) / "scim-conformance-crosscheck")
    # It finds the strategies of whole users too long to print.
    warnings.simplefilter("ignore", HypothesisWarning)
    passed, failures = 0, []
    with node_implementations(home) as node:
        for implementation in [*python_implementations(), *node]:
            if chosen.implementations and implementation.name not in chosen.implementations:
                continue
            gone = vanished(implementation)
            failures += [f"{implementation.name}: listed, and no longer so: {entry}" for entry in gone]
            for question in implementation.questions:
                undecided = examine(implementation, question, chosen.examples, chosen.seed)
                if undecided:
                    failures.append(f"{implementation.name}: {question}: not listed\n{undecided}")
                else:
                    passed += 1
    print(*failures, f"{passed} passed, {len(failures)} failed", sep="\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
