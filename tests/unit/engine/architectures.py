"""Models of random weights, one or more an architecture, as the engine holds them."""

from collections.abc import Iterable
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

from interfix.config.settings import EngineSettings
from interfix.engine.free_cores import CpuMonitor
from interfix.engine.llama_runtime import AbortFlag, Weights
from interfix.engine.model_pool import DecodeControl, LoadedModel
from interfix.prompt.families.family import CHATML_TEMPLATE
from tests.effort import is_fast
from tests.gguf_fixtures import write_model

CHAT = ("<|im_start|>", "<|im_end|>")
QWEN = (*CHAT, "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>")
STARCODER2 = ("<|endoftext|>", "<fim_prefix>", "<fim_middle>", "<fim_suffix>", "<repo_name>", "<file_sep>")
CODEGEMMA = ("<bos>", "<eos>", "<start_of_turn>", "<end_of_turn>")
CODEGEMMA += ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|file_separator|>")
CODELLAMA = ("<s>", "</s>", "▁<PRE>", "▁<SUF>", "▁<MID>", "▁<EOT>")
CODESTRAL = ("<s>", "</s>", "[INST]", "[/INST]", "[PREFIX]", "[MIDDLE]", "[SUFFIX]")

MODELS = {
    "llama": partial(write_model, architecture="llama", controls=CODELLAMA, sentencepiece=True, bos="<s>", eos="</s>"),
    "codestral": partial(
        write_model,
        architecture="llama",
        controls=CODESTRAL,
        sentencepiece=True,
        bos="<s>",
        eos="</s>",
        name="Codestral 22B",
    ),
    "qwen2": partial(write_model, architecture="qwen2", controls=QWEN, template=CHATML_TEMPLATE),
    "qwen3": partial(write_model, architecture="qwen3", controls=QWEN, template=CHATML_TEMPLATE),
    "starcoder2": partial(write_model, architecture="starcoder2", controls=STARCODER2, eos="<|endoftext|>"),
    "gemma": partial(write_model, architecture="gemma", controls=CODEGEMMA, bos="<bos>", eos="<eos>"),
    "mamba": partial(write_model, architecture="mamba", controls=QWEN, template=CHATML_TEMPLATE),
    "granitehybrid": partial(write_model, architecture="granitehybrid", controls=QWEN, template=CHATML_TEMPLATE),
    "lfm2": partial(write_model, architecture="lfm2", controls=QWEN, template=CHATML_TEMPLATE),
    "lfm2 with a window": partial(write_model, architecture="lfm2", controls=QWEN, template=CHATML_TEMPLATE, window=64),
    "qwen35": partial(write_model, architecture="qwen35", controls=QWEN, template=CHATML_TEMPLATE),
    "gemma3": partial(write_model, architecture="gemma3", controls=QWEN, template=CHATML_TEMPLATE, window=64),
}
STATES = ("mamba", "granitehybrid", "lfm2", "lfm2 with a window", "qwen35")
"""Those with a state that can neither be cut nor moved."""


_folder = TemporaryDirectory(prefix="ifx-", ignore_cleanup_errors=True)
KINDS = ("qwen2", "granitehybrid", "gemma3")
"""One of each kind: attention to all, a state, a sliding window."""


def list_tried(names: Iterable[str]) -> list[str]:
    """Those of the names to try: in the fast suite one of each kind."""
    return [name for name in names if name in KINDS or not is_fast()]


@cache
def get_model_file(kind: str) -> Path:
    """The file of a kind in `MODELS`, written once and removed when the process ends."""
    return MODELS[kind](Path(_folder.name) / f"{kind}.gguf")


def load_model(name: str, path: Path, abort: AbortFlag | None = None) -> LoadedModel:
    settings = EngineSettings(context_tokens=1024)
    return LoadedModel(name, str(path), Weights(str(path)), 512, settings, DecodeControl(CpuMonitor(1), abort or AbortFlag()))
