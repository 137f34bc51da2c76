"""Describes a model file from its header alone."""

from collections import Counter
from pathlib import Path

import msgspec

from interfix.models.cache_shape import RECURRENT_ARCHITECTURES, CacheShape, read_cache_shape
from interfix.models.gguf import GgufFile, describe_damage
from interfix.models.gguf_shards import read_model_file


class FimToken(msgspec.Struct, frozen=True):
    """A token with which the vocabulary marks part of an infill prompt."""

    part: str
    """What it stands before: prefix, suffix, middle, repository or file."""
    token: str
    """Its text; its number where the text is not told."""
    rule: str
    """How it was found: the metadata key that names it by its number, or `token text`."""


class ModelHeader(msgspec.Struct, frozen=True):
    """The part of a GGUF header that Interfix decides by, or shows."""

    architecture: str
    """`general.architecture`, such as qwen2."""
    name: str
    """`general.name`; empty where the file has none."""
    basename: str
    """`general.basename`: the model line; empty where the file has none."""
    finetune: str
    """`general.finetune`, such as Instruct; empty where the file has none."""
    size_label: str
    """`general.size_label`, such as 1.5B; empty where the file has none."""
    parameters: int
    """Weights, counted from the shapes of the tensors."""
    quantisation: str
    """How the weights are stored, such as Q4_K_M; `type N` for one not known here, empty where the file does not say."""
    shares: dict[str, float]
    """What share of the parameters is stored how, by tensor type, largest first."""
    context_length: int
    """Tokens the model was trained to attend to; 0 where the file does not say."""
    vocabulary: int
    """Tokens in the vocabulary."""
    tokenizer: str
    """The tokenizer's kind and its way of splitting words, such as gpt2 (qwen2)."""
    marks: tuple[FimToken, ...]
    """The infill tokens that were found."""
    template: tuple[str, ...]
    """By which marks the file's chat template tells the turns apart; empty where it has no template."""
    licence: str
    """`general.license`; empty where the file has none."""
    tags: tuple[str, ...]
    """`general.tags`."""
    sources: tuple[str, ...]
    """Where the file says it comes from: addresses and names of repositories."""
    attention: CacheShape
    """Layers, heads and states."""
    fixed: str
    """Why the KV cache cannot be shifted: a clause; empty where it can."""
    tensors: int
    """Weight tensors in the file."""
    weights: int
    """Bytes of the weights."""
    bytes: int
    """Size of the file."""

    @property
    def has_fim(self) -> bool:
        """Whether the vocabulary has the infill tokens for a prefix and a suffix. Some layouts have none for the middle."""
        return {"prefix", "suffix"} <= {mark.part for mark in self.marks}

    @property
    def can_shift(self) -> bool:
        """Whether cached tokens can be moved to other positions, so that a keystroke does not cost the whole suffix."""
        return not self.fixed


def read_header(path: Path) -> ModelHeader:
    """What the header of a GGUF file says.

    Raises `UsageError` where there is no file, it is no GGUF, or it ends before its weights do.
    """
    file = read_model_file(path)
    with describe_damage(path):
        return _describe_model(file)


def _describe_model(file: GgufFile) -> ModelHeader:
    architecture = _get_line(file, "general.architecture")
    file_type = file.get_number("general.file_type") if "general.file_type" in file.keys else None
    stored: Counter[str] = Counter()
    for tensor in file.tensors:
        stored[tensor.type_name] += tensor.elements
    tokens = file.get_strings("tokenizer.ggml.tokens")
    return ModelHeader(
        architecture=architecture,
        name=_get_line(file, "general.name"),
        basename=_get_line(file, "general.basename"),
        finetune=_get_line(file, "general.finetune"),
        size_label=_get_line(file, "general.size_label"),
        parameters=stored.total(),
        quantisation=_FILE_TYPES.get(file_type, f"type {file_type}") if file_type is not None else "",
        shares={name: round(count / stored.total(), 3) for name, count in stored.most_common() if stored.total()},
        context_length=file.get_number(f"{architecture}.context_length"),
        vocabulary=tokens.length or file.get_number(f"{architecture}.vocab_size", _MAX_VOCABULARY),
        tokenizer=_describe_tokenizer(file),
        marks=tuple(mark for part in _FIM_TOKENS for mark in [_find_fim_token(file, part)] if mark is not None),
        template=_describe_template(file),
        licence=_get_line(file, "general.license"),
        tags=tuple(tag[:_MAX_LINE] for tag in list(file.get_strings("general.tags").special)[:_MAX_TAGS]),
        sources=tuple(_get_line(file, key) for key in _SOURCES if file.get_text(key)),
        attention=read_cache_shape(file, architecture),
        fixed=_explain_no_shift(file, architecture),
        tensors=len(file.tensors),
        weights=sum(tensor.bytes for tensor in file.tensors),
        bytes=file.bytes,
    )


