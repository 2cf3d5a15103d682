"""Declaring probes. A probe is a function of ``ask`` and of what it is parametrised over.

    @probe
    def lifecycle(ask: Ask, resource_type: ResourceType) -> None:
        created = ask.create("created", resource_type)
        ask.get("fetched", created.path)

Its name is the name of the pytest fixture by which checks ask for the evidence.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, overload

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Probe:
    """A declared probe: ``parameters`` are its arguments after ``ask``; a ``safe`` one sends only GET and search."""

    name: str
    function: Callable[..., None]
    parameters: tuple[str, ...]
    safe: bool


@dataclass(frozen=True, slots=True)
class ProbeCall:
    """A probe with values for its parameters: one piece of evidence to gather."""

    probe: Probe
    arguments: tuple[Any, ...]

    @property
    def key(self) -> str:
        """A stable name: ``lifecycle[User]``."""
        return f"{self.probe.name}[{','.join(map(label, self.arguments))}]" if self.arguments else self.probe.name


_PROBES: dict[str, Probe] = {}
_UNSAFE = re.compile(r"[^A-Za-z0-9._:$-]")


@overload
def probe(function: Callable[..., None]) -> Callable[..., None]: ...
@overload
def probe(*, safe: bool) -> Callable[[Callable[..., None]], Callable[..., None]]: ...
def probe(function: Callable[..., None] | None = None, *, safe: bool = False) -> Any:
    """Register a probe under its function's name. Raises ValueError where that name is taken."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        name = function.__name__
        if name in _PROBES:
            raise ValueError(f"there are two probes named {name}")
        _, *parameters = inspect.signature(function).parameters
        _PROBES[name] = Probe(name, function, tuple(parameters), safe)
        return function

    return register(function) if function else register


@cache
def probes() -> dict[str, Probe]:
    """Return every probe of the package by name."""
    package = importlib.import_module("conformance.probes")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"conformance.probes.{module.name}")
    return _PROBES


def label(argument: object) -> str:
    """Return a parameter value as it stands in a test id, cut down to safe letters since a tenant may have named it."""
    return _UNSAFE.sub("_", str(argument))
