"""An OpenAPI description of Linq's API, built from the official SDK's source and types.

What the SDK calls (method, path, where each parameter goes) is read from its resource classes,
what is sent and answered from its pydantic and TypedDict types. Nothing in it is ours but the
error envelope, for which the SDK has no type.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any, get_args

import linq.resources
import linq.types
from linq.types import WebhookEventType
from pydantic import TypeAdapter

Json = dict[str, Any]

_VERBS = {
    "_get": "get",
    "_get_api_list": "get",
    "_post": "post",
    "_put": "put",
    "_patch": "patch",
    "_delete": "delete",
}
_ERROR: Json = {
    "type": "object",
    "required": ["success", "error", "trace_id"],
    "properties": {
        "success": {"const": False},
        "error": {
            "type": "object",
            "required": ["status", "code", "message"],
            "properties": {
                "status": {"type": "integer"},
                "code": {"type": "integer", "minimum": 1001, "maximum": 5007},
                "message": {"type": "string", "minLength": 1},
                "doc_url": {"type": "string", "format": "uri"},
                "retry_after": {"type": "integer", "minimum": 0},
            },
            "additionalProperties": False,
        },
        "trace_id": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    },
    "additionalProperties": False,
}


@dataclass(frozen=True)
class SdkParameters:
    """Members of the TypedDict `kind` that a call sends in one place."""

    kind: Any
    names: frozenset[str]


@dataclass(frozen=True)
class SdkCall:
    """One call of the SDK; None where there is no such part."""

    method: str
    path: str
    body: SdkParameters | None
    query: SdkParameters | None
    answer: Any


def description(server: str) -> Json:
    """The OpenAPI 3.1 document, with `server` as the address of the API."""
    schemas: Json = {"Error": _ERROR}
    paths: Json = {}
    for call in sdk_calls():
        paths.setdefault(call.path, {})[call.method] = _operation(call, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Linq Partner API, as the official SDK uses it", "version": "3"},
        "servers": [{"url": server}],
        "paths": paths,
        "webhooks": dict(_webhooks(schemas)),
        "components": {"schemas": schemas},
    }


def sdk_calls() -> Iterator[SdkCall]:
    """Every call that the SDK's synchronous resources make."""
    for found in pkgutil.walk_packages(linq.resources.__path__, "linq.resources."):
        module = importlib.import_module(found.name)
        for node in ast.parse(inspect.getsource(module)).body:
            if isinstance(node, ast.ClassDef) and _is_resource(node.name):
                yield from _calls_in(module, node)


def _is_resource(name: str) -> bool:
    return name.endswith("Resource") and not name.startswith("Async")


def _calls_in(module: ModuleType, resource: ast.ClassDef) -> Iterator[SdkCall]:
    for node in ast.walk(resource):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr not in _VERBS:
            continue
        keywords = {item.arg: item.value for item in node.keywords if item.arg}
        options = keywords["options"]
        assert isinstance(options, ast.Call)
        query = {item.arg: item.value for item in options.keywords}.get("query")
        yield SdkCall(
            _VERBS[node.func.attr],
            _path(node.args[0]),
            _parameters(module, keywords.get("body")),
            _parameters(module, query),
            _evaluate(module, keywords.get("page") or keywords["cast_to"]),
        )


def _path(node: ast.expr) -> str:
    """`/v3/chats`, or `/v3/chats/{chat_id}` out of `path_template("...", chat_id=...)`."""
    if isinstance(node, ast.Call):
        node = node.args[0]
    assert isinstance(node, ast.Constant)
    return str(node.value)


def _parameters(module: ModuleType, node: ast.expr | None) -> SdkParameters | None:
    """The members and the TypedDict in `maybe_transform({...}, TypedDict)`."""
    if node is None:
        return None
    assert isinstance(node, ast.Call)
    members = node.args[0]
    assert isinstance(members, ast.Dict)
    names = frozenset(str(key.value) for key in members.keys if isinstance(key, ast.Constant))
    return SdkParameters(_evaluate(module, node.args[1]), names)


