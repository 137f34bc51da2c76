"""What a name is at one place, as the tree says: code, string or comment, declared there or not, and where it is known."""

from collections.abc import Sequence
from enum import StrEnum
from functools import cache

import msgspec
from tree_sitter import Node

from interfix.syntax.node_lookup import find_leaf
from interfix.syntax.snapshot import Snapshot

_COMMENT_MARKS = ("comment",)
_STRING_MARKS = ("string", "char_literal", "character", "heredoc", "quoted", "regex", "text")
_CODE_MARKS = ("interpolation", "substitution", "embedded", "expansion", "format_expression")
_FUNCTION_MARKS = ("function", "method", "lambda", "closure", "arrow", "constructor_declaration", "func_literal", "do_block")
_DECLARING_MARKS = (
    "parameter",
    "declar",
    "definition",
    "assignment",
    "spec",
    "range_clause",
    "for_",
    "catch",
    "_item",
    "except",
    "pattern",
    "named_expression",
)
_DECLARING_TYPES = frozenset(["class", "module", "method", "singleton_method", "preproc_def", "preproc_function_def"])
"""Definitions of Ruby and of C's preprocessor, which have no such word in their names."""
_REASSIGNING_MARKS = ("compound_assignment", "augmented_assignment", "operator_assignment", "assignment_expression")
"""Assignments to what there is already; PHP has no others, and declares by them."""
_PLAIN_ASSIGNMENTS = frozenset(["assignment", "assignment_statement"])
"""Where braces part scopes, these give another value to what is declared elsewhere."""
_IMPORTING_MARKS = ("import", "use_", "using_")
_BLOCK_TYPES = frozenset(
    [
        "block",
        "statement_block",
        "compound_statement",
        "for_statement",
        "for_in_statement",
        "for_expression",
        "for_range_loop",
        "enhanced_for_statement",
        "foreach_statement",
        "if_statement",
        "if_expression",
        "match_arm",
        "catch_clause",
        "catch_block",
        "try_with_resources_statement",
        "using_statement",
        "control_structure_body",
    ]
)
"""Where braces part scopes, what is declared in these is not known outside."""
_EXPORTS = b"__all__"
"""Strings in this list of Python are names of the module."""
_HOISTED_TYPE = "variable_declaration"
"""What JavaScript's `var` declares is known in the whole function."""
_MODULE_FIELDS = ("module_name", "source")
_NAME_LISTS = frozenset(
    [
        "expression_list",
        "identifier_list",
        "pattern_list",
        "tuple_pattern",
        "array_pattern",
        "object_pattern",
        "left_assignment_list",
        "variable_name",
    ]
)
"""What may hold several names of which each is declared like the first; PHP's variables hold the name behind their sign."""
_NAMED_ARGUMENTS = frozenset(["keyword_argument", "argument"])
"""An argument of a call, which may have a name before its value."""
_DECLARING_FIELDS = ("name", "left", "pattern", "declarator", "alias")
_MAX_CLIMB = 60


class TextKind(StrEnum):
    """What a place of a text belongs to."""

    CODE = "code"
    STRING = "string"
    COMMENT = "comment"


class NamePlace(msgspec.Struct, frozen=True):
    """A name at one place, as the tree sees it."""

    kind: TextKind = TextKind.CODE
    """What it is part of."""
    declares: bool = False
    """Whether the name comes into being there: a definition's name, a parameter, what is assigned to."""
    function: tuple[int, int] | None = None
    """The bytes of the innermost function around it, whose own name is outside; None outside of functions."""
    outer: tuple[int, int] | None = None
    """The bytes of the outermost."""
    scope: tuple[int, int] | None = None
    """The bytes in which a name that is declared there is known; None: in the whole file."""
    is_constructor: bool = False
    """Whether it is a constructor's, which is called like its class."""
    is_parameter: bool = False
    """Whether it comes into being as a function's parameter."""
    is_argument_name: bool = False
    """Whether it says which parameter of a call gets a value."""


