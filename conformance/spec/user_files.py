"""What is wrong with a file that a user wrote, in one line: where, what was expected, and the nearest known word."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from conformance.spec.json_schema import validator
from conformance.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jsonschema import ValidationError

_KINDS = {
    "string": "a string",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "array": "a list",
    "object": "a table",
    "null": "null",
}


def complaint(data: Mapping[str, Any], schema: str = "profile") -> str:
    """Return what is wrong with a file's data according to a schema of ``schemas/``; empty where nothing is."""
    errors = sorted(validator(schema).iter_errors(data), key=_rank)
    return _told(errors[0]) if errors else ""


def _rank(error: ValidationError) -> tuple[list[str], bool]:
    """Sort errors by place; an unknown key goes first, for it may well be the missing one misspelt."""
    return list(map(str, error.absolute_path)), error.validator != "additionalProperties"


def _told(error: ValidationError) -> str:
    where = _where(error.absolute_path)
    schema: Any = error.schema
    expected: Any = error.validator_value
    instance: Any = error.instance
    match error.validator:
        case "additionalProperties":
            known = schema["properties"]
            word = next(name for name in instance if name not in known)
            return f"unknown key “{where}{'.' if where else ''}{word}”{did_you_mean(word, known)}"
        case "required":
            missing = next(name for name in expected if name not in instance)
            return f"{where or 'it'} lacks the key “{missing}”"
        case "enum":
            if isinstance(instance, str):
                return f"{where} cannot be “{instance}”{did_you_mean(instance, expected)}"
            return f"{where} must be one of {', '.join(expected)}"
        case "type":
            kinds = [expected] if isinstance(expected, str) else expected
            return f"{where or 'it'} must be {' or '.join(_KINDS[kind] for kind in kinds)}, not {_shown(instance)}"
        case kind:
            text = schema.get("description", f"{kind} {expected}")
            return f"{where}: {_shown(instance)} does not fit: {text[0].lower()}{text[1:]}"


def _where(path: Iterable[str | int]) -> str:
    """Return a path as TOML users write it, entries of a list counted from one: ``user[2].matching``."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f"{'.' if text else ''}{part}"
    return text


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
