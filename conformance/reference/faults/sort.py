"""Faults of sorting (RFC 7644 §3.4.2.3)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from conformance.reference.faults.registry import fault, register
from conformance.reference.faults.seams import at, declare, on_answer, set_error, wrap
from conformance.reference.faults.selecting import characterised
from conformance.spec.errors import ScimError
from conformance.spec.paths import lookup
from conformance.spec.schema import USER
from conformance.spec.sorting import sort

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.faults.registry import Plant
    from conformance.reference.messages import Request, Response
    from conformance.reference.tenant import ReferenceTenant
    from conformance.spec.schema import ResourceType

_SORT = "RFC7644-3.4.2.3-"


@dataclass(frozen=True)
class _Job:
    """What is to be sorted, and how."""

    resources: list[dict[str, Any]]
    path: str
    ascending: bool
    resource_type: ResourceType

    def done(self) -> list[dict[str, Any]]:
        return sort(self.resources, self.path, ascending=self.ascending, resource_type=self.resource_type)

    def of_lists(self, change: Callable[[list[Any]], list[Any]]) -> _Job:
        """Return the same job on resources whose lists are changed; their order is what counts."""
        changed = [{k: change(v) if isinstance(v, list) else v for k, v in r.items()} for r in self.resources]
        return replace(self, resources=changed)

    def absent(self, resource: dict[str, Any]) -> bool:
        return lookup(resource, self.path) is None


def _sorts(decide: Callable[[_Job], list[dict[str, Any]]]) -> Plant:
    def around(_: object, resources: list[dict[str, Any]], path: str, **how: Any) -> list[dict[str, Any]]:
        return decide(_Job(resources, path, **how))

    return lambda tenant: wrap(tenant.rules, "sort", around)


def _unsorted(*paths: str) -> Plant:
    return _sorts(lambda job: job.resources if job.path in paths or not paths else job.done())


def _not_primary(values: list[Any]) -> list[Any]:
    return [
        {k: v for k, v in value.items() if k != "primary"} if isinstance(value, dict) else value for value in values
    ]


def _backwards(values: list[Any]) -> list[Any]:
    chosen = any(isinstance(value, dict) and value.get("primary") for value in values)
    return values if chosen else values[::-1]


def _title_exact(job: _Job) -> list[dict[str, Any]]:
    return replace(job, resource_type=characterised(job.resource_type, "title", case_exact=True)).done()


def _decimal_as_text(job: _Job) -> list[dict[str, Any]]:
    return replace(job, resource_type=characterised(job.resource_type, "decimal", type="string")).done()


def _ascii_only(job: _Job) -> list[dict[str, Any]]:
    if not all(str(lookup(resource, job.path)).isascii() for resource in job.resources):
        raise ScimError("The tenant failed to handle the request", status=500)
    return job.done()


for _name, _breaks, _description, _plant in (
    (
        "sort_is_ignored",
        "03 04 05 06 08 09 10 11 12 13 RFC7643-5-29 RFC7644-3.4.3-12 RFC9865-2.2-01",
        "A sorted list comes in no order.",
        _unsorted(),
    ),
    (
        "sort_is_ascending",
        "04 10 RFC7643-5-29 RFC7644-3.4.3-12 RFC9865-2.2-01",
        "A sorted list comes in ascending order, whatever sortOrder says.",
        _sorts(lambda job: replace(job, ascending=True).done()),
    ),
    (
        "sort_by_first_value",
        "06",
        "A list is sorted by the first value even where another is primary.",
        _sorts(lambda job: job.of_lists(_not_primary).done()),
    ),
    (
        "sort_by_last_value",
        "07",
        "A list is sorted by the last value where none is primary.",
        _sorts(lambda job: job.of_lists(_backwards).done()),
    ),
    ("sort_by_dotted_path_is_ignored", "08", "A list is not sorted by name.familyName.", _unsorted("name.familyName")),
    (
        "nothing_comes_first",
        "09",
        "In ascending order, resources without a value come first.",
        _sorts(lambda job: sorted(job.done(), key=job.absent, reverse=True) if job.ascending else job.done()),
    ),
    (
        "nothing_comes_last",
        "10",
        "In descending order, resources without a value come last.",
        _sorts(lambda job: job.done() if job.ascending else sorted(job.done(), key=job.absent)),
    ),
    ("sort_compares_letter_case", "11", "A list is sorted by title with capitals first.", _sorts(_title_exact)),
    ("sort_by_exact_text_is_ignored", "12", "A list is not sorted by externalId.", _unsorted("externalId")),
    ("sort_by_time_is_ignored", "13", "A list is not sorted by meta.created.", _unsorted("meta.created")),
    (
        "numbers_are_sorted_as_texts",
        "13",
        "A list is sorted by a decimal as if it were text.",
        _sorts(_decimal_as_text),
    ),
    ("sort_breaks_down_beyond_ascii", "14", "Sorting text beyond ASCII is answered with 500.", _sorts(_ascii_only)),
    ("sort_names_are_exact", "15", "The name in sortBy is known in one letter case only.", _unsorted("USERNAME")),
    ("sort_knows_no_urns", "15", "A schema URN in sortBy is not understood.", _unsorted(f"{USER}:userName")),
):
    _ids = (number if number.startswith("RFC") else _SORT + number for number in _breaks.split())
    register(_name, tuple(_ids), _description, _plant)


def _asks(**wanted: str | None) -> Callable[[Request, Response], bool]:
    """Return a test for queries with these parameters, or without them where they are None."""

    def test(request: Request, response: Response) -> bool:
        given = request.parameters
        return at("Users")(request, response) and all(given.get(name) == value for name, value in wanted.items())

    return test


def _reverse(_: Request, response: Response) -> None:
    (response.document or {}).get("Resources", []).reverse()


@fault("RFC7644-3.4.2.3-05")
def sort_is_descending_by_default(tenant: ReferenceTenant) -> None:
    """A list sorted without a sortOrder comes in descending order."""
    on_answer(tenant, _reverse, where=_asks(sortBy="userName", sortOrder=None))


@fault("RFC7644-3.4.2.3-16")
def unknown_order_breaks_down(tenant: ReferenceTenant) -> None:
    """A sortOrder that does not exist is answered with 500."""
    on_answer(tenant, set_error(500), where=_asks(sortOrder="sideways"))


@fault("RFC7644-3.4.2.3-17")
def order_alone_is_refused(tenant: ReferenceTenant) -> None:
    """A sortOrder without sortBy is refused."""
    on_answer(tenant, set_error(400, "invalidValue"), where=_asks(sortBy=None, sortOrder="descending"))


@fault("RFC7644-3.4.2.3-18")
def later_pages_are_reversed(tenant: ReferenceTenant) -> None:
    """Beyond the first page, a sorted list comes in the other order."""
    on_answer(tenant, _reverse, where=_asks(sortBy="userName", startIndex="3"))


@fault("RFC7644-3.4.2.3-19")
def sort_forgets_the_filter(tenant: ReferenceTenant) -> None:
    """A list in descending order also holds a user who does not match the filter."""

    def change(request: Request, response: Response) -> None:
        stranger = tenant.rules.represent(tenant.store.all("User")[0], request.base)
        (response.document or {}).get("Resources", []).append(stranger)

    on_answer(tenant, change, where=_asks(sortBy="userName", sortOrder="descending", count=None))


@fault("RFC7644-3.4.2.3-02")
def unsupported_sort_breaks_down(tenant: ReferenceTenant) -> None:
    """A tenant that declares no sorting answers 500 to sortBy."""
    declare(tenant, sort=False)
    on_answer(tenant, set_error(500), where=lambda q, r: at("Users")(q, r) and "sortBy" in q.parameters)
