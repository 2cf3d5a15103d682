"""By what the entries of ``disagreements.toml`` are known that no rewriting takes away."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import oracle
from compare import Disagreement
from implementations import Refused
from rewritings import texts

from conformance.spec.filter import ValuePath, parse, parse_path
from conformance.spec.paths import lookup
from conformance.spec.schema import ENTERPRISE_USER, USER

Condition = Callable[[Disagreement], bool]

_ARRAYS = "tags|schemas|emails|addresses|roles|parts|x509Certificates"
_MULTI_VALUED = ("emails", "roles", "addresses", "x509Certificates")


def _refused(pattern: str) -> Condition:
    return lambda d: isinstance(d.theirs, Refused) and re.search(pattern, d.theirs.reason) is not None


def _both(*conditions: Condition) -> Condition:
    return lambda d: all(condition(d) for condition in conditions)


def _filter(pattern: str) -> Condition:
    return lambda d: re.search(pattern, d.case["filter"]) is not None


def _operation(op: str, path: str) -> Condition:
    """One operation; an empty pattern also means no path."""

    def holds(d: Disagreement) -> bool:
        [first, *more] = d.case["operations"]
        return not more and re.fullmatch(op, first["op"]) is not None and bool(re.search(path, first.get("path", "")))

    return holds


def _apart_from(*names: str, change: Callable[[Any], Any] = lambda value: value) -> Condition:
    """Hold where two documents differ in these attributes only, or not at all after a change of both."""

    def settled(document: Any) -> Any:
        return oracle.settled(change({key: value for key, value in document.items() if key not in names}))

    return lambda d: isinstance(d.ours, dict) and isinstance(d.theirs, dict) and settled(d.ours) == settled(d.theirs)


def _distinct(value: Any) -> Any:
    """Return JSON in which no array holds an element twice."""
    if isinstance(value, dict):
        return {key: _distinct(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_distinct(item) for i, item in enumerate(value) if item not in value[:i]]
    return value


def _without_manager_names(document: dict[str, Any]) -> dict[str, Any]:
    extension = document.get(ENTERPRISE_USER, {})
    manager = {"value": extension["manager"].get("value")} if "manager" in extension else None
    return document | {ENTERPRISE_USER: extension | {"manager": manager}}


def _attribute(disagreement: Disagreement) -> str:
    return parse_path(disagreement.case["operations"][0]["path"]).attr.name


def _equal_in_lower_case(disagreement: Disagreement) -> bool:
    """Return whether one answer has what the other has, letter case and repetitions aside."""

    def values(document: Any) -> set[str]:
        lists = [item for item in document.values() if isinstance(item, list)]
        return {json.dumps(texts(lookup(e, "value"), str.lower)) for elements in lists for e in elements}

    both = isinstance(disagreement.ours, dict) and isinstance(disagreement.theirs, dict)
    return both and values(disagreement.ours) == values(disagreement.theirs)


def _ours_refused(kind: str) -> Condition:
    return lambda d: d.ours == Refused(kind)


def _has_other_uri(text: str) -> bool:
    """Return whether a URI that is no URN stands before an attribute, or a URN of unusual punctuation."""
    return bool(re.search(r"(?i)(?<![a-z:])(?!urn:)[a-z][\w.+-]*:|:[^a-z0-9]|[^a-z0-9]:", text))


def _several_elements(disagreement: Disagreement) -> bool:
    node = parse(disagreement.case["filter"])
    elements = lookup(disagreement.case["resource"], node.path.name) if isinstance(node, ValuePath) else None
    return isinstance(elements, list) and len(elements) > 1


def _without_empty(document: dict[str, Any]) -> dict[str, Any]:
    kept = {name: [e for e in item if e] if isinstance(item, list) else item for name, item in document.items()}
    return {name: item for name, item in kept.items() if item}


def _two_primaries(disagreement: Disagreement) -> bool:
    document = disagreement.theirs if isinstance(disagreement.theirs, dict) else {}
    lists = [item for item in document.values() if isinstance(item, list)]
    return any(sum(lookup(element, "primary") is True for element in elements) > 1 for elements in lists)


def _named_with_a_part(disagreement: Disagreement) -> bool:
    named = [*disagreement.case.get("attributes", ()), *disagreement.case.get("excluded", ())]
    return any(name.lower().startswith(f"{other.lower()}.") for name in named for other in named)


def _coerced(disagreement: Disagreement) -> bool:
    """Return whether a number was taken for a boolean."""
    taken = isinstance(disagreement.theirs, dict) and disagreement.ours == Refused("invalidValue")
    return taken and type(lookup(disagreement.case["body"], "active")) is int


def _by(pattern: str) -> Condition:
    return lambda d: re.fullmatch(pattern, d.case["by"]) is not None


def _as_they_came(disagreement: Disagreement) -> bool:
    given = [resource["id"] for resource in disagreement.case["resources"]]
    return disagreement.theirs in (given, given[::-1])


def _no_schemas(disagreement: Disagreement) -> bool:
    accepted = isinstance(disagreement.theirs, dict) and disagreement.ours == Refused("invalidSyntax")
    return accepted and not isinstance(lookup(disagreement.case["body"], "schemas"), list)


def _unchanged(document: Any, disagreement: Disagreement) -> bool:
    return bool(oracle.settled(document) == oracle.settled(disagreement.case["resource"]))


def _one_more(document: Any, disagreement: Disagreement) -> bool:
    """Return whether a value was made."""
    name = _attribute(disagreement)
    return len(lookup(document, name) or []) > len(lookup(disagreement.case["resource"], name) or [])


def _values_alone(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document with nothing but the values of its multi-valued attributes."""
    return {
        name: _distinct([element.get("value", element) for element in item]) if name in _MULTI_VALUED else item
        for name, item in document.items()
    }


