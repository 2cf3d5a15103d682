"""Who a filter selected: the answer to one filter in the names of the people (or groups) it was asked about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from conformance.probes.evidence import Blocked
from conformance.probes.filter_cases import groundwork
from conformance.spec.filter import parse
from conformance.spec.matching import Match, evaluate
from conformance.tenant.exchange import Unusable

if TYPE_CHECKING:
    from collections.abc import Collection

    from conformance.checks.verdict import Remarks
    from conformance.probes.evidence import Evidence
    from conformance.probes.filter_cases import Case
    from conformance.spec.schema import ResourceType
    from conformance.tenant.exchange import Exchange

STRANGERS = "others, who do not match"
_BAD_REQUEST = 400
_NOT_FOUND = 404
_NOT_IMPLEMENTED = 501
_UNKEPT = "the tenant did not keep the values this filter is about as they were sent"


@dataclass(frozen=True, slots=True)
class Selection:
    """Whom a filter was to find and whom it found, by name, without those of whom the RFC leaves it open."""

    expected: list[str]
    came: list[str]


def declined(exchange: Exchange) -> bool:
    """Whether the tenant says that it does not do this filter: 400 without another scimType, or 501."""
    if exchange.response is None:
        return False
    return exchange.status == _NOT_IMPLEMENTED or (
        exchange.status == _BAD_REQUEST and scim_type(exchange) in (None, "invalidFilter")
    )


def scim_type(exchange: Exchange) -> object:
    """Return the scimType of an error body, None where there is no such thing."""
    try:
        return exchange.resource.get("scimType")
    except Unusable:
        return None


def found(exchange: Exchange, evidence: Evidence, names: Collection[str]) -> list[str]:
    """Return the names of those in a list response, in order, and last STRANGERS if there is anybody else."""
    return sorted(set(sequence(exchange, evidence, names)), key=lambda name: (name == STRANGERS, name))


def sequence(exchange: Exchange, evidence: Evidence, names: Collection[str]) -> list[str]:
    """Return the names of those in a list response as they come. Raises Unusable where the answer is no list.

    404 passes for an empty list: that it ought to be one is judged by a check of its own.
    """
    if exchange.response and exchange.status == _NOT_FOUND:
        return []
    if not exchange.ok:
        raise Unusable(f"{exchange.label} answered {exchange.status}, not with a list")
    people = {str(evidence[name].resource.get("id")): name for name in names if evidence[name].ok}
    return [people.get(str(resource.get("id")), STRANGERS) for resource in exchange.resources]


def kept_short(evidence: Evidence, name: str, verdict: Remarks) -> Exchange:
    """Return a list of our own resources. Ends the check where the tenant has no filter to keep others out of it."""
    if name not in evidence and evidence.stopped is None:
        verdict.not_applicable("the tenant declares filter unsupported, so the list cannot be kept short")
    if declined(evidence[name]):
        verdict.not_applicable("the tenant declines the filter that would keep the list short")
    return evidence[name]


def select(evidence: Evidence, case: Case, names: Collection[str], of: ResourceType, verdict: Remarks) -> Selection:
    """Compare what a case's filter found with what it must find among those created under ``names``.

    Ends the check where the tenant lacks what the case needs or did not keep the values it is about; a tenant that
    declines an elective filter is warned and gets an empty comparison. Raises Unusable for an answer that is no list,
    Blocked where the tenant ignores filters or gets one wrong that the case rests on.
    """
    if case.name not in evidence and evidence.stopped is None:
        verdict.not_applicable("the tenant does not return what this filter would compare with")
    exchange = evidence[case.name]
    if "nobody" in evidence and evidence["nobody"].ok and evidence["nobody"].resources:
        raise Blocked("the tenant ignores filters: one that nothing matches finds resources", evidence["nobody"])
    lacking = next((name for name in case.rests_on if declined(evidence[name])), None)
    if lacking:
        verdict.not_applicable(f"the tenant declines filters with “{lacking}”, on which this one rests")
    if case.elective and declined(exchange):
        if _open(evidence, case, names, of) is None:
            verdict.not_applicable(_UNKEPT)
        verdict.warn(f"the tenant declines the filter with {exchange.status}; clients that use it cannot work with it")
        return Selection([], [])
    wrong = next((ground for ground in groundwork(case) if not _is_right(evidence, ground, names, of)), None)
    if wrong:
        raise Blocked(f"a filter with “{wrong}”, on which this one rests, finds others than it should", exchange)
    selection, opened = _compare(evidence, case, names, of)
    if selection is None:
        verdict.not_applicable(_UNKEPT)
    if opened:
        either = ", ".join(f"{'finds' if came else 'does not find'} {name}" for name, came in opened.items())
        verdict.note(f"the RFC leaves this open: the tenant {either}")
    return selection


def _is_right(evidence: Evidence, case: Case, names: Collection[str], of: ResourceType) -> bool:
    """Whether a case is answered as it must be; also true for one that the tenant declines or that does not apply."""
    if declined(evidence[case.name]):
        return True
    try:
        selection, _ = _compare(evidence, case, names, of)
    except Unusable:
        return False
    return selection is None or selection.came == selection.expected


def _compare(
    evidence: Evidence, case: Case, names: Collection[str], of: ResourceType
) -> tuple[Selection | None, dict[str, bool]]:
    """Return what a filter found beside what it must find, and of whom it is open whether they came.

    There is no selection where the tenant did not keep the values that the case is about.
    """
    opened = _open(evidence, case, names, of)
    if opened is None:
        return None, {}
    came = found(evidence[case.name], evidence, names)
    ignored = set() if case.firm else opened
    selection = Selection(sorted(set(case.finds.split()) - ignored), [n for n in came if n not in ignored])
    return selection, {name: name in came for name in sorted(ignored)}


def _open(evidence: Evidence, case: Case, names: Collection[str], of: ResourceType) -> set[str] | None:
    """Return of whom the RFC leaves open whether a filter finds them; None where what it is about was not kept."""
    answers = _answers(evidence[case.name], evidence, names, of)
    certain, opened = ({n for n, a in answers.items() if a is m} for m in (Match.YES, Match.UNDEFINED))
    return opened if certain <= set(case.finds.split()) <= certain | opened else None


def _answers(
    exchange: Exchange, evidence: Evidence, names: Collection[str], resource_type: ResourceType
) -> dict[str, Match]:
    """Return what the RFC says of each resource as the tenant returned it."""
    node = parse(parse_qs(urlsplit(exchange.request.url).query, strict_parsing=True)["filter"][0])
    try:
        return {name: evaluate(node, evidence[name].resource, resource_type) for name in names}
    except Unusable as error:
        raise Blocked(str(error)) from None
