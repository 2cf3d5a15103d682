"""What the subcommands share."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import click

from conformance.reporting.text import one_line
from conformance.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

NAME = "scim-conformance"
INTERRUPTED = 130


class Stop(click.ClickException):
    """Ends the command with one line on standard error: 2 wrong usage, 3 tenant unreachable, 4 error of the suite."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


def complain(message: str, code: int) -> int:
    """Say one line on standard error, and return the exit status to end with."""
    click.echo(f"{NAME}: {one_line(message, 1000)}", err=True)
    return code


def known(kind: str, given: Iterable[str], known: list[str]) -> None:
    """Raise Stop for the first word that is not among the known ones, with the nearest of these."""
    for word in given:
        if word not in known:
            raise Stop(f"there is no {kind} “{word}”{did_you_mean(word, known)}", 2)


def wrapped(text: str, label: str = "") -> str:
    """Return text in lines of 100 characters, indented below its label."""
    return textwrap.fill(text, 100, initial_indent=label, subsequent_indent=" " * len(label))
