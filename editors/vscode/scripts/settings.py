"""Writes the settings in package.json from the server's own: `uv run --no-sync python editors/vscode/scripts/settings.py`."""

import json
from pathlib import Path
from typing import Any

from interfix.config.settings_docs import SettingDoc, SettingGroupDoc, describe_settings

PACKAGE = Path(__file__).parents[1] / "package.json"

OF_THE_MACHINE = ("models", "engine", "statistics.file")
"""What differs from machine to machine; the rest goes with the user to any."""

OF_THE_USERS_FILE = ("base.", "instruct.", "commands.test_command", "engine.library", "engine.mirror", "engine.directory")
"""Where code goes, and which programs are run, is set in the user's own file only: the server refuses these from an editor."""

OWN: dict[str, Any] = {
    "interfix.server.command": {
        "type": "string",
        "default": "",
        "scope": "machine",
        "order": 1,
        "markdownDescription": "The command that starts the server as `COMMAND serve`: a program on the `PATH` or an absolute "
        "path. Empty: `interfix` on the `PATH`, or the server that the extension has installed. Cannot be set by a workspace.",
    },
    "interfix.trace.server": {
        "type": "string",
        "enum": ["off", "messages", "verbose"],
        "default": "off",
        "scope": "machine",
        "order": 2,
        "markdownDescription": "Write the messages between the editor and the server to the log. `verbose` includes source text.",
    },
}
"""The extension's own."""


def configuration() -> list[dict[str, Any]]:
    """What package.json contributes: a section a group of settings, with numbers as npm writes them (0, not 0.0)."""
    found = [_section(*each) for each in enumerate(describe_settings(), 1)]
    sections = [{"title": "Extension", "order": 0, "properties": OWN}, *(each for each in found if each["properties"])]
    written: list[dict[str, Any]] = json.loads(json.dumps(sections), parse_float=_number)
    return written


def package() -> str:
    """The file with the settings as they should be."""
    manifest = json.loads(PACKAGE.read_text())
    manifest["contributes"]["configuration"] = configuration()
    return json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"


def _section(order: int, group: SettingGroupDoc) -> dict[str, Any]:
    settings = [each for each in group.settings if not each.name.startswith(OF_THE_USERS_FILE)]
    properties = {f"interfix.{_camel(each.name)}": _property(order, each) for order, each in enumerate(settings)}
    return {"title": group.name.capitalize(), "order": order, "properties": properties}


def _property(order: int, setting: SettingDoc) -> dict[str, Any]:
    machine = setting.name.startswith(OF_THE_MACHINE)
    return {
        **setting.schema,
        "default": setting.default,
        "scope": "machine" if machine else "application",
        "order": order,
        "markdownDescription": setting.text,
    }


def _number(text: str) -> float:
    number = float(text)
    return int(number) if number.is_integer() else number


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


if __name__ == "__main__":
    PACKAGE.write_text(package())
