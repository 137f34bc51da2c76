"""DeepSeek-Coder, base and instruct: prefix, hole, suffix, end, with full-width bars in the markers.

Sources: the README of deepseek-ai/DeepSeek-Coder (infilling example; repository-level completion shows other files as a `#path`
line above their code; instruct models end with `<|EOT|>`), `tokenizer_config.json` of deepseek-coder-6.7b-instruct for the turns,
llama.cpp's `ggml-vocab-deepseek-coder.gguf`. The makers document files and holes apart; that the files stand inside the prefix
follows from FIM being applied to whole documents in the report (arXiv 2401.14196, section 3.1.2), and is unverified.
"""

from interfix.prompt.families.family import Family, FileForm

DEEPSEEK_CODER = Family(
    name="deepseek-coder",
    called=r"deepseek[-_ ]?coder",
    signature=("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"),
    markers=("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"),
    form=FileForm(mark="#", gap="\n", files_inside=True),
    stops=("<｜end▁of▁sentence｜>", "<|EOT|>"),
    turn_ends=("<｜end▁of▁sentence｜>", "<|EOT|>"),
    answer_ends=("\n### Instruction:",),
    template=(
        "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'system' %}{{ message['content'] + '\\n' }}"
        "{% elif message['role'] == 'user' %}{{ '### Instruction:\\n' + message['content'] + '\\n' }}"
        "{% else %}{{ '### Response:\\n' + message['content'] + '\\n<|EOT|>\\n' }}{% endif %}{% endfor %}"
        "{% if add_generation_prompt %}{{ '### Response:\\n' }}{% endif %}"
    ),
)
