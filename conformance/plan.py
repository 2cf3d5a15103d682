"""The plan: which cases a check has for this tenant, what it judges, which evidence it asks for."""

from __future__ import annotations

import inspect
import tomllib
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from conformance.data import data_path
from conformance.judge import NO_PARAMETERS
from conformance.probes.registry import ProbeCall, label, probes
from conformance.spec.requirements import requirement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conformance.run import Run
    from conformance.spec.requirements import Requirement
    from conformance.spec.schema import BoundAttribute, ResourceType

JUDGED = pytest.StashKey[list["Requirement"]]()


def parametrise(metafunc: pytest.Metafunc, run: Run) -> None:
    """Give a check a case for each resource type or attribute of the tenant that it is about."""
    names = set(metafunc.fixturenames)
    if "attribute" in names:
        attributes = list(_attributes(metafunc, run))
        ids = [label(attribute) for attribute in attributes]
        if "resource_type" in names:
            pairs = [(attribute, attribute.resource_type) for attribute in attributes]
            metafunc.parametrize(("attribute", "resource_type"), pairs, ids=ids)
        else:
            metafunc.parametrize("attribute", attributes, ids=ids)
    elif "resource_type" in names:
        types = _types(metafunc, run)
        metafunc.parametrize("resource_type", types, ids=[label(resource_type) for resource_type in types])


def _types(metafunc: pytest.Metafunc, run: Run) -> list[ResourceType]:
    only = {name for mark in metafunc.definition.iter_markers("for_types") for name in mark.args}
    chosen = {name.lower() for name in run.settings.resource_type}
    return [
        resource_type
        for resource_type in run.service.resource_types
        if (not only or resource_type.name in only) and (not chosen or resource_type.name.lower() in chosen)
    ]


def _attributes(metafunc: pytest.Metafunc, run: Run) -> Iterator[BoundAttribute]:
    tests = [test for mark in metafunc.definition.iter_markers("for_attributes") for test in mark.args]
    for resource_type in _types(metafunc, run):
        for bound in resource_type.attributes():
            if run.profile.maps(bound) and all(test(bound) for test in tests):
                yield bound


def judged_by(item: pytest.Function) -> Iterator[Requirement]:
    """Yield the requirements that a check judges with its parameters, as it names them.

    Raises UnknownRequirement for an id that is not in the catalogue.
    """
    parameters = parameters_of(item)
    for mark in item.iter_markers("requirement"):
        for given in mark.args:
            if callable(given):
                if NO_PARAMETERS in item.name:
                    continue
                found = given(**{name: parameters[name] for name in inspect.signature(given).parameters})
                identifiers = [found] if isinstance(found, str) else list(found)
            else:
                identifiers = [given]
            yield from map(requirement, identifiers)


def inapplicable(judged: Sequence[Requirement], run: Run) -> str | None:
    """Return why the weightiest of the requirements that a check judges does not bind the run's tenant; None if it may.

    The others are told by the way: they may bind where the question cannot be asked.
    """
    return judged[0].inapplicable(run.service, run.profile.rules) if judged else None


def within(effort: str, item: pytest.Function) -> bool:
    """Whether a check belongs to runs of that effort.

    A quick run asks what ``fixtures/quick.toml`` lists; checks marked ``thorough`` are for thorough runs only.
    """
    if effort == "quick":
        return all(call.key in _essentials() for call in calls_of(item))
    return effort == "thorough" or item.get_closest_marker("thorough") is None


@cache
def _essentials() -> frozenset[str]:
    return frozenset(tomllib.loads(data_path("fixtures", "quick.toml").read_text(encoding="utf-8"))["probes"])


def parameters_of(item: pytest.Function) -> dict[str, Any]:
    """Return the values of the parameters with which a check is a case."""
    return item.callspec.params if hasattr(item, "callspec") else {}


def calls_of(item: pytest.Function) -> Iterator[ProbeCall]:
    """Yield the probe calls whose evidence a check asks for."""
    if NO_PARAMETERS in item.name:
        return
    parameters = parameters_of(item)
    known = probes()
    for name in item.fixturenames:
        if name in known and all(p in parameters for p in known[name].parameters):
            yield ProbeCall(known[name], tuple(parameters[p] for p in known[name].parameters))
