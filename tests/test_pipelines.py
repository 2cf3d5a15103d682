"""The GitHub Action and the pipelines in the documentation: as their schemas want them, and doing what they say."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from test_cli import TOKEN

from conformance.reference.serve import running
from conformance.reference.tenant import ReferenceTenant

ROOT = Path(__file__).parents[1]
ACTION = ROOT / "action.yml"
PAGE = (ROOT / "docs" / "ci.md").read_text("utf-8")
SNIPPETS = re.findall(r"<!-- schema: (\S+) -->\n```yaml\n(.*?)```", PAGE, re.DOTALL)
# What these servers add to YAML, and the dialect of regular expressions that their schemas are written in.
PECULIAR = {
    "vendor.azure-pipelines": ("--data-transform", "azure-pipelines", "--regex-variant", "nonunicode"),
    "vendor.gitlab-ci": ("--data-transform", "gitlab-ci", "--regex-variant", "nonunicode"),
}


def complaints(schema: str, file: Path) -> str:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *PECULIAR.get(schema, ()), str(file)]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_the_action_is_as_github_wants_it(tmp_path: Path):
    assert complaints("vendor.github-actions", ACTION) == ""
    broken = tmp_path / "action.yml"
    broken.write_text(ACTION.read_text("utf-8").replace("using: composite", "using: compost"))
    assert "compost" in complaints("vendor.github-actions", broken)


@pytest.mark.parametrize(("schema", "text"), SNIPPETS, ids=[schema for schema, _ in SNIPPETS])
def test_a_pipeline_in_the_documentation_is_as_its_server_wants_it(schema: str, text: str, tmp_path: Path):
    (tmp_path / "pipeline.yml").write_text(text)
    assert complaints(schema, tmp_path / "pipeline.yml") == ""


def test_the_documentation_has_a_pipeline_for_each_server():
    assert {schema for schema, _ in SNIPPETS} == {
        "vendor.github-workflows",
        "vendor.gitlab-ci",
        "vendor.azure-pipelines",
    }


def test_the_action_runs_and_writes_the_summary(tmp_path: Path):
    steps = YAML(typ="safe").load(ACTION)["runs"]["steps"]
    (script,) = (step["run"] for step in steps if step.get("id") == "run")
    (tmp_path / "scim-conformance").mkdir()
    (tmp_path / "scim-conformance" / "bin").symlink_to(Path(sys.executable).parent)
    with running(ReferenceTenant(token=TOKEN)) as url:
        environment = {
            "PATH": "/usr/bin:/bin",
            "RUNNER_TEMP": str(tmp_path),
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
            "GITHUB_OUTPUT": str(tmp_path / "outputs"),
            "SCIM_TENANT_URL": url,
            "SCIM_TOKEN": TOKEN,
            "OUTPUT": "out",
            "OPTIONS": "--resource-type User -k test_create_answers_201",
        }
        done = subprocess.run(["bash", "-e", "-c", script], cwd=tmp_path, env=environment, check=False)
    assert done.returncode == 0
    assert (tmp_path / "outputs").read_text() == "status=0\n"
    assert "# SCIM 2.0 conformance of" in (tmp_path / "summary.md").read_text()
    assert (tmp_path / "out" / "report.html").is_file()
