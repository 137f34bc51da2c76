"""The editors, each test with each Neovim."""

import pytest
from programs import Missing, Program, neovim_011, neovim_012

_NEOVIMS = {"0.11": neovim_011, "0.12": neovim_012}


@pytest.fixture(params=_NEOVIMS, scope="module")
def program(request: pytest.FixtureRequest) -> Program:
    try:
        return _NEOVIMS[request.param]()
    except Missing as missing:
        pytest.skip(str(missing))
