"""The independent implementations, each running for real, and the oracle in the same form.

An implementation answers a question about a case with JSON, or with Refused.
"""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import scim2_models as sm
from cases import WIDGET_SCHEMA
from environments import node_environment
from pydantic import ValidationError
from scim2_filter_parser import ast as sfp
from scim2_filter_parser.lexer import SCIMLexer
from scim2_filter_parser.parser import SCIMParser, SCIMParserError
from scim2_models.path import expressions as se

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cases import Case

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Refused:
    """The implementation answers with an error."""

    reason: str = ""


@dataclass(frozen=True)
class Implementation:
    """A name and, for each question it is asked, the function that answers it."""

    name: str
    ask: Callable[[str, Case], Any]
    questions: tuple[str, ...]


def python_implementations() -> list[Implementation]:
    """Return those that run in this process."""
    return [
        Implementation("scim2-models", _guarded(_SCIM2_MODELS), tuple(_SCIM2_MODELS)),
        Implementation("scim2-filter-parser", _guarded({"read": _read_by_filter_parser}), ("read",)),
    ]


@contextmanager
def node_implementations(home: Path) -> Iterator[list[Implementation]]:
    """Install the Node packages into a folder, start the worker there and yield those that it runs."""
    home.mkdir(parents=True, exist_ok=True)
    node_environment(home, HERE / "node")
    process = subprocess.Popen(
        ["node", "worker.mjs"], cwd=home, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
        env=os.environ | {"TZ": "UTC"},
    )  # fmt: skip
    assert process.stdin
    assert process.stdout

    def asker(name: str) -> Callable[[str, Case], Any]:
        def ask(question: str, case: Case) -> Any:
            process.stdin.write(json.dumps({"implementation": name, "question": question, "case": case}) + "\n")
            process.stdin.flush()
            reply = json.loads(process.stdout.readline())
            return Refused(reply["refused"]) if "refused" in reply else reply["answer"]

        return ask

    try:
        yield [Implementation(name, asker(name), questions) for name, questions in _NODE.items()]
    finally:
        process.stdin.close()
        process.wait(timeout=10)


_NODE = {
    "scim2-parse-filter": ("read", "match"),
    "scim-query-filter-parser": ("accept", "match"),
    "scim-patch": ("patch",),
    "scimmy": ("match", "patch", "create", "project", "sort"),
}

_ERRORS = (sm.SCIMException, ValidationError, SCIMParserError, ValueError, TypeError, AttributeError, IndexError)


def _guarded(answers: dict[str, Callable[[Case], Any]]) -> Callable[[str, Case], Any]:
    def ask(question: str, case: Case) -> Any:
        try:
            return answers[question](case)
        except _ERRORS as error:
            return Refused(" ".join(str(error).split()))

    return ask


_USER = sm.User[sm.EnterpriseUser]
_MODELS = {"User": _USER, "Widget": sm.Resource.from_schema(sm.Schema.model_validate(WIDGET_SCHEMA))}
_TOLERANT = sm.ScimPolicy(unknown="ignore")


def _plain(resource: Any) -> Any:
    return json.loads(resource.model_dump_json(scim_ctx=sm.Context.DEFAULT))


def _match(case: Case) -> bool:
    model = _MODELS[case["type"]]
    return bool(sm.ScimFilter[model](case["filter"]).match(model.model_validate(case["resource"]), strict=False))


def _patch(case: Case) -> Any:
    resource = _USER.model_validate(case["resource"])
    for replacing, operations in groupby(case["operations"], key=lambda operation: operation["op"] == "replace"):
        message = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": list(operations)}
        # Of the readings on offer those that the oracle takes: all but "replace" make the element a filter describes.
        unmatched = "forbid" if replacing else "create"
        with sm.ScimPolicy(remove_value_as_filter="apply", unmatched_path_filter=unmatched):
            sm.PatchOp[_USER].model_validate(message, scim_ctx=sm.Context.RESOURCE_PATCH_REQUEST).patch(resource)
    return _plain(resource)


def _create(case: Case) -> Any:
    context = sm.Context.RESOURCE_CREATION_REQUEST
    return _plain(_USER.model_validate(case["body"], scim_ctx=context, scim_policy=_TOLERANT))


def _replace(case: Case) -> Any:
    context = sm.Context.RESOURCE_REPLACEMENT_REQUEST
    given = _USER.model_validate(case["body"], scim_ctx=context, scim_policy=_TOLERANT)
    given.replace(_USER.model_validate(case["stored"]))
    return _plain(given)


def _project(case: Case) -> Any:
    parameters = sm.ResponseParameters[_USER](
        attributes=case.get("attributes"), excluded_attributes=case.get("excluded")
    )
    shown = _USER.model_validate(case["resource"]).model_dump_json(
        scim_ctx=sm.Context.RESOURCE_QUERY_RESPONSE, response_parameters=parameters
    )
    return json.loads(shown)


def _sort(case: Case) -> list[str]:
    request = sm.SearchRequest[_USER](
        sort_by=case["by"], sort_order="descending" if case["descending"] else "ascending"
    )
    return [resource.id for resource in request.sort([_USER.model_validate(r) for r in case["resources"]])]


def _tree(node: Any) -> Any:
    match node:
        case se.Comparison():
            return [node.op.value, str(node.attr_path), node.value]
        case se.Present():
            return ["pr", str(node.attr_path)]
        case se.Not():
            return ["not", _tree(node.expr)]
        case se.LogicalExpr():
            return [node.op.value, *map(_tree, node.terms)]
        case _:
            return ["[]", str(node.attr_path), _tree(node.val_filter)]


def _path(case: Case) -> Any:
    node = sm.Path(case["text"]).ast
    if isinstance(node, se.AttrPath):
        return [str(node), None, None]
    return [str(node.attr_path), _tree(node.val_filter), node.sub_attr]


_SCIM2_MODELS: dict[str, Callable[[Case], Any]] = {
    "read": lambda case: _tree(sm.ScimFilter(case["text"]).ast),
    "accept": lambda case: bool(sm.ScimFilter(case["text"])),
    "match": _match,
    "allow": lambda case: bool(sm.ScimFilter[_MODELS[case["type"]]](case["filter"])),
    "path": _path,
    "patch": _patch,
    "create": _create,
    "replace": _replace,
    "project": _project,
    "sort": _sort,
}


def _read_by_filter_parser(case: Case) -> Any:
    return _node(SCIMParser().parse(SCIMLexer().tokenize(case["text"])))


def _node(node: Any) -> Any:
    match node:
        case sfp.Filter():
            inner = _node(node.expr)
            whole = ["[]", _attribute(node.namespace), inner] if node.namespace else inner
            return ["not", whole] if node.negated else whole
        case sfp.LogExpr():
            return [node.op.lower(), _node(node.expr1), _node(node.expr2)]
        case _ if node.comp_value is None:
            return ["pr", _attribute(node.attr_path)]
        case _:
            return [node.value.lower(), _attribute(node.attr_path), node.comp_value.value]


def _attribute(path: Any) -> str:
    return f"{f'{path.uri}:' if path.uri else ''}{path.attr_name}{f'.{path.sub_attr.value}' if path.sub_attr else ''}"
