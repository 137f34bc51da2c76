"""The editors, each test with each Neovim."""

import pytest

from tests.editors.editor_binaries import EditorBinary, EditorUnavailable, find_neovim_011, find_neovim_012

_NEOVIMS = {"0.11": find_neovim_011, "0.12": find_neovim_012}


@pytest.fixture(params=_NEOVIMS, scope="module")
def neovim_binary(request: pytest.FixtureRequest) -> EditorBinary:
    try:
        return _NEOVIMS[request.param]()
    except EditorUnavailable as missing:
        pytest.skip(str(missing))
