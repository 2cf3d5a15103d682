"""Files of text that may hold anything a tenant said."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_encoded = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def write_text(path: Path, text: str) -> None:
    r"""Write a file in UTF-8; a lone surrogate becomes ``\ud800``, which is how JSON writes it, too. Raises OSError."""
    write_pieces(path, [text])


def write_pieces(path: Path, pieces: Iterable[str]) -> None:
    """Write a file as ``write_text`` does, piece by piece, for what would be too large as one text. Raises OSError."""
    with path.open("w", encoding="utf-8", errors="backslashreplace") as file:
        file.writelines(pieces)


def write_pages(folder: Path, pages: Mapping[str, str]) -> list[Path]:
    """Write texts by name into a folder, made where there is none, and return their paths. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        write_text(folder / name, text)
    return [folder / name for name in pages]


def json_pieces(data: Any, levels: int) -> Iterator[str]:
    """Yield data as JSON, what lies so many levels deep piece by piece: as one text it would take all memory again."""
    if levels and data and isinstance(data, dict):
        for number, (name, value) in enumerate(data.items()):
            yield f"{',' if number else '{'}{_encoded(name)}:"
            yield from json_pieces(value, levels - 1)
        yield "}"
    elif levels and data and isinstance(data, list):
        for number, value in enumerate(data):
            yield "," if number else "["
            yield from json_pieces(value, levels - 1)
        yield "]"
    else:
        yield _encoded(data)
