"""Why a difference is there, in plain words: the first explanation that fits what was sent and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.rehearsal.trace import Sent

_OK = range(200, 300)
_WHOLE = {"create user", "create group", "replace user", "replace group"}  # writes that name everything
_CREATES = ("create user", "create group")


@dataclass(frozen=True)
class Case:
    """One difference: what was expected and found, the resource, and what was written for it in this cycle.

    The attribute is empty where it is about the resource as a whole, and ``found`` then is "gone", "deleted" (though
    it is still there) or what came instead. For ``members``, ``expected`` is "missing", "extra" or "twice", and
    ``found`` the number that the tenant shows.
    """

    attribute: str = ""
    expected: Any = None
    found: Any = None
    resource: Mapping[str, Any] = field(default_factory=dict)
    writes: tuple[Sent, ...] = ()

    @property
    def last(self) -> Sent | None:
        """The write that should have caused what is expected: the last that named the attribute, else the last."""
        naming = [sent for sent in self.writes if self._names(sent)] or list(self.writes)
        return naming[-1] if naming else None

    @property
    def named(self) -> bool:
        """Whether a write of this cycle named the attribute."""
        return any(map(self._names, self.writes))

    @property
    def refused(self) -> bool:
        """Whether the write that should have caused it was not answered with success."""
        return self.last is not None and self.last.answer not in _OK

    def did(self, *whats: str) -> bool:
        """Whether something of this kind was sent in this cycle."""
        return any(sent.what in whats for sent in self.writes)

    def members(self, how: str, *whats: str) -> bool:
        """Whether it is about members who are missing, extra or listed twice, after something of this kind."""
        return self.attribute == "members" and self.expected == how and (not whats or self.did(*whats))

    def manager(self) -> bool:
        """Whether it is about a manager whom a request named."""
        return self.attribute.endswith("manager") and self.named

    def gone(self) -> bool:
        """Whether the resource cannot be found any more."""
        return not self.attribute and self.found == "gone"

    def _names(self, sent: Sent) -> bool:
        return bool(self.attribute) and (self.attribute in sent.paths or sent.what in _WHOLE)


def _kept_as_text(case: Case) -> bool:
    return isinstance(case.expected, bool) and isinstance(case.found, str)


def _dotted_key(case: Case) -> bool:
    return "." in case.attribute and case.attribute in case.resource


def _other_letter_case(case: Case) -> bool:
    texts = isinstance(case.found, str) and isinstance(case.expected, str)
    return texts and case.found.casefold() == case.expected.casefold()


_RULES: tuple[tuple[Callable[[Case], bool], str], ...] = (
    (lambda c: c.found == "deleted", "the delete is answered with success, yet the resource can still be read"),
    (
        lambda c: c.gone() and c.did("disable user", "deactivate user"),
        "a user who is disabled cannot be read any more: the tenant deletes instead, and enabling makes a new account",
    ),
    (lambda c: c.gone() and c.did(*_CREATES), "the create is answered with success, yet the resource cannot be read"),
    (lambda c: c.gone() and not c.writes, "it has vanished although no request of this cycle was about it"),
    (lambda c: c.gone(), "it has vanished after a request that changes it"),
    (lambda c: not c.attribute, "the resource cannot be read"),
    (lambda c: c.refused, "the request that should have changed it was refused"),
    (
        lambda c: c.members("missing", "remove members", "change members"),
        "removing a member took others out of the group, too: a remove that lists or selects one is read as all",
    ),
    (
        lambda c: c.members("missing", "add members", "push members", "replace group", "create group"),
        "adding members is answered with success, yet not all of them are in the group",
    ),
    (
        lambda c: c.members("missing", "update group", "rename group"),
        "renaming the group took members out of it: the PATCH replaces the group instead of merging",
    ),
    (lambda c: c.members("missing"), "members have vanished although no request of this cycle was about the group"),
    (
        lambda c: c.members("extra", "remove members", "change members", "replace group", "push members"),
        "removing a member is answered with success, yet the member is still in the group",
    ),
    (lambda c: c.members("extra"), "the group has members whom nobody put there"),
    (lambda c: c.members("twice"), "a member who is added again is listed twice"),
    (
        lambda c: c.expected is False and c.found is True and any(sent.texts for sent in c.writes),
        "the text “False”, which Entra sends for active, is read as true or ignored: leavers keep their access",
    ),
    (
        lambda c: c.expected is False and c.found is True,
        "disabling is answered with success, yet the user is active: leavers keep their access",
    ),
    (lambda c: c.expected is True and c.found is False, "the user stays disabled although active was set to true"),
    (_kept_as_text, "a boolean is kept, or returned, as text"),
    (lambda c: c.attribute == "active" and c.found is None, "active is not returned: the account's state is unknown"),
    (
        lambda c: c.manager() and c.found is None,
        "the manager is not kept: Entra sends the id as a bare text, not as an object",
    ),
    (
        lambda c: c.manager() and c.expected is None,
        "the manager stays although an empty text was sent, with which Entra clears it",
    ),
    (
        lambda c: c.expected is None and c.named,
        "the value stays although a PUT left it out, which clears it",
    ),
    (lambda c: c.manager(), "the tenant shows another manager than the one that was sent"),
    (_dotted_key, "a dotted key such as name.familyName is kept under that very name, not inside the attribute"),
    (
        lambda c: isinstance(c.found, list),
        "there are several values of that type: one was added instead of changing the one there was",
    ),
    (_other_letter_case, "the value is kept in another letter case than it was sent in"),
    (
        lambda c: c.found is None and c.named and c.did(*_CREATES),
        "the create is answered with success, yet the value is not kept",
    ),
    (
        lambda c: c.found is None and c.named,
        "the change is answered with success, yet the value is not there: it was ignored, or took the value away",
    ),
    (
        lambda c: c.found is None and bool(c.writes),
        "the value has vanished with a request that did not name it: PATCH replaces instead of merging",
    ),
    (lambda c: c.found is None, "the value has vanished although no request of this cycle was about it"),
    (lambda c: c.named and c.did(*_CREATES), "the create is answered with success, yet another value is kept"),
    (lambda c: c.named, "the change is answered with success, yet the value is not the one that was sent"),
    (lambda c: bool(c.writes), "the value has changed with a request that did not name it"),
)
_OTHERWISE = "the value has changed although no request of this cycle was about it"


def cause_of(case: Case) -> str:
    """Return the explanation."""
    return next((text for applies, text in _RULES if applies(case)), _OTHERWISE)
