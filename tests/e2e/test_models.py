"""Real model files of both kinds: what `models inspect` makes of them, and how each role refuses the other kind everywhere."""

import json
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from gguf import GGUFWriter
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from served import Server, started

from home import GEMMA, INTERFIX, MODEL, SMOLLM
from interfix.engine import runtime
from interfix.engine.cores import Cores
from interfix.models.catalog import entry
from interfix.models.inspect import read_header
from interfix.models.memory import of_file

CODE = "def add(a, b):\n    return \n"
NOT_INSTRUCT = (
    "gemma-3-270m is a base model: it continues text and will not follow a request such as 'explain'. "
    "Its instruct variant is gemma-3-270m-it."
)
NOT_BASE = (
    "smollm2-135m-instruct has no fill-in-the-middle tokens: it cannot complete between what stands before and after the cursor. "
    "Set models.base to a model that can, such as qwen2.5-coder-1.5b."
)


@pytest.fixture(scope="module")
def small(kinds: dict[str, Path], environment: dict[str, str]) -> dict[str, str]:
    """The environment, with the two files of one kind each in the models folder."""
    assert set(kinds) == {GEMMA, SMOLLM}
    return environment


def run(
    environment: dict[str, str], *arguments: str, code: int = 0, folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [INTERFIX, *arguments], env=environment, cwd=folder, capture_output=True, text=True, check=False, timeout=240
    )
    assert done.returncode == code, done.stderr
    return done


EXPECTED = {
    GEMMA: {
        "header.architecture": "gemma3",
        "header.parameters": 268_098_176,
        "header.quantisation": "Q4_K_M",
        "header.context_length": 32_768,
        "header.vocabulary": 262_144,
        "header.marks": [],
        "header.template": [],
        "header.licence": "gemma",
        "header.attention.window": 512,
        "header.fixed": "",
        "kind.role": "base",
        "kind.sure": "assumed",
        "memory.kv": 72 << 20,
        "roles": [],
    },
    SMOLLM: {
        "header.architecture": "llama",
        "header.parameters": 134_515_008,
        "header.quantisation": "Q4_1",
        "header.context_length": 8192,
        "header.vocabulary": 49_152,
        "header.template": ["ChatML (<|im_start|>)"],
        "header.licence": "apache-2.0",
        "kind.role": "instruct",
        "kind.sure": "likely",
        "kind.evidence": ["it carries a chat template: ChatML (<|im_start|>)"],
        "memory.kv": 90 << 20,
        "roles": ["instruct"],
    },
    MODEL: {
        "header.architecture": "qwen2",
        "header.parameters": 630_167_424,
        "header.quantisation": "Q4_K_M",
        "header.context_length": 32_768,
        "header.vocabulary": 151_936,
        "header.template": ["ChatML (<|im_start|>)"],
        "kind.role": "instruct",
        "kind.sure": "certain",
        "memory.kv": 48 << 20,
        "roles": ["base", "instruct"],
    },
}


@pytest.mark.parametrize("name", EXPECTED)
def test_inspect_is_right_about_a_real_file(small: dict[str, str], name: str) -> None:
    path = Path(small["INTERFIX_MODELS_DIRECTORY"]) / entry(name).file
    card = json.loads(run(small, "models", "inspect", str(path), "--json").stdout)
    found = {}
    for dotted in EXPECTED[name]:
        value = card
        for key in dotted.split("."):
            value = value[key]
        found[dotted] = value
    assert found == EXPECTED[name]
    shown = run(small, "models", "inspect", str(path), "--context", "8192").stdout
    assert "for 8,192 tokens" in shown


def test_qwens_infill_tokens_are_found_by_their_text(small: dict[str, str]) -> None:
    header = read_header(Path(small["INTERFIX_MODELS_DIRECTORY"]) / entry(MODEL).file)
    assert {mark.part: mark.token for mark in header.marks} == {
        "prefix": "<|fim_prefix|>",
        "suffix": "<|fim_suffix|>",
        "middle": "<|fim_middle|>",
        "repository": "<|repo_name|>",
        "file": "<|file_sep|>",
    }
    assert {mark.rule for mark in header.marks} == {"token text"}


@pytest.mark.parametrize("name", [GEMMA, SMOLLM])
def test_the_header_tells_what_llama_cpp_finds_out(small: dict[str, str], name: str) -> None:
    path = Path(small["INTERFIX_MODELS_DIRECTORY"]) / entry(name).file
    header = read_header(path)
    weights = runtime.Weights(str(path))
    context = weights.context(1024, 1, Cores(1), runtime.Abort())
    try:
        assert of_file(header, 1024).weights == weights.memory_bytes
        assert header.can_shift == context.can_shift
        assert header.fim == weights.vocabulary.fim.complete()
        assert header.vocabulary == weights.vocabulary.size
    finally:
        context.close()
        weights.close()


