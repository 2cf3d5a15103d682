"""What a check takes for granted, and which verdict follows where it does not hold."""

import pytest

from conformance.checks.given import asked, body, cleared, done, kept, listed
from conformance.checks.verdict import NotApplicable, Remarks
from conformance.probes.evidence import Blocked, Evidence
from conformance.tenant.exchange import Exchange, Request, Response


def exchange(status=200, text="{}", name="x", method="GET"):
    return Exchange("1", name, Request(method, "https://example.com/Users"), Response(status, (), text))


def test_a_failure_blocks_what_rests_on_it():
    assert done(exchange()).status == 200
    with pytest.raises(Blocked, match="answered with 400"):
        done(exchange(400))
    with pytest.raises(Blocked, match="got no answer: refused"):
        done(Exchange("1", "x", Request("GET", "https://example.com/Users"), error="refused"))


def test_an_empty_body_is_nothing_to_judge():
    assert body(exchange(text='{"id": "1"}')) == {"id": "1"}
    with pytest.raises(NotApplicable, match="PATCH with 204"):
        body(exchange(204, "", method="PATCH"))


def test_what_was_never_asked_is_not_applicable_unless_the_probe_stopped():
    with pytest.raises(NotApplicable, match="no groups"):
        asked(Evidence("p"), "x", "no groups")
    with pytest.raises(Blocked, match="the create failed"):
        asked(Evidence("p", stopped=Blocked("the create failed")), "x", "no groups")
    assert asked(Evidence("p", [exchange()]), "x", "").status == 200


def test_a_refused_filter_is_not_applicable():
    with pytest.raises(NotApplicable, match="501"):
        listed(exchange(501))
    assert listed(exchange(500)).status == 500


def test_dropped_and_emptied_values():
    remarks = Remarks()
    with pytest.raises(NotApplicable, match="title"):
        kept(None, "title")
    assert kept("x", "title") == "x"
    assert cleared("x", "title", remarks) == "x"
    assert not remarks.warnings
    assert cleared("", "title", remarks) is None
    assert remarks.warnings
