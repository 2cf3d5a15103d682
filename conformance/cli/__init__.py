"""The command ``scim-conformance``. Each subcommand imports what it needs, so that the first request leaves early."""

from __future__ import annotations

import gc
import sys

import click

from conformance import __version__
from conformance.cli.base import NAME, exit_status
from conformance.cli.checklist import checklist
from conformance.cli.clean_up import clean_up
from conformance.cli.compare import compare
from conformance.cli.coverage import coverage
from conformance.cli.judge import judge
from conformance.cli.matrix import matrix
from conformance.cli.profiles import profiles
from conformance.cli.proof import list_faults, list_variants, prove
from conformance.cli.rehearse import rehearse
from conformance.cli.report_bug import report_bug
from conformance.cli.requirements import explain, requirements
from conformance.cli.run import run
from conformance.cli.serve import serve
from conformance.cli.test_connection import test_connection


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
    matrix,
    report_bug,
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
    # httpx would load a command line of its own, with lexers and all, which costs memory and delays the first request.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    status = exit_status(lambda: cli.main(sys.argv[1:] or ["--help"], NAME, standalone_mode=False))
    gc.freeze()  # what goes with the process need not be looked through for garbage before
    sys.exit(status)
