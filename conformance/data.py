"""Where the data folders are: ``schemas/`` and ``fixtures/``."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def data_path(*parts: str) -> Path:
    """Return the path of a data file or folder, for example ``data_path("schemas", "user.schema.json")``.

    A wheel carries the folders inside the package; a checkout and an editable install have them beside it.
    """
    inside = _PACKAGE.joinpath(*parts)
    return inside if inside.exists() else _PACKAGE.parent.joinpath(*parts)
