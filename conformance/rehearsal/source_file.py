"""A source directory read from a file: CSV with one person a line, or JSON with users and groups."""

from __future__ import annotations

import csv
import json
import uuid
from typing import TYPE_CHECKING, Any

from conformance.rehearsal.directory import Directory, Person, Team

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_NAMESPACE = uuid.UUID("5b9a54d0-3f0c-4a8b-9d3d-6f2b1d0b7a11")
_TAGGED = ("userPrincipalName", "mailNickname")
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
        rows, groups = _from_json(json.loads(text)) if path.suffix.lower() == ".json" else _from_csv(text)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InvalidSource(f"the source directory {path} cannot be read: {reason}") from None
    directory = Directory(tag)
    keys: dict[str, str] = {}
    for number, row in enumerate(rows, start=1):
        person = _person(row, tag)
        if person is None:
            raise InvalidSource(f"the source directory {path}: user {number} has no userPrincipalName")
        keys[str(row["userPrincipalName"]).lower()] = person.key
        directory.people[person.key] = person
    for row in rows:
        person = directory.people[keys[str(row["userPrincipalName"]).lower()]]
        person.manager = keys.get(str(row.get("manager") or "").lower(), "")
    for name, members in groups.items():
        key = _key("group", name)
        known = (keys.get(member.lower()) for member in members)
        attributes = {"objectId": key, "displayName": f"{tag} {name}"}
        directory.teams[key] = Team(key, attributes, dict.fromkeys(filter(None, known)))
    return directory


def _from_csv(text: str) -> tuple[list[dict[str, Any]], dict[str, list[str]]]:
    rows = list(csv.DictReader(text.splitlines()))
    groups: dict[str, list[str]] = {}
    for row in rows:
        for name in filter(None, map(str.strip, (row.pop("groups", "") or "").split(";"))):
            groups.setdefault(name, []).append(row.get("userPrincipalName") or "")
    return rows, groups


def _from_json(data: Mapping[str, Any]) -> tuple[list[dict[str, Any]], dict[str, list[str]]]:
    groups = {str(group["displayName"]): list(map(str, group.get("members", ()))) for group in data.get("groups", ())}
    return [dict(user) for user in data["users"]], groups


def _person(row: Mapping[str, Any], tag: str) -> Person | None:
    name = str(row.get("userPrincipalName") or "").strip()
    if not name:
        return None
    key = _key("user", name.lower())
    attributes = {k: str(v).strip() for k, v in _values(row) if v not in {None, ""}}
    attributes |= {k: f"{tag}.{attributes[k]}" for k in _TAGGED if k in attributes}
    enabled = str(row.get("accountEnabled", True)).lower() not in _NO
    return Person(key, {**attributes, "objectId": key}, enabled=enabled)


def _values(row: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    return ((k, v) for k, v in row.items() if k not in {"manager", "accountEnabled"} and not isinstance(v, list | dict))


def _key(kind: str, name: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, f"{kind}:{name}"))
