"""The language server over an engine that knows the files as they are to be: it is right, sure, and soon there.

What is not shown then is no model's fault. `TEST_ORACLE` names the folder with the files as they are to be, and the workspace
that is typed in, with a `:` between them.
"""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from interfix.engine.protocol import EngineRequest, InfillRequest
from interfix.inference_types import GenerationEvent, SegmentKind
from interfix.lsp import server
from tests.fake_engine import FakeAnswer, FakeEngine

FIRST_TOKEN_SECONDS, TOKEN_SECONDS = 0.08, 0.01
"""About what a small model takes on two cores that do nothing else."""
ANSWER_LINES = 6
"""So many lines it would go on."""
_MAX_TAIL = 400
"""By so many characters before the cursor the place is found."""


class OracleEngine(FakeEngine):
    """Goes on as the file itself does; with nothing where what stands before the cursor is not in it."""

    def __init__(self, known: Path, workspace: Path) -> None:
        super().__init__(respond=self._continue_file, logprob=-0.02)
        self._known = known
        self._workspace = workspace

    async def _stream(self, request: EngineRequest) -> AsyncGenerator[GenerationEvent, None]:
        await asyncio.sleep(FIRST_TOKEN_SECONDS)
        async for event in super()._stream(request):
            yield event
            await asyncio.sleep(TOKEN_SECONDS)

    def _continue_file(self, request: EngineRequest) -> FakeAnswer:
        if not isinstance(request, InfillRequest):
            return FakeAnswer("")
        before = "".join(str(each.text) for each in request.segments if each.kind is SegmentKind.PREFIX)
        path = Path(unquote(urlsplit(request.document).path))
        try:
            text = (self._known / path.relative_to(self._workspace)).read_text("utf-8")
        except (OSError, ValueError):
            return FakeAnswer("")
        at = text.find(before[-_MAX_TAIL:])
        rest = text[at + len(before[-_MAX_TAIL:]) :] if at >= 0 else ""
        return FakeAnswer("".join(rest.splitlines(keepends=True)[:ANSWER_LINES]))


def main() -> int:
    """Serve over standard input and output."""
    known, _, workspace = os.environ["TEST_ORACLE"].partition(":")
    setattr(server, "create_local_engine", lambda: OracleEngine(Path(known), Path(workspace)))  # noqa: B010 it is not exported
    return server.serve(None)


if __name__ == "__main__":
    sys.exit(main())
