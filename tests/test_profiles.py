"""Profiles: the shipped ones are valid, they compose, users' files are told what is wrong, and runs follow them."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest

from conformance.checks.verdict import Verdict
from conformance.config import InvalidConfiguration, Settings
from conformance.data import data_path
from conformance.judge import explained
from conformance.plan import inapplicable
from conformance.probes.client_entra import entra_lookup_path
from conformance.probes.samples import Recipe, Samples
from conformance.reference.faults.registry import faults
from conformance.reporting.result import Result
from conformance.run import Run
from conformance.spec.filter import parse_path
from conformance.spec.profile import InvalidProfile, compose, load_profile, profile_names
from conformance.spec.requirements import Level, catalogue, client_rules, requirement
from conformance.spec.service import Service
from conformance.spec.user_files import complaint

if TYPE_CHECKING:
    from pathlib import Path

DEPARTMENT = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"
URL = "https://example.com/scim"


def run(*profiles: str, **settings: object) -> Run:
    return Run(Settings(tenant_url=URL, profile=profiles, **settings))  # type: ignore[arg-type]


def written(folder: Path, text: str) -> str:
    path = folder / "my-app.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("name", profile_names())
def test_a_shipped_profile_is_as_the_schema_says(name):
    assert complaint(tomllib.loads(data_path("fixtures", "profiles", f"{name}.toml").read_text())) == ""
    assert load_profile(name).title


@pytest.mark.parametrize("name", profile_names())
def test_what_a_shipped_profile_maps_is_an_attribute_of_scim(name):
    service, profile = Service.default(), load_profile(name)
    for resource_type in service.resource_types:
        for row in profile.mappings(resource_type.name):
            path = parse_path(row.attribute)
            assert resource_type.find(path.attr.dotted, path.attr.urn), row.attribute


def test_the_four_clouds_have_the_tables_of_the_one_product():
    one, beta = load_profile("zscaler-one"), load_profile("zscaler-beta")
    assert one.user_mappings == beta.user_mappings
    assert [row.attribute for row in one.user_mappings if row.required and row.matching] == ["userName"]
    assert (one.features.schema_discovery, beta.features.schema_discovery) == (True, False)


def test_an_app_brings_the_client_that_provisions_it():
    profile = compose(["zscaler-private-access"])
    assert profile.names == ("entra", "zscaler-private-access")
    assert profile.rules == load_profile("entra").rules
    assert compose(["okta", "zscaler-private-access"]).client == "okta"


def test_the_tables_of_the_app_outrank_those_of_the_client():
    entra, app = load_profile("entra"), load_profile("zscaler-one")
    for order in (["entra", "zscaler-one"], ["zscaler-one", "entra"]):
        assert compose(order).user_mappings == app.user_mappings != entra.user_mappings
    assert "title" not in compose(["entra", "zscaler-one"]).attributes["User"]


def test_two_clients_are_put_side_by_side():
    profile = compose(["entra", "okta"])
    assert {"title", "password"} <= set(profile.attributes["User"])
    assert set(profile.rules) == {*load_profile("entra").rules, *load_profile("okta").rules}


def test_levels_take_the_maximum(tmp_path):
    low = written(tmp_path, 'title = "Low"\n[levels]\n"RFC7644-3.5-02" = "MAY"\n"RFC7644-3.12-18" = "MAY"\n')
    assert compose(["entra", low]).levels["RFC7644-3.5-02"] is Level.MUST


def test_a_profile_may_rest_on_another(tmp_path):
    path = written(tmp_path, 'title = "Mine"\nextends = "zscaler-one"\n[limits]\nrequests-per-second = 2\n')
    mine = load_profile(path)
    assert mine.limits == replace(load_profile("zscaler-one").limits, requests_per_second=2)
    assert mine.user_mappings == load_profile("zscaler-one").user_mappings
    assert mine.names == ("my-app",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('titel = "x"', "unknown key “titel”; did you mean “title”?"),
        ("[limits]", "it lacks the key “title”"),
        ("title = 3", "title must be a string, not 3"),
        ('title = "x"\n[[user]]\nattribute = "a"', "user[1] lacks the key “source”"),
        (
            'title = "x"\n[[user]]\nattribute = "a"\nsource=""\n[[user]]\nattribute = "c"\nsource = ""\nmatching = []',
            "user[2].matching must be a whole number, not []",
        ),
        (
            'title = "x"\n[levels]\n"RFC7644-3.5-02" = "must"',
            "levels.RFC7644-3.5-02 cannot be “must”; did you mean “MUST”?",
        ),
        ('title = "x"\n[levels]\n"RFC7644-3.5-99" = "MUST"', "there is no requirement “RFC7644-3.5-99”; did you mean"),
        ('title = "x"\nrules = ["ENTRA-99"]', "there is no requirement “ENTRA-99”; did you mean"),
        ('title = "x"\n[features]\nsoft-delete = "no"', 'features.soft-delete must be true or false, not "no"'),
        ('title = "x"\nclient = "entre"', "client cannot be “entre”; did you mean “entra”?"),
        ("title = ", "cannot be read: "),
        ('title = "x"\nextends = "my-app.toml"', "extends itself"),
        ('title = "x"\nextends = "zscaler-tow"', "there is no profile “zscaler-tow”; did you mean “zscaler-two”?"),
    ],
)
def test_a_file_that_is_wrong_is_told_where_in_one_line(tmp_path, text, said):
    with pytest.raises(InvalidProfile) as refused:
        compose([written(tmp_path, text)])
    assert said in str(refused.value)
    assert "\n" not in str(refused.value).removesuffix("\n")


def test_client_rules_bind_only_where_a_profile_names_them():
    rule = [requirement("ENTRA-18")]
    assert "--profile entra" in (inapplicable(rule, run()) or "")
    assert "--profile entra" in (inapplicable(rule, run("okta")) or "")
    assert inapplicable(rule, run("entra")) is None


def test_every_client_rule_has_a_fault():
    proven = {identifier for fault in faults().values() for identifier in fault.breaks}
    assert set(client_rules()) <= proven
    assert {catalogue()[rule].client for rule in client_rules()} == {"entra", "okta", "jumpcloud", "onelogin"}


def test_a_run_keeps_to_the_limit_of_its_target_unless_told_otherwise():
    assert run("zscaler-two").client.limits.rate == 5
    assert run("zscaler-two", rate=2.0).client.limits.rate == 2
    assert run("entra").client.limits.rate == 0


def test_samples_are_in_the_domain_of_the_run_and_have_what_the_target_needs():
    user = Service.default().resource_type("User")
    needed = {"User": compose(["zscaler-one"]).needed("User")}
    body = Samples(Recipe("seed", "tag", "contoso.example", needed), "probe").minimal(user)
    assert body["userName"].endswith("@contoso.example")
    assert body["active"] is True
    assert body["displayName"]
    assert body[DEPARTMENT.rpartition(":")[0]].keys() == {"department"}


def test_a_domain_that_is_none_is_refused():
    with pytest.raises(InvalidConfiguration, match="test-domain must be a domain"):
        Settings(test_domain="mia@contoso.example")


def test_what_is_known_of_a_target_outranks_what_its_client_wishes():
    profile = compose(["zscaler-private-access"])
    assert "RFC7643-4.1.1-25" not in profile.levels
    assert load_profile("entra").levels["RFC7643-4.1.1-25"] is Level.MUST
    assert profile.levels["ENTRA-08"] is Level.MAY


def test_a_deviation_is_told_in_the_words_of_the_target():
    facts = compose(["zscaler-private-access"]).explained
    broken = Result("c", "claim", ("RFC7643-4.1.1-25",), Verdict.WARNED, broken=True, message="it is gone")
    told = explained(broken, facts)
    assert told.remarks[0] == "it is gone"
    assert "reads active=false as deleted" in told.remarks[1]
    passed = replace(broken, verdict=Verdict.PASSED, broken=False)
    assert explained(passed, facts) is passed


def test_a_plan_binds_its_client_and_selects_what_it_asks_for():
    planned = run(plan="entra-gallery")
    assert planned.profile.client == "entra"
    assert "ENTRA-18" in planned.wanted
    with pytest.raises(InvalidConfiguration, match="did you mean “entra-gallery”"):
        run(plan="entra-galery")


def test_look_ups_are_encoded_as_entra_does():
    path = entra_lookup_path(Service.default().resource_type("User"), "a b")
    assert path == "/Users?filter=userName+eq+%22a+b%22"
    assert httpx.URL(f"{URL}{path}").params["filter"] == 'userName eq "a b"'
