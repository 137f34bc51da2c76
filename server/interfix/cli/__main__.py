"""`python -m interfix.cli`: runs the command line where only the interpreter's path is known."""

from interfix.cli import main

main()
