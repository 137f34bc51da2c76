"""Vocabularies of model files, without their weights."""

from pathlib import Path

from interfix.engine.llamacpp.loaded_library import llama
from interfix.engine.vocabulary import Vocabulary

_loaded: dict[Path, tuple[object, Vocabulary]] = {}


def load_vocabulary(path: Path) -> Vocabulary:
    """The real tokeniser of a file; it stays in memory, for a vocabulary needs its model."""
    if path not in _loaded:
        params = llama.llama_model_default_params()
        params.vocab_only = True
        model = llama.llama_model_load_from_file(str(path).encode(), params)
        assert model, f"llama.cpp cannot load {path}"
        _loaded[path] = model, Vocabulary(llama.llama_model_get_vocab(model))
    return _loaded[path][1]


def decode_prompt(tokens: list[int] | tuple[int, ...], tokenizer: Vocabulary) -> str:
    """A prompt as text, control tokens included."""
    return b"".join(map(tokenizer.token_to_piece, tokens)).decode()
