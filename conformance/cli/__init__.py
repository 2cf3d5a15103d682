"""The command ``scim-conformance``. Each subcommand imports what it needs, so that the first request leaves early."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback

import click

from conformance import __version__
from conformance.cli.base import INTERRUPTED, NAME, Stop, complain
from conformance.cli.checklist import checklist
from conformance.cli.clean_up import clean_up
from conformance.cli.compare import compare
from conformance.cli.coverage import coverage
from conformance.cli.judge import judge
from conformance.cli.profiles import profiles
from conformance.cli.proof import list_faults, list_variants, prove
from conformance.cli.rehearse import rehearse
from conformance.cli.requirements import explain, requirements
from conformance.cli.run import run
from conformance.cli.serve import serve
from conformance.cli.test_connection import test_connection
from conformance.config import InvalidConfiguration


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name=NAME)
def cli() -> None:
    """Judge a SCIM 2.0 service provider against RFC 7643 and RFC 7644."""


for _command in (
    run,
    test_connection,
    rehearse,
    checklist,
    judge,
    compare,
    clean_up,
    serve,
    requirements,
    explain,
    coverage,
    profiles,
    list_faults,
    list_variants,
    prove,
):
    cli.add_command(_command)


def main() -> None:
    """Run the command line and exit with its status; users never see a traceback."""
    try:
        code = cli.main(sys.argv[1:] or ["--help"], NAME, standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        code = complain(error.format_message(), error.code if isinstance(error, Stop) else 2)
    except InvalidConfiguration as error:
        code = complain(str(error), 2)
    except (click.Abort, KeyboardInterrupt):
        code = complain("interrupted", INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except Exception:  # noqa: BLE001 - the last resort
        code = complain(f"the suite itself failed; {_kept(traceback.format_exc())} says where", 4)
    sys.exit(code)


def _kept(trace: str) -> str:
    with tempfile.NamedTemporaryFile("w", prefix=f"{NAME}-", suffix=".txt", delete=False, encoding="utf-8") as file:
        file.write(trace)
    return file.name
