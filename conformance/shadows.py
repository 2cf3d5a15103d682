"""Which probes a fault touches.

The right tenant is asked everything once, and wherever it decides something, each fault that decides this otherwise is
asked beside it. A probe shares nothing with the others: where a fault never decided otherwise, the probe sees no
difference, and need not be run again to know it.
"""

from __future__ import annotations

import marshal
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from conformance.reference.messages import Response
from conformance.reference.storage import Record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conformance.reference.faults.registry import Fault
    from conformance.reference.tenant import ReferenceTenant
    from conformance.reference.variants import Variant

_Method = Callable[..., Any]
_PLAIN = 2  # the last version of marshal's format in which equal values always have equal bytes


class Shadows:
    """Faults beside a right tenant. Set ``asking`` to the key of each probe before it runs.

    They may remember what they were asked, so the tenant is not to be used for anything else.
    """

    def __init__(self, tenant: ReferenceTenant, faults: Iterable[Fault]) -> None:
        self.asking = ""
        self._touched: dict[str, set[str]] = {}
        self._within = False
        owners = {"rules": tenant.rules, "discovery": tenant.discovery, "finder": tenant.finder}
        others = (tenant, tenant.store)
        rivals: dict[tuple[str, str], list[tuple[str, _Method]]] = defaultdict(list)
        for fault in faults:
            before = {id(owner): dict(vars(owner)) for owner in (*owners.values(), *others)}
            fault.plant(tenant)
            found = {
                (label, name): value
                for label, owner in owners.items()
                for name, value in _changed(before[id(owner)], owner).items()
            }
            elsewhere = any(_changed(before[id(owner)], owner) for owner in others)
            for owner in (*owners.values(), *others):
                vars(owner).clear()
                vars(owner).update(before[id(owner)])
            if found and not elsewhere and all(map(callable, found.values())):
                self._touched[fault.name] = set()
                for seam, method in found.items():
                    rivals[seam].append((fault.name, method))
        for (label, name), methods in rivals.items():
            owner = owners[label]
            setattr(owner, name, self._beside(getattr(owner, name), methods))
        for name in ("insert", "replace", "delete"):
            setattr(tenant.store, name, self._unless_beside(getattr(tenant.store, name)))

    def touched(self, fault: Fault | Variant) -> set[str] | None:
        """Return the keys of the probes that would see a difference; None where that cannot be told in advance."""
        return self._touched.get(fault.name)

    def _beside(self, right: _Method, rivals: list[tuple[str, _Method]]) -> _Method:
        def asked(*arguments: Any, **named: Any) -> Any:
            if self._within:
                return right(*arguments, **named)
            open_ones = [(fault, rival) for fault, rival in rivals if self.asking not in self._touched[fault]]
            given = [_copy((arguments, named)) for _ in open_ones]
            outcome = _Outcome.of(right, arguments, named)
            self._within = True
            for (fault, rival), (others, others_named) in zip(open_ones, given, strict=True):
                if _Outcome.of(rival, others, others_named).traces != outcome.traces:
                    self._touched[fault].add(self.asking)
            self._within = False
            return outcome.come_true()

        return asked

    def _unless_beside(self, write: _Method) -> _Method:
        def asked(*arguments: Any) -> Any:
            if self._within:
                raise RuntimeError("what a fault decides otherwise here is what to keep")
            return write(*arguments)

        return asked


@dataclass(frozen=True)
class _Outcome:
    """What a method returned or raised. ``traces`` tell it, and what it made of its arguments, from another outcome."""

    value: Any
    raised: Exception | None
    traces: Any

    @classmethod
    def of(cls, method: _Method, arguments: Any, named: Any) -> _Outcome:
        value, raised = None, None
        try:
            value = method(*arguments, **named)
            value = list(value) if isinstance(value, Iterator) else value
        except Exception as error:  # noqa: BLE001 - to refuse is an outcome, too
            raised = error
        told = raised and (type(raised), raised.args, vars(raised))
        return cls(value, raised, _traces((value, told, arguments, named)))

    def come_true(self) -> Any:
        if self.raised:
            raise self.raised
        return self.value


def _changed(before: dict[str, Any], owner: object) -> dict[str, Any]:
    return {name: value for name, value in vars(owner).items() if before.get(name) is not value}


def _traces(value: Any) -> Any:
    """Return what only values written alike have in common: 10 equals 10.0, yet they are not."""
    if isinstance(value, tuple):
        return [tuple, *map(_traces, value)]
    if isinstance(value, Response | Record):
        return [type(value), *(_traces(getattr(value, field.name)) for field in fields(value))]
    try:
        return marshal.dumps(value, _PLAIN)
    except ValueError:  # not JSON alone
        pass
    if isinstance(value, dict):
        return [type(value), *((key, _traces(member)) for key, member in value.items())]
    return [list, *map(_traces, value)] if isinstance(value, list) else [type(value), value]


def _copy(value: Any) -> Any:
    """Copy what a method may change: JSON, answers and records."""
    if isinstance(value, dict | list):
        try:
            return marshal.loads(marshal.dumps(value, _PLAIN))  # noqa: S302 - written just now
        except ValueError:  # not JSON alone
            pass
    if isinstance(value, dict):
        return {key: _copy(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_copy(element) for element in value)
    if isinstance(value, Response):
        return replace(value, document=_copy(value.document), headers=dict(value.headers))
    if isinstance(value, Record):
        return replace(value, attributes=_copy(value.attributes))
    return value
