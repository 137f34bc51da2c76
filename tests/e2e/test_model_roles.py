"""Real model files of both kinds: what `models inspect` makes of them, and how each role refuses the other kind everywhere."""

import json
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from gguf import GGUFWriter
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from interfix.engine import llama_runtime
from interfix.engine.free_cores import CpuMonitor
from interfix.models.catalog import find_entry
from interfix.models.memory_estimate import estimate_from_header
from interfix.models.model_header import read_header
from tests.e2e.server_process import ServerProcess, start_server
from tests.isolated_home import GEMMA, INTERFIX_COMMAND, SMALL_MODEL, SMOLLM

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
def small_files_environment(single_role_files: dict[str, Path], environment: dict[str, str]) -> dict[str, str]:
    """The environment, with the two files of one kind each in the models folder."""
    assert set(single_role_files) == {GEMMA, SMOLLM}
    return environment


def run_interfix(
    environment: dict[str, str], *arguments: str, code: int = 0, folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [INTERFIX_COMMAND, *arguments], env=environment, cwd=folder, capture_output=True, text=True, check=False, timeout=240
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
    SMALL_MODEL: {
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
def test_inspect_is_right_about_a_real_file(small_files_environment: dict[str, str], name: str) -> None:
    path = Path(small_files_environment["INTERFIX_MODELS_DIRECTORY"]) / find_entry(name).file
    card = json.loads(run_interfix(small_files_environment, "models", "inspect", str(path), "--json").stdout)
    found = {}
    for dotted in EXPECTED[name]:
        value = card
        for key in dotted.split("."):
            value = value[key]
        found[dotted] = value
    assert found == EXPECTED[name]
    shown = run_interfix(small_files_environment, "models", "inspect", str(path), "--context-tokens", "8192").stdout
    assert "for 8,192 tokens" in shown


def test_qwens_infill_tokens_are_found_by_their_text(small_files_environment: dict[str, str]) -> None:
    header = read_header(Path(small_files_environment["INTERFIX_MODELS_DIRECTORY"]) / find_entry(SMALL_MODEL).file)
    assert {mark.part: mark.token for mark in header.marks} == {
        "prefix": "<|fim_prefix|>",
        "suffix": "<|fim_suffix|>",
        "middle": "<|fim_middle|>",
        "repository": "<|repo_name|>",
        "file": "<|file_sep|>",
    }
    assert {mark.rule for mark in header.marks} == {"token text"}


@pytest.mark.parametrize("name", [GEMMA, SMOLLM])
def test_the_header_tells_what_llama_cpp_finds_out(small_files_environment: dict[str, str], name: str) -> None:
    path = Path(small_files_environment["INTERFIX_MODELS_DIRECTORY"]) / find_entry(name).file
    header = read_header(path)
    weights = llama_runtime.Weights(str(path))
    context = weights.create_context(1024, 1, CpuMonitor(1), llama_runtime.AbortFlag())
    try:
        assert estimate_from_header(header, 1024).weights == weights.memory_bytes
        assert header.can_shift == context.can_shift
        assert header.has_fim == weights.vocabulary.fim.is_complete()
        assert header.vocabulary == weights.vocabulary.size
    finally:
        context.close()
        weights.close()


def test_each_role_refuses_the_other_kind_on_the_command_line(small_files_environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text(CODE)
    explained = run_interfix(small_files_environment, "explain", "code.py", "--model", GEMMA, code=2, folder=tmp_path)
    assert explained.stderr == f"interfix: {NOT_INSTRUCT}\n"
    completed = run_interfix(small_files_environment, "complete", "code.py:2:12", "--model", SMOLLM, code=2, folder=tmp_path)
    assert completed.stderr == f"interfix: {NOT_BASE}\n"
    assert explained.stdout == completed.stdout == ""


def test_configuration_refuses_by_file_too_and_doctor_tells(
    small_files_environment: dict[str, str], single_role_files: dict[str, Path], tmp_path: Path
) -> None:
    wrong = {**small_files_environment, "INTERFIX_MODELS_INSTRUCT": str(single_role_files[GEMMA])}
    assert "is a base model" in run_interfix(wrong, "doctor", code=3).stdout
    (tmp_path / "code.py").write_text(CODE)
    done = run_interfix(wrong, "explain", "code.py", code=2, folder=tmp_path)
    assert done.stderr.startswith("interfix: gemma-3-270m-q4_k_m is a base model")


@pytest.fixture
async def misconfigured_server(small_files_environment: dict[str, str]) -> AsyncIterator[ServerProcess]:
    """A server whose models are each configured for the role they cannot do."""
    server = await start_server({**small_files_environment, "INTERFIX_MODELS_INSTRUCT": GEMMA, "INTERFIX_MODELS_BASE": SMOLLM})
    await server.initialize()
    yield server
    await server.stop()


async def test_each_role_refuses_the_other_kind_over_lsp(misconfigured_server: ServerProcess) -> None:
    uri = misconfigured_server.open(CODE)
    body = {"start": {"line": 0, "character": 0}, "end": {"line": 2, "character": 0}}
    with pytest.raises(JsonRpcException) as refused:
        await misconfigured_server.run_command("explain", uri=uri, range=body)
    assert refused.value.message == NOT_INSTRUCT
    assert await misconfigured_server.request_suggestion(uri, 1, 11) is None
    told = [message.message for message in misconfigured_server.client.messages]
    assert any(NOT_BASE in message for message in told)
    assert any(NOT_INSTRUCT in message for message in told)
    assert all(message.type == types.MessageType.Error for message in misconfigured_server.client.messages)


async def test_a_refused_instruct_model_leaves_completion_at_work(small_files_environment: dict[str, str]) -> None:
    server = await start_server({**small_files_environment, "INTERFIX_MODELS_INSTRUCT": GEMMA})
    try:
        await server.initialize()
        assert await server.request_suggestion(server.open("def add(a, b):\n    return a +\n"), 1, 14) is not None
    finally:
        await server.stop()


def test_a_probe_proves_the_roles_and_is_remembered(
    small_files_environment: dict[str, str], single_role_files: dict[str, Path]
) -> None:
    card = json.loads(
        run_interfix(small_files_environment, "models", "inspect", str(single_role_files[SMOLLM]), "--probe", "--json").stdout
    )
    assert card["proof"]["infill"] is None
    assert card["proof"]["chat"]["passed"]
    assert card["proof"]["tokens_per_second"] > 0
    assert (
        json.loads(run_interfix(small_files_environment, "models", "inspect", str(single_role_files[SMOLLM]), "--json").stdout)[
            "proof"
        ]
        == card["proof"]
    )
    listed = json.loads(run_interfix(small_files_environment, "models", "list", "--json").stdout)["models"]
    assert [row["name"] for row in listed if row["advice"] and row["advice"]["speed"]["measured"]] == [SMOLLM]


def test_a_file_that_cannot_be_loaded_is_not_held_against_its_roles(
    small_files_environment: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "hollow.gguf"
    writer = GGUFWriter(path, "llama")
    writer.add_name("Hollow Instruct")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    done = run_interfix(small_files_environment, "models", "inspect", str(path), "--probe", code=3)
    assert done.stderr.startswith("interfix: hollow.gguf could not be probed: llama.cpp cannot load")
    card = json.loads(run_interfix(small_files_environment, "models", "inspect", str(path), "--json").stdout)
    assert (card["roles"], card["proof"]) == (["instruct"], None)


def test_a_damaged_file_is_refused_by_name(
    small_files_environment: dict[str, str], single_role_files: dict[str, Path], tmp_path: Path
) -> None:
    half = tmp_path / "half.gguf"
    half.write_bytes(single_role_files[SMOLLM].read_bytes()[:50_000_000])
    (tmp_path / "code.py").write_text(CODE)
    done = run_interfix(small_files_environment, "explain", "code.py", "--model", str(half), code=2, folder=tmp_path)
    assert done.stderr.startswith(f"interfix: {half} is damaged: it has 50,000,000 bytes of at least 98,362,432.")


def test_a_probe_shows_that_the_small_default_fills_holes(small_files_environment: dict[str, str]) -> None:
    path = Path(small_files_environment["INTERFIX_MODELS_DIRECTORY"]) / find_entry(SMALL_MODEL).file
    card = json.loads(run_interfix(small_files_environment, "models", "inspect", str(path), "--probe", "--json").stdout)
    assert card["proof"]["infill"]["passed"]
    assert card["proof"]["chat"]["passed"]
    assert card["roles"] == ["base", "instruct"]
