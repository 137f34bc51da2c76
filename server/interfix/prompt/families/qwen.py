"""Qwen2.5-Coder and Qwen3-Coder, and the general Qwen models, which share their vocabulary but not their training.

Sources: the Qwen2.5-Coder technical report (arXiv 2409.12186), sections 3.2.1 (file level: prefix, suffix, middle) and 3.2.2
(repository level); the README of the Qwen2.5-Coder repository, whose stop tokens are the FIM, repository and ChatML tokens; the
vocabulary file of llama.cpp (`ggml-vocab-qwen2.gguf` has none of the FIM tokens, the later ones do). Top-k 20 and top-p 0.8 are
those of the models' own `generation_config.json`; the temperature is ours.
Qwen3-Coder-Next is of this family by its name; a user of llama.vim reports that its infill works (llama.vim, issue 115).
Qwen3.5 and 3.6 are general and hybrid (recurrent and attention layers), but users report that they fill holes with the markers and
the repository layout of Qwen2.5-Coder (llama.vscode, issue 55). Their cards name no infill; the probe of the role decides.
That the other general models carry the FIM tokens untrained: their cards name no infill. Unverified beyond that.
"""

import msgspec

from interfix.inference_types import Sampling
from interfix.prompt.families.family import CHATML_TEMPLATE, Family, MultiFileFormat

QWEN_CODER = Family(
    name="qwen-coder",
    name_pattern=r"(?<![a-z])qwen.*coder",
    signature_tokens=("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|repo_name|>", "<|file_sep|>"),
    fim_markers=("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),
    multi_file_format=MultiFileFormat(path_marker="<|file_sep|>", repository_marker="<|repo_name|>"),
    infill_stop_tokens=("<|file_sep|>", "<|repo_name|>", "<|fim_pad|>", "<|im_start|>", "<|im_end|>"),
    turn_end_tokens=("<|im_start|>",),
    chat_template=CHATML_TEMPLATE,
    chat_sampling=Sampling(temperature=0.2, top_k=20, top_p=0.8),
)

QWEN_HYBRID = msgspec.structs.replace(
    QWEN_CODER, name="qwen3.5", name_pattern=r"(?<![a-z])qwen[-_ ]?3[._][56](?!\d)", signature_tokens=()
)

QWEN = Family(
    name="qwen",
    name_pattern=r"(?<![a-z])(qwen|qwq)",
    no_infill_reason="It is a general Qwen model: "
    "its vocabulary has the tokens of Qwen-Coder, but it was not trained to fill a hole.",
    turn_end_tokens=("<|im_start|>",),
    chat_template=CHATML_TEMPLATE,
    chat_sampling=Sampling(temperature=0.2, top_k=20, top_p=0.8),
)
