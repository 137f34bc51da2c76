"""The families of models, one file each. A family is chosen by what the file calls itself, then by what its vocabulary holds."""

from interfix.prompt.families.chatml import CHATML_MODELS, SMOLLM
from interfix.prompt.families.codegemma import CODEGEMMA
from interfix.prompt.families.codellama import CODELLAMA
from interfix.prompt.families.codestral import CODESTRAL
from interfix.prompt.families.deepseek import DEEPSEEK_CODER
from interfix.prompt.families.family import Family, ModelIdentity
from interfix.prompt.families.gemma import GEMMA
from interfix.prompt.families.granite import GRANITE, GRANITE_4
from interfix.prompt.families.mellum import MELLUM
from interfix.prompt.families.qwen import QWEN, QWEN_CODER, QWEN_HYBRID
from interfix.prompt.families.seedcoder import SEED_CODER
from interfix.prompt.families.starcoder import STARCODER, STARCODER2
from interfix.prompt.families.sweep import SWEEP, SWEEP_V2
from interfix.prompt.families.unknown_next_edit_models import NEXT_EDIT
from interfix.prompt.families.wizardcoder import WIZARDCODER
from interfix.prompt.families.zeta import ZETA
from interfix.prompt.families.zeta2 import ZETA_2, ZETA_2_1
from interfix.prompt.tokenizer import Tokenizer

__all__ = ["FAMILIES", "UNKNOWN_FAMILY", "Family", "ModelIdentity", "detect_family"]

FAMILIES = (
    # Models for the next edit are tuned from others, whose names and tokens their files may carry as well.
    SWEEP_V2,
    SWEEP,
    ZETA_2_1,
    ZETA_2,
    ZETA,
    NEXT_EDIT,
    WIZARDCODER,  # tuned from several of the others, whose names its files may carry as well
    QWEN_CODER,
    QWEN_HYBRID,
    QWEN,
    CODELLAMA,
    DEEPSEEK_CODER,
    GRANITE_4,
    GRANITE,
    STARCODER2,
    STARCODER,
    CODEGEMMA,
    GEMMA,
    CODESTRAL,
    MELLUM,
    SEED_CODER,
    SMOLLM,
    CHATML_MODELS,
)
"""In the order in which they are asked."""

UNKNOWN_FAMILY = Family(name="unknown")
"""Prefix, suffix, middle with the markers that llama.cpp finds, and only the file's own chat template."""


def detect_family(tokenizer: Tokenizer, identity: ModelIdentity | None = None) -> Family:
    """The family of a model; `UNKNOWN_FAMILY` where neither its name nor its vocabulary is known. Ask `Family.can_infill` before an
    infill."""
    family_by_name = next((family for family in FAMILIES if identity is not None and family.matches_name(identity)), None)
    return family_by_name or next((family for family in FAMILIES if family.matches_vocabulary(tokenizer)), UNKNOWN_FAMILY)
