"""StarCoder and StarCoder2, and Refact, which has StarCoder's tokens.

Sources: the StarCoder2 report (arXiv 2402.19173), section 5.1: `<repo_name>r<file_sep>path⏎code…<file_sep><fim_prefix>path⏎P
<fim_suffix>S<fim_middle>`, no line ends but those behind paths, files separated by `<file_sep>`, which a model writes where it
begins another; the StarCoder report (arXiv 2305.06161) and model card: one file a document, so no others are shown; llama.cpp's
`ggml-vocab-starcoder.gguf` and `ggml-vocab-refact.gguf`. The turns are those of the card of starcoder2-15b-instruct-v0.1.
"""

from interfix.prompt.families.family import Family, MultiFileFormat

_MARKERS = ("<fim_prefix>", "<fim_suffix>", "<fim_middle>")

STARCODER2 = Family(
    name="starcoder2",
    name_pattern=r"starcoder[-_ ]?2",
    signature_tokens=(*_MARKERS, "<repo_name>", "<file_sep>"),
    fim_markers=_MARKERS,
    multi_file_format=MultiFileFormat(
        path_marker="<file_sep>", repository_marker="<repo_name>", repository_terminator="", path_after_prefix_marker=True
    ),
    infill_stop_tokens=("<file_sep>", "<repo_name>", "<fim_pad>", "<|endoftext|>"),
    answer_end_texts=("\n### Instruction",),
    chat_template=(
        "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'system' %}{{ message['content'] + '\\n\\n' }}"
        "{% elif message['role'] == 'user' %}{{ '### Instruction\\n' + message['content'] + '\\n\\n' }}"
        "{% else %}{{ '### Response\\n' + message['content'] + eos_token }}{% endif %}{% endfor %}"
        "{% if add_generation_prompt %}{{ '### Response\\n' }}{% endif %}"
    ),
)

STARCODER = Family(
    name="starcoder",
    name_pattern=r"starcoder|santacoder|refact",
    signature_tokens=(*_MARKERS, "<reponame>", "<filename>", "<gh_stars>"),
    fim_markers=_MARKERS,
    infill_stop_tokens=("<filename>", "<reponame>", "<gh_stars>", "<fim_pad>", "<|endoftext|>"),
)
