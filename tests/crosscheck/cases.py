"""What is asked of the oracle and of the others: hypothesis strategies for cases, each a JSON object.

Alphabets are small on purpose: two values meet, differ in letter case or contain each other often enough to matter.
"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from conformance.spec.filter import COMPARISONS
from conformance.spec.schema import ENTERPRISE_USER, SCHEMA, USER

Case = dict[str, Any]

WIDGET = "urn:example:params:scim:schemas:Widget"

_TEXTS = ["a", "A", "ab", "Abc", "b", "ba", "work", "é", 'q"\\', "x y", ""]
_MAILS = ["a@x.org", "A@x.org", "b@x.org", "ab@y.org"]
_INSTANTS = [
    "2024-05-01T10:00:00Z",
    "2024-05-01T12:00:00+02:00",
    "2024-05-01T10:00:01Z",
    "2023-12-31T23:59:59Z",
    "2024-05-01T10:00:00.500Z",
]
_BYTES = ["YQ==", "YWI=", "Yg=="]
_LINKS = ["https://a.org/x", "https://a.org/X", "https://b.org/y"]
_TYPES = ["work", "home"]
_INTEGERS = [-1, 0, 1, 10]
_DECIMALS = [-0.5, 0.5, 1.5, 10.25]


def _widget(name: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "multiValued": False, "required": False, **more}


WIDGET_SCHEMA = {
    "schemas": [SCHEMA],
    "id": WIDGET,
    "name": "Widget",
    "description": "An attribute of each data type",
    "attributes": [
        _widget("label", "string", caseExact=False),
        _widget("code", "string", caseExact=True),
        _widget("tags", "string", caseExact=False, multiValued=True),
        _widget("size", "integer"),
        _widget("weight", "decimal"),
        _widget("ready", "boolean"),
        _widget("made", "dateTime"),
        _widget("blob", "binary", caseExact=True),
        _widget("link", "reference", caseExact=True, referenceTypes=["external"]),
        _widget(
            "parts", "complex", multiValued=True,
            subAttributes=[_widget("value", "string"), _widget("type", "string"), _widget("count", "integer"),
                           _widget("primary", "boolean")],
        ),
    ],
}  # fmt: skip

VALUES: dict[str, list[Any]] = {
    "text": _TEXTS,
    "mail": [*_MAILS, "x.org", "@", "ORG"],
    "type": [*_TYPES, "Work", "o"],
    "boolean": [True, False],
    "instant": _INSTANTS,
    "binary": _BYTES,
    "link": _LINKS,
    "integer": _INTEGERS,
    "decimal": _DECIMALS,
    "urn": [USER, ENTERPRISE_USER, "urn:example:none"],
    "locale": ["en", "en-US"],
}

# Path → kind of its operands; "" for what has no value of its own.
PATHS: dict[str, dict[str, str]] = {
    "User": {
        "userName": "text",
        "displayName": "text",
        "name.givenName": "text",
        "name.familyName": "text",
        "name": "",
        "active": "boolean",
        "externalId": "text",
        "id": "text",
        "profileUrl": "link",
        "emails": "mail",
        "emails.value": "mail",
        "emails.type": "type",
        "emails.primary": "boolean",
        "addresses.locality": "text",
        "addresses": "",
        "roles.value": "text",
        "meta.created": "instant",
        "meta.lastModified": "instant",
        "schemas": "urn",
        "x509Certificates.value": "binary",
        f"{USER}:userName": "text",
        f"{ENTERPRISE_USER}:department": "text",
        f"{ENTERPRISE_USER}:manager.displayName": "text",
        "noSuch": "text",
    },
    "Widget": {
        "label": "text",
        "code": "text",
        "tags": "text",
        "size": "integer",
        "weight": "decimal",
        "ready": "boolean",
        "made": "instant",
        "blob": "binary",
        "link": "link",
        "parts": "text",
        "parts.value": "text",
        "parts.count": "integer",
    },
}
SELECTIONS: dict[str, dict[str, dict[str, str]]] = {
    "User": {
        "emails": {"value": "mail", "type": "type", "primary": "boolean", "display": "text"},
        "roles": {"value": "text", "primary": "boolean"},
        "addresses": {"locality": "text", "type": "type", "country": "text"},
    },
    "Widget": {"parts": {"value": "text", "type": "type", "count": "integer"}},
}


def _maybe(required: dict[str, Any] | None = None, **optional: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(required or {}, optional=optional)


def _some(kind: str) -> st.SearchStrategy[Any]:
    return st.sampled_from(VALUES[kind])


_text = st.sampled_from([text for text in _TEXTS if text])
_mail = st.sampled_from(_MAILS)
_type = st.sampled_from(_TYPES)


def _elements(element: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    """Up to three elements, at most one of them primary, no two alike."""
    return st.lists(element, min_size=1, max_size=3, unique_by=lambda e: json.dumps(e, sort_keys=True)).filter(
        lambda elements: sum(isinstance(e, dict) and e.get("primary") is True for e in elements) < 2
    )


_email = _maybe({"value": _mail}, type=_type, primary=st.booleans(), display=_text)
_role = _maybe({"value": _text}, primary=st.booleans())
_address = _maybe({"locality": _text}, type=_type, country=st.sampled_from(["DE", "US"]))
_writable: dict[str, st.SearchStrategy[Any]] = {
    "displayName": _text,
    "nickName": _text,
    "title": _text,
    "externalId": _text,
    "name": _maybe({"givenName": _text}, familyName=_text, formatted=_text),
    "active": st.booleans(),
    "profileUrl": _some("link"),
    "emails": _elements(_email),
    "roles": _elements(_role),
    "addresses": _elements(_address),
    "x509Certificates": _elements(st.fixed_dictionaries({"value": _some("binary")})),
}
_extension = _maybe({"department": _text}, costCenter=_text, manager=st.fixed_dictionaries({"value": _text}))


@st.composite
def users(draw: st.DrawFn) -> dict[str, Any]:
    """A stored user."""
    given = draw(_maybe({"userName": _text}, **_writable))
    extension = draw(st.none() | _extension)
    if extension and "manager" in extension and draw(st.booleans()):
        extension["manager"]["displayName"] = draw(_text)
    schemas = [USER, *([ENTERPRISE_USER] if extension else [])]
    created, modified = draw(_some("instant")), draw(_some("instant"))
    return {
        "schemas": schemas,
        "id": draw(st.sampled_from(["a", "A", "b"])),
        **given,
        **({ENTERPRISE_USER: extension} if extension else {}),
        "meta": {"resourceType": "User", "created": created, "lastModified": modified},
    }


def widgets() -> st.SearchStrategy[dict[str, Any]]:
    """A stored widget."""
    part = _maybe(value=_text, type=_type, count=_some("integer")).filter(bool)
    return _maybe(
        {"schemas": st.just([WIDGET]), "id": st.just("w")},
        label=_text,
        code=_text,
        tags=_elements(_text),
        size=_some("integer"),
        weight=_some("decimal"),
        ready=st.booleans(),
        made=_some("instant"),
        blob=_some("binary"),
        link=_some("link"),
        parts=_elements(part),
    )


@st.composite
def _atoms(draw: st.DrawFn, paths: dict[str, str]) -> str:
    path = draw(st.sampled_from(sorted(paths)))
    kind = paths[path]
    operator = draw(st.sampled_from([*COMPARISONS, "eq", "eq", "pr", "pr"]))
    if operator == "pr" or (not kind and draw(st.booleans())):
        return f"{path} pr"
    rare = draw(st.integers(0, 19)) == 0
    operand = draw(st.sampled_from([None, 1, True, "a"]) if rare or not kind else _some(kind))
    return f"{path} {operator} {json.dumps(operand, ensure_ascii=draw(st.booleans()))}"


def _combined(atoms: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.recursive(
        atoms,
        lambda inner: st.one_of(
            st.lists(inner, min_size=2, max_size=3).map(" and ".join),
            st.lists(inner, min_size=2, max_size=3).map(" or ".join),
            inner.map("not ({})".format),
            inner.map("({})".format),
        ),
        max_leaves=4,
    )


@st.composite
def _selecting(draw: st.DrawFn, kind: str, *, single: bool = False) -> str:
    attribute = draw(st.sampled_from(sorted(SELECTIONS[kind])))
    atoms = _atoms(SELECTIONS[kind][attribute])
    return f"{attribute}[{draw(atoms if single else _combined(atoms))}]"


def filters(kind: str) -> st.SearchStrategy[str]:
    """A filter over the attributes of a resource type; precedence follows from how the text is joined."""
    atoms = _atoms(PATHS[kind])
    return _combined(st.one_of(atoms, atoms, _selecting(kind)))


@st.composite
def readings(draw: st.DrawFn) -> Case:
    """A valid filter, in various letter case and spacing."""
    text = draw(filters("User"))
    if draw(st.booleans()):
        text = text.replace(" and ", " AND ").replace(" or ", " Or ").replace(" eq ", " EQ ").replace(" pr", " PR")
    return {"text": text}


@st.composite
def mutations(draw: st.DrawFn) -> Case:
    """A filter with a character or a word of it taken away, doubled or replaced: mostly no filter any more."""
    text = draw(filters("User"))
    at = draw(st.integers(0, len(text) - 1))
    end = min(len(text), at + draw(st.sampled_from([0, 1, 1, 2, 4])))
    inserted = draw(
        st.sampled_from(["", "", " ", '"', "(", ")", "[", "]", ".", ":", "\\", "1", "-", "not ", " and ", "true"])
    )
    return {"text": text[:at] + inserted + text[end:]}


@st.composite
def matchings(draw: st.DrawFn) -> Case:
    """A filter and a resource."""
    kind = draw(st.sampled_from(["User", "User", "Widget"]))
    return {"type": kind, "filter": draw(filters(kind)), "resource": draw(users() if kind == "User" else widgets())}


@st.composite
def expressions(draw: st.DrawFn) -> Case:
    """One expression, for what the schema allows."""
    kind = draw(st.sampled_from(["User", "Widget"]))
    return {"type": kind, "filter": draw(_atoms(PATHS[kind]) | _selecting(kind, single=True))}


@st.composite
def paths(draw: st.DrawFn) -> Case:
    """A PATCH path, valid or not quite."""
    text = draw(
        st.one_of(
            st.sampled_from(sorted(PATHS["User"])),
            _selecting("User"),
            st.tuples(_selecting("User", single=True), st.sampled_from(["value", "type", "noSuch"])).map(".".join),
        )
    )
    if draw(st.booleans()):
        return {"text": text}
    at = draw(st.integers(0, len(text) - 1))
    return {"text": text[:at] + draw(st.sampled_from(["", ".", "[", "]", " ", '"', ":"])) + text[at + 1 :]}


@st.composite
def operations(draw: st.DrawFn) -> dict[str, Any]:
    """One PATCH operation on a user."""
    op = draw(st.sampled_from(["add", "replace", "remove"]))
    form = draw(
        st.sampled_from(["attribute", "sub", "selected", "selected sub", "extension", *(["object"] * (op != "remove"))])
    )
    if form == "object":
        return {"op": op, "value": draw(_maybe({}, **_writable).filter(bool))}
    path, value = draw(_targets(form))
    return {"op": op, "path": path} | ({} if op == "remove" else {"value": value})


@st.composite
def _targets(draw: st.DrawFn, form: str) -> tuple[str, Any]:
    if form == "attribute":
        path = draw(st.sampled_from(sorted([*_writable, "userName", "id", "groups", "noSuch"])))
        return path, draw(_writable.get(path, _text))
    if form == "sub":
        return draw(st.sampled_from(["name.givenName", "name.familyName", "meta.created"])), draw(_text)
    if form == "extension":
        name = draw(st.sampled_from(["department", "costCenter", "manager"]))
        value = draw(st.fixed_dictionaries({"value": _text}) if name == "manager" else _text)
        return f"{ENTERPRISE_USER}:{name}", value
    attribute = draw(st.sampled_from(["emails", "roles", "addresses"]))
    selection = f"{attribute}[{draw(_combined(_atoms(SELECTIONS['User'][attribute])))}]"
    if form == "selected":
        return selection, draw({"emails": _email, "roles": _role, "addresses": _address}[attribute])
    sub = draw(st.sampled_from(sorted(SELECTIONS["User"][attribute])))
    kind = SELECTIONS["User"][attribute][sub]
    value = draw({"mail": _mail, "text": _text, "type": _type}.get(kind, _some(kind)))
    return f"{selection}.{sub}", value


@st.composite
def patches(draw: st.DrawFn) -> Case:
    """A user and what is to be done to it."""
    return {"resource": draw(users()), "operations": draw(st.lists(operations(), min_size=1, max_size=2))}


@st.composite
def bodies(draw: st.DrawFn) -> Case:
    """The body of a POST: mostly right; with a wrong value, an unknown name, a null or another letter case at times."""
    body = draw(_maybe({"userName": _text}, **_writable))
    extension = draw(st.none() | _extension)
    body |= {"schemas": [USER, *([ENTERPRISE_USER] if extension else [])]}
    if extension:
        body[ENTERPRISE_USER] = extension
    name = draw(st.sampled_from(sorted(body)))
    match draw(st.sampled_from(["right", "right", "null", "absent", "wrong", "case", "unknown", "readOnly"])):
        case "null":
            body[name] = None
        case "absent":
            del body[name]
        case "wrong":
            body[name] = draw(st.sampled_from([1, True, "a", {"x": 1}, ["a"], [{"value": 1}], {"givenName": []}]))
        case "case":
            body = {key.swapcase() if key == name and ":" not in key else key: value for key, value in body.items()}
        case "unknown":
            body["noSuch"] = draw(_text)
        case "readOnly":
            body |= {"id": "mine", "groups": [{"value": "g"}], "meta": {"created": "2020-01-01T00:00:00Z"}}
    return {"body": body}


@st.composite
def replacements(draw: st.DrawFn) -> Case:
    """A stored user and the body of a PUT over it."""
    return {"stored": draw(users()), "body": draw(bodies())["body"]}


@st.composite
def projections(draw: st.DrawFn) -> Case:
    """A user and the attributes to show or to leave out."""
    named = [
        "userName", "USERNAME", "displayName", "name", "name.givenName", "emails", "emails.value", "emails.type",
        "meta", "meta.created", "id", "schemas", "active", "addresses.locality", f"{ENTERPRISE_USER}:department",
        f"{USER}:userName", ENTERPRISE_USER, "noSuch",
    ]  # fmt: skip
    chosen = draw(st.lists(st.sampled_from(named), min_size=1, max_size=3, unique=True))
    return {"resource": draw(users()), draw(st.sampled_from(["attributes", "excluded"])): chosen}


@st.composite
def sortings(draw: st.DrawFn) -> Case:
    """A few users with ids in a row, and what to order them by."""
    found = draw(st.lists(users(), min_size=2, max_size=4))
    by = draw(st.sampled_from(sorted(set(PATHS["User"]) - {"id", "noSuch"})))
    return {"resources": [u | {"id": str(i)} for i, u in enumerate(found)], "by": by, "descending": draw(st.booleans())}
