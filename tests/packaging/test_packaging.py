"""The package as users get it: the data folders are found in a checkout, an editable install and a wheel."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REQUIREMENTS = 1150
BUILD = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["build-system"]
LOOK = """
from conformance.data import data_path
from conformance.spec.json_schema import load_schema
from conformance.spec.profile import profile_names
from conformance.spec.requirements import catalogue
print(data_path("schemas").parent, len(catalogue()), load_schema("user").name, "entra" in profile_names())
"""


def tracked() -> list[str]:
    """Return what is under version control, and there."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy what is under version control, since building and editable installs write beside it."""
    folder = tmp_path_factory.mktemp("source")
    for name in tracked():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes((ROOT / name).read_bytes())
    return folder


@pytest.fixture(scope="module")
def built(source: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Build wheel and source archive twice, from copies of different age at different places."""
    folder = tmp_path_factory.mktemp("built")
    backend = installed(folder / "env", *BUILD["requires"], needing=True)
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}
    for copy in (folder / "first", folder / "second"):
        shutil.copytree(source, copy, copy_function=shutil.copyfile)
        subprocess.run([backend, "-m", "hatchling", "build"], cwd=copy, env=environment, check=True)
    return folder / "first" / "dist", folder / "second" / "dist"


@pytest.fixture(scope="module")
def wheel(built: tuple[Path, Path]) -> Path:
    (found,) = built[0].glob("*.whl")
    return found


def installed(folder: Path, *what: str | Path, needing: bool = False) -> Path:
    """Install into a fresh environment, perhaps with what it needs; return its Python."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    alone = [] if needing else ["--no-deps"]
    subprocess.run([python, "-m", "pip", "install", "-q", *alone, *what], check=True)
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
    names = set(zipfile.ZipFile(wheel).namelist())
    folders = {"conformance/": "conformance/", "schemas/": "conformance/schemas/", "fixtures/": "conformance/fixtures/"}
    package = {
        place + name.removeprefix(top) for name in tracked() for top, place in folders.items() if name.startswith(top)
    }
    about = {name for name in names if ".dist-info/" in name}
    assert names - about == package
    assert {name.partition("/")[2] for name in about} == {
        "METADATA",
        "WHEEL",
        "RECORD",
        "entry_points.txt",
        "licenses/LICENSE",
    }
    assert "conformance/py.typed" in names


def test_the_source_archive_holds_what_is_under_version_control(built: tuple[Path, Path]):
    (archive,) = built[0].glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}
    assert names - {"PKG-INFO"} <= set(tracked())
    assert {"pyproject.toml", "LICENSE", "conformance/py.typed", "tox.ini", "docs/index.md"} <= names


def test_building_again_gives_the_same_bytes(built: tuple[Path, Path]):
    first, second = ({file.name: file.read_bytes() for file in folder.iterdir()} for folder in built)
    assert len(first) == 2
    assert first == second
