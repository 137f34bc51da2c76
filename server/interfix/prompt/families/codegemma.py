"""CodeGemma: the markers are spelled as Qwen's, the separator of files is its own, and it is how the model says that it is done.

Sources: the CodeGemma report (arXiv 2406.11409), figure 2: a path and a line end before `<|fim_prefix|>`, files separated by
`<|file_separator|>`; Google's page on CodeGemma's prompt structure (the four tokens, no white space around them) and its model
card, which stops at these tokens. llama.cpp does not count `<|file_separator|>` as an end. The turns are Gemma's: no system turn.
"""

from interfix.prompt.families.family import Family, FileForm

CODEGEMMA = Family(
    name="codegemma",
    called=r"code[-_ ]?gemma",
    signature=("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|file_separator|>"),
    markers=("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),
    form=FileForm(gap="<|file_separator|>"),
    stops=("<|file_separator|>", "<eos>", "<end_of_turn>", "<start_of_turn>"),
    turn_ends=("<|file_separator|>", "<eos>", "<start_of_turn>"),
    template=(
        "{{ bos_token }}{% for message in messages %}"
        "{% if message['role'] == 'system' %}{{ raise_exception('there is no system turn') }}{% endif %}"
        "{% set role = 'model' if message['role'] == 'assistant' else 'user' %}"
        "{{ '<start_of_turn>' + role + '\\n' + message['content'] + '<end_of_turn>\\n' }}{% endfor %}"
        "{% if add_generation_prompt %}{{ '<start_of_turn>model\\n' }}{% endif %}"
    ),
)
