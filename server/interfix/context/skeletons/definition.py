"""A definition as others are shown it."""

import msgspec

from interfix.context.names.definition_facts import TypeFacts


class Definition(msgspec.Struct, frozen=True):
    """A definition somewhere in the workspace."""

    path: str
    """Its file, relative to the workspace, with forward slashes."""
    name: str
    """Its name, without what qualifies it."""
    kind: str
    """As of `interfix.syntax.definitions.Scope`."""
    line: int
    """Zero-based line on which it begins."""
    skeleton: str
    """Its signature and documentation; of a class also its fields and its methods' signatures. Secrets are masked."""
    facts: TypeFacts = TypeFacts()
    """What members it has, or what it returns; nothing in a language in which neither is read."""
