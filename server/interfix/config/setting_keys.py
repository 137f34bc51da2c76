"""The names of the settings, read off their types: dotted key, type and default of each."""

import re
from collections.abc import Iterable
from typing import Any, get_type_hints

import msgspec
from rapidfuzz import fuzz, process

from interfix.config.settings import Settings


class SettingKey(msgspec.Struct, frozen=True):
    """One setting."""

    type: Any
    """Its type with its bounds, as msgspec converts to it."""
    default: Any
    """Its value where nothing sets it."""


def normalize_key(key: str) -> str:
    """A key as this program spells it: `debounceMs` and `debounce-ms` are `debounce_ms`."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", key).replace("-", "_").lower()


def find_nearest(name: str, keys: Iterable[str]) -> str | None:
    """The known name that `name` was probably meant to be, if any is near."""
    match = process.extractOne(name, list(keys), scorer=fuzz.ratio, score_cutoff=60)
    return match[0] if match else None


def _collect_keys(group: msgspec.Struct, under: str = "") -> dict[str, SettingKey]:
    keys: dict[str, SettingKey] = {}
    for field, type_ in get_type_hints(type(group), include_extras=True).items():
        value = getattr(group, field)
        if isinstance(value, msgspec.Struct):
            keys |= _collect_keys(value, f"{under}{field}.")
        else:
            keys[under + field] = SettingKey(type_, value)
    return keys


SETTING_KEYS = _collect_keys(Settings())
"""Every setting by its dotted name."""
