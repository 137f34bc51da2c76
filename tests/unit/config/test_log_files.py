"""No source text in a log at the default level, whoever writes to it."""

import asyncio
import gc
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from interfix.config import log_files
from interfix.config.log_files import log_to_file

CODE = "password_of_somebody"


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(log_files, "log_dir", lambda: tmp_path)
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield tmp_path / "server.log"
    logging.basicConfig(handlers=handlers, level=level, force=True)
    logging.getLogger("interfix").setLevel(logging.NOTSET)


def fail() -> None:
    raise ValueError(CODE)


def log_a_failure() -> None:
    try:
        fail()
    except ValueError:
        logging.getLogger("interfix.somewhere").exception("it failed")


def forget_a_task() -> None:
    async def forget() -> None:
        async def work() -> None:
            fail()

        task = asyncio.get_running_loop().create_task(work())
        await asyncio.sleep(0)
        del task
        gc.collect()

    asyncio.run(forget())


def fail_in_a_callback() -> None:
    async def call() -> None:
        asyncio.get_running_loop().call_soon(lambda _code: fail(), CODE)
        await asyncio.sleep(0.01)

    asyncio.run(call())


@pytest.mark.parametrize("act", [log_a_failure, forget_a_task, fail_in_a_callback])
def test_a_failure_is_logged_by_kind_and_place(log: Path, act: "object") -> None:
    log_to_file("server", "info")
    assert callable(act)
    act()
    text = log.read_text("utf-8")
    assert "ValueError" in text
    assert "fail" in text
    assert CODE not in text


def test_debugging_tells_all(log: Path) -> None:
    log_to_file("server", "debug")
    logging.getLogger("interfix").setLevel(logging.DEBUG)
    log_a_failure()
    assert CODE in log.read_text("utf-8")
