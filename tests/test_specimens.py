"""Specimens: which kinds of attributes there are, how few of them do, and that the tenant and the samples know them."""

from __future__ import annotations

import itertools
from dataclasses import astuple
from typing import TYPE_CHECKING

import httpx
import pytest

from conformance.probes.samples import Recipe, Samples
from conformance.reference.serve import running
from conformance.reference.specimens import LABEL, SPECIMEN, Kind, few, kinds, with_specimens
from conformance.reference.tenant import DEFAULT_TOKEN, ReferenceTenant
from conformance.spec.service import Service
from conformance.spec.validation import validate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.spec.schema import ResourceType

ALL = kinds()
SAMPLES = Samples(Recipe("seed", "tag"), "test")


def specimen(size: str) -> ResourceType:
    return with_specimens(size).resource_types[-1]


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {DEFAULT_TOKEN}"}
    with running(ReferenceTenant()) as url, httpx.Client(base_url=url, headers=headers) as client:
        yield client


def body() -> dict[str, object]:
    return SAMPLES.minimal(specimen("few"))


def test_every_kind_is_legal_and_named_once():
    assert len({kind.name for kind in ALL}) == len(set(ALL)) == len(ALL) == 912
    assert {k.returned for k in ALL if k.mutability == "writeOnly"} == {"never"}
    assert "never" not in {k.returned for k in ALL if k.mutability == "readOnly"}
    assert {k.type for k in ALL if k.uniqueness != "none"} == {"string", "integer", "decimal", "reference"}
    assert {k.case_exact for k in ALL if k.type in {"binary", "reference"}} == {True}
    assert {k.type for k in ALL if k.case_exact} == {"string", "binary", "reference"}


def test_the_name_tells_what_is_not_the_default():
    assert Kind("string").name == "string"
    assert Kind("binary", multi_valued=True, required=True, case_exact=True).name == "requiredBinaries"
    kind = Kind("string", mutability="immutable", returned="request", uniqueness="server", case_exact=True)
    assert kind.name == "immutableUniqueExactStringOnRequest"


def test_in_few_kinds_any_two_characteristics_meet_that_meet_in_all():
    def pairs(of: list[Kind]) -> set[object]:
        return {pair for kind in of for pair in itertools.combinations(enumerate(astuple(kind)), 2)}

    chosen = few(ALL)
    assert pairs(chosen) == pairs(ALL)
    assert set(chosen) <= set(ALL)
    assert len(chosen) == len(set(chosen)) < 60


@pytest.mark.parametrize(("size", "number"), [("few", len(few(ALL))), ("all", len(ALL)), ("integer", 144 + 2)])
def test_all_attributes_are_served_between_schema_and_extension(size: str, number: int):
    served = with_specimens(size)
    resource_type = served.resource_types[-1]
    assert resource_type.schema.id == SPECIMEN
    assert [(e.schema.id, e.required) for e in resource_type.extensions] == [(LABEL, True)]
    assert len({b.attribute.name for b in resource_type.attributes(subs=False)}) == number
    documents = served.to_documents()
    assert Service.from_documents(documents.config, documents.resource_types, documents.schemas) == served


def test_without_specimens_there_are_users_and_groups():
    assert with_specimens("none") == Service.default()
    with pytest.raises(ValueError, match="none, few, all"):
        with_specimens("some")


@pytest.mark.parametrize("size", ["few", "all"])
def test_samples_of_every_kind_are_valid(size: str):
    resource_type = specimen(size)
    for sample in (SAMPLES.minimal(resource_type), SAMPLES.full(resource_type)):
        kept = validate(sample, resource_type)
        assert {name: kept[name] for name in kept if name != "schemas"} == {
            n: sample[n] for n in sample if n != "schemas"
        }
        assert set(kept["schemas"]) == set(sample["schemas"])


def test_the_tenant_gives_read_only_attributes_values_of_its_own(client: httpx.Client):
    forged = {"readOnlyIntegerAlways": 1, "readOnlyDateTimeAlways": "2000-01-01T00:00:00Z"}
    first, second = (client.post("/Specimens", json=body() | forged) for _ in range(2))
    values = [response.json()["readOnlyIntegerAlways"] for response in (first, second)]
    assert 1 not in values
    assert values[0] != values[1]
    found = client.get("/Specimens", params={"filter": f"readOnlyIntegerAlways eq {values[0]}"}).json()["Resources"]
    assert [resource["id"] for resource in found] == [first.json()["id"]]


def test_what_is_required_must_be_in_every_replace(client: httpx.Client):
    sent = body()
    path = f"/Specimens/{client.post('/Specimens', json=sent).json()['id']}"
    assert client.put(path, json=sent).status_code == 200
    for name in (name for name in sent if name.startswith("required")):
        left_out = client.put(path, json={key: value for key, value in sent.items() if key != name})
        assert (left_out.status_code, left_out.json()["scimType"]) == (400, "invalidValue")
