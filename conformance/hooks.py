"""The hooks of one run: plan, gather, judge, report, as pytest goes along, over several processes where there are."""

from __future__ import annotations

import gc
import inspect
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from conformance import __version__
from conformance.checks.verdict import NotApplicable, Remarks, Verdict
from conformance.config import InvalidConfiguration
from conformance.inspections import inspect as inspect_run
from conformance.judge import Comparison, explained, judge
from conformance.plan import JUDGED, calls_of, inapplicable, judged_by, parameters_of, parametrise, within
from conformance.probes.registry import Probe, ProbeCall, probes
from conformance.pytest_options import CHECKS
from conformance.reporting.decisions import PlanOutcome, decide
from conformance.reporting.findings import account
from conformance.reporting.har import scope
from conformance.reporting.model import Report
from conformance.reporting.result import RESULT, Result
from conformance.reporting.scrubbing import Scrubber
from conformance.reporting.writers import prepare, write
from conformance.run import TenantUnreachable
from conformance.workers import SHARED, gathered_by, gathered_elsewhere

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
    from pathlib import Path

    from conformance.probes.evidence import Evidence
    from conformance.run import Run
    from conformance.spec.profile import Profile
    from conformance.spec.requirements import Level, Requirement
    from conformance.spec.service import Service
    from conformance.tenant.exchange import Exchange

_LONGEST_TRACE = 8000
_SKIPPED = {Verdict.NOT_APPLICABLE, Verdict.BLOCKED, Verdict.FAILED}  # to pytest, where they fail nothing


@dataclass
class _Judging:
    """What is known of the check that is being judged: what it said, the evidence it has, how its assertion failed."""

    remarks: Remarks = field(default_factory=Remarks)
    evidence: list[Evidence] = field(default_factory=list)
    compared: Comparison | None = None


