"""The replay's typist in a real Neovim, beside a server that knows what is to come: it is seen, taken, and the text is as meant."""

from pathlib import Path

from tests.editors.editor_binaries import EditorBinary
from tests.editors.neovim_typing import open_neovim_typing
from tests.editors.oracle_typing import check_typing, install_oracle


def test_what_is_drawn_is_taken_and_the_text_is_as_meant(neovim_binary: EditorBinary, workspace: Path, tmp_path: Path) -> None:
    window = open_neovim_typing(neovim_binary, tmp_path / "editor", install_oracle(tmp_path), workspace)
    check_typing(window, workspace)
