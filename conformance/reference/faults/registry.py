"""Declaring faults: named, single deviations of the reference tenant, each breaking the requirements it names.

    @fault("RFC7644-3.3-08")
    def create_answers_200(tenant: ReferenceTenant) -> None:
        \"\"\"A create answers 200 instead of 201.\"\"\"
        on_answer(tenant, set_status(200), method="POST", status=201)

The function plants the fault in one instance by replacing one of its ``rules``; its name with hyphens is the fault's.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.data import data_path
from conformance.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.reference.tenant import ReferenceTenant

    Plant = Callable[[ReferenceTenant], None]


class UnknownFault(LookupError):
    """No fault has that name; the message names the nearest one."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One deviation. ``breaks`` are the ids of the requirements that do not hold any more; all others still do."""

    name: str
    breaks: tuple[str, ...]
    description: str
    plant: Plant


_FAULTS: dict[str, Fault] = {}


def fault(*breaks: str) -> Callable[[Plant], Plant]:
    """Register a fault under its function's name; the docstring's first line describes it."""

    def declare(plant: Plant) -> Plant:
        register(plant.__name__, breaks, (inspect.getdoc(plant) or "").partition("\n")[0], plant)
        return plant

    return declare


def register(name: str, breaks: tuple[str, ...], description: str, plant: Plant) -> None:
    """Register a fault that comes out of a table. Raises ValueError for a name that is taken."""
    name = name.strip("_").replace("_", "-")
    if name in _FAULTS:
        raise ValueError(f"there are two faults named {name}")
    _FAULTS[name] = Fault(name, breaks, description, plant)


def faults() -> Mapping[str, Fault]:
    """Return every fault by name."""
    package = importlib.import_module("conformance.reference.faults")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return _FAULTS


def find_fault(name: str) -> Fault:
    """Return one fault. Raises UnknownFault with the nearest name."""
    known = faults()
    if name in known:
        return known[name]
    raise UnknownFault(f"there is no fault “{name}”{did_you_mean(name, known)}")


def unproven() -> Mapping[str, str]:
    """Return why no fault breaks some requirements that checks judge: the reason by id."""
    return tomllib.loads(data_path("fixtures", "unproven.toml").read_text(encoding="utf-8"))
