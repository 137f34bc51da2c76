"""What Interfix does to the user's machine: the only writer of a user's files, and the only way to start another program."""
