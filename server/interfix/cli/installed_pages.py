"""The pages for users that are installed with Interfix: how to connect editors, the protocol, servers."""

from pathlib import Path

_PAGES = {
    "editors": "editors/README.md",
    "http": "editors/HTTP.md",
    "neovim": "editors/neovim/README.md",
    "protocol": "editors/PROTOCOL.md",
    "remote": "server/REMOTE.md",
}
"""By name, where each lies in the repository; in an installed package it is `pages/NAME.md` (pyproject.toml)."""


def locate_page(name: str) -> Path:
    """The file of a page."""
    package = Path(__file__).parents[1]
    packaged = package / "pages" / f"{name}.md"
    return packaged if packaged.exists() else package.parents[1] / _PAGES[name]
