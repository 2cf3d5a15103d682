"""HTML: ``report.html``, one self-contained page that a vendor can forward, and pages that share its look."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from conformance import __version__
from conformance.checks.verdict import Verdict
from conformance.reporting.difference import sides
from conformance.reporting.findings import case
from conformance.reporting.page import Page
from conformance.reporting.priorities import clients
from conformance.reporting.text import pretty, printable
from conformance.spec.ambiguities import ambiguity
from conformance.spec.requirements import Level

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conformance.reporting.comparison import Comparison
    from conformance.reporting.model import Report
    from conformance.tenant.exchange import Exchange

# Verdicts in the order in which tables list them, each with its sign.
SYMBOLS = {
    Verdict.PASSED: "✓",
    Verdict.FAILED: "✗",
    Verdict.ERROR: "‽",
    Verdict.BLOCKED: "⊘",
    Verdict.WARNED: "!",
    Verdict.NOTED: "•",
    Verdict.NOT_APPLICABLE: "○",
}


def render(report: Report) -> str:
    """Return the page. Its policy lets its own script and style run, known by their hashes, and nothing else."""
    style, script = _source("report.css", "report/page.css"), _source("report/page.js")
    return render_template(
        "report.html.j2", page=Page(report), report=report, style=style, script=script, policy=_policy(style, script)
    )


def compile_report() -> None:
    """Have the templates of ``render`` ready."""
    for name in _environment().list_templates(filter_func=lambda name: name.startswith(("report", "exchange"))):
        if name.endswith(".j2"):
            _environment().get_template(name)


def render_comparison(comparison: Comparison) -> str:
    """Return the page of two runs compared."""
    return _environment().get_template("comparison.html.j2").render(comparison=comparison)


def render_template(name: str, **shown: Any) -> str:
    """Return a page that has a template and a model of its own, and shares the look and the exchanges."""
    return _environment().get_template(name).render(version=__version__, **shown)


def render_evidence(exchanges: Iterable[Exchange]) -> str:
    """Return exchanges as a fragment of HTML, everything in it escaped."""
    show = _environment().get_template("exchange.html.j2").module.show  # type: ignore[attr-defined]
    return "".join(show(exchange) for exchange in exchanges)


def _source(*names: str) -> Markup:
    loader = _environment().loader
    return Markup("\n".join(loader.get_source(_environment(), name)[0] for name in names))  # type: ignore[union-attr]  # noqa: S704


def _policy(style: str, script: str) -> str:
    """Return a Content-Security-Policy under which nothing is fetched and nothing but these two counts as code."""
    hashes = (b64encode(sha256(text.encode()).digest()).decode() for text in (style, script))
    allowed = (f"{kind} 'sha256-{known}'" for kind, known in zip(("style-src", "script-src"), hashes, strict=True))
    sealed = "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    return "; ".join(("default-src 'none'", *allowed, sealed))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("conformance.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"printable": printable, "pretty": pretty, "case": case, "ambiguity": ambiguity}
    environment.filters |= {"sides": sides, "clients": clients}
    environment.globals |= {"SYMBOLS": SYMBOLS, "Verdict": Verdict, "Level": Level}
    return environment