class Conformance:
    """The hooks of one run. ``on_progress`` is told the phase, how much of it is done, and how much there is.

    ``opens`` says that the run is not open yet: plain pytest does so when its session starts.
    """

    def __init__(
        self, run: Run, *, opens: bool = False, on_progress: Callable[[str, int, int], None] = lambda *_: None
    ) -> None:
        self.run = run
        self.results: list[Result] = []
        self.exchanges: list[Exchange] = []
        self.evidence: list[Evidence] = []
        self.left_behind: list[str] = []
        self.defects: list[str] = []
        self.written: Sequence[Path] = ()
        self.interrupted = False
        self._opens = opens
        self._on_progress = on_progress
        self._gathering = ExitStack()
        self._gather: Callable[[Iterable[ProbeCall]], None] | None = None
        self._narrowed: list[str] = []
        self._keyword = ""
        self._planned = 0
        self._ended: float | None = None
        self._judging = _Judging()
        self._levels = run.profile.levels
        self._scrubber = Scrubber() if run.settings.scrub else None
        self._learned = 0

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Connect and discover; a worker takes over what its controller discovered."""
        option = session.config.option
        self._keyword = option.keyword
        self._narrowed += [text for text in (option.keyword, option.markexpr) if text]
        self._narrowed += [argument for argument in session.config.args if "::" in argument]
        if not self._opens:
            return
        told = getattr(session.config, "workerinput", {}).get(SHARED, {})
        if told:
            self.run.seed = told["seed"]
            self._scrubber = Scrubber(told["scrubber"]) if told["scrubber"] else None
        _, found = gathered_elsewhere(told, self.run)
        try:
            self.run.open({evidence.key: evidence for evidence in found})
            self.run.narrow()
        except TenantUnreachable as error:
            pytest.exit(str(error), returncode=3)
        except InvalidConfiguration as error:
            raise pytest.UsageError(str(error)) from None

    def pytest_report_header(self) -> str:
        """Say in plain pytest what is judged."""
        return f"scim-conformance: {__version__}, tenant {self.run.url}, seed {self.run.seed}"

    @pytest.fixture
    def verdict(self) -> Remarks:
        """Give a check the means to report without failing."""
        return self._judging.remarks

    @pytest.fixture
    def service(self) -> Service:
        """Give a check what the tenant says of itself."""
        return self.run.service

    @pytest.fixture
    def profile(self) -> Profile:
        """Give a check what the run's profiles say together."""
        return self.run.profile

    # --- plan -----------------------------------------------------------------------------------------------------

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self, session: pytest.Session) -> Generator[None, object, object]:
        """Begin to gather: ahead of the checks and side by side; a worker does so as its checks come."""
        with ExitStack() as stack:
            if not (session.config.option.collectonly or hasattr(session.config, "workerinput")):
                ahead = self.run.gatherer.ahead(lambda done, total: self._on_progress("gathering", done, total))
                self._gather = stack.enter_context(ahead)
            collected = yield
            self._gathering = stack.pop_all()
            return collected

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Parametrise a check over the resource types and attributes of this tenant."""
        parametrise(metafunc, self.run)

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Note what a check judges, and keep the tenant busy with the first ones while the others are collected."""
        if not isinstance(item, pytest.Function) or item.path.parent != CHECKS:
            return
        item.stash[JUDGED] = judged = list(judged_by(item))
        certain = self._gather and not (self._opens or self._keyword)  # that nothing else deselects it
        if certain and self.run.gatherer.idle and judged and self._selected(item, judged):
            self._ask_ahead([item])

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep the checks that were asked for, in the order of the documents."""
        kept: list[pytest.Item] = []
        dropped: list[pytest.Item] = []
        for item in items:
            judged = item.stash.get(JUDGED, None)
            if judged is None or not isinstance(item, pytest.Function):
                kept.append(item)
            else:
                (kept if judged and self._selected(item, judged) else dropped).append(item)
        kept.sort(key=lambda i: min((r.order for r in i.stash.get(JUDGED, ())), default=()))
        items[:] = kept
        self._planned = len(kept)
        if dropped:
            config.hook.pytest_deselected(items=dropped)

    def _selected(self, item: pytest.Function, judged: list[Requirement]) -> bool:
        settings = self.run.settings
        if settings.read_only and not all(call.probe.safe for call in calls_of(item)):
            return False
        if not within(settings.effort, item):
            return False
        return any(
            (not self.run.wanted or r.id in self.run.wanted)
            and (not settings.feature or r.feature in settings.feature)
            and (not settings.level or self._level(r).lower() in settings.level)
            for r in judged
        )

    def _level(self, requirement: Requirement) -> Level:
        return self._levels.get(requirement.id, requirement.level)

    # --- gather ---------------------------------------------------------------------------------------------------

    def _inapplicable(self, item: pytest.Item) -> str | None:
        judged = item.stash.get(JUDGED, None)
        return inapplicable(judged or (), self.run)

    def _ask_ahead(self, items: Iterable[pytest.Item]) -> None:
        if self._gather:
            binding = (i for i in items if isinstance(i, pytest.Function) and not self._inapplicable(i))
            self._gather(call for item in binding for call in calls_of(item))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Run the probes that the checks need, and go on gathering until the last one is judged."""
        with self._gathering:
            if self._gather:
                self._gathering.enter_context(_kept())
            if not session.testsfailed or session.config.option.continue_on_collection_errors:
                self._ask_ahead(session.items)
                if self._gather and self.run.output:
                    prepare(self.run.formats)
            return (yield)

    # --- judge ----------------------------------------------------------------------------------------------------

    def pytest_assertrepr_compare(self, op: str, left: object, right: object) -> None:
        """Keep both sides of the comparison that fails, for *expected* and *came*."""
        self._judging.compared = (op, left, right)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, object, object]:
        """Forget the check before, and gather nothing for one that does not bind the tenant."""
        self._judging = _Judging()
        reason = self._inapplicable(item)
        if reason:
            raise NotApplicable(reason)
        if isinstance(item, pytest.Function) and JUDGED in item.stash:
            # Pytest would find it all, too, but makes a fixture of each parameter, which takes longer than to judge.
            item.funcargs |= parameters_of(item) | {call.probe.name: self._evidence(call) for call in calls_of(item)}
        return (yield)

    def _evidence(self, call: ProbeCall) -> Evidence:
        view = self.run.gatherer.evidence(call)
        self._judging.evidence.append(view)
        return view

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Turn the outcome of a check into its verdict, which travels with the report, across processes too."""
        judged = item.stash.get(JUDGED, None)
        if judged is None or not (call.when == "call" or (call.when == "setup" and call.excinfo is not None)):
            return (yield)
        looked_at = [e for evidence in self._judging.evidence for e in evidence.touched.values()]
        result = self._judge(item, call, judged, looked_at)
        failed = self.run.gate.fails(result) and result.verdict is not Verdict.BLOCKED
        # Plain pytest shows a failure in its own way, which cannot be scrubbed.
        own = self._opens and call.excinfo is not None and not self._scrubber
        if not failed or (result.verdict is not Verdict.ERROR and not own):
            # Without an exception pytest formats no traceback and no debugger opens.
            call.excinfo = None
        report = yield
        setattr(report, RESULT, result.to_dict())
        report.user_properties += [
            ("requirement", ", ".join(result.requirements)),
            ("level", ", ".join(dict.fromkeys(self._level(r) for r in judged))),
            ("verdict", str(result.verdict)),
        ]
        if failed and call.excinfo is None:
            told = map(self._scrubber.exchange, looked_at) if self._scrubber else looked_at
            report.outcome, report.longrepr = "failed", account(result, told)
        elif failed and not own:
            report.longrepr = self.clean(report.longreprtext)[-_LONGEST_TRACE:]
        elif not failed and (result.waived or result.verdict in _SKIPPED):
            report.outcome = "skipped"
            report.longrepr = (str(item.path), item.location[1] or 0, f"{result.standing}: {result.message}")
        return report

    def _judge(
        self, item: pytest.Item, call: pytest.CallInfo[None], judged: list[Requirement], looked_at: list[Exchange]
    ) -> Result:
        if self._scrubber:
            self._scrubber.learn(self.run.client.exchanges[self._learned :])
            self._learned = len(self.run.client.exchanges)
        result = judge(
            item,
            judged,
            call.excinfo.value if call.excinfo else None,
            level=self._level,
            remarks=self._judging.remarks,
            compared=self._judging.compared,
            looked_at=looked_at,
            took=call.duration,
            redact=self.clean,
        )
        result = self._scrubber.result(result) if self._scrubber else result
        return self.run.gate.applied(explained(result, self.run.profile.explained), self._level)

    def clean(self, text: str) -> str:
        """Return a text without secrets, and without personal data where that is asked for."""
        text = self.run.client.redactor.text(text)
        return self._scrubber.text(text) if self._scrubber else text

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect the results, also those that come from workers, and the traces of what the suite did wrong."""
        data = getattr(report, RESULT, None)
        if data is not None:
            result = Result.from_dict(data)
            self.results.append(result)
            self._on_progress("judging", len(self.results), self._planned)
            if result.verdict is Verdict.ERROR:
                self._defect(report)
        elif report.failed:
            self._defect(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep why a module of checks could not be collected."""
        if report.failed:
            self._defect(report)

    def _defect(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        trace = self.clean(report.longreprtext)[-_LONGEST_TRACE:]
        self.defects.append(f"{report.nodeid}\n\n{trace}")

    # --- report ---------------------------------------------------------------------------------------------------

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Remember that the run did not come to its end."""
        self.interrupted = not isinstance(excinfo.value, pytest.Session.Interrupted)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the reports, and let the exit status say *not conformant* where pytest calls blocked checks skipped."""
        self._ended = time.time()
        if not session.config.option.collectonly:
            with _kept():
                self._finish(session)
        if self._opens:
            self.run.close()

    def _finish(self, session: pytest.Session) -> None:
        self.run.sweep()
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[SHARED] = gathered_by(self.run) | {"left_behind": list(self.run.left)}
        elif self.results:
            report = self.report
            if session.exitstatus == 0:
                session.exitstatus = report.exit_code
            if self.run.output:
                self.written = write(report, self.run.output, self.run.formats)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Hand what is known so far to an xdist worker, so that the tenant is asked once."""
        node.workerinput[SHARED] = gathered_by(self.run) | {
            "seed": self.run.seed,
            "tenant_url": self.run.settings.tenant_url,
            "scrubber": self._scrubber.key if self._scrubber else "",
        }

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take in what an xdist worker exchanged and left behind."""
        output = getattr(node, "workeroutput", {}).get(SHARED, {})
        exchanges, evidence = gathered_elsewhere(output, self.run)
        self.exchanges += exchanges
        self.evidence += evidence
        self.left_behind += output.get("left_behind", ())

    @property
    def report(self) -> Report:
        """What the run has found so far."""
        run, settings = self.run, self.run.settings
        report = Report(
            tenant=str(run.url),
            started=run.started,
            duration=run.took(self._ended or time.time()),
            results=tuple(self.results),
            exchanges=(*run.client.exchanges, *self.exchanges),
            profiles=run.profile.names,
            levels=self._levels,
            selection=(*settings.selection, *self._narrowed),
            seed=run.seed,
            left_behind=(*run.left, *self.left_behind),
            interrupted=self.interrupted,
            gate=run.gate,
            tag=run.tag,
            scope=scope(settings, run.profile, self._keyword),
            evidence=(*run.gatherer.gathered, *self.evidence),
            previous=run.previous,
            narrowing=run.narrowing,
        )
        report = self._scrubber.report(report) if self._scrubber else report
        if run.plan is None:
            return report
        decisions = decide(run.plan.steps, report.verdicts, inspect_run(run))
        return replace(report, plan=PlanOutcome(run.plan, decisions))


@contextmanager
def _kept() -> Iterator[None]:
    """Look for no garbage in what there is so far, all of which is needed to the end."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _fixture(probe: Probe) -> Callable[..., Evidence]:
    """Make the pytest fixture of a probe: its evidence for the check's parameters."""

    def evidence(self: Conformance, **arguments: Any) -> Evidence:
        return self._evidence(ProbeCall(probe, tuple(arguments[name] for name in probe.parameters)))

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    names = ("self", *probe.parameters)
    evidence.__signature__ = inspect.Signature([inspect.Parameter(n, kind) for n in names])  # type: ignore[attr-defined]
    return pytest.fixture(name=probe.name)(evidence)


for _probe in probes().values():
    setattr(Conformance, f"_probe_{_probe.name}", _fixture(_probe))
