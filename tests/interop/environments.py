"""Environments for the programs of others, each its own: installed once, and again when what is wanted changes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def python_environment(home: Path, requirements: Sequence[str]) -> Path:
    """Install Python packages into a virtual environment in a folder; return its folder of programs."""
    programs = home / "venv" / "bin"
    if _changed(home, "\n".join(requirements)):
        subprocess.run([sys.executable, "-m", "venv", "--clear", home / "venv"], check=True)
        subprocess.run([programs / "pip", "install", "-q", *requirements], check=True)
        _settle(home, "\n".join(requirements))
    return programs


def node_environment(home: Path, source: Path) -> Path:
    """Copy a Node program to a folder and install what its ``package.json`` asks for; return the folder."""
    shutil.copytree(source, home, dirs_exist_ok=True)
    wanted = (source / "package.json").read_text(encoding="utf-8")
    if _changed(home, wanted):
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error"], cwd=home, check=True)
        _settle(home, wanted)
    return home


def _changed(home: Path, wanted: str) -> bool:
    stamp = home / "installed"
    return not stamp.is_file() or stamp.read_text(encoding="utf-8") != wanted


def _settle(home: Path, wanted: str) -> None:
    (home / "installed").write_text(wanted, encoding="utf-8")
