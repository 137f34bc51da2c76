"""WizardCoder: instruct models tuned from StarCoder, Code Llama and DeepSeek-Coder, with Alpaca's turns.

Source: the cards of WizardLMTeam/WizardCoder-15B-V1.0 and WizardCoder-Python-34B-V1.0 and the Alpaca prompt they name. The
vocabularies hold FIM tokens of the models they were tuned from; tuning was on instructions only, and that the ability
survived is unverified.
"""

from interfix.prompt.families.family import Family

WIZARDCODER = Family(
    name="wizardcoder",
    name_pattern=r"wizard[-_ ]?coder",
    no_infill_reason="It is a WizardCoder model: it was tuned to follow instructions and is not known to fill holes any more.",
    turn_end_tokens=("</s>",),
    answer_end_texts=("\n### Instruction:", "\n### Response:"),
    chat_template=(
        "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'system' %}{{ message['content'] + '\\n\\n' }}"
        "{% elif message['role'] == 'user' %}{{ '### Instruction:\\n' + message['content'] + '\\n\\n' }}"
        "{% else %}{{ '### Response:\\n' + message['content'] + eos_token + '\\n\\n' }}{% endif %}{% endfor %}"
        "{% if add_generation_prompt %}{{ '### Response:\\n' }}{% endif %}"
    ),
)
