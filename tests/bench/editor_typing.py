"""The replay's typist in a real editor with our plugin and otherwise default settings: what is really seen, taken and missed.

A file of a folder is opened with a function's body taken out, and its own text typed there. The typist sees what the editor draws,
takes it with the editor's keys, and mends what indentation, brackets and completion lists make of the keys.
"""

import asyncio
import os
import random
import shlex
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from enum import StrEnum
from pathlib import Path

import msgspec
import pytest

from interfix.bench.fim_sampling import sample_cases
from interfix.bench.time_budget import TimeBudget
from interfix.bench.typing_replay import copy_project, load_model, write_site
from interfix.bench.typing_session import TypingSession, sum_stats
from interfix.bench.typing_sites import TypingSite, find_sources
from interfix.config.paths import libraries_dir
from interfix.errors import UnavailableError, UsageError
from interfix.models.role_check import BaseModel
from tests.bench.editor_document import EditorDocument, MendError
from tests.bench.editor_typing_report import EditorTypingReport, TypingOutcome, build_editor_report
from tests.bench.silence_causes import collect_requests
from tests.editors import lsp_proxy
from tests.editors.editor_binaries import EditorUnavailable, find_neovim_011, find_neovim_012
from tests.editors.neovim_typing import open_neovim_typing
from tests.editors.typing_surface import TypingSurface
from tests.isolated_home import open_home

PLACES_PER_MINUTE = 12
"""So many bodies are drawn for each minute; more than can be typed."""
MIN_PLACES = 12
"""So many are drawn at least: some are too short or too long to be typed."""
MIN_BODY_CHARACTERS, MAX_BODY_CHARACTERS = 80, 1500
START_SECONDS = 30
"""What a folder's editor takes until it can be typed into, about, s."""


class EditorKind(StrEnum):
    """An editor to type in; `TEST_VSCODE` chooses another version of the last."""

    NEOVIM = "neovim"
    NEOVIM_012 = "neovim-0.12"
    VSCODE = "vscode"


class EditorTypingOptions(msgspec.Struct, frozen=True):
    """How to type."""

    editor: EditorKind
    minutes: float
    """How long, in all folders together."""
    seed: int = 1
    record: Path | None = None
    """The folder where keys, messages and a picture of each place are kept, if anywhere."""
    oracle: bool = False
    """An engine answers that knows the files: what is not shown then is no model's fault."""


def run(folders: list[Path], model: BaseModel, options: EditorTypingOptions) -> EditorTypingReport:
    """Type for so many minutes, the same time in each folder; show figures.

    Raises `UsageError` where a folder has no function to type, and `UnavailableError` where there is no such editor here.
    """
    editor, minutes, seed, record = options.editor, options.minutes, options.seed, options.record
    minutes_each = minutes / len(folders)
    places = {folder.resolve(): _choose_bodies(folder.resolve(), minutes_each, seed) for folder in folders}
    TimeBudget().announce(f"Typing in {editor}", minutes * 60 + START_SECONDS * len(folders))
    outcome = TypingOutcome(record=record)
    if record is not None:
        record.mkdir(parents=True, exist_ok=True)
    with open_home(_collect_environment(model)) as environment, tempfile.TemporaryDirectory(prefix="interfix-typing-") as temporary:
        place = Path(temporary).resolve()
        environment = lsp_proxy.listen({**environment, "TEST_ASK_WHY": "1"}, place / "bin")
        for number, (folder, sites) in enumerate(places.items()):
            copy = place / str(number) / folder.name
            copy_project(folder, find_sources(folder), sites, copy)
            (copy / ".interfix.toml").touch()  # the mark of a workspace's root
            if options.oracle:
                environment |= {
                    "TEST_SERVER": shlex.join([sys.executable, "-m", "tests.bench.oracle_server"]),
                    "TEST_ORACLE": f"{folder}:{copy}",
                }
            window = _open_surface(editor, place / f"editor{number}", environment, copy)
            typing = _FolderTyping(outcome, copy, minutes_each, random.Random(seed))
            asyncio.run(typing.run(window, sites, {} if options.oracle else environment))
            if outcome.failure:
                break
        messages = Path(environment["TEST_WIRETAP"])
        requests = collect_requests(lsp_proxy.read_messages(messages))
        if record is not None:
            (record / "messages.jsonl").write_bytes(messages.read_bytes() if messages.exists() else b"")
            (record / "keys.json").write_bytes(msgspec.json.encode(outcome.keys))
    about = ("an oracle" if options.oracle else model.name, seed, tuple(str(folder) for folder in places))
    report = build_editor_report(outcome, sum_stats(outcome.stats), requests, about)
    report.show()
    return report


