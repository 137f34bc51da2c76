"""Codestral: the suffix first, no marker before the middle. Mamba-Codestral cannot infill, as its makers say.

Sources: Mistral's own tokeniser (mistralai/mistral-common, `InstructTokenizerV2.encode_fim`): begin, `[SUFFIX]`, the suffix without
sentencepiece's leading space, `[PREFIX]`, the prefix with it; its instruct turns are the `[INST]` of the same file. General Mistral
models have the tokens, too, so a file is known by its name only. Other files as `+++++ path` lines inside the prefix are how
Continue lays Codestral out (`codestralMultifileFimTemplate`); Mistral has published nothing on it.
"""

from interfix.prompt.families.family import Family, MultiFileFormat

CODESTRAL = Family(
    name="codestral",
    name_pattern=r"(?<!mamba.)codestral",
    fim_markers=("[PREFIX]", "[SUFFIX]"),
    suffix_first=True,
    leading_space=True,
    multi_file_format=MultiFileFormat(path_marker="+++++ ", file_separator="\n\n", files_after_prefix_marker=True),
    infill_stop_tokens=("[PREFIX]", "[SUFFIX]", "[MIDDLE]", "</s>"),
    turn_end_tokens=("[INST]", "</s>"),
    chat_template=(
        "{{ bos_token }}{% for message in messages %}"
        "{% if message['role'] == 'system' %}{{ raise_exception('there is no system turn') }}{% endif %}"
        "{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + '[/INST]' }}"
        "{% else %}{{ ' ' + message['content'] + eos_token }}{% endif %}{% endfor %}"
    ),
)
