"""Notebook files (`.ipynb`): the code of their cells and nothing else. Outputs are not even decoded, for they may hold anything.

Source: nbformat 4, "The Notebook file format".
"""

import msgspec

from interfix.syntax.languages import load_languages
from interfix.syntax.notebook_script import NotebookCell, write_script
from interfix.syntax.positions import encode_text

NOTEBOOK_SUFFIX = ".ipynb"
"""What the names of such files end with."""

_DEFAULT_LANGUAGE = "python"


class _Cell(msgspec.Struct):
    cell_type: str = ""
    source: str | list[str] = ""


class _Named(msgspec.Struct):
    name: str = ""
    language: str = ""


class _Metadata(msgspec.Struct):
    language_info: _Named | None = None
    kernelspec: _Named | None = None


class _Notebook(msgspec.Struct):
    cells: list[_Cell]
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)


class NotebookSource(msgspec.Struct, frozen=True):
    """The code of a notebook file."""

    language_id: str
    """Its kernel's language, as an LSP language id where it is one."""
    script: bytes
    """The cells as one script (`notebook_script.py`); of a language that is not known they follow each other."""


def read_notebook(raw: bytes) -> NotebookSource:
    """The code in a file's bytes. Raises `ValueError` where they are no notebook of format 4."""
    notebook = msgspec.json.decode(raw, type=_Notebook)
    info, kernel = notebook.metadata.language_info, notebook.metadata.kernelspec
    language_name = ((info.name if info else "") or (kernel.language if kernel else "") or _DEFAULT_LANGUAGE).lower()
    cells = [
        NotebookCell(
            encode_text(cell.source if isinstance(cell.source, str) else "".join(cell.source)), cell.cell_type == "markdown"
        )
        for cell in notebook.cells
        if cell.cell_type in ("code", "markdown")
    ]
    language = load_languages().find_by_id(language_name)
    script = write_script(cells, language) if language else b"\n\n".join(cell.text for cell in cells)
    return NotebookSource(language_name, script)
