"""Writes the reference pages of the documentation from the code: ``python docs/reference.py FOLDER``."""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from dataclasses import fields
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.cli import cli
from conformance.config import Settings, default, key
from conformance.reference.faults.registry import faults
from conformance.reference.variants import variants
from conformance.session import judges
from conformance.spec.ambiguities import ambiguities
from conformance.spec.requirements import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from conformance.spec.requirements import Requirement

_SPECIAL = re.compile(r"[\\`*_{}\[\]<>|$#~]")
_KINDS = {bool: "yes or no", int: "whole number", float: "number", tuple: "list of texts"}


def main(folder: Path) -> None:
    """Write all pages into a folder."""
    pages = {
        "cli": _commands(),
        "configuration": _configuration(),
        "faults": _faults(),
        "variants": _variants(),
        "ambiguities": _ambiguities(),
    }
    documents = dict(_documents())
    pages["requirements"] = _requirements(documents)
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in (pages | documents).items():
        (folder / f"{name}.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _commands() -> Iterator[str]:
    yield "# The command line\n"
    for name, command in sorted(cli.commands.items()):
        context = click.Context(command, info_name=f"scim-conformance {name}", max_content_width=100, terminal_width=84)
        yield f"## {name}\n\n```text\n{command.get_help(context)}\n```\n"


def _configuration() -> Iterator[str]:
    yield "# Settings\n"
    yield (
        "Each is an option of `scim-conformance run`, a key of `scim-conformance.toml`, a key of a tenant in "
        "`tenants.toml` (a secret as `…-env`, and never `output`), and an option of pytest.\n"
    )
    for setting in fields(Settings):
        name, usual = key(setting), default(setting)
        yield f"## {name}\n\n{_upper(_plain(setting.metadata['help']))}.\n"
        facts = {
            "kind": _KINDS.get(type(usual), "text"),
            "choices": ", ".join(f"`{choice}`" for choice in setting.metadata["choices"]),
            "default": f"`{usual}`" if usual and usual is not True else "",
            "environment": setting.metadata["env"] and f"`{setting.metadata['env']}`",
            "in pytest": "`--tenant-url`" if name == "tenant-url" else f"`--scim-{name}`",
        }
        yield "\n".join(f"- {label}: {value}" for label, value in facts.items() if value) + "\n"


def _documents() -> Iterator[tuple[str, list[str]]]:
    """Yield a page for each RFC, and one for the client rules."""
    judged, broken = judges(), _breaking()
    for document, group in groupby(catalogue().values(), lambda r: "Client rules" if r.client else r.document):
        lines = [f"# Requirements: {document}\n"]
        for section, requirements in groupby(group, lambda r: r.document if r.client else f"§{r.section}"):
            lines.append(f"## {section}\n")
            for requirement in requirements:
                lines += _requirement(requirement, judged.get(requirement.id, {}), broken[requirement.id])
        yield f"requirements-{document.lower().replace(' ', '-')}", lines


def _requirement(requirement: Requirement, judged: Mapping[str, str], broken: list[str]) -> Iterator[str]:
    yield f"({requirement.id.lower()})="
    yield f"### {requirement.id}\n\n**{requirement.level}**, {requirement.feature}. {_plain(requirement.text)}\n"
    told = {
        "Why": _plain(requirement.why),
        "Repair": _plain(requirement.fix),
        "Judged by": ", ".join(f"`{check}`" for check in sorted(judged)) or _plain(requirement.untestable or "nothing"),
        "Proven by": ", ".join(f"[{name}](faults.md#{name.lower()})" for name in broken),
        "Questions": ", ".join(f"[{name}](ambiguities.md#{name.lower()})" for name in requirement.ambiguity),
        "Source": f"[{requirement.clause}]({requirement.url})",
    }
    yield "\n".join(f"- {label}: {value}" for label, value in told.items() if value) + "\n"


def _requirements(documents: Mapping[str, list[str]]) -> Iterator[str]:
    yield "# Requirements\n"
    yield (
        f"{len(catalogue())} statements that bind a service provider, each with its id, which never changes. A breach "
        "of a MUST fails, of a SHOULD warns, of a MAY is noted. What proves the checks of one is a fault of the "
        "reference tenant that breaks just this.\n"
    )
    yield "```{toctree}\n" + "\n".join(documents) + "\n```\n"


def _faults() -> Iterator[str]:
    yield "# Faults\n"
    yield f"{len(faults())} ways to make [the reference tenant](../reference-tenant.md) wrong: `serve --fault NAME`.\n"
    for fault in sorted(faults().values(), key=lambda fault: fault.name):
        yield f"({fault.name})=\n## {fault.name}\n\n{_plain(fault.description)} Breaks {_links(fault.breaks)}.\n"


def _variants() -> Iterator[str]:
    yield "# Legal variants\n"
    yield "Ways to differ from the reference tenant and be right, on which no check fails: `serve --variant NAME`.\n"
    for variant in variants().values():
        yield f"## {variant.name}\n\n{_plain(variant.description)} ({_plain(variant.clause)})\n"


def _ambiguities() -> Iterator[str]:
    yield "# Questions that the RFCs leave open\n"
    yield "What has two sensible readings passes in both, and the report notes which one the tenant takes.\n"
    for question in ambiguities().values():
        clauses = _plain(", ".join(question.clauses))
        yield f"({question.id.lower()})=\n## {question.id}: {_plain(question.title)}\n\n{clauses}\n"
        yield "\n".join(f"- *{_plain(name)}*: {_plain(text)}" for name, text in question.readings.items())
        told = {"Fails": question.fails, "Warns": question.warns, "Noted": question.noted}
        told |= {"Not to be seen": question.unobservable, "Clients": question.clients}
        yield "\n" + "\n\n".join(f"**{label}.** {_plain(text)}" for label, text in told.items() if text) + "\n"


def _breaking() -> Mapping[str, list[str]]:
    found = defaultdict(list)
    for fault in faults().values():
        for identifier in fault.breaks:
            found[identifier].append(fault.name)
    return found


def _links(identifiers: Iterable[str]) -> str:
    pages = {i: "client-rules" if r.client else r.document.lower().replace(" ", "-") for i, r in catalogue().items()}
    return ", ".join(f"[{i}](requirements-{pages[i]}.md#{i.lower()})" for i in identifiers)


def _plain(text: str) -> str:
    """Return prose with the letters escaped that mean something in Markdown."""
    return _SPECIAL.sub(r"\\\g<0>", " ".join(text.split()))


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