def _evaluate(module: ModuleType, node: ast.expr) -> Any:
    value = eval(ast.unparse(node), vars(module))
    return None if value is type(None) else value


def _operation(call: SdkCall, schemas: Json) -> Json:
    query = _parameter_schema(call.query, schemas)
    body = _parameter_schema(call.body, schemas)
    operation: Json = {
        "parameters": [
            *(
                {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
                for name in _names_in(call.path)
            ),
            *(
                {
                    "name": name,
                    "in": "query",
                    "required": name in query.get("required", ()),
                    "schema": schema,
                }
                for name, schema in query.get("properties", {}).items()
            ),
        ],
        "responses": {
            "2XX": {"description": "success", **_content(call.answer, schemas)},
            "4XX": {"description": "refused", **_json({"$ref": "#/components/schemas/Error"})},
            "5XX": {"description": "failed", **_json({"$ref": "#/components/schemas/Error"})},
        },
    }
    if body:
        operation["requestBody"] = {"required": True, **_json(body)}
    return operation


def _parameter_schema(parameters: SdkParameters | None, schemas: Json) -> Json:
    """The schema of the members that go to one place, the body or the query."""
    if parameters is None:
        return {}
    schema = _schema(parameters.kind, schemas)
    names = {name.removesuffix("_") for name in parameters.names}
    return {
        **schema,
        "properties": {name: schema["properties"][name] for name in sorted(names)},
        "required": sorted(names & set(schema.get("required", ()))),
    }


def _webhooks(schemas: Json) -> Iterator[tuple[str, Json]]:
    """The requests that tell of events, in the payload version that the SDK has types for."""
    types = {name.lower(): value for name, value in vars(linq.types).items()}
    for event in get_args(WebhookEventType):
        event_type = types.get(event.replace(".", "").replace("_", "") + "webhookevent")
        if event_type is not None:
            body = {"required": True, **_json(_schema(event_type, schemas))}
            taken = {"2XX": {"description": "taken in"}}
            yield event, {"post": {"requestBody": body, "responses": taken}}


def _content(answer: Any, schemas: Json) -> Json:
    return {} if answer is None else _json(_schema(answer, schemas))


def _json(schema: Json) -> Json:
    return {"content": {"application/json": {"schema": schema}}}


def _names_in(path: str) -> list[str]:
    return [part[1:-1] for part in path.split("/") if part.startswith("{")]


def _schema(kind: Any, schemas: Json) -> Json:
    """The JSON schema of an SDK type; the types that it uses are added to `schemas`.

    Answers may have no member that the SDK does not know: one would be a slip of the pen.
    """
    is_answer = hasattr(kind, "model_fields")
    adapter = TypeAdapter(kind)
    prefix = f"{getattr(kind, '__module__', '')}.{getattr(kind, '__qualname__', kind)}"
    prefix = "".join(character if character.isalnum() else "_" for character in prefix)
    schema = adapter.json_schema(ref_template=f"#/components/schemas/{prefix}.{{model}}")
    for name, nested in schema.pop("$defs", {}).items():
        schemas[f"{prefix}.{name}"] = _tidied(nested, is_answer)
    tidied: Json = _tidied(schema, is_answer)
    return tidied


def _tidied(value: Any, is_answer: bool) -> Any:
    """Names without the underscore that Python's keywords need, and objects closed."""
    if isinstance(value, list):
        return [_tidied(item, is_answer) for item in value]
    if not isinstance(value, dict):
        return value
    value = {name: _tidied(item, is_answer) for name, item in value.items()}
    value.pop("discriminator", None)  # OpenAPI's own wants references, pydantic's mapping differs
    if value.get("type") == "object" and isinstance(value.get("properties"), dict):
        value["properties"] = {
            name.removesuffix("_"): item for name, item in value["properties"].items()
        }
        value["required"] = [name.removesuffix("_") for name in value.get("required", ())]
        if is_answer:
            value["additionalProperties"] = False
    return value
