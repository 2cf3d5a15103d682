"""``serve``: the reference tenant."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import click

from conformance.cli.base import Stop, known

_AMOUNT = click.FloatRange(0)


@click.command()
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="port; 0 takes a free one")
@click.option("--host", default="127.0.0.1", show_default=True, help="address to listen at")
@click.option("--token", envvar="SCIM_TOKEN", help="Secret Token [SCIM_TOKEN]  [default: a random one]")
@click.option(
    "--database", type=click.Path(path_type=Path, dir_okay=False), help="SQLite file that keeps the resources"
)
@click.option("--without", multiple=True, metavar="FEATURE", help="do not offer a feature, such as bulk (repeatable)")
@click.option("--seed-users", default=0, metavar="N", type=click.IntRange(0), help="users to begin with")
@click.option(
    "--specimens",
    default="few",
    show_default=True,
    type=click.Choice(["none", "few", "all"]),
    help="attributes of the custom resource type /Specimens; none for User and Group alone",
)
@click.option("--latency", default=0.0, metavar="MS", type=_AMOUNT, help="milliseconds by which each answer is late")
@click.option(
    "--limit", default=0.0, metavar="RATE", type=_AMOUNT, help="requests a second before it answers 429 (0: any number)"
)
@click.option("--fault", multiple=True, metavar="NAME", help="make it wrong in this; see faults (repeatable)")
@click.option("--variant", multiple=True, metavar="NAME", help="differ in this legal way; see variants (repeatable)")
def serve(
    token: str | None,
    latency: float,
    without: tuple[str, ...],
    fault: tuple[str, ...],
    variant: tuple[str, ...],
    **options: Any,
) -> None:
    """Serve the reference tenant: a SCIM 2.0 service provider that is right, unless a fault is asked for."""
    from conformance.reference.database import DatabaseError  # noqa: PLC0415
    from conformance.reference.faults.registry import faults, find_fault  # noqa: PLC0415
    from conformance.reference.serve import serve as listen  # noqa: PLC0415
    from conformance.reference.tenant import OPTIONAL, ReferenceTenant  # noqa: PLC0415
    from conformance.reference.variants import find_variant, variants  # noqa: PLC0415

    features = [feature.strip() for names in without for feature in names.split(",")]
    known("optional feature", features, sorted(OPTIONAL))
    known("fault", fault, list(faults()) if fault else [])
    known("legal variant", variant, list(variants()) if variant else [])
    legal = [find_variant(name) for name in variant]
    features += [feature for each in legal for feature in each.without]
    token = token or secrets.token_urlsafe(24)
    try:
        port, host = options.pop("port"), options.pop("host")
        tenant = ReferenceTenant(token=token, latency=latency / 1000, without=features, **options)
        for each in legal:
            each.plant(tenant)
        for name in fault:
            find_fault(name).plant(tenant)
        listen(tenant, port, host, lambda url: click.echo(f"Tenant URL:   {url}\nSecret Token: {token}"))
    except (DatabaseError, OSError, LookupError) as error:
        raise Stop(f"the reference tenant cannot be served: {getattr(error, 'strerror', None) or error}", 2) from None
