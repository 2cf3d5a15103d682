"""Files of text that may hold anything a tenant said."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


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