# Characters of a text that is shown or searched, and how many tags: far above those of any real file.
_MAX_LINE, _MAX_TAGS = 300, 100
# Far above any real model, low enough that what is computed from it stays small.
_MAX_VOCABULARY = 10_000_000


def _get_line(file: GgufFile, key: str) -> str:
    return file.get_text(key)[:_MAX_LINE]


_SOURCES = (
    *("general.url", "general.repo_url", "general.source.url", "general.source.repo_url"),
    *("general.source.huggingface.repository", "general.source.hf.repository"),
)
# Each part of an infill prompt: the metadata keys that name its token, as newer and older converters spell them, and the texts by
# which the model lines write it.
_FIM_TOKENS = {
    "prefix": (
        ("fim_pre_token_id", "prefix_token_id"),
        (
            "<|fim_prefix|>",
            "<fim-prefix>",
            "<fim_prefix>",
            "<|code_prefix|>",
            "<|prefix|>",
            "<PRE>",
            "▁<PRE>",
            "[PREFIX]",
            "<｜fim▁begin｜>",
            "<[fim-prefix]>",
        ),
    ),
    "suffix": (
        ("fim_suf_token_id", "suffix_token_id"),
        (
            "<|fim_suffix|>",
            "<fim-suffix>",
            "<fim_suffix>",
            "<|code_suffix|>",
            "<|suffix|>",
            "<SUF>",
            "▁<SUF>",
            "[SUFFIX]",
            "<｜fim▁hole｜>",
            "<[fim-suffix]>",
        ),
    ),
    "middle": (
        ("fim_mid_token_id", "middle_token_id"),
        (
            "<|fim_middle|>",
            "<fim-middle>",
            "<fim_middle>",
            "<|code_middle|>",
            "<|middle|>",
            "<MID>",
            "▁<MID>",
            "[MIDDLE]",
            "<｜fim▁end｜>",
            "<[fim-middle]>",
        ),
    ),
    "repository": (
        ("fim_rep_token_id",),
        ("<|repo_name|>", "<|fim_repo|>", "<fim-repo>", "<reponame>", "<repo_name>", "<REPO>"),
    ),
    "file": (("fim_sep_token_id",), ("<|file_sep|>", "<file_sep>", "<|file_separator|>", "<filename>")),
}
# Any of these in a template tells how its turns are marked.
_TEMPLATE_MARKS = {
    "<|im_start|>": "ChatML (<|im_start|>)",
    "[INST]": "[INST]",
    "<|start_header_id|>": "Llama 3 (<|start_header_id|>)",
    "<start_of_turn>": "Gemma (<start_of_turn>)",
    "<|start_of_role|>": "Granite (<|start_of_role|>)",
    "### Instruction": "### Instruction",
    "<[begin▁of▁sentence]>": "Seed (<[begin▁of▁sentence]>)",
    "<｜User｜>": "DeepSeek (<｜User｜>)",
    "<|user|>": "<|user|>",
    "Question:": "Question: and Answer:",
}


def _find_fim_token(file: GgufFile, part: str) -> FimToken | None:
    tokens = file.get_strings("tokenizer.ggml.tokens").special
    keys, texts = _FIM_TOKENS[part]
    for key in (f"tokenizer.ggml.{key}" for key in keys):
        if key in file.keys:
            number = file.get_number(key)
            return FimToken(part, next((text for text, index in tokens.items() if index == number), f"#{number}"), key)
    spelling = next((text for text in texts if text in tokens), None)
    return FimToken(part, spelling, "token text") if spelling else None


def _describe_tokenizer(file: GgufFile) -> str:
    kind, splitting = _get_line(file, "tokenizer.ggml.model"), _get_line(file, "tokenizer.ggml.pre")
    return f"{kind} ({splitting})" if splitting else kind


def _describe_template(file: GgufFile) -> tuple[str, ...]:
    template = file.get_text("tokenizer.chat_template")
    if not template:
        return ()
    return tuple(name for text, name in _TEMPLATE_MARKS.items() if text in template) or ("marks of its own",)


def _explain_no_shift(file: GgufFile, architecture: str) -> str:
    if architecture in RECURRENT_ARCHITECTURES:
        return f"{architecture} is recurrent: its state has no positions"
    if architecture == "step35" or f"{architecture}.rope.dimension_sections" in file.keys:
        return f"llama.cpp cannot turn the positions of {architecture}"
    return ""


# llama.cpp's numbers for how a whole file is quantised (llama.h, enum llama_ftype).
_FILE_TYPES = {
    **{0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S", 12: "Q3_K_M"},
    **{13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K", 19: "IQ2_XXS", 20: "IQ2_XS"},
    **{21: "Q2_K_S", 22: "IQ3_XS", 23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL", 26: "IQ3_S", 27: "IQ3_M", 28: "IQ2_S"},
    **{29: "IQ2_M", 30: "IQ4_XS", 31: "IQ1_M", 32: "BF16", 36: "TQ1_0", 37: "TQ2_0", 38: "MXFP4_MOE"},
}
