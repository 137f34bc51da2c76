"""Writes the settings in package.json from the server's own: `uv run --no-sync python editors/vscode/scripts/settings.py`."""

import json
import re
from pathlib import Path
from typing import Any

from interfix.config.settings_docs import SettingDoc, SettingGroupDoc, describe_settings

PACKAGE = Path(__file__).parents[1] / "package.json"

OF_THE_MACHINE = ("models", "engine", "statistics.file")
"""What differs from machine to machine; the rest goes with the user to any."""

OF_THE_USERS_FILE = (
    *("base.", "instruct.", "next_edit.server.", "http.", "commands.test_command"),
    *("engine.library", "engine.mirror", "engine.directory"),
)
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


TITLES = {
    "models": "Models",
    "completion": "Suggestions",
    "next_edit": "Next Edit",
    "context": "What the Models See",
    "commands": "Explain and Edit",
    "engine": "Engine",
    "statistics": "Statistics",
    "logs": "Log",
}
"""What the server's groups are called here."""

SAMPLING = re.compile(r"commands\.\w+\.\w+")
"""Settings of one command's sampling, which have a section of their own at the end: they are many, and few need them."""

DESCRIPTIONS = {
    "models.base": "The model that completes at the cursor: a name of the catalog or the path of a GGUF file. Empty: chosen for "
    "this machine. *Interfix: Choose the Model That Completes…* lists those that fit.",
    "models.instruct": "The model that explains and edits: a name of the catalog or the path of a GGUF file. Empty: chosen for "
    "this machine. *Interfix: Choose the Model That Explains and Edits…* lists those that fit.",
    "models.pull": "Download a missing model automatically. Off: *Interfix: Download Missing Models* does it.",
    "completion.enabled": "Suggest while you type. Off: only when asked with `Alt+\\`. To pause for a while, use *Interfix: Pause "
    "Suggestions for 5 Minutes*.",
    "completion.not_in": "Languages, by their identifier in VS Code, without suggestions while you type. *Interfix: Turn "
    "Suggestions in This Language On or Off* adds and removes the current one.",
    "completion.latency_ms": "How long a suggestion of ten tokens may take to appear after a keystroke, ms. Prompts are made as "
    "long as this allows.",
    "completion.threshold": "How sure the model must be for a suggestion that you did not ask for, 0 to 1. 0: all are shown. "
    "Unset: what was measured for the model, adapted to what you accept. *Interfix: Why This Suggestion* tells how sure it was.",
    "next_edit.not_in": "Languages, by their identifier in VS Code, without next edits.",
    "statistics.enabled": "Count what becomes of suggestions, on this machine only, and learn which are worth showing. *Interfix: "
    "Statistics* shows the counts. Off: nothing is kept or learnt.",
    "logs.level": "The least severe messages that are logged. *Interfix: Open the Log* shows it.",
}
"""What is said otherwise here than in the server's own reference: what a user of VS Code can do."""


def configuration() -> list[dict[str, Any]]:
    """What package.json contributes: a section a group of settings, with numbers as npm writes them (0, not 0.0)."""
    groups = describe_settings()
    group_sections = [
        _section(order, TITLES[group.name], settings)
        for order, group in enumerate(groups, 1)
        if (settings := _common_settings(group))
    ]
    sampling = [each for group in groups for each in group.settings if SAMPLING.fullmatch(each.name)]
    sampling_section = _section(len(groups) + 1, "Sampling of Each Command", sampling)
    sections = [{"title": "Server", "order": 0, "properties": OWN}, *group_sections, sampling_section]
    contribution: list[dict[str, Any]] = json.loads(json.dumps(sections), parse_float=_number)
    return contribution


def package() -> str:
    """The file with the settings as they should be."""
    manifest = json.loads(PACKAGE.read_text())
    manifest["contributes"]["configuration"] = configuration()
    return json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"


def _common_settings(group: SettingGroupDoc) -> list[SettingDoc]:
    """Those of a group that an editor may set, without a single command's."""
    return [each for each in group.settings if not (SAMPLING.fullmatch(each.name) or each.name.startswith(OF_THE_USERS_FILE))]


def _section(order: int, title: str, settings: list[SettingDoc]) -> dict[str, Any]:
    properties = {f"interfix.{_camel(each.name)}": _property(order, each) for order, each in enumerate(settings)}
    return {"title": title, "order": order, "properties": properties}


def _property(order: int, setting: SettingDoc) -> dict[str, Any]:
    machine = setting.name.startswith(OF_THE_MACHINE)
    return {
        **setting.schema,
        "default": setting.default,
        "scope": "machine" if machine else "application",
        "order": order,
        "markdownDescription": DESCRIPTIONS.get(setting.name, setting.text),
    }


def _number(text: str) -> float:
    number = float(text)
    return int(number) if number.is_integer() else number


def _camel(name: str) -> str:
    first_word, *words = name.split("_")
    return first_word + "".join(word.capitalize() for word in words)


if __name__ == "__main__":
    PACKAGE.write_text(package())
