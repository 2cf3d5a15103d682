"""The settings as options of pytest, for the checks as part of other tests."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.config import InvalidConfiguration, Settings, default, key, load
from conformance.tenants import read_tenants

if TYPE_CHECKING:
    import pytest

CHECKS = Path(__file__).parent / "checks"


def add_options(parser: pytest.Parser) -> None:
    """Offer every setting as an option; all but the Tenant URL with a prefix that avoids other plugins' names."""
    group = parser.getgroup("scim-conformance", "SCIM 2.0 conformance of a tenant")
    for setting in fields(Settings):
        usual = default(setting)
        option = "--tenant-url" if setting.name == "tenant_url" else f"--scim-{key(setting)}"
        action = "append" if isinstance(usual, tuple) else "store_true" if usual is False else "store"
        kinds = {} if action == "store_true" else {"type": type(usual) if isinstance(usual, int | float) else str}
        group.addoption(
            option, dest=f"scim_{setting.name}", action=action, default=None, help=setting.metadata["help"], **kinds
        )
    group.addoption("--scim-tenants", help="file of tenants (TOML), one of which --scim-only names")
    group.addoption("--scim-only", help="name of the tenant to judge, of those in the file")


def settings_given(config: pytest.Config) -> Settings:
    """Return the settings that pytest was given. Raises InvalidConfiguration."""
    given = {setting.name: config.getoption(f"scim_{setting.name}") for setting in fields(Settings)}
    given |= {name: tuple(value) for name, value in given.items() if isinstance(value, list)}
    file, name = config.getoption("scim_tenants"), config.getoption("scim_only")
    if not (file or name):
        return load(given)
    if not (file and name):
        raise InvalidConfiguration("pytest judges one tenant at a time: --scim-tenants and --scim-only go together")
    return read_tenants(Path(file), given, [name])[name]


def asked_for(config: pytest.Config) -> bool:
    """Whether the checks are among what is to be collected; other tests of the same project need no tenant."""
    named = [argument.partition("::")[0] for argument in config.args]
    paths = [Path(name).resolve() for name in named]
    inside = any(CHECKS in (path, *path.parents) or path in CHECKS.parents for path in paths)
    return inside or any(name.startswith("conformance.checks") for name in named)
