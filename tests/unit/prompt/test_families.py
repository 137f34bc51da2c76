"""Each family: segments in, the prompt it was trained on out; real vocabularies where there are any, written ones elsewhere."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interfix.engine.vocabulary import Vocabulary
from interfix.inference_types import Segment, SegmentKind
from interfix.prompt.families import Family, ModelIdentity, detect_family
from interfix.prompt.infill_layout import lay_out_infill
from tests.gguf_fixtures import write_model
from tests.llamacpp_sdist import fetch_llamacpp_models
from tests.unit.prompt.fake_tokenizer import FakeTokenizer
from tests.unit.prompt.vocabulary_loader import decode_prompt, load_vocabulary

PREFIX, SUFFIX, FILE, REPOSITORY = SegmentKind.PREFIX, SegmentKind.SUFFIX, SegmentKind.FILE, SegmentKind.REPOSITORY

REAL_VOCABULARIES = {"deepseek-coder": "deepseek-coder", "starcoder2": "starcoder", "starcoder": "refact"}
"""The families of which llama.cpp brings a vocabulary, and its name there."""

SYNTHETIC_FAMILIES: dict[str, dict[str, Any]] = {
    "qwen-coder": {
        "controls": (
            *("<|im_start|>", "<|im_end|>", "<|endoftext|>"),
            *("<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>"),
        ),
        "eos": "<|im_end|>",
    },
    "codellama": {
        "controls": ("<s>", "</s>", "▁<PRE>", "▁<SUF>", "▁<MID>", "▁<EOT>"),
        "sentencepiece": True,
        "bos": "<s>",
        "eos": "</s>",
    },
    "granite": {
        "controls": ("<|endoftext|>", "<fim_prefix>", "<fim_middle>", "<fim_suffix>", "<fim_pad>", "<filename>", "<reponame>"),
        "eos": "<|endoftext|>",
        "name": "Granite 3b Code Base",
    },
    "granite-4": {
        "controls": (
            *("<|pad|>", "<|end_of_text|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>"),
            *("<|filename|>", "<|reponame|>", "<|start_of_role|>", "<|end_of_role|>"),
        ),
        "eos": "<|end_of_text|>",
    },
    "codegemma": {
        "controls": (
            *("<bos>", "<eos>", "<start_of_turn>", "<end_of_turn>"),
            *("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|file_separator|>"),
        ),
        "bos": "<bos>",
        "eos": "<eos>",
    },
    "codestral": {
        "controls": ("<s>", "</s>", "[INST]", "[/INST]", "[PREFIX]", "[MIDDLE]", "[SUFFIX]"),
        "sentencepiece": True,
        "bos": "<s>",
        "eos": "</s>",
        "name": "Codestral-22B-v0.1",
    },
    "mellum": {
        "controls": ("<|endoftext|>", "<fim_prefix>", "<fim_middle>", "<fim_suffix>", "<filename>", "<reponame>"),
        "eos": "<|endoftext|>",
        "name": "Mellum 4b Base",
    },
    "seed-coder": {
        "controls": ("<[begin▁of▁sentence]>", "<[end▁of▁sentence]>", "<[fim-prefix]>", "<[fim-suffix]>", "<[fim-middle]>"),
        "bos": "<[begin▁of▁sentence]>",
        "eos": "<[end▁of▁sentence]>",
    },
}
"""The other families' control tokens, and what a file of theirs is called where only its name tells."""

BARE = {
    "qwen-coder": "<|fim_prefix|>a = <|fim_suffix|>\nb<|fim_middle|>",
    "codellama": "<s>▁<PRE> a = ▁<SUF>\nb▁<MID>",
    "deepseek-coder": "<｜begin▁of▁sentence｜><｜fim▁begin｜>a = <｜fim▁hole｜>\nb<｜fim▁end｜>",
    "starcoder2": "<fim_prefix>a = <fim_suffix>\nb<fim_middle>",
    "starcoder": "<fim_prefix>a = <fim_suffix>\nb<fim_middle>",
    "granite": "<fim_prefix>a = <fim_suffix>\nb<fim_middle>",
    "granite-4": "<|fim_prefix|>a = <|fim_suffix|>\nb<|fim_middle|>",
    "codegemma": "<bos><|fim_prefix|>a = <|fim_suffix|>\nb<|fim_middle|>",
    "codestral": "<s>[SUFFIX]\nb[PREFIX] a = ",
    "mellum": "<fim_suffix>\nb<fim_prefix>a = <fim_middle>",
    "seed-coder": "<[begin▁of▁sentence]><[fim-suffix]>\nb<[fim-prefix]>a = <[fim-middle]>",
}

