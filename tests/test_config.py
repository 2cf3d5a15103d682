"""Settings: what the command line, the environment and the configuration file say, and which of them wins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.config import InvalidConfiguration, Settings, load
from conformance.run import Run
from conformance.suggest import did_you_mean

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://example.com/scim/v2"


@pytest.fixture(autouse=True)
def _quiet_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SCIM_TENANT_URL", "SCIM_TOKEN", "SCIM_TOKEN_FILE", "SCIM_USERNAME", "SCIM_PASSWORD"):
        monkeypatch.delenv(name, raising=False)


def configured(folder: Path, text: str, name: str = "scim-conformance.toml") -> Settings:
    (folder / name).write_text(text, encoding="utf-8")
    return load({}, folder=folder)


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(InvalidConfiguration) as refused:
        configured(folder, text)
    return str(refused.value)


def test_command_line_outranks_environment_outranks_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "scim-conformance.toml").write_text('tenant-url = "https://file"\ntimeout = 7\nscope = "file"')
    monkeypatch.setenv("SCIM_TENANT_URL", "https://environment")
    settings = load({"scope": "given", "timeout": None, "profile": ()}, folder=tmp_path)
    assert (settings.tenant_url, settings.timeout, settings.scope) == ("https://environment", 7.0, "given")


def test_a_credential_near_the_command_line_replaces_another_kind_further_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "scim-conformance.toml").write_text('username = "admin"\npassword = "hunter22"')
    monkeypatch.setenv("SCIM_TOKEN", "from-environment")
    assert load({}, folder=tmp_path).username == ""
    settings = load({"oauth_token_url": "https://id.example.com/token", "client_id": "me"}, folder=tmp_path)
    assert (settings.token, settings.username) == ("", "")


def test_two_kinds_of_credentials_side_by_side_are_refused():
    with pytest.raises(InvalidConfiguration, match="one of"):
        Run(Settings(tenant_url=URL, token="secret-token", username="admin"))


def test_a_file_may_hold_every_setting_and_pyproject_a_table_of_them(tmp_path: Path):
    settings = configured(
        tmp_path, 'header = ["X-Env: test"]\nprofile = "entra"\nrate = 2\nstrict = true\nlevel = ["MUST"]'
    )
    assert settings.headers == {"X-Env": "test"}
    assert (settings.profile, settings.rate, settings.strict, settings.level) == (("entra",), 2.0, True, ("must",))
    (tmp_path / "scim-conformance.toml").unlink()
    assert configured(tmp_path, "[tool.scim-conformance]\nconcurrency = 3", "pyproject.toml").concurrency == 3
    assert configured(tmp_path, "[tool.other]\nx = 1", "pyproject.toml").concurrency == Settings().concurrency


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('tenant_ulr = "x"', "did you mean “tenant-url”?"),
        ("concurency = 2", "did you mean “concurrency”?"),
        ("timeout = 'long'", "“timeout” must be a number"),
        ("concurrency = 1.5", "“concurrency” must be a whole number"),
        ("concurrency = true", "“concurrency” must be a whole number"),
        ("strict = 1", "“strict” must be true or false"),
        ("profile = [1]", "“profile” must be a list of strings"),
        ("concurrency = 0", "concurrency must be from 1 to 1000, not 0"),
        (f"concurrency = {10**20}", "concurrency must be from 1 to 1000"),
        ("timeout = 0", "timeout must be from 0.001 to 86400, not 0"),
        ("timeout = nan", "timeout must be from 0.001"),
        ("timeout = inf", "timeout must be from 0.001"),
        (f"timeout = {10**400}", "timeout must be from 0.001"),
        ("rate = -1", "rate must be from 0.001"),
        ("rate = 1e-300", "rate must be from 0.001"),
        ('level = ["never"]', "level must be one of must, should, may"),
        ('client-auth = "query"', "client-auth must be one of header, body"),
        ("timeout = ", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_line(tmp_path: Path, text: str, said: str):
    message = refusal(tmp_path, text)
    assert said in message
    assert "\n" not in message


@pytest.mark.parametrize("line", ["no colon", ": empty", "Bad Name: x", "X: line\nX-Injected: 1", "X: ü"])
def test_a_header_that_cannot_be_sent_is_refused_without_showing_it(line: str):
    with pytest.raises(InvalidConfiguration) as refused:
        Settings(header=("X-Fine: yes", line))
    assert "header number 2" in str(refused.value)
    assert line not in str(refused.value)


def test_the_token_may_come_from_a_file(tmp_path: Path):
    path = tmp_path / "token"
    path.write_text("  from-file\n")
    assert Settings(token_file=str(path)).secret_token == "from-file"
    assert Settings(token="given", token_file=str(path)).secret_token == "given"


@pytest.mark.parametrize("content", [b"", b" \n", b"two\nlines", "tökén".encode(), b"\xff\xfe"])
def test_a_token_file_without_a_token_is_refused(tmp_path: Path, content: bytes):
    path = tmp_path / "token"
    path.write_bytes(content)
    with pytest.raises(InvalidConfiguration):
        _ = Settings(token_file=str(path)).secret_token
    with pytest.raises(InvalidConfiguration, match="No such file"):
        _ = Settings(token_file=str(tmp_path / "absent")).secret_token


def test_secrets_do_not_show_where_settings_are_printed():
    shown = repr(Settings(token="secret-1", password="secret-2", client_secret="secret-3"))
    assert "secret-" not in shown


def test_the_nearest_word_is_offered_in_any_letter_case():
    assert did_you_mean("USR", ["User", "Group"]) == "; did you mean “User”?"
    assert did_you_mean("zzz", ["User", "Group"]) == "; there are User, Group"


def test_an_unknown_profile_or_feature_is_refused_before_anything_is_sent():
    with pytest.raises(InvalidConfiguration, match="did you mean “entra”"):
        Run(Settings(tenant_url=URL, profile=("entrra",)))
    with pytest.raises(InvalidConfiguration, match="did you mean “filter”"):
        Run(Settings(tenant_url=URL, feature=("filtr",)))


def test_a_run_that_is_not_opened_writes_nothing(tmp_path: Path):
    Run(Settings(tenant_url=URL, output=str(tmp_path / "out"))).close()
    assert list(tmp_path.iterdir()) == []


def test_tls_files_that_cannot_be_used_are_named(tmp_path: Path):
    (tmp_path / "ca.pem").write_text("nonsense")
    with pytest.raises(InvalidConfiguration, match=r"ca\.pem"):
        Run(Settings(tenant_url=URL, ca_file=str(tmp_path / "ca.pem")))
