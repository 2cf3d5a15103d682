"""What the subcommands share."""

from __future__ import annotations

import os
import sys
import tempfile
import textwrap
from typing import TYPE_CHECKING

import click

from conformance.config import InvalidConfiguration
from conformance.reporting.files import write_text
from conformance.reporting.text import one_line
from conformance.suggest import did_you_mean
from conformance.tenant.redaction import trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

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


def exit_status(action: Callable[[], int]) -> int:
    """Do something and return its exit status; whatever goes wrong becomes one line and a status, never a traceback."""
    try:
        code = action()
        sys.stdout.flush()
    except click.ClickException as error:
        return complain(error.format_message(), error.code if isinstance(error, Stop) else 2)
    except InvalidConfiguration as error:
        return complain(str(error), 2)
    except (click.Abort, KeyboardInterrupt):
        return complain("interrupted", INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as crash:  # noqa: BLE001 - the last resort
        return complain(f"the suite itself failed; {_kept(trace(crash))} says where", 4)
    return code


def _kept(where: str) -> str:
    try:
        with tempfile.NamedTemporaryFile("w", prefix=f"{NAME}-", suffix=".txt", delete=False, encoding="utf-8") as file:
            file.write(where)
    except OSError:
        return f"“{where.splitlines()[-1]}”"  # there is no room for more
    return file.name


def put(text: str, output: Path | None) -> None:
    """Write text to a file, or print it where none is named. Raises Stop where the file cannot be written."""
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        write_text(output, text)
    except OSError as error:
        raise Stop(f"{output} cannot be written: {error.strerror}", 2) from None


def known(kind: str, given: Iterable[str], known: list[str]) -> None:
    """Raise Stop for the first word that is not among the known ones, with the nearest of these."""
    for word in given:
        if word not in known:
            raise Stop(f"there is no {kind} “{word}”{did_you_mean(word, known)}", 2)


def wrapped(text: str, label: str = "") -> str:
    """Return text in lines of 100 characters, indented below its label."""
    return textwrap.fill(text, 100, initial_indent=label, subsequent_indent=" " * len(label))