CONDITIONS: dict[str, Condition] = {
    "negative-number": _both(_refused("^unexpected token -"), _filter(r" -\d")),
    "backslash": _both(_refused("is not json"), _filter(r"\\")),
    "backslash-in-scimmy": _both(_refused("invalidFilter"), _filter(r"\\")),
    "core-uri": _filter(f"^{USER}:"),
    "uri-refused": _both(_refused("Failed to parse"), _filter("urn:[^ ]+:[A-Za-z]")),
    "not-is-broken": _both(_refused("INVARIANT|Failed to parse"), _filter(r"not \(")),
    "groups": _both(_refused("invalidFilter|reading 'toLowerCase'"), _filter(r"\(")),
    "absent-parent": _refused("Cannot convert undefined or null to object"),
    "multi-valued-itself": _both(_refused("reading '(toLowerCase|value)'"), _filter(rf"^(not \()?({_ARRAYS}) ")),
    "not-of-several": _both(lambda d: not isinstance(d.theirs, Refused), _filter(r"not \(.* (and|or) ")),
    "not-of-a-selection": _both(lambda d: not isinstance(d.theirs, Refused), _filter(r"^not \(\w+\[")),
    "uri-in-scimmy": _filter("^urn:"),
    "joined-with-its-parent": _both(_refused("toLowerCase is not a function"), _filter(r" and ")),
    "two-sub-attributes": lambda d: isinstance(d.ours, Refused) and bool(re.search(r"\.[\w$-]+\.", d.case["text"])),
    "uri-without-urn": _both(_refused("invalid syntax"), lambda d: _has_other_uri(d.case["text"])),
    "spaces-in-paths": _both(
        _ours_refused("invalidPath"), lambda d: " " in re.sub(r"(?<=\w)\[.*\](?! )", "", d.case["text"])
    ),
    "uri-without-urn-in-path": _both(_refused("invalid syntax"), lambda d: _has_other_uri(d.case["text"])),
    "selection-read-below": _refused("a value selection cannot apply to the sub-attribute"),
    "selection-below-a-sub-attribute": _refused("a value selection cannot apply to the sub-attribute"),
    "operators-by-type": _both(
        _ours_refused("invalidFilter"), _filter(r"\b(size|weight|made|count|meta\.\w+|active|primary) (co|sw|ew) ")
    ),
    "operands-by-type": _both(_ours_refused("invalidFilter"), _filter(r" (null|true|-?[\d.]+|\"a\")\]?$")),
    "parts-of-binary": _both(_refused("to the binary attribute"), _filter(" (co|sw|ew) ")),
    "mail-operand": _refused(
        "is not valid for attribute '.*:(emails.value|profileUrl|link|blob|x509Certificates.value)'"
    ),
    "mail-compared": _refused(
        "is not valid for attribute '.*:(emails.value|profileUrl|link|blob|x509Certificates.value)'"
    ),
    "mail-selected": _refused(
        "is not valid for attribute '.*:(emails.value|profileUrl|link|blob|x509Certificates.value)'"
    ),
    "binary-compared": _both(_refused("to the binary attribute"), _filter(" (co|sw|ew) ")),
    "selected-is-merged": lambda d: _operation("replace", r"\]$")(d) and _apart_from(_attribute(d))(d),
    "equal-values-stay": _apart_from(change=_distinct),
    "null-describes": _both(_ours_refused("noTarget"), _operation("add", r"\[.*eq null.*\]")),
    "manager-name-stays": _both(_operation("add|replace", ":manager$"), _apart_from(change=_without_manager_names)),
    "same-in-another-case": _both(
        _operation("add", "^(emails|roles|addresses|x509Certificates|)$"), _equal_in_lower_case
    ),
    "no-schema": lambda d: d.ours in (Refused("mutability"), Refused("invalidPath")),
    "schemas-not-kept": _both(_operation("add|replace", "^urn:"), _apart_from("schemas")),
    "nothing-to-remove": _both(_operation("remove", r"\["), _refused(""), lambda d: _unchanged(d.ours, d)),
    "few-filters-describe": _both(_operation("add", r"\["), _refused(""), lambda d: _one_more(d.ours, d)),
    "added-again": _both(_operation("add", ""), _apart_from(change=_distinct)),
    "name-is-replaced": _both(_operation("add|replace", "^$"), _apart_from("name")),
    "groups-in-selections": _both(
        _operation(".*", r"\[.*\("),
        lambda d: isinstance(d.theirs, Refused) or _unchanged(d.theirs, d) or _one_more(d.theirs, d),
    ),
    "replace-makes-one": _both(_operation("replace", r"\["), _ours_refused("noTarget")),
    "replace-without-path-adds": _both(_operation("replace", "^$"), _apart_from(*_MULTI_VALUED)),
    "read-only-passed-over": _both(_operation(".*", "^(id|meta|groups)"), _ours_refused("mutability")),
    "extension-of-no-object": lambda d: (
        d.ours == Refused("invalidValue") and not isinstance(lookup(d.case["body"], ENTERPRISE_USER), dict)
    ),
    "merged-with-its-like": _both(_operation("add", "^(emails|roles|)$"), _apart_from(change=_values_alone)),
    "describes-what-it-is-not": _both(
        _operation("add", r"\["), _ours_refused("noTarget"), lambda d: _one_more(d.theirs, d)
    ),
    "adds-nothing": _both(
        _operation("add", r"\["),
        lambda d: d.ours == Refused("noTarget") or _one_more(d.ours, d),
        lambda d: _unchanged(d.theirs, d),
    ),
    "schemas-missing": _no_schemas,
    "schemas-missing-on-put": _no_schemas,
    "mandatory-manager-ref": _refused(r"manager\b.*\$ref"),
    "mandatory-manager-ref-on-put": _refused(r"manager\b.*\$ref"),
    "profile-url-without-scheme": _refused("profileUrl.*Invalid URI"),
    "profile-url-without-scheme-on-put": _refused("profileUrl.*Invalid URI"),
    "schemas-as-sent": _apart_from("schemas"),
    "null-collection": _both(_refused("expected to be a collection"), lambda d: None in d.case["body"].values()),
    "schemas-of-what-is-shown": _apart_from("schemas"),
    "schemas-not-shown": _apart_from("schemas", "meta"),
    "part-of-meta": _both(_refused("invalidValue"), lambda d: "meta.created" in d.case.get("attributes", ())),
    "uri-not-shown": _both(
        lambda d: f"{USER}:userName" in d.case.get("attributes", ()), _apart_from("schemas", "meta", "userName")
    ),
    "unknown-leaves-an-empty-value": _apart_from("addresses"),
    "complex-not-sortable": _both(_refused(""), _by("name|addresses")),
    "binary-not-sortable": _both(_refused(""), _by(r"x509Certificates\.value")),
    "multi-valued-not-sorted": _both(
        _by(r"urn:.*|(emails|roles|addresses|x509Certificates)\.\w+|schemas"), _as_they_came
    ),
    "arrays-of-texts": _filter("^(tags|schemas) "),
    "brackets-over-all-values": _both(_filter(r"^\(*\w+\[.*(not|and) "), _several_elements),
    "escape-in-selection": _both(_refused("is not json"), _operation(".*", r"\\")),
    "extension-left-empty": _both(_operation("remove", "^urn:"), _apart_from("schemas", ENTERPRISE_USER)),
    "empty-values-stay": _both(_operation("remove", r"\]\."), _apart_from(change=_without_empty)),
    "relative-reference": _both(
        _refused("expected value type 'reference'"), lambda d: lookup(d.case["body"], "profileUrl") == "a"
    ),
    "part-of-what-is-absent": _refused("reading 'includes'|values.filter is not a function"),
    "uri-not-excluded": _both(
        lambda d: f"{USER}:userName" in d.case.get("excluded", ()), _apart_from("schemas", "meta", "userName")
    ),
    "operands-lost": _filter(" (and|or) .* (and|or) "),
    "two-primaries": _two_primaries,
    "with-a-part-of-itself": _named_with_a_part,
    "one-is-true": _coerced,
    "one-is-true-on-put": _coerced,
    "not-of-several-in-selections": _operation(".*", r"\[.*not \(.* (and|or) "),
    "space-before-a-bracket": lambda d: isinstance(d.ours, Refused) and bool(re.search(r"\w +\[", d.case["text"])),
    "only-equalities-describe": _both(
        _operation("add", r"\[.* (?!eq )\w\w ?.*\]"), _refused("no value"), lambda d: _one_more(d.ours, d)
    ),
    "absent-is-a-text": _both(lambda d: (d.ours, d.theirs) == (False, True), _filter(r"\b(co|sw|ew) ")),
    "canonical-spelling": _both(
        _operation("add", r"\[.*type.*\]"), _apart_from(change=lambda document: texts(document, str.lower))
    ),
    "equal-primaries": _both(_operation("add|replace", r"\["), _refused("Multiple values marked as primary")),
}
