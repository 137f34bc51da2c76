"""DeepSeek-Coder, base and instruct: prefix, hole, suffix, end, with full-width bars in the markers.

Sources: the README of deepseek-ai/DeepSeek-Coder (infilling example; repository-level completion shows other files as a `#path`
line above their code; instruct models end with `<|EOT|>`), `tokenizer_config.json` of deepseek-coder-6.7b-instruct for the turns,
llama.cpp's `ggml-vocab-deepseek-coder.gguf`. The makers document files and holes apart; that the files stand inside the prefix
follows from FIM being applied to whole documents in the report (arXiv 2401.14196, section 3.1.2), and is unverified.
"""

from interfix.prompt.families.family import Family, MultiFileFormat

DEEPSEEK_CODER = Family(
    name="deepseek-coder",
    name_pattern=r"deepseek[-_ ]?coder",
    signature_tokens=("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"),
    fim_markers=("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"),
    multi_file_format=MultiFileFormat(path_marker="#", file_separator="\n", files_after_prefix_marker=True),
    infill_stop_tokens=("<｜end▁of▁sentence｜>", "<|EOT|>"),
    turn_end_tokens=("<｜end▁of▁sentence｜>", "<|EOT|>"),
    answer_end_texts=("\n### Instruction:",),
    chat_template=(
        "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'system' %}{{ message['content'] + '\\n' }}"
        "{% elif message['role'] == 'user' %}{{ '### Instruction:\\n' + message['content'] + '\\n' }}"
        "{% else %}{{ '### Response:\\n' + message['content'] + '\\n<|EOT|>\\n' }}{% endif %}{% endfor %}"
        "{% if add_generation_prompt %}{{ '### Response:\\n' }}{% endif %}"
    ),
)
