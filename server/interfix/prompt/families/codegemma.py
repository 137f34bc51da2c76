"""CodeGemma: the markers are spelled as Qwen's, the separator of files is its own, and it is how the model says that it is done.

Sources: the CodeGemma report (arXiv 2406.11409), figure 2: a path and a line end before `<|fim_prefix|>`, files separated by
`<|file_separator|>`; Google's page on CodeGemma's prompt structure (the four tokens, no white space around them) and its model
card, which stops at these tokens. llama.cpp does not count `<|file_separator|>` as an end. The turns are Gemma's: no system turn.
"""

from interfix.prompt.families.family import Family, MultiFileFormat

CODEGEMMA = Family(
    name="codegemma",
    name_pattern=r"code[-_ ]?gemma",
    signature_tokens=("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|file_separator|>"),
    fim_markers=("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),
    multi_file_format=MultiFileFormat(file_separator="<|file_separator|>"),
    infill_stop_tokens=("<|file_separator|>", "<eos>", "<end_of_turn>", "<start_of_turn>"),
    turn_end_tokens=("<|file_separator|>", "<eos>", "<start_of_turn>"),
    chat_template=(
        "{{ bos_token }}{% for message in messages %}"
        "{% if message['role'] == 'system' %}{{ raise_exception('there is no system turn') }}{% endif %}"
        "{% set role = 'model' if message['role'] == 'assistant' else 'user' %}"
        "{{ '<start_of_turn>' + role + '\\n' + message['content'] + '<end_of_turn>\\n' }}{% endfor %}"
        "{% if add_generation_prompt %}{{ '<start_of_turn>model\\n' }}{% endif %}"
    ),
)
