"""The editors: each Neovim for the tests that want one, and a Visual Studio Code for each module that wants one."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.editors import lsp_proxy
from tests.editors.editor_binaries import EditorBinary, EditorUnavailable, find_neovim_011, find_neovim_012
from tests.isolated_home import open_home

if TYPE_CHECKING:  # the driver needs playwright, which whoever runs the other tests may not have
    from tests.editors.vscode_driver import VSCode

_NEOVIMS = {"0.11": find_neovim_011, "0.12": find_neovim_012}


@pytest.fixture(params=_NEOVIMS, scope="module")
def neovim_binary(request: pytest.FixtureRequest) -> EditorBinary:
    try:
        return _NEOVIMS[request.param]()
    except EditorUnavailable as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def environment_settings() -> dict[str, str]:
    """What a module sets in the environment of its editor."""
    return {}


@pytest.fixture(scope="module")
def home(
    model_settings: dict[str, str], environment_settings: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """A home of the module's own, with an `interfix` on the PATH that is listened to."""
    with open_home(model_settings) as environment:
        yield lsp_proxy.listen({**environment, **environment_settings}, tmp_path_factory.mktemp("bin"))


@pytest.fixture(scope="module")
def code(home: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> "Iterator[VSCode]":
    """A Visual Studio Code with the extension, as a user installs it."""
    from tests.editors.vscode_driver import open_vscode
    from tests.editors.vscode_install import find_vsix

    with open_vscode(tmp_path_factory.mktemp("code"), home, find_vsix()) as code:
        yield code


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that its window shows."""
    return tmp_path_factory.mktemp("workspace")
