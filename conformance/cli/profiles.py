"""``profiles``: what clients and apps need."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from conformance.cli.base import Stop, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from conformance.spec.profile import AttributeMapping, Profile

_WIDTH = 120  # of what is not a terminal


@click.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="print them as JSON")
def profiles(name: str | None, *, as_json: bool) -> None:
    """List the profiles of clients and apps, or show what one of them needs: a shipped one by name, or a file."""
    from rich.console import Console  # noqa: PLC0415

    from conformance.spec.profile import InvalidProfile, load_profile, profile_names  # noqa: PLC0415

    try:
        found = [load_profile(each) for each in ([name] if name else profile_names())]
    except InvalidProfile as error:
        raise Stop(str(error), 2) from None
    console = Console(file=sys.stdout, highlight=False, width=None if sys.stdout.isatty() else _WIDTH)
    if as_json:
        data = [profile.to_dict() for profile in found]
        click.echo(json.dumps(data[0] if name else data, ensure_ascii=False, indent=2))
    elif name:
        _show(console, found[0])
    else:
        _list(console, found)


def _list(console: Console, profiles: Iterable[Profile]) -> None:
    rows = [(profile.name, profile.kind, profile.title) for profile in profiles]
    _table(console, ("profile", "kind", "title"), rows)


def _show(console: Console, profile: Profile) -> None:
    console.print(f"[bold]{profile.title}[/] ({profile.kind})")
    if profile.about:
        click.echo(wrapped(profile.about))
    for resource_type in ("User", "Group"):
        rows = profile.mappings(resource_type)
        if rows:
            console.print(f"\n[bold]{resource_type} mapping[/]")
            columns = ("attribute", "source", "type", "matching", "required", "filterable")
            _table(console, columns, map(_row, rows))
    credentials = profile.credentials
    limits = {name: getattr(profile.limits, name) for name in profile.limits.__slots__}
    features = {name: getattr(profile.features, name) for name in profile.features.__slots__}
    for heading, lines in {
        "Tenant URL": [credentials.tenant_url],
        "Secret Token": [credentials.token],
        "Limits": [f"{name.replace('_', ' ')}: {value:g}" for name, value in limits.items() if value],
        "Features": [", ".join(f"{'' if on else 'no '}{name.replace('_', ' ')}" for name, on in features.items())],
        "Known of this target": [fact.text for fact in profile.facts],
        "Levels that differ": [f"{identifier:<20} {level}" for identifier, level in profile.levels.items()],
        "Client rules": [", ".join(profile.rules)],
        "Checklist": [f"{len(profile.checklist)} steps: scim-conformance checklist"] if profile.checklist else [],
    }.items():
        if any(lines):
            console.print(f"\n[bold]{heading}[/]")
            click.echo("\n".join(wrapped(line, "  ") for line in lines if line))


def _row(row: AttributeMapping) -> tuple[str, ...]:
    ticks = ("✓" if row.required else "", "✓" if row.filterable else "")
    return (row.attribute, row.source, row.type, str(row.matching or ""), *ticks)


def _table(console: Console, columns: Iterable[str], rows: Iterable[tuple[str, ...]]) -> None:
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table)
