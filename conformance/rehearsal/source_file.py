"""A source directory read from a file: CSV with one person a line, or JSON with users and groups."""

from __future__ import annotations

import csv
import io
import json
import uuid
from typing import TYPE_CHECKING, Any

from conformance.rehearsal.directory import Directory, Person, Team
from conformance.spec.user_files import complaint

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

_NAMESPACE = uuid.UUID("5b9a54d0-3f0c-4a8b-9d3d-6f2b1d0b7a11")
_NAME = "userPrincipalName"
_TAGGED = (_NAME, "mailNickname")
_NO_ATTRIBUTES = {"manager", "accountEnabled"}
_NO = {"false", "no", "0"}


class InvalidSource(ValueError):
    """A file cannot serve as source directory; the message is one line."""


def read_source(path: Path, tag: str) -> Directory:
    """Read a directory from a file.

    The columns of a CSV file and the members of a user in a JSON file are attributes of the directory, such as
    ``userPrincipalName`` (needed), ``displayName``, ``department``; besides, ``manager`` holds the userPrincipalName of
    another person, ``groups`` (CSV) the names of groups with semicolons between them, and ``accountEnabled`` may be
    false. In JSON, ``groups`` lists objects with ``displayName`` and ``members`` (userPrincipalNames). The tag is put
    before userPrincipalName, mailNickname and the names of groups. Raises InvalidSource.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        data = json.loads(text) if path.suffix.lower() == ".json" else _from_csv(text)
    except (OSError, ValueError, RecursionError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InvalidSource(f"the source directory {path} cannot be read: {reason}") from None
    wrong = complaint(data, "source") or _twice("users", data["users"], _NAME)
    wrong = wrong or _twice("groups", data.get("groups", ()), "displayName")
    if wrong:
        raise InvalidSource(f"the source directory {path} cannot be used: {wrong}")
    return _directory(data["users"], data.get("groups", ()), tag)


def _from_csv(text: str) -> dict[str, Any]:
    """Return the data that a JSON file would hold. Raises ValueError, csv.Error."""
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    columns = reader.fieldnames or ()
    if _NAME not in columns:
        raise ValueError(f"it has no column {_NAME}; its first line is “{','.join(columns)}”")
    users: list[dict[str, str]] = []
    groups: dict[str, list[str]] = {}
    for row in reader:
        if None in row:
            raise ValueError(f"line {reader.line_num} has more values than there are columns")
        users.append({column: value for column, value in row.items() if value})
        for name in filter(None, map(str.strip, users[-1].pop("groups", "").split(";"))):
            groups.setdefault(name, []).append(row[_NAME])
    return {"users": users, "groups": [{"displayName": name, "members": each} for name, each in groups.items()]}


def _twice(kind: str, objects: Iterable[Mapping[str, Any]], attribute: str) -> str:
    """Return what is wrong where two objects have the same name; empty where none have."""
    seen: set[str] = set()
    for number, each in enumerate(objects, start=1):
        name = _folded(each[attribute])
        if name in seen:
            return f"{kind}[{number}] has the {attribute} of an earlier one, “{name}”"
        seen.add(name)
    return ""


def _directory(users: Sequence[Mapping[str, Any]], groups: Sequence[Mapping[str, Any]], tag: str) -> Directory:
    directory = Directory(tag)
    keys = {_folded(user[_NAME]): _key("user", _folded(user[_NAME])) for user in users}
    for user in users:
        person = _person(user, keys, tag)
        directory.people[person.key] = person
    for group in groups:
        name = group["displayName"].strip()
        key = _key("group", name)
        known = (keys.get(_folded(member)) for member in group.get("members", ()))
        attributes = {"objectId": key, "displayName": f"{tag} {name}"}
        directory.teams[key] = Team(key, attributes, dict.fromkeys(filter(None, known)))
    return directory


def _person(user: Mapping[str, Any], keys: Mapping[str, str], tag: str) -> Person:
    key = keys[_folded(user[_NAME])]
    values = {k: v for k, v in user.items() if k not in _NO_ATTRIBUTES and not isinstance(v, list | dict)}
    attributes = {name: str(value).strip() for name, value in values.items() if value not in {None, ""}}
    attributes |= {name: f"{tag}.{attributes[name]}" for name in _TAGGED if name in attributes}
    manager = keys.get(_folded(user.get("manager") or ""), "")
    enabled = _folded(str(user.get("accountEnabled", True))) not in _NO
    return Person(key, {**attributes, "objectId": key}, manager, enabled)


def _folded(name: str) -> str:
    return name.strip().lower()


def _key(kind: str, name: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, f"{kind}:{name}"))
