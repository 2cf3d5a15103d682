"""The package as users get it: the data folders are found in a checkout, an editable install and a wheel."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REQUIREMENTS = 1150
LOOK = """
from conformance.data import data_path
from conformance.spec.json_schema import load_schema
from conformance.spec.profile import profile_names
from conformance.spec.requirements import catalogue
print(data_path("schemas").parent, len(catalogue()), load_schema("user").name, "entra" in profile_names())
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy what is under version control, since building and editable installs write beside it."""
    folder = tmp_path_factory.mktemp("source")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in listed.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
    return folder


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, source], check=True)
    (built,) = folder.glob("*.whl")
    return built


def installed(folder: Path, *what: str | Path) -> Path:
    """Install into a fresh environment; return its Python."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", "--no-deps", *what], check=True)
    return python


def look(python: str | Path, cwd: Path, **variables: str) -> list[str]:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | variables
    done = subprocess.run([python, "-c", LOOK], cwd=cwd, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_in_a_checkout(source: Path, tmp_path: Path):
    assert look(sys.executable, tmp_path, PYTHONPATH=str(source)) == [str(source), str(REQUIREMENTS), "User", "True"]


def test_in_an_editable_install(source: Path, tmp_path: Path):
    python = installed(tmp_path / "env", "-e", source)
    assert look(python, tmp_path) == [str(source), str(REQUIREMENTS), "User", "True"]


def test_in_a_wheel(wheel: Path, tmp_path: Path):
    python = installed(tmp_path / "env", wheel)
    where, *rest = look(python, tmp_path)
    assert Path(where).is_relative_to(tmp_path / "env")
    assert rest == [str(REQUIREMENTS), "User", "True"]


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} <= {
        "conformance",
        next(n for n in names if ".dist-info/" in n).split("/")[0],
    }
    assert "conformance/py.typed" in names
    assert "conformance/pytest.ini" in names
    assert any(name.startswith("conformance/schemas/") for name in names)
    assert any(name.startswith("conformance/fixtures/requirements/") for name in names)
    assert not any("__pycache__" in name for name in names)
