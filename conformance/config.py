"""One settings model: command line over environment over ``scim-conformance.toml`` over defaults."""

from __future__ import annotations

import difflib
import os
import tomllib
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

CONFIG_FILE = "scim-conformance.toml"


class InvalidConfiguration(ValueError):
    """A setting cannot be used; the message is one line that says which and what to do."""


def _setting(default: Any, text: str, *, env: str = "", secret: bool = False, choices: tuple[str, ...] = ()) -> Any:
    metadata = {"help": text, "env": env, "secret": secret, "choices": choices}
    if isinstance(default, tuple):
        return field(default_factory=tuple, metadata=metadata)
    return field(default=default, metadata=metadata, repr=not secret)


@dataclass(frozen=True)
class Settings:
    """Everything a run can be told. A field's name with hyphens is its command-line option and its TOML key."""

    tenant_url: str = _setting(
        "", "Tenant URL of the SCIM endpoint; without one the embedded reference tenant is used", env="SCIM_TENANT_URL"
    )
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
    timeout: float = _setting(30.0, "seconds one exchange may take")
    concurrency: int = _setting(8, "requests in flight at once")
    rate: float = _setting(0.0, "most requests per second (0: no ceiling)")
    profile: tuple[str, ...] = _setting((), "what a client or an app needs: name or TOML file (repeatable)")
    resource_type: tuple[str, ...] = _setting((), "only these resource types (repeatable)")
    feature: tuple[str, ...] = _setting((), "only checks of these features (repeatable)")
    level: tuple[str, ...] = _setting(
        (), "only requirements of these levels (repeatable)", choices=("must", "should", "may")
    )
    read_only: bool = _setting(default=False, text="send nothing but GET and search")
    strict: bool = _setting(default=False, text="let a broken SHOULD fail the run")
    seed: str = _setting("", "repeat a run's sample data exactly")
    output: str = _setting("", "folder for the reports (default: reports/<tenant>-<UTC time>)")

    def __post_init__(self) -> None:
        """Raise InvalidConfiguration for values that cannot be used."""
        if self.timeout <= 0:
            raise InvalidConfiguration(f"timeout must be more than 0 seconds, not {self.timeout:g}")
        if self.concurrency < 1:
            raise InvalidConfiguration(f"concurrency must be at least 1, not {self.concurrency}")
        if self.rate < 0:
            raise InvalidConfiguration(f"rate must not be negative, but is {self.rate:g}")
        for setting in fields(self):
            choices = setting.metadata["choices"]
            value = getattr(self, setting.name)
            for one in value if isinstance(value, tuple) else (value,):
                if choices and one not in choices:
                    raise InvalidConfiguration(f"{key(setting)} must be one of {', '.join(choices)}, not {one!r}")
        for line in self.header:
            if ":" not in line or not line.partition(":")[0].strip():
                raise InvalidConfiguration(f"header {line!r} is not of the form 'Name: value'")

    @property
    def secret_token(self) -> str:
        """The token, read from its file where one is named. Raises InvalidConfiguration where that cannot be read."""
        if self.token or not self.token_file:
            return self.token.strip()
        try:
            return Path(self.token_file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            raise InvalidConfiguration(f"the token file {self.token_file} cannot be read: {reason}") from None

    @property
    def headers(self) -> dict[str, str]:
        """The extra request headers by name."""
        pairs = (line.partition(":") for line in self.header)
        return {name.strip(): value.strip() for name, _, value in pairs}


def key(setting: Field[Any]) -> str:
    """Return a field's name as options and TOML keys write it: ``token-file``."""
    return setting.name.replace("_", "-")


def load(given: Mapping[str, Any], *, folder: Path | None = None) -> Settings:
    """Merge what was given on the command line (by field name) with the environment and the configuration file.

    The file is ``scim-conformance.toml`` in ``folder`` (default: the current one), or the table
    ``[tool.scim-conformance]`` of a ``pyproject.toml`` there. Raises InvalidConfiguration.
    """
    folder = folder or Path.cwd()
    values = _from_file(folder) | _from_environment()
    values |= {name: value for name, value in given.items() if value not in {None, ()}}
    if given.get("token_file") and not given.get("token"):
        values["token"] = ""
    return Settings(**values)


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
        return _checked(_parse(own), own)
    if pyproject.is_file():
        return _checked(_parse(pyproject).get("tool", {}).get("scim-conformance", {}), pyproject)
    return {}


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidConfiguration(f"{path} cannot be read: {error}") from None


def _checked(table: dict[str, Any], path: Path) -> dict[str, Any]:
    known = {key(setting): setting for setting in fields(Settings)}
    values = {}
    for name, value in table.items():
        if name not in known:
            nearest = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean “{nearest[0]}”?" if nearest else ""
            raise InvalidConfiguration(f"{path}: unknown key “{name}”{hint}")
        values[known[name].name] = _converted(known[name], value, path)
    return values


def _converted(setting: Field[Any], value: Any, path: Path) -> Any:
    default = setting.default_factory() if callable(setting.default_factory) else setting.default
    if isinstance(default, tuple):
        values = [value] if isinstance(value, str) else value
        if isinstance(values, list) and all(isinstance(v, str) for v in values):
            return tuple(values)
    elif isinstance(default, bool) or not isinstance(default, int | float):
        if isinstance(value, type(default)):
            return value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        return type(default)(value)
    expected = "a list of strings" if isinstance(default, tuple) else f"a {_KINDS[type(default)]}"
    raise InvalidConfiguration(f"{path}: “{key(setting)}” must be {expected}")


_KINDS = {str: "string", bool: "boolean", int: "number", float: "number"}