WITH_FILES = {
    "qwen-coder": "<|repo_name|>shop\n<|file_sep|>x.py\nx = 1\n<|file_sep|>y.py\ny\n<|file_sep|>a.py\n" + BARE["qwen-coder"],
    "codellama": BARE["codellama"],
    "deepseek-coder": (
        "<｜begin▁of▁sentence｜><｜fim▁begin｜>#x.py\nx = 1\n\n#y.py\ny\n\n#a.py\na = <｜fim▁hole｜>\nb<｜fim▁end｜>"
    ),
    "starcoder2": (
        "<repo_name>shop<file_sep>x.py\nx = 1\n<file_sep>y.py\ny\n<file_sep><fim_prefix>a.py\na = <fim_suffix>\nb<fim_middle>"
    ),
    "starcoder": BARE["starcoder"],
    "granite": BARE["granite"],
    "granite-4": BARE["granite-4"],
    "codegemma": "<bos>x.py\nx = 1\n<|file_separator|>y.py\ny\n<|file_separator|>a.py\n" + BARE["codegemma"].removeprefix("<bos>"),
    "codestral": "<s>[SUFFIX]\nb[PREFIX] +++++ x.py\nx = 1\n\n\n+++++ y.py\ny\n\n\n+++++ a.py\na = ",
    "mellum": "<filename>x.py\nx = 1\n<filename>y.py\ny\n<filename>a.py\n" + BARE["mellum"],
    "seed-coder": BARE["seed-coder"],
}

HOLE = [Segment(PREFIX, "a = ", path="a.py"), Segment(SUFFIX, "\nb")]
FILES = [
    Segment(REPOSITORY, "shop", rank=1),
    Segment(FILE, "x = 1\n", path="x.py", rank=2),
    Segment(FILE, "y\n", path="y.py", rank=3),
    *HOLE,
]

Known = Callable[[str], tuple[Family, Vocabulary]]


@pytest.fixture(scope="session")
def known_family(tmp_path_factory: pytest.TempPathFactory) -> Known:
    """The family that is found for a file of the family of that name, and the file's vocabulary."""
    folder = tmp_path_factory.mktemp("vocabularies")

    def find(name: str) -> tuple[Family, Vocabulary]:
        if real := REAL_VOCABULARIES.get(name):
            words = load_vocabulary(fetch_llamacpp_models() / f"ggml-vocab-{real}.gguf")
            return detect_family(words), words
        path = folder / f"{name}.gguf"
        words = load_vocabulary(path if path.exists() else write_model(path, **SYNTHETIC_FAMILIES[name]))
        return detect_family(words, ModelIdentity(SYNTHETIC_FAMILIES[name].get("name", ""))), words

    return find


@pytest.mark.parametrize("name", BARE)
def test_a_hole_is_laid_out_as_the_family_was_trained(name: str, known_family: Known) -> None:
    family, words = known_family(name)
    assert family.name == name
    assert family.can_infill(words)
    prompt = lay_out_infill(HOLE, words, family, 100)
    assert decode_prompt(prompt.tokens, words) == BARE[name]


@pytest.mark.parametrize("name", WITH_FILES)
def test_other_files_are_shown_as_the_family_was_trained_or_not_at_all(name: str, known_family: Known) -> None:
    family, words = known_family(name)
    assert decode_prompt(lay_out_infill(FILES, words, family, 200).tokens, words) == WITH_FILES[name]


@pytest.mark.parametrize("name", BARE)
def test_markers_in_somebodys_code_stay_text(name: str, known_family: Known) -> None:
    family, words = known_family(name)
    markers = "".join(family.fim_markers)
    plain = lay_out_infill(HOLE, words, family, 500)
    odd = lay_out_infill([Segment(PREFIX, f"a = {markers}"), HOLE[1]], words, family, 500)
    ends = family.find_infill_ends(words)
    assert sum(token in ends for token in odd.tokens) == sum(token in ends for token in plain.tokens)


