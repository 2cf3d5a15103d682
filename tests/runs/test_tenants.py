"""Many tenants in one go: the file of tenants, the runs side by side, and the matrix of them."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest
from test_application import own_tests
from test_cli import TOKEN, command, complaint, people, start

from conformance.config import InvalidConfiguration, Settings, key
from conformance.reference.faults.registry import find_fault
from conformance.reference.serve import running
from conformance.reference.tenant import ReferenceTenant
from conformance.spec.json_schema import load_document, validator
from conformance.tenants import read_tenants

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

A_FEW = ("-k", "test_create_answers_201", "--resource-type", "User")


@pytest.fixture(scope="module")
def tenants() -> Iterator[str]:
    """Serve a tenant that is right and one that is wrong; return a file of these, and of one that is not there."""
    wrong = ReferenceTenant(token=TOKEN)
    find_fault("create-answers-200").plant(wrong)
    with running(ReferenceTenant(token=TOKEN)) as right, running(wrong) as other:
        yield f"""
[defaults]
token-env = "SHOP_TOKEN"

[tenant.production]
tenant-url = "{right}"

[tenant.staging]
tenant-url = "{other}"
profile = ["entra"]

[tenant.absent]
tenant-url = "http://127.0.0.1:1/scim/v2"
"""


@pytest.fixture
def file(tenants: str, tmp_path: Path) -> Path:
    (tmp_path / "tenants.toml").write_text(tenants)
    return tmp_path / "tenants.toml"


def given(file: Path, text: str, **options: Any) -> dict[str, Settings]:
    file.write_text(text)
    return read_tenants(file, options)


def refusal(file: Path, text: str, **options: Any) -> str:
    with pytest.raises(InvalidConfiguration) as refused:
        given(file, text, **options)
    return str(refused.value)


def test_a_tenant_outranks_the_defaults_and_the_command_line_outranks_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scim-conformance.toml").write_text('timeout = 9\ntoken-file = "elsewhere"\nheader = ["X-Key: 1"]')
    monkeypatch.setenv("SCIM_USERNAME", "admin")
    monkeypatch.setenv("A", "of-a")
    text = '[defaults]\nrate = 2\neffort = "quick"\n[tenant.a]\ntoken-env = "A"\nrate = 3\n[tenant.b]\n'
    read = given(tmp_path / "tenants.toml", text, effort="thorough")
    assert [(s.rate, s.effort, s.timeout) for s in read.values()] == [(3.0, "thorough", 9.0), (2.0, "thorough", 9.0)]
    assert [(s.token, s.token_file, s.username, s.header) for s in read.values()] == [
        ("of-a", "", "", ()),
        ("", "", "", ()),
    ]


def test_mistakes_in_the_file_are_told_in_one_line(tmp_path: Path):
    file = tmp_path / "tenants.toml"
    assert "lacks the key “tenant”" in refusal(file, "")
    assert "unknown key “tenant.a.token”; did you mean “token-env”" in refusal(file, '[tenant.a]\ntoken = "x"')
    assert "tenant.a.profile must be a list" in refusal(file, '[tenant.a]\nprofile = "entra"')
    assert "a name is also that of a folder" in refusal(file, '[tenant."../a"]')
    assert "NOWHERE of token-env is not set" in refusal(file, '[tenant.a]\ntoken-env = "NOWHERE"')
    assert "cannot be read" in refusal(file, "[tenant")
    assert "leave token to it" in refusal(file, "[tenant.a]", token="x")


def test_the_schema_knows_every_setting_and_no_secret():
    known = set(load_document("tenants.schema.json")["$defs"]["settings"]["properties"])
    wanted = {key(s) + ("-env" if s.metadata["secret"] else "") for s in fields(Settings)}
    assert known == wanted - {"output"}


def test_tenants_are_judged_side_by_side_and_shown_in_a_matrix(file: Path):
    asked = ("run", "--tenants", file.name, *A_FEW, "--output", "out")
    status, out, _ = command(*asked, folder=file.parent, SHOP_TOKEN=TOKEN)
    assert status == 3, out
    assert "production: Conformant among the selected checks" in out
    assert "absent: http://127.0.0.1:1/scim/v2/ServiceProviderConfig cannot be reached" in out
    folder = file.parent / "out"
    matrix = json.loads((folder / "matrix.json").read_text("utf-8"))
    validator("matrix").validate(matrix)
    assert matrix["requirements"]["RFC7644-3.3-08"] == {"production": "passed", "staging": "failed"}
    assert [tenant["name"] for tenant in matrix["tenants"]] == ["production", "staging", "absent"]
    page = (folder / "matrix.html").read_text("utf-8")
    assert 'href="staging/report.html"' in page
    assert "<script" not in page
    assert "`staging` failed" in (folder / "matrix.md").read_text("utf-8")
    assert (folder / "staging" / "report.html").is_file()


def test_one_tenant_of_the_file_is_an_ordinary_run(file: Path):
    asked = ("run", "--tenants", file.name, "--only", "staging", *A_FEW, "--output", "out")
    status, out, _ = command(*asked, folder=file.parent, SHOP_TOKEN=TOKEN)
    assert status == 1
    assert "Not conformant" in out
    assert (file.parent / "out" / "report.json").is_file()
    assert "did you mean “staging”" in complaint(2, *asked[:4], "stagin", folder=file.parent, SHOP_TOKEN=TOKEN)
    assert "give --tenants" in complaint(2, "run", "--only", "staging", folder=file.parent)


def test_pytest_judges_one_tenant_of_the_file(file: Path):
    asked = ("--pyargs", "conformance.checks", "--scim-tenants", file.name, "-n", "2", *A_FEW[:2])
    status, told = own_tests(file.parent, *asked, "--scim-only", "production", SHOP_TOKEN=TOKEN)
    assert status == 0, told
    assert "Conformant among the selected checks" in told
    status, told = own_tests(file.parent, *asked, "--scim-only", "staging", SHOP_TOKEN=TOKEN)
    assert (status, bool(re.search(r"= [0-9]+ failed in ", told))) == (1, True), told
    status, told = own_tests(file.parent, *asked)
    assert (status, "--scim-only go together" in told) == (4, True)


def test_settings_that_cannot_be_used_are_told_before_anything_is_sent(file: Path):
    file.write_text(file.read_text() + '[tenant.odd]\ntenant-url = "ftp://x"\n')
    told = complaint(2, "run", "--tenants", file.name, *A_FEW, "--output", "out", folder=file.parent, SHOP_TOKEN=TOKEN)
    assert "odd: " in told
    assert not (file.parent / "out").exists()


def test_an_output_folder_that_cannot_be_made_is_told_in_one_line(file: Path):
    asked = ("run", "--tenants", file.name, *A_FEW, "--output", f"{file.name}/out")
    assert "cannot be used" in complaint(2, *asked, folder=file.parent, SHOP_TOKEN=TOKEN)


def test_finished_runs_are_put_side_by_side(file: Path):
    for name in ("production", "staging"):
        asked = ("run", "--tenants", file.name, "--only", name, *A_FEW, "--output", f"all/{name}")
        command(*asked, folder=file.parent, SHOP_TOKEN=TOKEN)
    status, out, _ = command("matrix", "all/production", "all/staging", "--output", "all", folder=file.parent)
    assert (status, "2 tenants" in out) == (0, True)
    assert 'href="staging/report.html"' in (file.parent / "all" / "matrix.html").read_text("utf-8")
    assert "of the name staging" in complaint(2, "matrix", "all/staging", "all/staging", folder=file.parent)
    assert "cannot be read" in complaint(2, "matrix", "absent", folder=file.parent)


def test_interrupted_runs_clean_up(tmp_path: Path):
    with running(ReferenceTenant(token=TOKEN, latency=0.05)) as url:
        entry = f'tenant-url = "{url}"\ntoken-env = "SHOP_TOKEN"\n'
        (tmp_path / "tenants.toml").write_text(f"[tenant.a]\n{entry}[tenant.b]\n{entry}")
        process = start("run", "--tenants", "tenants.toml", "--output", "out", folder=tmp_path, SHOP_TOKEN=TOKEN)
        ledgers = [tmp_path / "out" / name / "ledger.jsonl" for name in "ab"]
        until = time.monotonic() + 40
        while not all(ledger.is_file() and ledger.stat().st_size > 2000 for ledger in ledgers):
            assert time.monotonic() < until
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGTERM)
        _, err = process.communicate(timeout=60)
        assert process.returncode == 130
        assert "Traceback" not in err
        assert people(url) == 0
