"""What a command does not change stays to the byte: line ends of every kind, a byte order mark, characters of every plane.

About `commands/selection_rewrite.py` and the rules together.
"""

import asyncio
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interfix.cli.edit_output import write_edit
from interfix.commands.command_request import CommandRequest
from interfix.commands.registry import EDIT_COMMANDS
from interfix.syntax.document import open_file
from tests.effort import scale_examples
from tests.fake_engine import FakeEngine, make_instruct_client

ANSWERS = {
    "refactor": "```python\ndef f(a):\n    # 😀 é\n    b = a + 1\n    return b\n```",
    "fix": "```python\ndef f(a):\n    # 😀 é\n    b = a + 1\n    return b\n```",
    "document": '```python\ndef f(a):\n    """Adds one."""\n    # 😀 é\n    b = a\n    return b + 1\n```',
}
LINES = ["import os", "x = '\u2028\x0c\x85 é'", "", "def f(a):", "    # 😀 é", "    b = a", "    return b + 1", "", "y = 2"]
ends = st.lists(st.sampled_from(["\n", "\r\n"]), min_size=len(LINES), max_size=len(LINES))


@pytest.mark.parametrize("name", ANSWERS)
@given(ends, st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=scale_examples(15), deadline=None)
def test_lines_that_stay_are_written_as_they_were(tmp_path: Path, name: str, endings: list[str], has_mark: bool) -> None:
    (tmp_path / ".git").mkdir(exist_ok=True)
    file = tmp_path / "code.py"
    pieces = [f"{line}{ending}".encode() for line, ending in zip(LINES, endings, strict=True)]
    mark = b"\xef\xbb\xbf" * has_mark
    file.write_bytes(mark + b"".join(pieces))
    snapshot = open_file(file).snapshot()
    start, end = (sum(map(len, pieces[:index])) for index in (3, 7))
    request = CommandRequest(snapshot, start, end, instruction="add one first")
    edit = asyncio.run(EDIT_COMMANDS[name].run(make_instruct_client(FakeEngine(*[ANSWERS[name]] * 2)), request))
    write_edit(edit)
    written = file.read_bytes()
    assert written.startswith(mark + b"".join(pieces[:4]))
    assert written.endswith(b"".join(pieces[7:]))
    for kept in (pieces[4], *([pieces[5], pieces[6]] if name == "document" else [])):
        assert kept in written
