"""StarCoder and StarCoder2, and Refact, which has StarCoder's tokens.

Sources: the StarCoder2 report (arXiv 2402.19173), section 5.1: `<repo_name>r<file_sep>path⏎code…<file_sep><fim_prefix>path⏎P
<fim_suffix>S<fim_middle>`, no line ends but those behind paths, files separated by `<file_sep>`, which a model writes where it
begins another; the StarCoder report (arXiv 2305.06161) and model card: one file a document, so no others are shown; llama.cpp's
`ggml-vocab-starcoder.gguf` and `ggml-vocab-refact.gguf`. The turns are those of the card of starcoder2-15b-instruct-v0.1.
"""

from interfix.prompt.families.family import Family, FileForm

_MARKERS = ("<fim_prefix>", "<fim_suffix>", "<fim_middle>")

STARCODER2 = Family(
    name="starcoder2",
    called=r"starcoder[-_ ]?2",
    signature=(*_MARKERS, "<repo_name>", "<file_sep>"),
    markers=_MARKERS,
    form=FileForm(mark="<file_sep>", repository="<repo_name>", repository_end="", path_inside=True),
    stops=("<file_sep>", "<repo_name>", "<fim_pad>", "<|endoftext|>"),
    answer_ends=("\n### Instruction",),
    template=(
        "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'system' %}{{ message['content'] + '\\n\\n' }}"
        "{% elif message['role'] == 'user' %}{{ '### Instruction\\n' + message['content'] + '\\n\\n' }}"
        "{% else %}{{ '### Response\\n' + message['content'] + eos_token }}{% endif %}{% endfor %}"
        "{% if add_generation_prompt %}{{ '### Response\\n' }}{% endif %}"
    ),
)

STARCODER = Family(
    name="starcoder",
    called=r"starcoder|santacoder|refact",
    signature=(*_MARKERS, "<reponame>", "<filename>", "<gh_stars>"),
    markers=_MARKERS,
    stops=("<filename>", "<reponame>", "<gh_stars>", "<fim_pad>", "<|endoftext|>"),
)
