"""What stands for code whose bodies are not shown: skeletons, signatures, outlines of files. The index, the window and the sources
of context take theirs from here."""

from interfix.context.skeletons.code_structure import CodeScopes, CodeStructure, find_code_scopes, read_structure
from interfix.context.skeletons.definition import Definition
from interfix.context.skeletons.file_outline import outline_file
from interfix.context.skeletons.outermost_definitions import find_definition_ranges
from interfix.context.skeletons.signature_summary import (
    SUMMARY_CHARACTERS,
    summarize_definition,
    summarize_signatures,
)
from interfix.context.skeletons.skeleton import DOCSTRING_BYTES, build_skeleton

__all__ = [
    "DOCSTRING_BYTES",
    "SUMMARY_CHARACTERS",
    "CodeScopes",
    "CodeStructure",
    "Definition",
    "build_skeleton",
    "find_code_scopes",
    "find_definition_ranges",
    "outline_file",
    "read_structure",
    "summarize_definition",
    "summarize_signatures",
]
