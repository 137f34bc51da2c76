"""`python -m interfix.cli`, for whoever knows the interpreter and not the command's folder."""

from interfix.cli import main

main()
