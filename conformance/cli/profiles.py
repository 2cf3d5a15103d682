"""``profiles``: what clients and apps need."""

from __future__ import annotations

import click

from conformance.cli.base import Stop, wrapped


@click.command()
@click.argument("name", required=False)
def profiles(name: str | None) -> None:
    """List the profiles of clients and apps, or show what one of them needs."""
    from conformance.spec.profile import InvalidProfile, load_profile, profile_names  # noqa: PLC0415

    try:
        if name is None:
            for each in profile_names():
                click.echo(f"{each:<24} {load_profile(each).title}")
            return
        profile = load_profile(name)
    except InvalidProfile as error:
        raise Stop(str(error), 2) from None
    click.echo(profile.title)
    for resource_type, attributes in profile.attributes.items():
        click.echo(f"\n{resource_type} attributes:\n" + wrapped("  " + ", ".join(attributes)))
    if profile.levels:
        click.echo("\nRaised requirements:")
    for identifier, level in profile.levels.items():
        click.echo(f"  {identifier:<20} {level}")
