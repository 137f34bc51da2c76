"""A workspace with an index, to ask which names are known at a cursor `‸`."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import msgspec

from interfix.config.settings import ContextSettings
from interfix.context.exclusion import Exclusion
from interfix.context.index import WorkspaceIndex
from interfix.context.index.file_extraction import extract_record
from interfix.context.index.messages import IndexStatus
from interfix.context.index.records import FileStamp
from interfix.context.index.writer import IndexStore, locate_database
from interfix.context.names.completion_item_names import OfferedNames
from interfix.context.names.name_search import KnownNames, NameSearch
from interfix.context.workspace_reader import Workspace
from interfix.engine.guided_text import GuidedText
from interfix.syntax.document import Document

BASE = '''
class Base:
    """What all clients are."""

    timeout: float = 1.0

    def close(self) -> None:
        pass

    @property
    def session(self) -> "Session":
        return self._session


class Session:
    def send(self, data):
        self.sent = data

    def clone(self) -> "Session":
        return self
'''


class NameTester:
    """A workspace with an index."""

    def __init__(self, root: Path) -> None:
        self.root = root
        exclusion = Exclusion(root, ContextSettings())
        folder = root.parent / "index"
        folder.mkdir()
        self._index = WorkspaceIndex(root, exclusion, folder)
        self._index.status = IndexStatus(ready=True, current=True)
        self._database = locate_database(root, folder)
        self._workspace = Workspace(root, exclusion, self._index)

    def write(self, files: Mapping[str, str]) -> None:
        store = IndexStore(self._database)
        with store.open_transaction():
            for path, text in files.items():
                (self.root / path).parent.mkdir(parents=True, exist_ok=True)
                (self.root / path).write_text(text)
                store.put_record(extract_record(path, text.encode(), FileStamp(len(text), 1)))
        store.close()

    def find(self, path: str, text: str, offered: OfferedNames | None = None) -> KnownNames:
        """What is known at the cursor in a file's text."""
        before, _, after = text.partition("‸")
        snapshot = Document((self.root / path).as_uri(), before + after).snapshot()

        async def ask(_snapshot: object, _offset: int) -> OfferedNames | None:
            return offered

        async def search() -> KnownNames:
            names = NameSearch(lambda _: self._workspace, ask, patient=True)
            try:
                return await names.find(snapshot, len(before.encode()), self.root)
            finally:
                names.close()

        return asyncio.run(search())

    def cost(self, path: str, text: str, written: str, offered: OfferedNames | None = None) -> float:
        """What it costs to write that at the cursor, whatever the document names of its objects elsewhere."""
        guide = self.find(path, text, offered).guide
        return GuidedText(msgspec.structs.replace(guide, uses="")).judge(written.encode()) if guide is not None else 0.0

    def close(self) -> None:
        asyncio.run(self._index.close())
