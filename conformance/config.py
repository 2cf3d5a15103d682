"""One settings model: command line over environment over ``scim-conformance.toml`` over defaults."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

CONFIG_FILE = "scim-conformance.toml"
# Ways to prove who asks, and to say whom. One that is given nearer to the command line replaces whichever stands
# further away.
_CREDENTIALS = frozenset({"token", "token_file", "username", "oauth_token_url"})
_TARGETS = frozenset({"tenant_url", "app"})
# What belongs to one tenant and is nothing to another.
OF_ONE_TENANT = _TARGETS | _CREDENTIALS | {"base_path", "password", "client_id", "client_secret", "header"}
# The settings that say what becomes of the verdicts; none of them changes one.
REPORTING = frozenset({"strict", "fail_on", "waivers", "baseline", "output", "report", "scrub"})
_DOMAIN = re.compile(r"(?=.{1,253}$)[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e]*")


class InvalidConfiguration(ValueError):
    """A setting cannot be used; the message is one line that says which and what to do."""


@dataclass(frozen=True)
class Bounds:
    """From where to where a number may lie: to more than anyone means, and less than what clocks and queues can bear.

    With ``or_none`` it may be 0, too, which stands for none.
    """

    least: float
    most: float
    or_none: bool = False

    def __contains__(self, value: float) -> bool:
        return self.least <= value <= self.most or (self.or_none and not value)

    def __str__(self) -> str:
        return f"from {self.least} to {self.most}{' (or 0 for none)' if self.or_none else ''}"


def _setting(  # noqa: PLR0913 - all there is to say about a setting
    default: Any,
    text: str,
    *,
    env: str = "",
    secret: bool = False,
    choices: tuple[str, ...] = (),
    bounds: Bounds | None = None,
) -> Any:
    metadata = {"help": text, "env": env, "secret": secret, "choices": choices, "bounds": bounds}
    if isinstance(default, tuple):
        return field(default_factory=tuple, metadata=metadata)
    return field(default=default, metadata=metadata, repr=not secret)


@dataclass(frozen=True)
class Settings:
    """Everything a run can be told. A field's name with hyphens is its command-line option and its TOML key."""

    tenant_url: str = _setting(
        "", "Tenant URL of the SCIM endpoint; without one the embedded reference tenant is used", env="SCIM_TENANT_URL"
    )
    app: str = _setting("", "ASGI or WSGI application to serve on a loopback port and judge: package.module:app")
    base_path: str = _setting("", "path below which that application serves SCIM, such as /scim/v2")
    token: str = _setting("", "Secret Token (better: --token-file or SCIM_TOKEN)", env="SCIM_TOKEN", secret=True)
    token_file: str = _setting("", "file that holds the Secret Token", env="SCIM_TOKEN_FILE")
    username: str = _setting("", "user name for basic authentication", env="SCIM_USERNAME")
    password: str = _setting("", "password for basic authentication", env="SCIM_PASSWORD", secret=True)
    oauth_token_url: str = _setting("", "OAuth 2.0 token endpoint (client credentials)", env="SCIM_OAUTH_TOKEN_URL")
    client_id: str = _setting("", "OAuth 2.0 client id", env="SCIM_CLIENT_ID")
    client_secret: str = _setting("", "OAuth 2.0 client secret", env="SCIM_CLIENT_SECRET", secret=True)
    client_auth: str = _setting("header", "where id and secret are sent", choices=("header", "body"))
    scope: str = _setting("", "OAuth 2.0 scope to ask for")
    header: tuple[str, ...] = _setting((), "extra request header, as 'Name: value' (repeatable)")
    client_cert: str = _setting("", "client certificate for mutual TLS (PEM)")
    client_key: str = _setting("", "private key of the client certificate (PEM), where it is a separate file")
    ca_file: str = _setting("", "certificate authority to trust (PEM)")
    timeout: float = _setting(30.0, "seconds one exchange may take", bounds=Bounds(0.001, 86_400))
    concurrency: int = _setting(8, "requests in flight at once", bounds=Bounds(1, 1_000))
    rate: float = _setting(
        0.0,
        "most requests per second (0: what the profile says, else no ceiling)",
        bounds=Bounds(0.001, 1_000_000, or_none=True),
    )
    max_requests: int = _setting(
        0, "most requests in all, clean-up aside (0: no ceiling)", bounds=Bounds(1, 1_000_000_000, or_none=True)
    )
    max_minutes: float = _setting(
        120.0,
        "most minutes before nothing more is asked; clean-up may take as many again (0: no ceiling)",
        bounds=Bounds(0.001, 1_000_000, or_none=True),
    )
    profile: tuple[str, ...] = _setting((), "what a client or an app needs: name or TOML file (repeatable)")
    plan: str = _setting("", "only what a list of others asks for, such as entra-gallery, told in its terms")
    resource_type: tuple[str, ...] = _setting((), "only these resource types (repeatable)")
    feature: tuple[str, ...] = _setting((), "only checks of these features (repeatable)")
    level: tuple[str, ...] = _setting(
        (), "only requirements of these levels (repeatable)", choices=("must", "should", "may")
    )
    effort: str = _setting(
        "standard",
        "how much is asked: the essentials in at most 60 requests, everything, or every operator on every text, too",
        choices=("quick", "standard", "thorough"),
    )
    test_domain: str = _setting("example.com", "domain of the users who are created, where not any will do")
    read_only: bool = _setting(default=False, text="send nothing but GET and search")
    strict: bool = _setting(default=False, text="let a broken SHOULD and waivers out of date fail the run, too")
    fail_on: str = _setting(
        "",
        "what fails the run: a broken MUST, also a broken SHOULD, or only what the baseline has not "
        "(default: new with a baseline, else must)",
        choices=("must", "should", "new"),
    )
    waivers: str = _setting("", "file of accepted failures (TOML)")
    baseline: str = _setting("", "report.json of an earlier run, whose failures do not fail this one")
    seed: str = _setting("", "repeat a run's sample data exactly")
    output: str = _setting("", "folder for the reports (default: reports/<tenant>-<UTC time>)")
    report: tuple[str, ...] = _setting(
        (),
        "formats of the report, with commas between them (default: html,json,junit,har)",
        choices=("html", "junit", "json", "md", "har"),
    )
    scrub: bool = _setting(default=False, text="replace the data of the tenant's own people in whatever is reported")

    def __post_init__(self) -> None:
        """Raise InvalidConfiguration for values that cannot be used."""
        if self.tenant_url and self.app:
            raise InvalidConfiguration("give a Tenant URL or an app, not both")
        for setting in fields(self):
            _check(setting, getattr(self, setting.name))
        if not _DOMAIN.fullmatch(self.test_domain):
            raise InvalidConfiguration(f"test-domain must be a domain such as example.com, not “{self.test_domain}”")
        for number, line in enumerate(self.header, start=1):
            # Its value may be a credential, so the line itself is not shown.
            if not _HEADER.fullmatch(line):
                raise InvalidConfiguration(f"header number {number} is not of the form 'Name: value'")

    @property
    def secret_token(self) -> str:
        """The token, read from its file where one is named. Raises InvalidConfiguration where that cannot be read."""
        token = (self.token or self._token_in_file()).strip()
        if not token.isascii() or not token.isprintable():
            raise InvalidConfiguration("the Secret Token holds a line break or a letter that no header can carry")
        return token

    def _token_in_file(self) -> str:
        if not self.token_file:
            return ""
        try:
            token = Path(self.token_file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            raise InvalidConfiguration(f"the token file {self.token_file} cannot be read: {reason}") from None
        if not token.strip():
            raise InvalidConfiguration(f"the token file {self.token_file} is empty")
        return token

    @property
    def selection(self) -> tuple[str, ...]:
        """What leaves checks out, in words."""
        asked = {"resource type": self.resource_type, "feature": self.feature, "level": self.level}
        words = [f"{what} {' or '.join(names)}" for what, names in asked.items() if names]
        words += [f"plan {self.plan}"] if self.plan else []
        words += ["read-only"] if self.read_only else []
        words += ["effort quick"] if self.effort == "quick" else []
        return tuple(words)

    @property
    def headers(self) -> dict[str, str]:
        """The extra request headers by name."""
        pairs = (line.partition(":") for line in self.header)
        return {name.strip(): value.strip() for name, _, value in pairs}


def default(setting: Field[Any]) -> Any:
    """Return a field's default, whose type is the type of its values; an empty tuple stands for repeatable text."""
    return () if setting.default is MISSING else setting.default


def key(setting: Field[Any]) -> str:
    """Return a field's name as options and TOML keys write it: ``token-file``."""
    return setting.name.replace("_", "-")


def _check(setting: Field[Any], value: Any) -> None:
    bounds, choices = setting.metadata["bounds"], setting.metadata["choices"]
    if bounds and value not in bounds:
        raise InvalidConfiguration(f"{key(setting)} must be {bounds}, not {value}")
    for one in value if isinstance(value, tuple) else (value,):
        if choices and one not in choices and one != default(setting):
            raise InvalidConfiguration(f"{key(setting)} must be one of {', '.join(choices)}, not “{one}”")


def load(given: Mapping[str, Any], *, folder: Path | None = None, entry: Mapping[str, Any] | None = None) -> Settings:
    """Merge what was given on the command line (by field name) with the environment and the configuration file.

    The file is ``scim-conformance.toml`` in ``folder`` (default: the current one), or the table
    ``[tool.scim-conformance]`` of a ``pyproject.toml`` there. ``entry`` is what a file of tenants says of one of them:
    it outranks both, and what belongs to one tenant is then taken from nowhere else. Raises InvalidConfiguration.
    """
    values: dict[str, Any] = {}
    chosen = {name: value for name, value in given.items() if value is not None and value != ()}
    shared = [_from_file(folder or Path.cwd()), _from_environment()]
    if entry is not None:
        own = [{name: value for name, value in layer.items() if name not in OF_ONE_TENANT} for layer in shared]
        shared = [*own, dict(entry)]
    for layer in (*shared, chosen):
        replaced = [names for names in (_CREDENTIALS, _TARGETS) if names & layer.keys()]
        values = {name: value for name, value in values.items() if not any(name in names for names in replaced)} | layer
    return Settings(**{name: _folded(name, value) for name, value in values.items()})


def _folded(name: str, value: Any) -> Any:
    """Return the value of a setting with fixed choices in lower case, in which they are compared; lists are split."""
    if not next(setting for setting in fields(Settings) if setting.name == name).metadata["choices"]:
        return value
    if not isinstance(value, tuple):
        return value.lower()
    return tuple(part.strip() for one in value for part in one.lower().split(","))


def _from_environment() -> dict[str, Any]:
    found = {}
    for setting in fields(Settings):
        value = os.environ.get(setting.metadata["env"]) if setting.metadata["env"] else None
        if value:
            found[setting.name] = value
    return found


def _from_file(folder: Path) -> dict[str, Any]:
    own, pyproject = folder / CONFIG_FILE, folder / "pyproject.toml"
    if own.is_file():
        return settings_in(_parse(own), own)
    if pyproject.is_file():
        return settings_in(_parse(pyproject).get("tool", {}).get("scim-conformance", {}), pyproject)
    return {}


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidConfiguration(f"{path} cannot be read: {error}") from None


def settings_in(table: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Return the settings of a TOML table by field name. Raises InvalidConfiguration, which names the file."""
    known = {key(setting): setting for setting in fields(Settings)}
    values = {}
    for name, value in table.items():
        if name not in known:
            raise InvalidConfiguration(f"{path}: unknown key “{name}”{did_you_mean(name, known)}")
        values[known[name].name] = _converted(known[name], value, path)
    return values


def _converted(setting: Field[Any], value: Any, path: Path) -> Any:
    kind = type(default(setting))
    if kind is tuple:
        values = [value] if isinstance(value, str) else value
        if isinstance(values, list) and all(isinstance(v, str) for v in values):
            return tuple(values)
    elif type(value) is kind:
        return value
    elif kind is float and type(value) is int:
        return value  # as it is: not every whole number fits a float
    expected = _KINDS[kind]
    raise InvalidConfiguration(f"{path}: “{key(setting)}” must be {expected}")


_KINDS = {
    tuple: "a list of strings",
    str: "a string",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
}
