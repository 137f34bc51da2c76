"""Code Llama: base models of 7B and 13B that infill, and Instruct models with `[INST]` turns.

Sources: Meta's code (facebookresearch/codellama, `llama/generation.py` and `llama/tokenizer.py`): begin, `▁<PRE>`, the prefix
tokenised with sentencepiece's leading space, `▁<SUF>`, the suffix without it, `▁<MID>`, and `▁<EOT>` at the hole's end; `[INST]`
and `<<SYS>>` from the same file, each answered turn closed by `</s>`. llama.cpp looks for `_<EOT>` with an underscore, so the token
is found by its text here. The 34B and 70B files have no such tokens and are refused for it.
"""

from interfix.prompt.families.family import Family

CODELLAMA = Family(
    name="codellama",
    name_pattern=r"code[-_ ]?llama",
    signature_tokens=("▁<PRE>", "▁<SUF>", "▁<MID>"),
    fim_markers=("▁<PRE>", "▁<SUF>", "▁<MID>"),
    leading_space=True,
    infill_stop_tokens=("▁<EOT>", "<EOT>", "</s>"),
    turn_end_tokens=("▁<EOT>", "<EOT>", "</s>"),
    answer_end_texts=("[INST]",),
    chat_template=(
        "{% if messages[0]['role'] == 'system' %}"
        "{% set system = '<<SYS>>\\n' + messages[0]['content'] + '\\n<</SYS>>\\n\\n' %}{% set turns = messages[1:] %}"
        "{% else %}{% set system = '' %}{% set turns = messages %}{% endif %}"
        "{% for turn in turns %}{% if turn['role'] == 'user' %}"
        "{{ bos_token + '[INST] ' + (system if loop.first else '') + turn['content'] + ' [/INST]' }}"
        "{% else %}{{ ' ' + turn['content'] + ' ' + eos_token }}{% endif %}{% endfor %}"
    ),
)
