"""Which npm registry this machine uses for a scope, as npm is configured on it: the environment, then its configuration files."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

REGISTRY = "https://registry.npmjs.org/"
"""What npm asks where nothing is configured."""


class Registry(msgspec.Struct, frozen=True):
    """Where to ask for packages, and how."""

    url: str
    """Base address, ending with a slash."""
    authorization: str = ""
    """Value of the header that signs in; empty for none."""
    certificates: str = ""
    """A file of certificate authorities beyond the system's; empty for none."""


def read_registry(scope: str, environ: Mapping[str, str] = os.environ) -> Registry:
    """The registry of a scope such as `@acme`. An unreadable file is as good as none."""
    values = {**_read_global_config(environ), **_read(_locate_user_file(environ), environ)}
    variables = {name.lower(): value for name, value in environ.items() if name.lower().startswith(_VARIABLE)}
    values |= {name.removeprefix(_VARIABLE).replace("_", "-"): value for name, value in variables.items() if value}
    url = values.get(f"{scope}:registry") or values.get("registry") or REGISTRY
    if not url.startswith(("http://", "https://")):
        url = REGISTRY
    certificates = values.get("cafile", "")
    return Registry(
        url=url.rstrip("/") + "/",
        authorization=_find_authorization(url, values),
        certificates=certificates if certificates and Path(certificates).is_file() else "",
    )


_VARIABLE = "npm_config_"


def _find_authorization(url: str, values: Mapping[str, str]) -> str:
    """npm keeps credentials under the registry's address without its scheme, or under a folder above it."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    while True:
        key_prefix = f"//{parts.netloc}{path}/"
        if token := values.get(f"{key_prefix}:_authToken"):
            return f"Bearer {token}"
        if basic := values.get(f"{key_prefix}:_auth"):
            return f"Basic {basic}"
        if not path:
            return ""
        path = path.rpartition("/")[0]


def _locate_user_file(environ: Mapping[str, str]) -> Path:
    configured_path = environ.get("NPM_CONFIG_USERCONFIG") or environ.get("npm_config_userconfig")
    return Path(configured_path) if configured_path else Path.home() / ".npmrc"


def _read_global_config(environ: Mapping[str, str]) -> dict[str, str]:
    """The machine's file: named, or in `etc/npmrc` below the prefix that node is usually installed to."""
    configured_path = environ.get("NPM_CONFIG_GLOBALCONFIG") or environ.get("npm_config_globalconfig")
    prefix = environ.get("NPM_CONFIG_PREFIX") or environ.get("npm_config_prefix")
    if os.name == "nt":
        usual = [Path(environ.get("APPDATA", "")) / "npm/etc/npmrc"]
    else:
        usual = [Path("/usr/etc/npmrc"), Path("/etc/npmrc"), Path("/usr/local/etc/npmrc"), Path("/opt/homebrew/etc/npmrc")]
    places = [Path(configured_path)] if configured_path else [Path(prefix) / "etc/npmrc"] if prefix else usual
    values: dict[str, str] = {}
    for file in places:
        values |= _read(file, environ)
    return values


def _read(file: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The keys and values of an npmrc; `${NAME}` stands for a variable of the environment."""
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    values = {}
    for line in lines:
        key, separator, value = line.strip().partition("=")
        if separator and not key.startswith(("#", ";")):
            filled = re.sub(r"\$\{(\w+)\}", lambda name: environ.get(name[1], ""), value.strip().strip("\"'"))
            values[key.strip()] = filled
    return values
