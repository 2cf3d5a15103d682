"""The cycles of a rehearsal, as data: what happens in the directory first, and how the client goes about it then."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.rehearsal import changes


@dataclass(frozen=True, slots=True)
class Cycle:
    """One cycle. ``full`` looks at everything, ``forget`` breaks the links first, ``on_demand`` provisions one user."""

    name: str
    title: str
    changes: tuple[changes.Change, ...] = ()
    full: bool = False
    forget: bool = False
    on_demand: bool = False


_INITIAL = Cycle("initial", "Initial cycle", full=True)
_JOINERS = Cycle(
    "movers",
    "Incremental cycle: joiners and movers",
    (
        changes.RENAMED,
        changes.MOBILE_SET,
        changes.MOVED,
        changes.CLEARED,
        changes.MANAGER_CHANGED,
        changes.HIRED,
        changes.TEAM_RENAMED,
        changes.JOINED,
    ),
)
_LEAVERS = Cycle(
    "leavers",
    "Incremental cycle: leavers",
    (
        changes.DISABLED,
        changes.UNASSIGNED,
        changes.DELETED,
        changes.MANAGER_CLEARED,
        changes.LEFT,
    ),
)
_RETURNERS = Cycle(
    "returners",
    "Incremental cycle: people who come back",
    (
        changes.ENABLED,
        changes.ASSIGNED,
        changes.RESTORED,
        changes.SWAPPED,
        changes.DISABLED_AGAIN,
    ),
)
_REMATCHED = (changes.LETTER_CASE, changes.TEAM_LETTER_CASE)
_ENABLED_AGAIN = Cycle("enabled", "Incremental cycle: an account enabled after the restart", (changes.ENABLED_AGAIN,))

ENTRA = (
    _INITIAL,
    _JOINERS,
    _LEAVERS,
    _RETURNERS,
    Cycle("restart", "Restart that keeps the links", full=True),
    Cycle("rematch", "Restart that breaks the links", _REMATCHED, full=True, forget=True),
    _ENABLED_AGAIN,
    Cycle("on-demand", "On-demand provisioning", (changes.MOVED_ON_DEMAND,), on_demand=True),
    Cycle("purge", "Incremental cycle: hard deletions", (changes.PURGED, changes.TEAM_DELETED)),
)
OKTA = (
    _INITIAL,
    _JOINERS,
    _LEAVERS,
    _RETURNERS,
    Cycle("push-now", "Forced push of everything", full=True),
    Cycle("rematch", "Application set up anew: everybody matched again", _REMATCHED, full=True, forget=True),
    _ENABLED_AGAIN,
    Cycle("purge", "People deactivated for good, a group deleted", (changes.PURGED, changes.TEAM_DELETED)),
)
