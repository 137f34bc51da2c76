"""Models with ChatML turns: SmolLM and SmolLM2, and whatever vocabulary has its two tokens. They use the file's own template.

Sources: the card of HuggingFaceTB/SmolLM2-1.7B-Instruct; that it was not trained for infill follows from its vocabulary, which has
no FIM tokens.
"""

from interfix.prompt.families.family import CHATML_TEMPLATE, Family

SMOLLM = Family(
    name="smollm",
    name_pattern=r"smol[-_ ]?lm",
    no_infill_reason="It is a SmolLM model: it was trained to continue text and to answer, not to fill a hole.",
    chat_template=CHATML_TEMPLATE,
    turn_end_tokens=("<|im_start|>",),
)

CHATML_MODELS = Family(
    name="chatml",
    signature_tokens=("<|im_start|>", "<|im_end|>"),
    chat_template=CHATML_TEMPLATE,
    turn_end_tokens=("<|im_start|>",),
)
