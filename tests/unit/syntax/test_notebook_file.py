"""Notebook files: their code, and nothing of their outputs."""

import json
from pathlib import Path
from typing import Any

import pytest

from interfix.errors import UsageError
from interfix.syntax.document import open_file
from interfix.syntax.notebook_file import read_notebook


def write(*cells: dict[str, Any], **metadata: Any) -> bytes:
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}).encode()


CODE = {
    "cell_type": "code",
    "source": ["import os\n", "x = 1"],
    "outputs": [{"output_type": "stream", "text": ["sk-live-secret"]}, {"data": {"image/png": "iVBOR"}}],
    "execution_count": 3,
    "metadata": {"scrolled": True},
}
PROSE = {"cell_type": "markdown", "source": "Some *words*."}


def test_outputs_are_left_out() -> None:
    found = read_notebook(write(PROSE, CODE, {"cell_type": "raw", "source": "raw"}, language_info={"name": "python"}))
    assert found.language_id == "python"
    assert found.script == b"# %% [markdown]\n# Some *words*.\n\n# %%\nimport os\nx = 1\n"


@pytest.mark.parametrize(
    ("metadata", "language"),
    [
        ({}, "python"),
        ({"kernelspec": {"language": "R", "name": "ir"}}, "r"),
        ({"kernelspec": {"language": "python"}, "language_info": {"name": "javascript"}}, "javascript"),
        ({"kernelspec": None}, "python"),
    ],
)
def test_the_kernel_tells_the_language(metadata: dict[str, Any], language: str) -> None:
    assert read_notebook(write(CODE, **metadata)).language_id == language


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"[]", b'{"cells": 1}', b'{"cells": [{"source": {}}]}', b'{"cells": [', b"[" * 100_000, b"\xff"]
)
def test_what_is_no_notebook_is_refused(raw: bytes, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_notebook(raw)
    (tmp_path / "x.ipynb").write_bytes(raw)
    with pytest.raises(UsageError, match=r"x\.ipynb is no notebook that Interfix can read"):
        open_file(tmp_path / "x.ipynb")


def test_a_file_is_opened_as_its_code(tmp_path: Path) -> None:
    path = tmp_path / "x.ipynb"
    path.write_bytes(write(CODE, {"cell_type": "code", "source": "%%time\n!ls"}))
    snapshot = open_file(path).snapshot()
    assert snapshot.text == "# %%\nimport os\nx = 1\n\n# %%\n%%time\n!ls\n"
    assert snapshot.language is not None
    assert snapshot.language.id == "python"
    assert not snapshot.broken
