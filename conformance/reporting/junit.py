"""``junit.xml`` for CI: one test case for each check, and one for the gate.

JUnit knows passed, failed, error and skipped. What fails the gate is a failure; a defect of the suite is an error. What
does not apply, what could not be asked, and what is broken but let pass is skipped, with the verdict before its
message: skipped is not passed. Blocked checks alone would leave the file without a failure, hence the case of the gate,
which fails whenever the command does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from conformance import __version__
from conformance.checks.verdict import Verdict
from conformance.reporting.findings import account
from conformance.reporting.text import one_line, printable
from conformance.spec.requirements import requirement

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.reporting.model import Report
    from conformance.reporting.result import Result
    from conformance.tenant.exchange import Exchange

_SUITE = "scim-conformance"
_LET_PASS = {Verdict.FAILED, Verdict.BLOCKED, Verdict.NOT_APPLICABLE}


def to_junit(report: Report) -> str:
    """Return the report as JUnit XML."""
    exchanges = {exchange.id: exchange for exchange in report.exchanges}
    root = ET.Element("testsuites", name=_SUITE)
    suite = ET.SubElement(root, "testsuite", name=_SUITE)
    _properties(suite, {
        "tenant": report.tenant,
        "suite": __version__,
        "profiles": ", ".join(report.profiles),
        "seed": report.seed,
        "verdict": report.sentence,
        "gate": report.gate.rule,
    })  # fmt: skip
    gate = ET.SubElement(suite, "testcase", classname=_SUITE, name="gate", time="0")
    if not report.passed:
        message = " ".join(filter(None, (report.sentence, report.gate_sentence)))
        ET.SubElement(gate, "failure", type="gate", message=_text(message))
    for result in report.results:
        _case(suite, report, result, exchanges)
    for element, attribute in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        count = str(len(suite.findall(f"testcase/{element}")))
        suite.set(attribute, count)
        if element != "skipped":
            root.set(attribute, count)
    for each in (root, suite):
        each.set("tests", str(len(report.results) + 1))
        each.set("time", f"{report.duration:.3f}")
    suite.set("timestamp", report.started.isoformat(timespec="seconds"))
    return ET.tostring(root, encoding="unicode", xml_declaration=True)


def _case(suite: ET.Element, report: Report, result: Result, exchanges: Mapping[str, Exchange]) -> None:
    module, _, name = result.check.partition("::")
    case = ET.SubElement(
        suite, "testcase", classname=module.removesuffix(".py"), name=_text(name), time=f"{result.duration:.4f}"
    )
    levels = dict.fromkeys(str(report.level(requirement(identifier))) for identifier in result.requirements)
    _properties(case, {
        "requirement": ", ".join(result.requirements),
        "level": ", ".join(levels),
        "verdict": result.verdict,
        "waived": result.waived,
        "known": "yes" if result.known else "",
        "exchanges": ", ".join(result.exchanges),
    })  # fmt: skip
    message = _text(" ".join(filter(None, (result.claim, result.message))))
    looked_at = [exchanges[identifier] for identifier in result.exchanges if identifier in exchanges]
    if result.verdict is Verdict.ERROR:
        ET.SubElement(case, "error", type=result.verdict, message=message).text = printable(account(result, ()))
    elif report.gate.fails(result) and result.verdict is not Verdict.BLOCKED:
        failure = ET.SubElement(case, "failure", type=result.verdict, message=message)
        failure.text = printable(account(result, looked_at))
    elif result.verdict in _LET_PASS or result.waived:
        ET.SubElement(case, "skipped", type=result.verdict, message=_text(f"{result.standing}: {result.message}"))
    elif result.verdict is not Verdict.PASSED:
        ET.SubElement(case, "system-out").text = printable(f"{result.verdict}: {account(result, ())}")


def _properties(parent: ET.Element, values: Mapping[str, str]) -> None:
    properties = ET.SubElement(parent, "properties")
    for name, value in values.items():
        if value:
            ET.SubElement(properties, "property", name=name, value=_text(value))


def _text(text: str) -> str:
    return one_line(text, 1000)
