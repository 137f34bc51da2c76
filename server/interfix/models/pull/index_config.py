"""Which Python package indexes this machine uses, as pip and uv are configured on it."""

import configparser
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from pypi_simple import PYPI_SIMPLE_ENDPOINT

from interfix.system.file_reader import read_file, read_toml

MAX_CONFIG_BYTES = 1_000_000
"""Of a configuration file; a larger one is none."""


class IndexConfig(msgspec.Struct, frozen=True):
    """Where to look for packages."""

    urls: tuple[str, ...]
    """Base addresses of the simple API, each ending with a slash: the default index, then the additional ones."""
    certificates: str = ""
    """A file of certificate authorities beyond the system's; empty for none."""


def read_index_config(environ: Mapping[str, str] = os.environ) -> IndexConfig:
    """What this machine is configured for: the environment, then uv's and pip's configuration files, then the public index.

    Only http(s) indexes count. An unreadable file is as good as none.
    """
    uv, pip = _read_uv_config(environ), _read_pip_config(environ)
    tables = [table for table in uv.get("index", []) if isinstance(table, dict)]
    uv_default = next((table.get("url", "") for table in tables if table.get("default")), "")
    default = (
        environ.get("UV_DEFAULT_INDEX")
        or environ.get("UV_INDEX_URL")
        or environ.get("PIP_INDEX_URL")
        or uv_default
        or str(uv.get("index-url", ""))
        or pip.get("index-url")
        or PYPI_SIMPLE_ENDPOINT
    )
    more = [environ.get(name, "") for name in ("UV_INDEX", "UV_EXTRA_INDEX_URL", "PIP_EXTRA_INDEX_URL")]
    more += [str(table.get("url", "")) for table in tables if not table.get("default")]
    more += [*uv.get("extra-index-url", []), pip.get("extra-index-url", "")]
    urls = [_parse_address(word) for text in (default, *more) for word in str(text).split()]
    certificates = environ.get("PIP_CERT") or pip.get("cert", "")
    return IndexConfig(
        urls=tuple(dict.fromkeys(url for url in urls if url.startswith(("http://", "https://")))),
        certificates=certificates if certificates and Path(certificates).is_file() else "",
    )


def _parse_address(word: str) -> str:
    """The address of one index: uv allows `name=address`, both allow a missing slash."""
    name, separator, address = word.partition("=")
    has_name = bool(separator) and "/" not in name
    return (address if has_name else word).rstrip("/") + "/"


def _read_uv_config(environ: Mapping[str, str]) -> dict[str, Any]:
    """The first of uv's configuration files that says something of indexes."""
    if environ.get("UV_NO_CONFIG"):
        return {}
    config_file = environ.get("UV_CONFIG_FILE")
    for file in [Path(config_file)] if config_file else _list_config_paths(environ, "uv", "uv.toml"):
        try:
            settings = read_toml(file, MAX_CONFIG_BYTES)
        except (OSError, ValueError):
            continue
        settings = {**settings.get("pip", {}), **settings}
        if settings.keys() & {"index", "index-url", "extra-index-url"}:
            return settings
    return {}


def _read_pip_config(environ: Mapping[str, str]) -> dict[str, str]:
    """pip's settings merged from its files, the more particular file over the more general one."""
    file = "pip.ini" if os.name == "nt" else "pip.conf"
    legacy = Path.home() / ("pip" if os.name == "nt" else ".pip") / file
    places = [Path("/etc") / file, *reversed(list(_list_config_paths(environ, "pip", file))), legacy, Path(sys.prefix) / file]
    named_file = environ.get("PIP_CONFIG_FILE")
    if named_file == os.devnull:
        return {}
    merged: dict[str, str] = {}
    for config_file in [*places, *([Path(named_file)] if named_file else [])]:
        parser = configparser.RawConfigParser()
        try:
            parser.read_string(read_file(config_file, MAX_CONFIG_BYTES).decode())
        except (OSError, configparser.Error, UnicodeDecodeError):
            continue
        for section in ("global", "install", "download"):
            if parser.has_section(section):
                merged |= {key.replace("_", "-"): value for key, value in parser.items(section)}
    return merged


def _list_config_paths(environ: Mapping[str, str], tool: str, file: str) -> Iterator[Path]:
    """Where a tool's configuration may be on this platform, the user's own first."""
    if os.name == "nt":
        folders = [environ.get("APPDATA", ""), environ.get("PROGRAMDATA", "")]
    else:
        folders = [environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")]
        if sys.platform == "darwin":
            folders += [str(Path.home() / "Library/Application Support"), "/Library/Application Support"]
        folders += [*(environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep), "/etc"]
    yield from (Path(folder) / tool / file for folder in folders if folder)
