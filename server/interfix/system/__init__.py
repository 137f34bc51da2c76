"""Access to the user's machine: the only module that writes a user's files, and the only way to start another program."""
