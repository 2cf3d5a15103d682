"""Profiles: what a client or an app needs of a tenant, as data in ``fixtures/profiles/`` or in the user's own file."""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.data import data_path
from conformance.spec.requirements import Level, UnknownRequirement, requirement

if TYPE_CHECKING:
    from collections.abc import Mapping


class InvalidProfile(ValueError):
    """A profile does not exist or cannot be read; the message is one line."""


@dataclass(frozen=True, slots=True)
class Profile:
    """``attributes`` maps a resource type to the attribute paths in use; ``levels`` raises requirements."""

    name: str
    title: str
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    levels: Mapping[str, Level] = field(default_factory=dict)


def profile_names() -> list[str]:
    """Return the names of the shipped profiles."""
    return sorted(path.stem for path in data_path("fixtures", "profiles").glob("*.toml"))


def load_profile(name: str) -> Profile:
    """Read a shipped profile by name, or a TOML file by path. Raises InvalidProfile."""
    path = Path(name) if name.endswith(".toml") else data_path("fixtures", "profiles", f"{name}.toml")
    if not path.is_file():
        nearest = difflib.get_close_matches(name, profile_names(), n=1)
        hint = f"; did you mean “{nearest[0]}”?" if nearest else f"; there are {', '.join(profile_names())}"
        raise InvalidProfile(f"there is no profile “{name}”{hint}")
    try:
        return _read(path.stem, tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, AttributeError, UnknownRequirement) as error:
        raise InvalidProfile(f"the profile {path} cannot be used: {error}") from None


def _read(name: str, data: dict[str, Any]) -> Profile:
    unknown = set(data) - {"title", "attributes", "levels"}
    if unknown:
        raise InvalidProfile(f"unknown key “{min(unknown)}”")
    levels = {requirement(identifier).id: Level(level) for identifier, level in data.get("levels", {}).items()}
    attributes = {resource_type: tuple(paths) for resource_type, paths in data.get("attributes", {}).items()}
    return Profile(name, str(data.get("title", name)), attributes, levels)
