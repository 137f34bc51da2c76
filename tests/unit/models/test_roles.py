"""Base and instruct are told apart by the file, and the wrong one is refused with the right one's name."""

from pathlib import Path

import pytest

from interfix.errors import RoleRefused
from interfix.models.roles import as_base, as_instruct

from .conftest import BASE, INSTRUCT, gguf


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.gguf"


def test_one_file_may_prove_both_roles(path: Path) -> None:
    path.write_bytes(gguf(INSTRUCT))
    assert as_base("m", path).path == str(path)
    assert as_instruct("m", path).path == str(path)


def test_base_model_is_not_asked_questions(path: Path) -> None:
    path.write_bytes(gguf(BASE))
    as_base("m", path)
    with pytest.raises(RoleRefused) as refusal:
        as_instruct("m", path)
    assert str(refusal.value) == (
        "m is a base model: it continues text and will not follow a request such as 'explain'. "
        "Its instruct variant is qwen2.5-coder-1.5b-instruct."
    )


def test_model_without_infill_tokens_is_not_asked_to_complete(path: Path) -> None:
    path.write_bytes(gguf({**INSTRUCT, "general.basename": "Mistral"}, tokens=("a", "b")))
    as_instruct("mistral", path)
    with pytest.raises(RoleRefused, match=r"mistral has no fill-in-the-middle tokens: .* such as qwen2\.5-coder-1\.5b"):
        as_base("mistral", path)


@pytest.mark.parametrize(
    ("keys", "follows"),
    [
        ({"general.name": "CodeLlama 7B", "general.architecture": "llama"}, False),
        ({"general.name": "Llama 3 8B", "general.architecture": "llama", "tokenizer.chat_template": "x"}, True),
        ({"general.name": "Qwen3 4B", "general.architecture": "qwen3", "tokenizer.chat_template": "x"}, True),
        ({"general.name": "Qwen3 4B Base", "general.architecture": "qwen3", "tokenizer.chat_template": "x"}, False),
        ({"general.name": "Codegemma 7b It", "general.architecture": "gemma"}, True),
        ({"general.name": "Gemma 2b Pt", "general.architecture": "gemma", "tokenizer.chat_template": "x"}, False),
        ({"general.name": "Qwen2.5 Coder 0.5B Instruct AWQ"}, True),
        ({"general.name": "deepseek", "general.finetune": "instruct"}, True),
        ({"general.name": "Recitation", "general.finetune": "Italian"}, False),
    ],
)
def test_what_the_file_calls_itself_counts_before_its_template(path: Path, keys: dict[str, str], follows: bool) -> None:
    path.write_bytes(gguf(keys))
    if follows:
        as_instruct("m", path)
    else:
        with pytest.raises(RoleRefused):
            as_instruct("m", path)
