"""``requirements`` and ``explain``: the catalogue."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from conformance.cli.base import Stop, known, wrapped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.spec.ambiguities import Ambiguity
    from conformance.spec.requirements import Requirement


@click.command()
@click.option("--feature", multiple=True, help="only this feature (repeatable)")
@click.option("--level", multiple=True, metavar="must|should|may", help="only this level (repeatable)")
@click.option("--json", "as_json", is_flag=True, help="print them as JSON")
def requirements(feature: tuple[str, ...], level: tuple[str, ...], *, as_json: bool) -> None:
    """List the requirements of the RFCs that bind a service provider."""
    from conformance.spec.requirements import Level, catalogue, features  # noqa: PLC0415

    known("feature", feature, features(catalogue().values()))
    levels = [name.upper() for name in level]
    known("level", levels, list(Level))
    chosen = [
        r for r in catalogue().values() if (not feature or r.feature in feature) and (not levels or r.level in levels)
    ]
    if as_json:
        click.echo(json.dumps([asdict(r) for r in chosen], ensure_ascii=False, indent=2))
        return
    for r in chosen:
        click.echo(f"{r.id:<20} {r.level:<6} {r.feature:<12} {r.text}")


@click.command()
@click.argument("identifier", metavar="ID")
def explain(identifier: str) -> None:
    """Say what a requirement means, why it matters, how to fix a breach, and which checks judge it.

    An ID such as A03 is that of a question which the RFCs leave open: its readings, and what becomes of each.
    """
    from conformance.spec.ambiguities import UnknownAmbiguity, ambiguity  # noqa: PLC0415
    from conformance.spec.requirements import UnknownRequirement, requirement  # noqa: PLC0415

    identifier = identifier.upper()
    try:
        if re.fullmatch(r"A\d+", identifier):
            _explain_readings(ambiguity(identifier))
        else:
            _explain_requirement(requirement(identifier))
    except (UnknownRequirement, UnknownAmbiguity) as error:
        raise Stop(str(error), 2) from None


def _explain_readings(found: Ambiguity) -> None:
    from conformance.spec.requirements import catalogue  # noqa: PLC0415

    concerned = [r.id for r in catalogue().values() if found.id in r.ambiguity]
    lines = {
        "Fails": found.fails,
        "Warns": found.warns,
        "Noted": found.noted,
        "Not to be seen": found.unobservable,
        "Matters to": found.clients,
        "Clauses": ", ".join(found.clauses),
        "Requirements": ", ".join(concerned),
    }
    click.echo(f"{found.id}  {found.title}\n\nReadings:")
    for name, meaning in found.readings.items():
        click.echo(wrapped(meaning, f"  {name + ':':<14}"))
    click.echo()
    _echo_labelled(lines)


def _explain_requirement(found: Requirement) -> None:
    from conformance.session import judges  # noqa: PLC0415
    from conformance.spec.ambiguities import ambiguity  # noqa: PLC0415

    lines = {
        "Why it matters": found.why,
        "How to fix": found.fix,
        "Binds where": ", ".join([*([f"--profile {found.client}"] if found.client else []), *found.condition]),
        "Readings": "; ".join(f"{ambiguity(i).title} ({i})" for i in found.ambiguity),
        "Testable": found.testable,
    }
    click.echo(f"{found.id}  {found.level}  {found.feature}\n\n{wrapped(found.text)}\n")
    _echo_labelled(lines)
    click.echo(f"{'Clause:':<16}{found.clause} ({found.keyword}), {found.url}")
    checks = judges().get(found.id, {})
    click.echo(f"\nChecks ({len(checks)}):" if checks else "\nNo check judges it yet.")
    for name, claim in sorted(checks.items()):
        click.echo(f"  {name}\n      {claim}")


def _echo_labelled(lines: Mapping[str, str]) -> None:
    for name, text in lines.items():
        if text:
            click.echo(wrapped(text, f"{name + ':':<16}"))