def test_each_role_refuses_the_other_kind_on_the_command_line(small: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text(CODE)
    explained = run(small, "explain", "code.py", "--model", GEMMA, code=2, folder=tmp_path)
    assert explained.stderr == f"interfix: {NOT_INSTRUCT}\n"
    completed = run(small, "complete", "code.py:2:12", "--model", SMOLLM, code=2, folder=tmp_path)
    assert completed.stderr == f"interfix: {NOT_BASE}\n"
    assert explained.stdout == completed.stdout == ""


def test_configuration_refuses_by_file_too_and_doctor_tells(small: dict[str, str], kinds: dict[str, Path], tmp_path: Path) -> None:
    wrong = {**small, "INTERFIX_MODELS_INSTRUCT": str(kinds[GEMMA])}
    assert "is a base model" in run(wrong, "doctor", code=3).stdout
    (tmp_path / "code.py").write_text(CODE)
    done = run(wrong, "explain", "code.py", code=2, folder=tmp_path)
    assert done.stderr.startswith("interfix: gemma-3-270m-q4_k_m is a base model")


@pytest.fixture
async def misled(small: dict[str, str]) -> AsyncIterator[Server]:
    """A server whose models are each configured for the role they cannot do."""
    server = await started({**small, "INTERFIX_MODELS_INSTRUCT": GEMMA, "INTERFIX_MODELS_BASE": SMOLLM})
    await server.initialize()
    yield server
    await server.stop()


async def test_each_role_refuses_the_other_kind_over_lsp(misled: Server) -> None:
    uri = misled.open(CODE)
    body = {"start": {"line": 0, "character": 0}, "end": {"line": 2, "character": 0}}
    with pytest.raises(JsonRpcException) as refused:
        await misled.run("explain", uri=uri, range=body)
    assert refused.value.message == NOT_INSTRUCT
    assert await misled.suggestion(uri, 1, 11) is None
    told = [message.message for message in misled.client.messages]
    assert any(NOT_BASE in message for message in told)
    assert any(NOT_INSTRUCT in message for message in told)
    assert all(message.type == types.MessageType.Error for message in misled.client.messages)


async def test_a_refused_instruct_model_leaves_completion_at_work(small: dict[str, str]) -> None:
    server = await started({**small, "INTERFIX_MODELS_INSTRUCT": GEMMA})
    try:
        await server.initialize()
        assert await server.suggestion(server.open("def add(a, b):\n    return a +\n"), 1, 14) is not None
    finally:
        await server.stop()


def test_a_probe_proves_the_roles_and_is_remembered(small: dict[str, str], kinds: dict[str, Path]) -> None:
    card = json.loads(run(small, "models", "inspect", str(kinds[SMOLLM]), "--probe", "--json").stdout)
    assert card["proof"]["infill"] is None
    assert card["proof"]["chat"]["passed"]
    assert card["proof"]["tokens_per_second"] > 0
    assert json.loads(run(small, "models", "inspect", str(kinds[SMOLLM]), "--json").stdout)["proof"] == card["proof"]
    listed = json.loads(run(small, "models", "list", "--json").stdout)["models"]
    assert [row["name"] for row in listed if row["advice"] and row["advice"]["speed"]["measured"]] == [SMOLLM]


def test_a_file_that_cannot_be_loaded_is_not_held_against_its_roles(small: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "hollow.gguf"
    writer = GGUFWriter(path, "llama")
    writer.add_name("Hollow Instruct")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    done = run(small, "models", "inspect", str(path), "--probe", code=3)
    assert done.stderr.startswith("interfix: hollow.gguf could not be probed: llama.cpp cannot load")
    card = json.loads(run(small, "models", "inspect", str(path), "--json").stdout)
    assert (card["roles"], card["proof"]) == (["instruct"], None)


def test_a_damaged_file_is_refused_by_name(small: dict[str, str], kinds: dict[str, Path], tmp_path: Path) -> None:
    half = tmp_path / "half.gguf"
    half.write_bytes(kinds[SMOLLM].read_bytes()[:50_000_000])
    (tmp_path / "code.py").write_text(CODE)
    done = run(small, "explain", "code.py", "--model", str(half), code=2, folder=tmp_path)
    assert done.stderr.startswith(f"interfix: {half} is damaged: it has 50,000,000 bytes of at least 98,362,432.")


def test_a_probe_shows_that_the_small_default_fills_holes(small: dict[str, str]) -> None:
    path = Path(small["INTERFIX_MODELS_DIRECTORY"]) / entry(MODEL).file
    card = json.loads(run(small, "models", "inspect", str(path), "--probe", "--json").stdout)
    assert card["proof"]["infill"]["passed"]
    assert card["proof"]["chat"]["passed"]
    assert card["roles"] == ["base", "instruct"]
