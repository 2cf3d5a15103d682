"""Resources from the schema, with texts at the boundaries of what people are called (RFC 7643 §2.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.spec.schema import BoundAttribute

TEXTS = (
    "x",
    "O'Brien",
    'called "Bo"',
    "back\\slash",
    "a, b; c & d <e>",
    "100 % _ *",
    "Re\u0301ne\u0301e",
    "Ren\u00e9e",
    "Þórdís Żółć",
    "日本 太郎",
    "مريم",
    "🙂 smile",
    "null",
    "true",
    "0",
    "n" * 200,
)
_WRONG: dict[str, tuple[Any, ...]] = {
    "string": (7, True, {"a": 1}, ["x"]),
    "boolean": ("perhaps", 7, {"a": 1}, [True]),
    "integer": ("seven", {"a": 1}, [1]),
    "decimal": ("seven", {"a": 1}, [1.5]),
    "dateTime": ("yesterday", {"a": 1}, 7),
    "complex": ("text", 7),
}


def texts(attributes: Sequence[BoundAttribute]) -> st.SearchStrategy[dict[str, str]]:
    """Return texts for some of these attributes, by path."""
    return st.dictionaries(
        st.sampled_from([bound.path for bound in attributes]), st.sampled_from(TEXTS), min_size=1, max_size=4
    )


def wrong_values(attributes: Sequence[BoundAttribute]) -> st.SearchStrategy[tuple[str, Any]]:
    """Return the path of one of these attributes and a value that is not of its type."""
    choices = [
        (bound.path, value)
        for bound in attributes
        for value in (("text", {"a": 1}) if bound.attribute.multi_valued else _WRONG.get(bound.attribute.type, ()))
    ]
    return st.sampled_from(choices)