def find_name_place(snapshot: Snapshot, offset: int) -> NamePlace:
    """What the token at a byte is; code that declares nothing where there is no tree."""
    kind: TextKind | None = None
    declares, functions = False, list[tuple[int, int]]()
    below: Node | None = None
    node = find_leaf(snapshot, offset)
    language = snapshot.language
    declares_by_assigning = language is not None and "php" in language.ids
    has_blocks = language is not None and language.block == "braces" and not declares_by_assigning
    declares_apart = has_blocks
    block: tuple[int, int] | None = None
    start, is_constructor, is_parameter, is_argument_name = offset, False, False, False
    for _ in range(_MAX_CLIMB):
        if node is None:
            break
        roles = _find_roles(node.type)
        if kind is None and node.is_named:
            kind = roles.text
        if below is not None:
            reassigns = roles.reassigns or (declares_apart and node.type in _PLAIN_ASSIGNMENTS)
            may_declare = roles.declares and (declares_by_assigning or not reassigns)
            if node.type in _NAME_LISTS and below.start_byte == start:
                start = node.start_byte
            elif may_declare and not declares and below.start_byte == start:
                declares = _declares(node, below)
                is_constructor = declares and "constructor" in node.type
                has_blocks = has_blocks and "assign" not in node.type
            if node.type in _NAMED_ARGUMENTS and node.child_by_field_name("name") == below:
                is_argument_name = below.start_byte == start
            if roles.is_function and not _is_named_by(node, below, is_parameter=is_parameter):
                if functions and is_parameter and below == node.child_by_field_name("declarator"):
                    functions.pop()  # the declarator of C's function, whose parameters are known in the body
                functions.append((node.start_byte, node.end_byte))
            if block is None and not functions and declares and node.type in _BLOCK_TYPES:
                block = node.start_byte, node.end_byte
        if kind is TextKind.STRING and "assignment" in node.type and node.text is not None and node.text.startswith(_EXPORTS):
            kind = TextKind.CODE
        has_blocks = has_blocks and not (declares and node.type == _HOISTED_TYPE)
        is_parameter = is_parameter or "parameter" in node.type
        below, node = node, node.parent
    kind = kind or TextKind.CODE
    declares = declares and kind is TextKind.CODE
    function = functions[0] if functions else None
    scope = (has_blocks and block) or function
    outer = functions[-1] if functions else None
    return NamePlace(kind, declares, function, outer, scope, is_constructor, declares and is_parameter, is_argument_name)


class _NodeRoles(msgspec.Struct, frozen=True):
    """What a node of a type is, by the words that grammars use in its name."""

    text: TextKind | None
    """What decides about the text in it; None where that is for the nodes around it to say."""
    declares: bool
    reassigns: bool
    is_function: bool


@cache
def _find_roles(node_type: str) -> _NodeRoles:
    def has(marks: Sequence[str]) -> bool:
        return any(mark in node_type for mark in marks)

    text = None
    if has(_CODE_MARKS):
        text = TextKind.CODE
    elif has(_COMMENT_MARKS):
        text = TextKind.COMMENT
    elif has(_STRING_MARKS) and "statement" not in node_type and "context" not in node_type:
        text = TextKind.STRING
    declares = node_type in _DECLARING_TYPES or has(_DECLARING_MARKS) or has(_IMPORTING_MARKS)
    is_function = has(_FUNCTION_MARKS) and "parameters" not in node_type  # a list of them is a part of one
    return _NodeRoles(text, declares, has(_REASSIGNING_MARKS), is_function)


def _is_named_by(function: Node, node: Node, *, is_parameter: bool) -> bool:
    """Whether a part of a function is or holds its name, which is known outside. C's is in a declarator, with the parameters."""
    if node == function.child_by_field_name("name"):
        return True
    return not is_parameter and node == function.child_by_field_name("declarator")


def _declares(parent: Node, node: Node) -> bool:
    if any(mark in parent.type for mark in _IMPORTING_MARKS):
        return all(parent.child_by_field_name(field) != node for field in _MODULE_FIELDS)
    if "parameter" in parent.type:
        return True
    if parent.type == "variable_declaration" and parent.named_child(0) == node and parent.field_name_for_child(0) is None:
        return True  # Kotlin's grammar names no parts of it
    return any(parent.child_by_field_name(field) == node for field in _DECLARING_FIELDS)
