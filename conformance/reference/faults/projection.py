"""Faults of choosing what a response holds: attributes and excludedAttributes (RFC 7644 §3.4.2.5, §3.9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.reference.faults.registry import fault, register
from conformance.reference.faults.seams import at, on_answer, set_error, single, wrap
from conformance.spec.paths import AttrPath
from conformance.spec.projection import names
from conformance.spec.schema import ENTERPRISE_USER, USER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conformance.reference.faults.registry import Plant
    from conformance.reference.messages import Request, Response
    from conformance.reference.tenant import ReferenceTenant
    from conformance.spec.schema import ResourceType

    Named = list[str]
    Rename = Callable[[Named], Named]
    Shown = dict[str, Any]

_PROJECTION = "RFC7644-3.9-"


def _ids(breaks: str) -> tuple[str, ...]:
    """Return requirement ids; bare numbers are those of RFC 7644 §3.9."""
    return tuple(number if number.startswith("RFC") else _PROJECTION + number for number in breaks.split())


def _naming(attributes: Rename = list, excluded: Rename = list, *, of: str = "") -> Plant:
    """Project by other attributes and excludedAttributes than those that were given."""

    def project(
        original: Callable[..., Shown],
        resource: Shown,
        resource_type: ResourceType,
        named: Sequence[str] = (),
        unwanted: Sequence[str] = (),
        *more: Any,
    ) -> Shown:
        if of in {"", resource_type.name}:
            named, unwanted = attributes(list(named)), excluded(list(unwanted))
        return original(resource, resource_type, named, unwanted, *more)

    return lambda tenant: wrap(tenant.rules, "project", project)


def _showing(change: Callable[[Shown, Shown, Named, Named], object]) -> Plant:
    """Change what is shown, given also the whole resource and what was named."""

    def project(
        original: Callable[..., Shown],
        resource: Shown,
        resource_type: ResourceType,
        attributes: Sequence[str] = (),
        excluded: Sequence[str] = (),
        *more: Any,
    ) -> Shown:
        shown = original(resource, resource_type, attributes, excluded, *more)
        if attributes or excluded:
            change(shown, resource, list(attributes), list(excluded))
        return shown

    return lambda tenant: wrap(tenant.rules, "project", project)


def _forget(unknown: str) -> Rename:
    """Return a choice in which a name is not known; one of nothing else shows the least that is possible."""
    return lambda named: [name for name in named if name != unknown] or (["id"] if named else [])


def _take(name: str, other: str) -> Rename:
    """Return a choice in which a name is taken for another."""
    return lambda named: [other if given == name else given for given in named]


def _put(path: str) -> Callable[[Shown, Shown, Named, Named], None]:
    """Return a change that shows a whole attribute wherever it was named, if only in part."""

    def change(shown: Shown, resource: Shown, attributes: Named, _: Named) -> None:
        if any(AttrPath.parse(name).name == path and "." in name for name in attributes):
            shown[path] = resource[path]

    return change


def _emails(shown: Shown, resource: Shown, attributes: Named, _: Named) -> None:
    if attributes and "emails" in resource:
        shown.setdefault("emails", resource["emails"])


def _password(shown: Shown, resource: Shown, attributes: Named, _: Named) -> None:
    if "password" in attributes and "password" in resource:
        shown["password"] = resource["password"]


def _drop(name: str, *, by: str) -> Callable[[Shown, Shown, Named, Named], object]:
    """Return a change that leaves an attribute out of projections by a parameter."""

    def change(shown: Shown, _: Shown, attributes: Named, excluded: Named) -> None:
        if attributes if by == "attributes" else name in excluded:
            shown.pop(name, None)

    return change


for _name, _breaks, _description, _plant in (
    (
        "attributes_is_ignored",
        (
            "02 05 06 19 23 24 25 28 "
            "RFC7644-3.4.2.5-01 RFC7644-3.4.2.5-04 RFC7644-3.4.2.5-05 RFC7643-7-33 RFC7643-7-34 RFC7644-3.5.2-41 "
            "RFC7644-3.4.3-07 RFC7644-3.4.3-18"
        ),
        "The attributes parameter is ignored.",
        _naming(attributes=lambda _: []),
    ),
    (
        "attributes_keeps_emails",
        "02 RFC7644-3.4.2.5-01 RFC7643-7-33 RFC7644-3.5.2-41",
        "The emails are shown although attributes does not name it.",
        _showing(_emails),
    ),
    (
        "named_title_is_not_shown",
        "03",
        "A title that is all that attributes names is not shown.",
        _naming(attributes=lambda named: ["id"] if named == ["title"] else named),
    ),
    (
        "named_lists_have_no_id",
        "04 RFC7643-7-30 RFC7643-3.1-14 RFC7643-3.1-06",
        "With attributes, there is no id.",
        _showing(_drop("id", by="attributes")),
    ),
    (
        "sub_attribute_brings_siblings",
        "05 RFC7644-3.4.2.5-04",
        "A sub-attribute of name brings the others along.",
        _showing(_put("name")),
    ),
    (
        "sub_attribute_brings_elements",
        "06",
        "A sub-attribute of emails brings the others along.",
        _showing(_put("emails")),
    ),
    (
        "complex_attribute_comes_in_part",
        "07",
        "A complex attribute that attributes names comes with its first sub-attribute only.",
        _naming(attributes=_take("name", "name.familyName")),
    ),
    (
        "attributes_is_one_name",
        "08 RFC7643-7-34",
        "Of several attributes only the first counts.",
        _naming(attributes=lambda named: named[:1]),
    ),
    (
        "excluded_attributes_is_one_name",
        "08",
        "Of several excludedAttributes only the first counts.",
        _naming(excluded=lambda named: named[:1]),
    ),
    (
        "excluded_attributes_is_ignored",
        "11 08 RFC7644-3.4.2.5-02 RFC7644-3.4.2.5-05 14 15 17 18 RFC7644-3.4.3-08 RFC7644-3.4.3-18",
        "The excludedAttributes parameter is ignored.",
        _naming(excluded=lambda _: []),
    ),
    (
        "excluded_attributes_takes_more",
        "12",
        "With excludedAttributes, nickName is left out, too.",
        _naming(excluded=lambda named: [*named, "nickName"] if named else []),
    ),
    (
        "excluded_id_is_left_out",
        "13 RFC7644-3.4.2.5-03 RFC7643-7-30 RFC7643-3.1-14 RFC7643-3.1-06 RFC7644-3.4.3-09",
        "The id can be excluded.",
        _showing(_drop("id", by="excludedAttributes")),
    ),
    (
        "excluded_part_takes_the_whole",
        "14",
        "A sub-attribute that is excluded takes its siblings along.",
        _naming(excluded=_take("name.familyName", "name")),
    ),
    (
        "members_cannot_be_excluded",
        "15",
        "The members of a group are shown although they are excluded.",
        _naming(excluded=_forget("members"), of="Group"),
    ),
    (
        "projection_names_are_exact",
        "17",
        "Names in projections are known in one letter case only.",
        _naming(_forget("TITLE"), _forget("TITLE")),
    ),
    (
        "projection_knows_no_urns",
        "18",
        "A schema URN in a projection is not understood.",
        _naming(_forget(f"{USER}:title"), _forget(f"{USER}:title")),
    ),
    (
        "extension_comes_whole",
        "19",
        "An attribute of an extension brings the others along.",
        _naming(attributes=_take(f"{ENTERPRISE_USER}:department", ENTERPRISE_USER)),
    ),
    (
        "password_is_shown_on_request",
        "22 RFC7643-7-31 RFC7643-4.1.1-29",
        "A password that attributes names is shown.",
        _showing(_password),
    ),
    (
        "projections_have_no_schemas",
        "27",
        "With attributes, there are no schemas.",
        _showing(_drop("schemas", by="attributes")),
    ),
    (
        "meta_is_always_shown",
        "28 RFC7644-3.5.2-41",
        "The meta attribute is shown although attributes does not name it.",
        _showing(lambda shown, resource, attributes, _: shown.update(meta=resource["meta"]) if attributes else None),
    ),
):
    register(_name, _ids(_breaks), _description, _plant)


def _breaking_down(where: Callable[[Request], bool]) -> Plant:
    return lambda tenant: on_answer(tenant, set_error(500), where=lambda q, r: single(q, r) and where(q))


for _name, _number, _description, _where in (
    (
        "repeated_attributes_break_down",
        "10",
        "An attributes parameter that occurs twice is answered with 500.",
        lambda request: request.query.count(b"attributes=") > 1 and b"excluded" not in request.query,
    ),
    (
        "both_parameters_break_down",
        "16",
        "A request with attributes and excludedAttributes is answered with 500.",
        lambda request: {"attributes", "excludedAttributes"} <= set(request.parameters),
    ),
    (
        "whole_extension_breaks_down",
        "20",
        "The URI of an extension in attributes is answered with 500.",
        lambda request: request.parameters.get("attributes") == ENTERPRISE_USER,
    ),
    (
        "unknown_attribute_breaks_down",
        "21",
        "A name in attributes that no schema has is answered with 500.",
        lambda request: "shoeSize" in request.parameters.get("attributes", ""),
    ),
):
    register(_name, (_PROJECTION + _number,), _description, _breaking_down(_where))

# Where projection does not apply


def _whole(tenant: ReferenceTenant, shown: Shown, request: Request) -> Shown:
    """Return what is shown of a resource when nothing is chosen."""
    record = tenant.store.get(shown["id"])
    if record is None:
        return shown
    of = next(t for t in tenant.service.resource_types if t.name == record.type)
    return tenant.rules.project(tenant.rules.represent(record, request.base), of)


def _ignoring(method: str) -> Plant:
    def plant(tenant: ReferenceTenant) -> None:
        def change(request: Request, response: Response) -> None:
            if response.document and "attributes" in request.parameters:
                response.document = _whole(tenant, response.document, request)

        on_answer(tenant, change, method=method, status=(200, 201), where=at("Users"))

    return plant


for _method, _breaks in {"POST": "23", "PUT": "24", "PATCH": "25 RFC7644-3.5.2-41"}.items():
    register(
        f"{_method.lower()}_ignores_attributes",
        _ids(_breaks),
        f"The attributes parameter of a {_method} is ignored.",
        _ignoring(_method),
    )


@fault("RFC7644-3.4.2.5-05")
def lists_are_not_projected(tenant: ReferenceTenant) -> None:
    """Resources in lists are shown whole, whatever attributes or excludedAttributes says."""

    def change(request: Request, response: Response) -> None:
        document = response.document or {}
        if "Resources" in document and {"attributes", "excludedAttributes"} & set(request.parameters):
            document["Resources"] = [_whole(tenant, shown, request) for shown in document["Resources"]]

    on_answer(tenant, change, where=at("Users"))


@fault("RFC7644-3.9-26")
def unnamed_attributes_are_not_stored(tenant: ReferenceTenant) -> None:
    """A create or replace with attributes stores the userName and what is named, and nothing else."""

    def read(original: Callable[[Request], Any], request: Request) -> Any:
        body, named = original(request), names(request.parameters.get("attributes"))
        if not named or request.method == "PATCH" or not isinstance(body, dict):
            return body
        return {name: value for name, value in body.items() if name in {"schemas", "userName", *named}}

    wrap(tenant.rules, "read", read)


@fault("RFC7644-3.9-01")
def reads_lose_an_attribute(tenant: ReferenceTenant) -> None:
    """A read without projection does not show the nickName of somebody with an e-mail address that has no type."""

    def project(original: Callable[..., Shown], resource: Shown, *more: Any) -> Shown:
        shown = original(resource, *more)
        if not any(more[1:]) and any("type" not in email for email in resource.get("emails", ())):
            shown.pop("nickName", None)
        return shown

    wrap(tenant.rules, "project", project)
