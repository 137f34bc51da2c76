"""The errors that a user can act on: one sentence and one exit code each."""


class InterfixError(Exception):
    """A failure with a sentence fit for a user: what happened, to what, and what to do next."""

    exit_code = 3
    """What the command line exits with: 2 for bad usage, 3 where a model or an engine is unavailable."""


class UsageError(InterfixError):
    """The request itself is wrong: no such file, position, option or model name."""

    exit_code = 2


class UnavailableError(InterfixError):
    """A model or an engine that is needed cannot be had now."""


class RoleMismatchError(UsageError):
    """A model was asked to do what its role cannot: a base model to chat, or a model without infill to complete."""
