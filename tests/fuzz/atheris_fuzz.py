"""Coverage-guided fuzzing of our own parsers with Atheris, which has no wheels for every platform.

``atheris_fuzz.py TARGET [libFuzzer options]`` fuzzes one of them, ``atheris_fuzz.py -runs=N`` each in turn. They may
return, or refuse in the words they promise; whatever else they do ends the run, and its input is kept in a file.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import atheris
from inputs import EVIDENCE, LEDGER, NAMES, TENANTS, WAIVERS, WORDS

with atheris.instrument_imports(include=["conformance"]):
    from conformance.config import InvalidConfiguration
    from conformance.reporting.har import read
    from conformance.reporting.waivers import load_waivers
    from conformance.spec.errors import ScimError
    from conformance.spec.filter import parse, parse_path
    from conformance.spec.paths import AttrPath
    from conformance.spec.schema import Schema
    from conformance.spec.service import Service
    from conformance.tenant.ledger import Ledger, leads_astray
    from conformance.tenant.url import InvalidTenantURL, TenantURL
    from conformance.tenants import read_tenants

if TYPE_CHECKING:
    from collections.abc import Callable

    Draw = atheris.FuzzedDataProvider

_OPTIONS = ["-max_len=512", "-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1", "-verbosity=0"]
_REFUSALS = (ScimError, InvalidTenantURL, InvalidConfiguration)
_DEEPEST = 4
_TENANT = TenantURL.parse("https://h/scim")
_MEMORY = Path("/dev/shm")
_FILE = Path(tempfile.mkdtemp(dir=_MEMORY if _MEMORY.is_dir() else None)) / "input"


def text(data: bytes) -> str:
    """Return a text for any bytes. Control characters stand for words, which are hard to come by letter by letter."""
    return "".join(WORDS[byte] if byte < len(WORDS) else chr(byte) for byte in data)


def word(draw: Draw) -> str:
    """Return a name that means something somewhere, or a text."""
    if draw.ConsumeBool():
        return str(draw.PickValueInList(NAMES))
    return text(draw.ConsumeBytes(draw.ConsumeIntInRange(0, 12)))


def value(draw: Draw, depth: int = _DEEPEST) -> Any:
    """Return a JSON value."""
    many = range(draw.ConsumeIntInRange(0, 4) if depth else 0)
    match draw.ConsumeIntInRange(0, 4):
        case 0:
            return {word(draw): value(draw, depth - 1) for _ in many}
        case 1:
            return [value(draw, depth - 1) for _ in many]
        case 2:
            return draw.PickValueInList([None, True, False, 1e400, -1, 0, 1.5, 10**30])
        case _:
            return word(draw)


def spoilt(draw: Draw, right: Any) -> Any:
    """Return a right JSON value with some of its parts left out or made anew; without any bytes left, as it is."""
    match draw.ConsumeIntInRange(0, 15):
        case 15:
            return value(draw)
        case 14 if isinstance(right, dict):
            return {name: spoilt(draw, part) for name, part in right.items() if draw.ConsumeBool()} | {
                word(draw): value(draw)
            }
    if isinstance(right, dict):
        return {name: spoilt(draw, part) for name, part in right.items()}
    return [spoilt(draw, part) for part in right] if isinstance(right, list) else right


def kept(content: bytes) -> Path:
    """Return a file of this content."""
    _FILE.write_bytes(content)
    return _FILE


def toml(table: Any) -> bytes:
    """Return a table as TOML, whose inline tables are like JSON but for the equals sign."""
    parts = table.items() if isinstance(table, dict) else ()
    lines = (f"{json.dumps(name)} = {json.dumps(part, separators=(',', '='))}\n" for name, part in parts)
    return "".join(lines).encode()


def filters(data: bytes) -> None:
    """Read a filter."""
    parse(text(data))


def paths(data: bytes) -> None:
    """Read the path of a PATCH operation."""
    parse_path(text(data))


def attributes(data: bytes) -> None:
    """Read the name of an attribute."""
    AttrPath.parse(text(data))


def schemas(data: bytes) -> None:
    """Read the discovery documents of a tenant."""
    draw = atheris.FuzzedDataProvider(data)
    right = {"id": "urn:a", "name": "A", "attributes": [{"name": "b", "type": "complex", "subAttributes": [{}]}]}
    served = spoilt(draw, [{"id": "User", "endpoint": "/Users", "schema": "urn:a", "schemaExtensions": [{}]}])
    schema, config = spoilt(draw, right), value(draw)
    if isinstance(schema, dict):
        Schema.from_scim(schema)
    Service.from_documents(config, served, [schema], base_path="/scim")


def recordings(data: bytes) -> None:
    """Read a recorded run."""
    read(kept(json.dumps(spoilt(atheris.FuzzedDataProvider(data), EVIDENCE)).encode()))


def bytes_of_recordings(data: bytes) -> None:
    """Read what may not even be JSON as a recorded run."""
    read(kept(data))


def waivers(data: bytes) -> None:
    """Read waivers."""
    load_waivers(str(kept(toml(spoilt(atheris.FuzzedDataProvider(data), WAIVERS)))))


def tenants(data: bytes) -> None:
    """Read a file of tenants, with any setting."""
    read_tenants(kept(toml(spoilt(atheris.FuzzedDataProvider(data), TENANTS))), {})


def ledgers(data: bytes) -> None:
    """Read the ledger of a run that crashed, and what it lets clean-up delete."""
    draw = atheris.FuzzedDataProvider(data)
    lines = [json.dumps(spoilt(draw, entry)).encode() for entry in LEDGER]
    resumed = Ledger.resume(kept(b"\n".join([*lines, draw.ConsumeBytes(100)])))
    for path in resumed.left_behind:
        assert path.count("/") > 1
        assert not leads_astray(path)
    assert not resumed.marks("")
    assert all(isinstance(part, str) for create in resumed.unanswered for part in create)


def urls(data: bytes) -> None:
    """Read a Tenant URL, and where a tenant's own references lead."""
    given = text(data)
    found = _TENANT.relative(given)
    assert found is None or found.startswith("/")
    leads_astray(given)
    parsed = TenantURL.parse(given)
    assert TenantURL.parse(str(parsed)) == parsed


_ALL = (filters, paths, attributes, schemas, recordings, bytes_of_recordings, waivers, tenants, ledgers, urls)
TARGETS = {each.__name__: each for each in _ALL}


def bounded(target: Callable[[bytes], None]) -> Callable[[bytes], None]:
    """Return a target that may refuse, if it says why."""

    def fuzz(data: bytes) -> None:
        try:
            target(data)
        except _REFUSALS as refusal:
            reason = str(refusal)
        else:
            reason = "taken"
        assert reason

    return fuzz


def main(arguments: list[str]) -> int:
    """Fuzz one target, which ends the process, or each; return 1 where one has failed."""
    if arguments and arguments[0] in TARGETS:
        atheris.Setup([sys.argv[0], *_OPTIONS, *arguments[1:]], bounded(TARGETS[arguments[0]]))
        atheris.Fuzz()
    done = [subprocess.run([sys.executable, __file__, each, *arguments], check=False) for each in TARGETS]
    return int(any(process.returncode for process in done))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
