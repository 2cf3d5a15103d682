"""The settings as options of the command line."""

from __future__ import annotations

from dataclasses import Field, fields
from typing import TYPE_CHECKING, Any

import click

from conformance.cli.base import Stop
from conformance.config import REPORTING, Settings, default, key

if TYPE_CHECKING:
    from collections.abc import Callable

OF_APP = frozenset({"app", "base_path"})


def with_tenant_url(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the Tenant URL as an argument that may be left out, but not be empty by mistake."""
    return click.argument("tenant_url", required=False, callback=_stated)(command)


def options(command: Callable[..., Any], *, but: frozenset[str] = frozenset()) -> Callable[..., Any]:
    """Give a command an option for every setting but the Tenant URL and those named."""
    for setting in reversed(fields(Settings)):
        if setting.name not in {"tenant_url", *but}:
            command = _option(setting)(command)
    return command


def connection_options(command: Callable[..., Any], *, but: frozenset[str] = frozenset()) -> Callable[..., Any]:
    """Give a command the options that say how to reach a tenant, but those named."""
    return options(command, but=_OF_JUDGING | REPORTING | but)


def reporting_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say what becomes of the verdicts."""
    return options(command, but=frozenset(setting.name for setting in fields(Settings)) - REPORTING)


def scrub_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command that reports nothing else the option to leave people out of what it prints."""
    return options(command, but=frozenset(setting.name for setting in fields(Settings)) - {"scrub"})


def _stated(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is not None and not value.strip():
        raise Stop("the Tenant URL is empty; give one such as https://example.com/scim/v2", 2)
    return value


def _option(setting: Field[Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    usual, env, choices = default(setting), setting.metadata["env"], setting.metadata["choices"]
    return click.option(
        f"--{key(setting)}",
        setting.name,
        default=None,
        is_flag=usual is False,
        multiple=isinstance(usual, tuple),
        type=type(usual) if isinstance(usual, int | float) else str,
        metavar=None if usual is False else "|".join(choices) or _METAVARS.get(type(usual), "TEXT"),
        help=setting.metadata["help"] + (f" [{env}]" if env else ""),
    )


_OF_JUDGING = frozenset(
    {"profile", "plan", "resource_type", "feature", "level", "effort", "read_only", "seed", "test_domain"}
)
_METAVARS = {int: "N", float: "NUMBER"}
