"""``checklist.toml``: people's answers to the steps of a checklist, kept from one run to the next."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import TYPE_CHECKING, Any

from conformance.config import InvalidConfiguration
from conformance.reporting.decisions import Answer
from conformance.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from conformance.spec.steps import Step

_KEYS = ("done-by", "date", "note")
_HEAD = """\
# Answers to the checklist. A step counts as done once done-by and date are filled in.
"""


def read_answers(path: Path, steps: Sequence[Step]) -> dict[str, Answer]:
    """Return the answers by the id of their step; none where there is no such file.

    Entries that are still empty are none. Raises InvalidConfiguration with one line for an unknown step or key, and for
    an answer that lacks a name or a date.
    """
    if not path.exists():
        return {}
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidConfiguration(f"the answers in {path} cannot be read: {error}") from None
    known = [step.id for step in steps]
    found = {}
    for name, entry in data.items():
        if name not in known:
            raise InvalidConfiguration(f"{path}: there is no step “{name}”{did_you_mean(name, known)}")
        answer = _answer(f"{path}: {name}", entry)
        if answer:
            found[name] = answer
    return found


def _answer(where: str, entry: Any) -> Answer | None:
    if not isinstance(entry, dict):
        raise InvalidConfiguration(f"{where} must be a table with {', '.join(_KEYS)}")
    for key, value in entry.items():
        if key not in _KEYS:
            raise InvalidConfiguration(f"{where}: unknown key “{key}”{did_you_mean(key, _KEYS)}")
        if not isinstance(value, str | date):
            raise InvalidConfiguration(f"{where}.{key} must be a text or a date")
    done_by, day, note = (str(entry.get(key, "")).strip() for key in _KEYS)
    if not (done_by or day or note):
        return None
    if not (done_by and day):
        raise InvalidConfiguration(f"{where} needs done-by and date")
    return Answer(done_by, day, note)


def keep_answers(path: Path, steps: Sequence[Step], answers: Mapping[str, Answer]) -> bool:
    """Write a file to fill in, with an empty entry for each step that people decide; leave one that exists alone.

    Return whether it was written. Raises InvalidConfiguration where it cannot be.
    """
    if path.exists() or answers:
        return False
    entries = [
        f'\n# {step.text}\n[{step.id}]\ndone-by = ""\ndate = ""\nnote = ""\n'
        for step in steps
        if step.kind != "automatic"
    ]
    try:
        path.write_text(_HEAD + "".join(entries), encoding="utf-8")
    except OSError as error:
        raise InvalidConfiguration(f"{path} cannot be written: {error.strerror}") from None
    return True
