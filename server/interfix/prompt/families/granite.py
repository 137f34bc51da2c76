"""Granite Code, and the general Granite models from 3 on, whose cards list fill-in-the-middle among what they can do.

Sources: the Granite Code report (arXiv 2405.04324), section on pretraining: FIM in both orders, with StarCoder's tokenizer and
markers; the cards of granite-8b-code-base and granite-8b-code-instruct, whose template names System, Question and Answer;
llama.cpp's notes on `<fim_prefix>` and `<reponame>`. How files follow each other in its repository-level training is not
published, so no others are shown.

Granite 4, dense (350M, 1B, micro) and hybrid (the H variants): the cards of granite-4.0-h-350m-base and granite-4.1-8b-base say
that they infill with prefix and suffix tokens; the vocabulary, as public code lists it from token 100,256 on, spells them as Qwen
does. The order of prefix and suffix and how files follow each other are not published: the prefix comes first, as in Granite Code.
"""

from interfix.prompt.families.family import Family

GRANITE_4 = Family(
    name="granite-4",
    name_pattern=r"granite[-_ ]?[4-9](?!\d|b)",
    signature_tokens=("<|fim_prefix|>", "<|filename|>", "<|start_of_role|>"),
    fim_markers=("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),
    infill_stop_tokens=("<|filename|>", "<|reponame|>", "<|fim_pad|>", "<|end_of_text|>"),
    turn_end_tokens=("<|start_of_role|>",),
    chat_template=(
        "{% for message in messages %}{{ '<|start_of_role|>' + message['role'] + '<|end_of_role|>' + message['content'] }}"
        "{{ '<|end_of_text|>\\n' }}{% endfor %}"
        "{% if add_generation_prompt %}{{ '<|start_of_role|>assistant<|end_of_role|>' }}{% endif %}"
    ),
)

GRANITE = Family(
    name="granite",
    name_pattern=r"granite",
    fim_markers=("<fim_prefix>", "<fim_suffix>", "<fim_middle>"),
    infill_stop_tokens=("<filename>", "<reponame>", "<fim_pad>", "<|endoftext|>", "<|end_of_text|>"),
    answer_end_texts=("\nQuestion:\n",),
    chat_template=(
        "{% for message in messages %}{% if message['role'] == 'user' %}{{ 'Question:\\n' + message['content'] + '\\n\\n' }}"
        "{% elif message['role'] == 'system' %}{{ 'System:\\n' + message['content'] + '\\n\\n' }}"
        "{% else %}{{ 'Answer:\\n' + message['content'] + '\\n\\n' }}{% endif %}{% endfor %}"
        "{% if add_generation_prompt %}{{ 'Answer:\\n' }}{% endif %}"
    ),
)