class _FolderTyping:
    """Typing in one folder."""

    def __init__(self, outcome: TypingOutcome, copy: Path, minutes: float, rng: random.Random) -> None:
        self._outcome = outcome
        self._copy = copy
        self._minutes = minutes
        self._rng = rng

    async def run(
        self, window: AbstractContextManager[TypingSurface], sites: list[TypingSite], environment: dict[str, str]
    ) -> None:
        """Open the editor and type until the time is over. What goes wrong is noted: what was seen till then counts."""
        loading = TimeBudget()
        with loading.watch_interrupts():
            if environment:
                await load_model(self._copy, environment, {}, loading)
        # All that touches the editor runs in one thread: its drivers want that.
        with ThreadPoolExecutor(max_workers=1) as worker, ExitStack() as stack:
            try:
                if loading.is_over:
                    raise UnavailableError("its user ended it.")
                surface = worker.submit(window.__enter__).result()
                stack.callback(lambda: worker.submit(window.__exit__, None, None, None).result())
                self._outcome.editor = worker.submit(lambda: surface.name).result()
                budget = TimeBudget(self._minutes)
                with budget.watch_interrupts():
                    await self._type_sites(surface, worker, sites, budget)
                if budget.is_interrupted:
                    raise UnavailableError("its user ended it.")
            except KeyboardInterrupt:  # while the editor is opened, which nothing can end early
                self._outcome.failure = "its user ended it."
            except Exception as error:  # an editor fails in many ways, each with an error of its driver's
                self._outcome.failure = str(error) or type(error).__name__

    async def _type_sites(
        self, surface: TypingSurface, worker: ThreadPoolExecutor, sites: list[TypingSite], budget: TimeBudget
    ) -> None:
        for site in sites:
            if budget.is_over:
                return
            picture = self._outcome.record / f"place{self._outcome.places}" if self._outcome.record else None
            document = EditorDocument(surface, worker, self._copy, site, picture)
            session = TypingSession(document, site, random.Random(self._rng.random()))
            began = time.monotonic()
            try:
                await budget.complete(session.run())
            except MendError:
                self._outcome.left_places += 1
            finally:
                self._outcome.seconds += time.monotonic() - began
                self._outcome.places += 1
                self._outcome.keystrokes += document.press_count
                self._outcome.mends += document.mend_count
                self._outcome.keys += document.keys
                self._outcome.stats.append(session.collect_stats())
            write_site(self._copy, site, site.prefix + site.text + site.suffix)


def _choose_bodies(folder: Path, minutes: float, seed: int) -> list[TypingSite]:
    """The bodies of functions to type."""
    cases = sample_cases(folder, max(MIN_PLACES, round(minutes * PLACES_PER_MINUTE)), seed, kinds=("body",))
    root = folder if folder.is_dir() else folder.parent
    sites = []
    for case in cases:
        body = case.expected or ""
        if MIN_BODY_CHARACTERS <= len(body) <= MAX_BODY_CHARACTERS and "\r" not in case.prefix + body:
            sites.append(TypingSite(Path(case.path).relative_to(root), case.language, case.prefix, body, case.suffix))
    if not sites:
        raise UsageError(f"{folder} has no function to type.")
    return sites


def _collect_environment(model: BaseModel) -> dict[str, str]:
    """Settings of the model and of where things lie; all else is as a user has it."""
    return {
        "INTERFIX_MODELS_BASE": model.path,
        "INTERFIX_MODELS_PULL": "false",
        "INTERFIX_ENGINE_TUNE": "false",
        "INTERFIX_ENGINE_DIRECTORY": str(libraries_dir(os.environ.get("INTERFIX_ENGINE_DIRECTORY", ""))),
    }


@contextmanager
def _open_surface(editor: EditorKind, folder: Path, environment: dict[str, str], workspace: Path) -> Iterator[TypingSurface]:
    try:
        if editor is EditorKind.VSCODE:
            from tests.editors.vscode_typing import open_vscode_typing  # needs playwright, which others may not have

            opened: AbstractContextManager[TypingSurface] = open_vscode_typing(folder, environment, workspace)
        else:
            binary = find_neovim_012() if editor is EditorKind.NEOVIM_012 else find_neovim_011()
            opened = open_neovim_typing(binary, folder, environment, workspace)
        surface = opened.__enter__()
    except (EditorUnavailable, ImportError, pytest.skip.Exception) as missing:
        raise UnavailableError(f"{editor} cannot be had on this machine: {missing}") from missing
    with ExitStack() as stack:
        stack.push(opened)
        yield surface
