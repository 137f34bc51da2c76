"""The general Gemma models, which have no infill, and bring their own template.

Sources: the vocabulary of Gemma 3 270M, which has no FIM tokens, and the template of Gemma 4, whose turns end with a token of
another name. That the vocabularies of the later ones have no FIM tokens, either, could not be checked.
"""

from interfix.prompt.families.family import Family

GEMMA = Family(
    name="gemma",
    name_pattern=r"(?<![a-z])gemma",
    no_infill_reason="It is a general Gemma model: it was trained to continue text and to answer, not to fill a hole.",
    turn_end_tokens=("<turn|>",),
)
