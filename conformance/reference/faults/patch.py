"""Faults of PATCH as a whole: what it answers, what it keeps, the forms of its message (RFC 7644 §3.5.2)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.reference.faults.operations import (
    Misstep,
    Step,
    afterwards,
    aimed,
    nothing,
    on_filtered,
    on_message,
    on_operation,
    on_patched,
    on_state,
    refusal,
    register_missteps,
    while_patching,
)
from conformance.reference.faults.registry import fault
from conformance.reference.faults.seams import on_answer, on_discovery, set_error, set_status, wrap
from conformance.spec.schema import ENTERPRISE_USER, USER

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.messages import Request, Response
    from conformance.reference.storage import Record
    from conformance.reference.tenant import ReferenceTenant

    Operations = list[dict[str, Any]]
    Read = Callable[[object], Operations]

_NAMED_URN = f"{ENTERPRISE_USER}:"


def _renames(step: Step) -> bool:
    return aimed("replace", "displayName", of="User", alone=True)(step)


def _patches_name(request: Request, _: Response) -> bool:
    """Whether a PATCH is of displayName alone, with the whole resource to be answered."""
    body = request.body.replace(b" ", b"")
    return b'"path":"displayName"' in body and body.count(b'"op"') == 1 and b"attributes=" not in request.query


# --- whether it is offered --------------------------------------------------------------------------------------------


def _announce_no_patch(tenant: ReferenceTenant) -> None:
    on_discovery(tenant, "config", lambda config: config["patch"].update(supported=False))


@fault("RFC7644-3.5-02", "RFC7644-3.5.2-01")
def patch_is_not_offered(tenant: ReferenceTenant) -> None:
    """PATCH is not offered: the tenant says so and answers 501."""
    _announce_no_patch(tenant)
    tenant.rules.service = replace(tenant.rules.service, patch=False)


@fault("RFC7644-3.5-02", "RFC7644-3.5.2-01", "RFC7644-3.5.2-02", "RFC7644-3.5-03", "RFC7643-5-26")
def patch_is_carried_out_though_not_offered(tenant: ReferenceTenant) -> None:
    """The ServiceProviderConfig says that PATCH is not supported, yet it is carried out."""
    _announce_no_patch(tenant)


# --- what is answered -------------------------------------------------------------------------------------------------


@fault("RFC7644-3.5.2-39")
def patch_answers_202(tenant: ReferenceTenant) -> None:
    """A PATCH that succeeds answers 202 instead of 200."""
    on_answer(tenant, set_status(202), method="PATCH", status=200, where=_patches_name)


@fault("RFC7644-3.5.2-39")
def patch_answers_with_the_change_alone(tenant: ReferenceTenant) -> None:
    """The 200 to a PATCH has a part of the resource in its body."""

    def shorten(_: Request, response: Response) -> None:
        kept = {"schemas", "id", "displayName", "meta"}
        response.document = {k: v for k, v in (response.document or {}).items() if k in kept}

    on_answer(tenant, shorten, method="PATCH", status=200, where=_patches_name)


@fault("RFC7644-3.5.2-40")
def patch_with_attributes_answers_204(tenant: ReferenceTenant) -> None:
    """A PATCH with the attributes parameter answers 204 and no body."""

    def empty(_: Request, response: Response) -> None:
        response.status, response.document = 204, None

    on_answer(tenant, empty, method="PATCH", status=200, where=lambda request, _: b"attributes=" in request.query)


@fault("RFC7644-3.5.2-41", "RFC7644-3.9-25")
def answer_to_a_patch_ignores_attributes(tenant: ReferenceTenant) -> None:
    """A PATCH with the attributes parameter answers with the whole resource."""

    def show_all(request: Request, response: Response) -> None:
        record = tenant.store.get((response.document or {}).get("id", ""))
        resource_type = tenant.service.resource_type(record.type) if record else None
        if record and resource_type:
            resource = tenant.rules.represent(record, request.base)
            response.document = tenant.rules.project(resource, resource_type)

    on_answer(tenant, show_all, method="PATCH", status=200, where=lambda request, _: b"attributes=" in request.query)


@fault("RFC7644-3.5.2-42")
def patch_204_lacks_the_version(tenant: ReferenceTenant) -> None:
    """A PATCH answers 204 without the ETag that a GET has."""

    def empty(_: Request, response: Response) -> None:
        response.status, response.document = 204, None
        response.headers.pop("ETag", None)

    on_answer(tenant, empty, method="PATCH", status=200, where=_patches_name)


@fault("RFC7644-3.1-09")
def patch_answers_what_is_not_stored(tenant: ReferenceTenant) -> None:
    """The answer to a PATCH shows a nickName that the tenant derives from the change and does not keep."""

    def invent(_: Request, response: Response) -> None:
        document = response.document or {}
        document.setdefault("nickName", document.get("displayName"))

    on_answer(tenant, invent, method="PATCH", status=200, where=_patches_name)


@fault("RFC7644-3.5.2-43", "RFC7644-3.6-03", "RFC7644-3.12-18")
def patch_of_nobody_answers_400(tenant: ReferenceTenant) -> None:
    """A PATCH of an id that no resource has answers 400 instead of 404."""
    on_answer(tenant, set_error(400), method="PATCH", status=404)


@fault("RFC7644-3.5.2-37")
def patch_errors_lack_their_schema(tenant: ReferenceTenant) -> None:
    """The error to a failed PATCH does not name the schema of errors."""

    def strip(_: Request, response: Response) -> None:
        (response.document or {}).pop("schemas", None)

    on_answer(tenant, strip, method="PATCH", where=lambda _, response: response.failed)


# --- what is kept -----------------------------------------------------------------------------------------------------


@fault("RFC7644-3.5.2-45")
def patch_keeps_last_modified(tenant: ReferenceTenant) -> None:
    """A PATCH leaves meta.lastModified as it was."""
    on_state(tenant, lambda before, after: replace(after, modified=before.modified))


@fault("RFC7644-3.5.2-45")
def patch_moves_created(tenant: ReferenceTenant) -> None:
    """A PATCH of the emails moves meta.created."""

    def move(before: Record, after: Record) -> Record:
        changed = before.attributes.get("emails") != after.attributes.get("emails")
        return replace(after, created=after.modified) if changed else after

    on_state(tenant, move)


@fault("RFC7644-3.5.2-46", "RFC7644-3.14-08")
def patch_keeps_the_version(tenant: ReferenceTenant) -> None:
    """A PATCH leaves the version of the resource as it was."""
    versions: dict[tuple[str, int], str] = {}

    def version(original: Callable[[Record], str], record: Record) -> str:
        return versions.get((record.id, record.revision)) or original(record)

    def keep(before: Record, after: Record) -> Record:
        versions[after.id, after.revision] = tenant.rules.version(before)
        return after

    wrap(tenant.rules, "version", version)
    on_state(tenant, keep)


@fault("RFC7644-3.5.2.1-16")
def idle_patch_moves_last_modified(tenant: ReferenceTenant) -> None:
    """A PATCH that changes nothing moves meta.lastModified."""

    def touch(before: Record, after: Record) -> Record:
        if after is not before:
            return after
        return replace(after, modified=max(tenant.rules.now(), after.modified + 1))

    on_state(tenant, touch)


@fault("RFC7644-3.5.2-47", "RFC7644-3.2-06")
def patch_clears_what_is_not_named(tenant: ReferenceTenant) -> None:
    """A PATCH of displayName takes the emails away."""
    on_operation(tenant, _renames, afterwards(lambda _, document: document.pop("emails", None)))


@fault("RFC7644-3.5.2-44", "RFC7643-4.1.1-08")
def patch_takes_a_user_name_twice(tenant: ReferenceTenant) -> None:
    """A PATCH gives a user the userName of another."""
    patching = while_patching(tenant)

    def check(original: Callable[[Record], None], record: Record) -> None:
        if not patching():
            original(record)

    wrap(tenant.store, "check_unique", check)


@fault("RFC7644-3.5.2-44", "RFC7644-3.12-31")
def patch_conflict_says_invalid_value(tenant: ReferenceTenant) -> None:
    """A PATCH that asks for a userName of another is refused with 400 invalidValue."""
    on_answer(tenant, set_error(400, "invalidValue"), method="PATCH", status=409)


@fault("RFC7643-2.5-05", "RFC7644-3.5.2.3-22")
def null_counts_as_present(tenant: ReferenceTenant) -> None:
    """A filter with pr matches what a PATCH set to null."""
    nulled: set[str] = set()

    def remember(step: Step, _: dict[str, Any]) -> None:
        nulled.add(step.document["id"])

    def present(resource: dict[str, Any]) -> None:
        if resource["id"] in nulled:
            resource.setdefault("displayName", "null")

    on_operation(tenant, aimed("replace", "displayName", when=_is_null), afterwards(remember))
    on_filtered(tenant, present)


def _is_null(step: Step) -> bool:
    return step.value is None


# --- messages ---------------------------------------------------------------------------------------------------------


@fault("RFC7644-3.5.2-32")
def operations_run_backwards(tenant: ReferenceTenant) -> None:
    """The operations on displayName run from the last to the first."""

    def read(original: Read, body: object) -> Operations:
        operations = original(body)
        backwards = {operation.get("path") for operation in operations} == {"displayName"}
        return operations[::-1] if backwards else operations

    on_message(tenant, read)


@fault("RFC7644-3.5.2-49", "RFC7644-3.5.2.2-20")
def last_of_equal_operations_wins(tenant: ReferenceTenant) -> None:
    """Of several operations with the same op and path only the last takes effect."""

    def read(original: Read, body: object) -> Operations:
        operations = original(body)
        aims = [(operation.get("op"), operation.get("path")) for operation in operations]
        return [operation for i, operation in enumerate(operations) if aims[i] not in aims[i + 1 :]]

    on_message(tenant, read)


@fault("RFC7644-3.5.2-31")
def change_of_schemas_ends_the_patch(tenant: ReferenceTenant) -> None:
    """What follows a change of schemas in a PATCH is not carried out."""

    def read(original: Read, body: object) -> Operations:
        operations = original(body)
        paths = [operation.get("path") for operation in operations]
        return operations[: paths.index("schemas") + 1] if "schemas" in paths else operations

    on_message(tenant, read)


@fault("RFC7644-3.5.2.3-01")
def key_that_is_a_path_is_stored(tenant: ReferenceTenant) -> None:
    """A path as a key in the value of a replace without path is stored as it stands."""

    def store(kept: dict[str, Any], operations: Operations, _: Record) -> None:
        values = [operation.get("value") for operation in operations if "path" not in operation]
        for key in (key for value in values if isinstance(value, dict) for key in value):
            if key.startswith(_NAMED_URN):
                kept[key] = kept.get(ENTERPRISE_USER, {}).get(key.removeprefix(_NAMED_URN))

    on_patched(tenant, store)


def _drop_the_unlisted(step: Step, document: dict[str, Any]) -> None:
    for name in set(document) - {"schemas", "id", "meta", "userName", *step.value}:
        del document[name]


def _lists_name(step: Step) -> bool:
    return isinstance(step.value, dict) and "displayName" in step.value


register_missteps(
    [
        Misstep(
            "replace_does_nothing",
            "A replace of displayName answers with success and changes nothing.",
            "RFC7644-3.5.2-17 RFC7644-3.5.2.3-05 RFC7644-3.5.2.3-08",
            aimed("replace", "displayName", of="User", when=lambda step: isinstance(step.value, str)),
            nothing,
        ),
        Misstep(
            "op_in_capitals_does_nothing",
            "An op in capitals answers with success and changes nothing.",
            "RFC7644-3.5.2-10",
            aimed("Replace"),
            nothing,
        ),
        Misstep(
            "core_urn_in_a_path_is_refused",
            "A path with the URI of the core schema in front is refused.",
            "RFC7644-3.5.2-21",
            aimed("replace", f"{USER}:.*"),
            refusal(400, "invalidPath"),
        ),
        Misstep(
            "replace_with_null_does_nothing",
            "A replace with null answers with success and leaves the value.",
            "RFC7644-3.5.2.3-22 RFC7643-2.5-05",
            aimed("replace", "displayName", when=_is_null),
            nothing,
        ),
        Misstep(
            "replace_without_path_is_refused",
            "A replace without path is refused.",
            "RFC7644-3.5.2-13 RFC7644-3.5.2.3-01 RFC7644-3.5.2.3-03 RFC7644-3.5.2.3-04 RFC7644-3.5.2.3-21",
            aimed("replace", None),
            refusal(400, "invalidPath"),
        ),
        Misstep(
            "replace_without_path_does_nothing",
            "A replace without path answers with success and does not replace displayName.",
            "RFC7644-3.5.2.3-01",
            aimed("replace", None, when=_lists_name),
            nothing,
        ),
        Misstep(
            "replace_without_path_clears_the_rest",
            "A replace without path takes away what its value does not list, as a PUT would.",
            "RFC7644-3.5.2.3-03",
            aimed("replace", None, when=_lists_name),
            afterwards(_drop_the_unlisted),
        ),
    ]
)
