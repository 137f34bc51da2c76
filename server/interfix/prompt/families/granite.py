"""Granite Code, and the general Granite 3 models, whose cards list fill-in-the-middle among what they can do.

Sources: the Granite Code report (arXiv 2405.04324), section on pretraining: FIM in both orders, with StarCoder's tokenizer and
markers; the cards of granite-8b-code-base and granite-8b-code-instruct, whose template names System, Question and Answer;
llama.cpp's notes on `<fim_prefix>` and `<reponame>`. How files follow each other in its repository-level training is not
published, so no others are shown.

Granite 4.0, dense (350M, 1B, micro) and hybrid (the H variants): the card of granite-4.0-h-350m-base says that it infills with
prefix and suffix tokens. Its vocabulary could not be checked; where it has not StarCoder's markers, those that llama.cpp finds
are used.
"""

from interfix.prompt.families.family import Family

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
