"""The extension's own tests, which run inside the remote extension host of a real Visual Studio Code, as code-server has it."""

from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="playwright is not installed, so no browser can be driven")

from tests.editors.vscode_driver import launch_chromium, open_vscode
from tests.editors.vscode_install import build_extension, find_test_bundle


def test_what_the_extension_host_knows(environment: dict[str, str], tmp_path: Path) -> None:
    said: list[str] = []
    ended: list[int] = []
    with open_vscode(tmp_path, environment) as code, launch_chromium() as browser:
        page = browser.new_page()
        page.expose_function("codeAutomationLog", lambda _type, words: said.append(" ".join(map(str, words))))
        page.expose_function("codeAutomationExit", lambda number, _logs: ended.append(number))
        window = code.open_window(
            page,
            tmp_path,
            extensionDevelopmentPath=code.locate_remote(build_extension()),
            extensionTestsPath=code.locate_remote(find_test_bundle()),
        )
        window.wait_until(lambda: ended, "the tests have ended")
    words = "\n".join(said)
    assert ended == [0], words
    assert words.count("passed: ") > 10, words
