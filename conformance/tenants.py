"""``tenants.toml``: many targets in one file, each with any settings. ``schemas/tenants.schema.json`` describes it."""

from __future__ import annotations

import os
import tomllib
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from conformance.config import OF_ONE_TENANT, InvalidConfiguration, Settings, key, load, settings_in
from conformance.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_SECRETS = [key(setting) for setting in fields(Settings) if setting.metadata["secret"]]


def read_tenants(file: Path, given: Mapping[str, Any], only: Sequence[str] = ()) -> dict[str, Settings]:
    """Return the settings of each tenant by its name, or of those that ``only`` names.

    A tenant's own settings outrank ``[defaults]``, and what was given on the command line outranks both; whom to ask,
    and who asks, the file alone says. A secret stands in an environment variable that the file names: ``token-env``.
    Raises InvalidConfiguration with one line that says what is wrong where.
    """
    for setting in fields(Settings):
        if setting.name in OF_ONE_TENANT and given.get(setting.name):
            raise InvalidConfiguration(f"{file} says whom to ask, and who asks; leave {key(setting)} to it")
    data = _read(file)
    tenants = data["tenant"]
    for name in only:
        if name not in tenants:
            raise InvalidConfiguration(f"{file} has no tenant “{name}”{did_you_mean(name, tenants)}")
    return {name: _settings(data.get("defaults", {}) | tenants[name], name, file, given) for name in only or tenants}


def _settings(table: dict[str, Any], name: str, file: Path, given: Mapping[str, Any]) -> Settings:
    return load(given, entry=settings_in(_with_secrets(table, f"{file}, {name}"), file))


def _read(file: Path) -> dict[str, Any]:
    from conformance.spec.user_files import complaint  # noqa: PLC0415 - few runs have tenants

    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InvalidConfiguration(f"the tenants {file} cannot be read: {reason}") from None
    wrong = complaint(data, "tenants")
    if wrong:
        raise InvalidConfiguration(f"the tenants {file} cannot be used: {wrong}")
    return data


def _with_secrets(table: dict[str, Any], where: str) -> dict[str, Any]:
    """Return the settings of a tenant with the environment variables replaced by what they hold."""
    found = {}
    for name, value in table.items():
        secret = name.removesuffix("-env")
        if secret == name or secret not in _SECRETS:
            found[name] = value
        elif os.environ.get(value):
            found[secret] = os.environ[value]
        else:
            raise InvalidConfiguration(f"{where}: the environment variable {value} of {name} is not set")
    return found