@pytest.mark.parametrize("name", BARE)
def test_the_suffix_is_where_the_layout_says(name: str, known_family: Known) -> None:
    family, words = known_family(name)
    prompt = lay_out_infill(FILES, words, family, 200)
    start, end = prompt.suffix_range
    if family.suffix_first:
        assert start == end
    else:
        assert decode_prompt(prompt.tokens[start:end], words) == family.fim_markers[1] + "\nb"


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("qwen-coder", "<|file_sep|>"),
        ("codellama", "▁<EOT>"),
        ("codegemma", "<|file_separator|>"),
        ("granite", "<filename>"),
        ("starcoder2", "<file_sep>"),
        ("starcoder", "<gh_stars>"),
        ("codestral", "[SUFFIX]"),
        ("mellum", "<filename>"),
        ("seed-coder", "<[fim-suffix]>"),
        ("deepseek-coder", "<｜fim▁hole｜>"),
    ],
)
def test_a_model_that_leaves_the_hole_has_ended(name: str, end: str, known_family: Known) -> None:
    family, words = known_family(name)
    assert words.find_token(end) in family.find_infill_ends(words)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Qwen2.5 Coder 1.5B Instruct AWQ Qwen2.5-Coder", "qwen-coder"),
        ("Qwen3 Coder 30B A3B Instruct", "qwen-coder"),
        ("Qwen2.5 7B Instruct", "qwen"),
        ("Qwen3 0.6B", "qwen"),
        ("QwQ 32B", "qwen"),
        ("Qwen3.5 0.8B", "qwen3.5"),
        ("qwen3.5:4b", "qwen3.5"),
        ("Qwen3 Coder Next", "qwen-coder"),
        ("Sweep Next Edit 1.5B Qwen2.5-Coder", "sweep"),
        ("zeta 2 Seed-Coder", "zeta-2"),
        ("Gemma 3 270m It", "gemma"),
        ("Granite 4.0 H 350M Base", "granite-4"),
        ("granite4:350m-h", "granite-4"),
        ("granite-4.1-8b-base", "granite-4"),
        ("Granite 3.3 2b Instruct", "granite"),
        ("granite-8b-code-base", "granite"),
        ("SmolLM3 3B", "smollm"),
        ("DeepSeek R1 Distill Qwen 1.5B", "qwen"),
        ("CodeLlama 7b Instruct hf", "codellama"),
        ("code-llama 13b", "codellama"),
        ("deepseek-coder-6.7b-instruct", "deepseek-coder"),
        ("Starcoder2 3b", "starcoder2"),
        ("starcoderbase 1b", "starcoder"),
        ("Granite 8b Code Instruct 4k", "granite"),
        ("codegemma-2b", "codegemma"),
        ("Codestral 22B v0.1", "codestral"),
        ("Mellum 4b Sft Python", "mellum"),
        ("Seed Coder 8B Base", "seed-coder"),
        ("WizardCoder Python 7B V1.0 codellama", "wizardcoder"),
        ("SmolLM2 135M Instruct", "smollm"),
        ("Mamba Codestral 7B v0.1", "unknown"),
        ("something of its own", "unknown"),
    ],
)
def test_what_a_file_calls_itself_tells_its_family(said: str, name: str) -> None:
    assert detect_family(FakeTokenizer(files=False), ModelIdentity(said)).name == name


@pytest.mark.parametrize("said", ["Qwen2.5 7B Instruct", "Qwen3 8B", "WizardCoder 15B", "SmolLM2 1.7B", "Sweep Next Edit 1.5B"])
def test_a_vocabulary_with_the_tokens_does_not_make_a_model_that_was_not_trained_for_it(said: str) -> None:
    family = detect_family(FakeTokenizer(), ModelIdentity(said))
    assert not family.can_infill(FakeTokenizer())
    assert family.no_infill_reason


def test_an_unknown_model_goes_by_the_markers_that_are_found() -> None:
    words = FakeTokenizer(files=False)
    family = detect_family(words, ModelIdentity("something of its own"))
    assert family.can_infill(words)
    assert words.decode(lay_out_infill(HOLE, words, family, 100).tokens) == "<prefix>a = <suffix>\nb<middle>"


def test_an_unknown_model_without_markers_cannot_infill() -> None:
    words = load_vocabulary(fetch_llamacpp_models() / "ggml-vocab-llama-spm.gguf")
    assert not detect_family(words).can_infill(words)


def test_a_code_llama_without_its_markers_cannot_infill() -> None:
    words = load_vocabulary(fetch_llamacpp_models() / "ggml-vocab-llama-spm.gguf")
    family = detect_family(words, ModelIdentity("CodeLlama 34b"))
    assert family.name == "codellama"
    assert not family.can_infill(words)


def test_pieces_of_code_get_no_space_before_them_in_a_sentencepiece_vocabulary() -> None:
    words = load_vocabulary(fetch_llamacpp_models() / "ggml-vocab-llama-spm.gguf")
    text = "def add(a, b):\n    return a + b  # añadir ☺\n"
    assert b"".join(map(words.token_to_piece, words.encode(text))).decode() == text
    assert decode_prompt(words.encode(text[:9]) + words.encode(text[9:]), words) == text
    assert words.encode("\n") == words.encode("x\n")[1:]


TEXTS = st.text(alphabet="ab \n<é\t", max_size=200)


@pytest.mark.parametrize("name", BARE)
def test_the_budget_holds_for_every_family(name: str, known_family: Known) -> None:
    family, words = known_family(name)

    @given(TEXTS, TEXTS, TEXTS, st.integers(64, 300))
    def check(near: str, after: str, other: str, budget: int) -> None:
        segments = [*FILES[:3], Segment(FILE, other, path="some/other.py", rank=4), Segment(PREFIX, near, path="a.py")]
        assert len(lay_out_infill([*segments, Segment(SUFFIX, after)], words, family, budget).tokens) <= budget

    check()
