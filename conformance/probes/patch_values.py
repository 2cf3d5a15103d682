"""PATCH of a multi-valued attribute: emails (RFC 7644 §3.5.2.1-3.5.2.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.probes import clock
from conformance.probes.patch import change, operation
from conformance.probes.registry import probe
from conformance.spec.paths import lookup

if TYPE_CHECKING:
    from conformance.probes.ask import Ask, Created
    from conformance.spec.schema import ResourceType


@probe
def values_added(ask: Ask, resource_type: ResourceType) -> None:
    """Add values to a user with a primary work address and a home address; first one that is there already.

    One of the new values has a type of its own and the others have none: there are tenants that take each type once.
    """
    work, home, one, two, three, absent, four, five = (_address(ask) for _ in range(8))
    emails = [_email("work", work, primary=True), _email("home", home)]
    created = _created(ask, resource_type, emails)
    path = created.path
    clock.let_it_move(ask.get("before", path))
    ask.patch("again", path, operation("add", "emails", value=[emails[1]]))
    ask.get("again read", path)
    change(ask, "several", path, operation("add", "emails", value=[_email("other", one), {"value": two}]))
    change(ask, "object", path, operation("add", "emails", value={"value": three}))
    change(ask, "sub", path, operation("add", 'emails[type eq "home"].primary', value=True))
    change(ask, "no_match", path, operation("add", f'emails[value eq "{absent}"].type', value="home"))
    change(ask, "without_path", path, operation("add", value={"emails": [{"value": four}]}))
    change(ask, "primary", path, operation("add", "emails", value=[{"value": five, "primary": True}]))
    change(ask, "retyped", path, operation("add", "emails", value=[_email("other", home)]))
    ask.get("fetched", path)


@probe
def values_replaced(ask: Ask, resource_type: ResourceType) -> None:
    """Replace values of a user with a primary work address, a home address and two others."""
    work, home, one, two, *new = (_address(ask) for _ in range(10))
    emails = [_email("work", work, primary=True), _email("home", home), _email("other", one), _email("other", two)]
    path = _created(ask, resource_type, emails).path
    change(ask, "sub", path, operation("replace", 'emails[type eq "work"].value', value=new[0]))
    change(ask, "any_case", path, operation("replace", 'EMAILS[TYPE EQ "work"].VALUE', value=new[1]))
    change(ask, "every", path, operation("replace", 'emails[type eq "other"].type', value="work"))
    language = (
        f'emails[value sw "{one[:-12]}" and (type ne "home" or type co "nothing") and not (type eq "home")'
        ' and value pr and value ew "com" and type gt "a" and type ge "b" and type lt "z" and type le "y"].type'
    )
    change(ask, "language", path, operation("replace", language, value="other"))
    home_now = _email("home", new[2], primary=True)
    change(ask, "element", path, operation("replace", 'emails[type eq "home"]', value=home_now))
    change(ask, "no_match", path, operation("replace", f'emails[value eq "{new[4]}"].type', value="work"))
    change(ask, "elements", path, operation("replace", 'emails[type eq "work"]', value=_email("work", new[3])))
    change(ask, "without_path", path, operation("replace", value={"emails": [_email("work", new[5])]}))


@probe
def values_removed(ask: Ask, resource_type: ResourceType) -> None:
    """Remove, step by step, the addresses of a user who has two for work, one at home and two others."""
    work, home, one, two = (_address(ask) for _ in range(4))
    elsewhere = _address(ask, "example.org")
    emails = [
        _email("work", work),
        _email("work", elsewhere),
        _email("home", home),
        _email("other", one),
        _email("other", two),
    ]
    created = _created(ask, resource_type, emails)
    path = created.path
    change(ask, "both", path, operation("remove", 'emails[type eq "work" and value ew "example.com"]'))
    change(ask, "one", path, operation("remove", 'emails[type eq "work"]'))
    change(ask, "no_match", path, operation("remove", f'emails[value eq "{work}"]'))
    change(ask, "sub", path, operation("remove", 'emails[type eq "home"].type'))
    change(ask, "several", path, operation("remove", 'emails[type eq "other"]'))
    change(ask, "last", path, operation("remove", f'emails[value eq "{home}"]'))
    ask.filter("last_present", resource_type, f'userName eq "{created.sent.get("userName")}" and emails pr')
    ask.patch("unset", path, operation("remove", "emails"))


def _address(ask: Ask, domain: str = "example.com") -> str:
    return f"{ask.sample.unique()}@{domain}"


def _email(kind: str, address: str, **more: Any) -> dict[str, Any]:
    return {"value": address, "type": kind, **more}


def _created(ask: Ask, resource_type: ResourceType, emails: list[dict[str, Any]]) -> Created:
    """Create a user with these addresses. Ends the probe where the tenant serves none or does not keep them all."""
    if not resource_type.find("emails.type"):
        ask.stop("the tenant serves no emails with a type")
    created = ask.create("created", resource_type, ask.sample.minimal(resource_type) | {"emails": emails})
    kept = lookup(created.resource, "emails.value")
    if not isinstance(kept, list) or not {e["value"] for e in emails} <= {v for v in kept if isinstance(v, str)}:
        ask.stop("the created user does not hold all the emails that were sent", created.exchange)
    return created
