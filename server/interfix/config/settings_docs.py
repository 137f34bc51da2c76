"""Every setting with its type, default and description, as its docstring has it: what references are made from."""

import ast
import inspect
import textwrap
from typing import Any

import msgspec

from interfix.config.settings import Settings


class SettingDoc(msgspec.Struct, frozen=True):
    """One setting."""

    name: str
    """Dotted."""
    schema: dict[str, Any]
    """JSON schema of its values."""
    default: Any
    """Its value where nothing sets it, as JSON has it."""
    text: str
    """What it does."""


class SettingGroupDoc(msgspec.Struct, frozen=True):
    """Settings that belong together."""

    name: str
    """The first part of their names."""
    text: str
    """What they are about."""
    settings: tuple[SettingDoc, ...]
    """In the order they are written in."""


def describe_settings() -> tuple[SettingGroupDoc, ...]:
    """All settings."""
    top = Settings()
    return tuple(
        SettingGroupDoc(name, _join_lines(inspect.getdoc(group) or ""), tuple(_describe_group(group, f"{name}.")))
        for name in top.__struct_fields__
        if (group := getattr(top, name)) is not None
    )


def _describe_group(group: msgspec.Struct, under: str, about: str = "") -> list[SettingDoc]:
    docs: list[SettingDoc] = []
    texts = _read_field_docstrings(type(group))
    for field in msgspec.structs.fields(type(group)):
        value, text = getattr(group, field.name), f"{about}{texts[field.name]}"
        if isinstance(value, msgspec.Struct):
            docs += _describe_group(value, f"{under}{field.name}.", f"{text} ")
        else:
            schema = msgspec.json.schema(field.type)
            docs.append(SettingDoc(f"{under}{field.name}", _simplify_nullable(schema), msgspec.to_builtins(value), text))
    return docs


def _read_field_docstrings(type_: type[msgspec.Struct]) -> dict[str, str]:
    """The docstring under each field, which Python does not keep: read from the source."""
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(type_))).body
    assert isinstance(body, ast.ClassDef)
    texts = {}
    for field, below in zip(body.body, body.body[1:], strict=False):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                texts[name] = _join_lines(text)
    return texts


def _simplify_nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """A choice between a type and nothing as one type that may be null, which every reader of schemas understands."""
    choices: list[dict[str, Any]] = schema.get("anyOf", [])
    some = [each for each in choices if each != {"type": "null"}]
    if len(some) == 1 < len(choices):
        return {**some[0], "type": [some[0]["type"], "null"]}
    return {"type": "string", **schema} if "enum" in schema else schema


def _join_lines(text: str) -> str:
    return " ".join(text.split())
