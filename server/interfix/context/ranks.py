"""What goes first where a prompt has no room for all: the ranks of everything beside the code at the cursor. Knows no source."""

from interfix.values import NEEDED

SCOPE = 1
"""Headers of the definitions around the cursor."""
MEMBERS = 2
"""The first of the files, up to `gathering.BEST_FILES`, that say what the object right before the cursor is."""
IMPORTS = NEEDED - 1
"""The file's imports."""
REPOSITORY = NEEDED
"""The repository's name, which costs nothing where no other file is shown."""
SIGNATURES = 8
"""Signatures of the definitions next to the cursor's own, for their bodies."""
FILES = 10
"""Other files, the best first, in their brief form where they have one."""
BODIES = 40
"""What the brief form of other files leaves out, likewise."""
DISTANT = 100
"""Signatures of definitions of this file farther off, the nearest first."""
FAR = 1000
"""This file's code away from the cursor, whole, the nearest first."""
FILES_LEFT = 2000
"""Other files beyond the best few."""
