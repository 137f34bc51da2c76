"""Plugins for Neovim, from their own sources."""

import os
import subprocess
from pathlib import Path

from tests.editors.editor_binaries import EditorUnavailable

REPOSITORIES = {
    "llama.vim": ("https://github.com/ggml-org/llama.vim",),
    "minuet-ai.nvim": ("https://github.com/milanglacier/minuet-ai.nvim",),
    "mini.nvim": ("https://github.com/nvim-mini/mini.nvim",),
    "blink.cmp": ("https://github.com/saghen/blink.cmp", "--branch", "v1.8.0"),
    "nvim-cmp": ("https://github.com/hrsh7th/nvim-cmp",),
    "cmp-buffer": ("https://github.com/hrsh7th/cmp-buffer",),
    "coc.nvim": ("https://github.com/neoclide/coc.nvim", "--branch", "release"),
}
"""Where the plugins' sources are, and what of them; `TEST_PLUGINS_DIRECTORY` names a folder that has them by these names."""
FETCH_SECONDS = 60


def fetch_plugin(name: str, folder: Path) -> Path:
    """A checkout of a plugin. Raises `EditorUnavailable` where it cannot be had."""
    if (configured_folder := os.environ.get("TEST_PLUGINS_DIRECTORY")) and (Path(configured_folder) / name).is_dir():
        return Path(configured_folder) / name
    command = ["git", "clone", "--quiet", "--depth", "1", *REPOSITORIES[name], str(folder / name)]
    try:
        subprocess.run(
            command, check=True, capture_output=True, timeout=FETCH_SECONDS, env={**os.environ, "GIT_TERMINAL_PROMPT": "0"}
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise EditorUnavailable(
            f"{name} cannot be fetched ({type(error).__name__}); TEST_PLUGINS_DIRECTORY may name a copy."
        ) from error
    return folder / name
