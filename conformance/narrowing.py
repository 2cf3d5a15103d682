"""Which attributes the checks are about where a tenant does not describe them: those that it keeps when asked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from conformance.probes.evidence import Blocked
from conformance.probes.kept import kept_by
from conformance.tenant.exchange import Unusable

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from conformance.probes.evidence import Evidence
    from conformance.spec.profile import Profile
    from conformance.spec.schema import BoundAttribute, ResourceType
    from conformance.spec.service import Service


class Narrowing(NamedTuple):
    """A service with the attributes that the checks are about, and in words why; empty where the schemas say it."""

    service: Service
    why: str = ""


def assumed_types(service: Service) -> list[ResourceType]:
    """Return the resource types with attributes that the tenant does not describe."""
    return [t for t in service.resource_types if any(b.schema.id in service.assumed for b in t.attributes(subs=False))]


def narrow(service: Service, profile: Profile, asked: Mapping[str, Evidence]) -> Narrowing:
    """Narrow what a tenant does not describe to what the profile maps, or else to what the tenant keeps.

    ``asked`` is the evidence of the probe ``kept`` by resource type; where there is none, the RFC's schema is left.
    """
    types: dict[str, ResourceType] = {}
    mapped, kept, guessed = [], [], []
    for full in assumed_types(service):
        if profile.attributes.get(full.name):
            types[full.name] = full.narrowed(lambda b: _stays(b, service) or profile.maps(b))
            mapped.append(full.name)
        elif narrowed := _kept(full, service, asked):
            types[full.name] = narrowed
            kept.append(_told(full, narrowed, service.assumed))
        else:
            guessed.append(full.name)
    undescribed = [schema.name for schema in service.schemas if schema.id in service.assumed]
    sentences = {
        "The tenant does not serve the schema of {}.": undescribed,
        "When asked, it kept {}; the checks are about these.": kept,
        "The checks of {} are about what the profile maps.": mapped,
        "What it keeps of {} could not be asked, so that the RFC's schema is assumed.": guessed,
    }
    why = " ".join(sentence.format(_listed(names)) for sentence, names in sentences.items() if names)
    return Narrowing(replace(service, resource_types=tuple(types.get(t.name, t) for t in service.resource_types)), why)


def _stays(bound: BoundAttribute, service: Service) -> bool:
    return bound.schema.id not in service.assumed or bound.attribute.required


def _kept(full: ResourceType, service: Service, asked: Mapping[str, Evidence]) -> ResourceType | None:
    try:
        keeps = kept_by(asked[full.name]) if full.name in asked else None
    except (Blocked, Unusable):
        return None
    return full.narrowed(lambda b: _stays(b, service) or keeps(b)) if keeps else None


def _told(full: ResourceType, narrowed: ResourceType, assumed: Collection[str]) -> str:
    every, left = (_paths(each, assumed) for each in (full, narrowed))
    lost = [path for path in every if path not in left]
    if not lost:
        return f"all {len(every)} attributes of {full}"
    shorter = f"all but {', '.join(lost)}" if len(lost) < len(left) else ", ".join(left)
    return f"{len(left)} of {len(every)} attributes of {full} ({shorter})"


def _paths(resource_type: ResourceType, assumed: Collection[str]) -> list[str]:
    leaves = (b for b in resource_type.attributes() if b.schema.id in assumed and not b.attribute.sub_attributes)
    return [str(bound).partition(":")[2] for bound in leaves]


def _listed(names: Sequence[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
