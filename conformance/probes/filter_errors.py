"""Filters that a tenant must refuse or at least survive (RFC 7644 §3.4.2.2, §3.12), and those that the RFC prints.

None needs data: where one is taken for something else, ``count`` keeps the answer short.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from conformance.probes.registry import probe

if TYPE_CHECKING:
    from conformance.probes.ask import Ask
    from conformance.spec.schema import ResourceType

MALFORMED = {
    "attribute alone": "userName",
    "no value": "userName eq",
    "no attribute": 'eq "nobody"',
    "open string": 'userName eq "nobody',
    "open bracket": '(userName eq "nobody"',
    "surplus bracket": 'userName eq "nobody")',
    "open square bracket": 'emails[type eq "work"',
    "ends in and": 'userName eq "nobody" and',
    "ends in not": 'userName eq "nobody" and not',
    "left over": 'userName eq "nobody" "somebody"',
    "two expressions": 'userName eq "nobody" title eq "nothing"',
    "pr with a value": 'userName pr "nobody"',
}
FORGIVABLE = {
    "unquoted": "userName eq nobody",
    "single quotes": "userName eq 'nobody'",
    "not without brackets": 'not userName eq "nobody"',
}
UNORDERED = {
    f"{operator} on {kind}": f"{path} {operator} {value}"
    for operator in ("gt", "ge", "lt", "le")
    for kind, path, value in (("boolean", "active", "true"), ("binary", "x509Certificates.value", '"TUlJRA=="'))
}
MISFITTING = {
    "text for a boolean": 'active eq "maybe"',
    "number for a text": "userName eq 40967213",
    "text for a time": 'meta.created gt "yesterday"',
}
PRINTED = {
    "apostrophe": 'name.familyName co "O\'Malley"',
    "not emails": 'userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")',
    "two value filters": 'emails[type eq "work" and value co "@example.com"] '
    'or ims[type eq "xmpp" and value co "@foo.com"]',
}
CURIOUS = {
    "empty": "",
    "unknown operator": 'userName regex "nobody"',
    "complex": 'name eq "nobody"',
    "unknown attribute": 'shoeSize eq "nobody"',
    "nested square brackets": 'emails[value[type eq "work"]]',
    "value filter": 'emails[type eq "work"]',
    "not without space": "not(userName pr)",
}


@probe(safe=True)
def misfiltered(ask: Ask, resource_type: ResourceType) -> None:
    """Send filters that no tenant, or not every tenant, can answer."""
    filters = MALFORMED | FORGIVABLE | UNORDERED | MISFITTING | PRINTED | CURIOUS
    ask.together(*(partial(ask.filter, name, resource_type, text, count=1) for name, text in filters.items()))
