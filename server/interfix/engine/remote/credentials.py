"""A server's token, from where the settings say it is kept. It is never in a setting, a log or a message itself."""

import os

from interfix.errors import UnavailableError, UsageError


def read_token(reference: str, setting_name: str) -> str:
    """The token that `env:NAME` or `keyring:SERVICE/USER` refers to; empty for an empty reference.

    Raises `UsageError` for any other reference and for a token that no header can carry, and `UnavailableError` where there is
    nothing. `setting_name` is what to name in the sentence.
    """
    token = _found(reference, setting_name)
    if not all(" " <= character <= "~" for character in token):
        raise UsageError(f"The token that {setting_name} refers to holds a character that no header can carry; store it anew.")
    return token


def _found(reference: str, setting: str) -> str:
    kind, _, name = reference.partition(":")
    if not reference:
        return ""
    if kind == "env" and name:
        if token := os.environ.get(name, ""):
            return token
        raise UnavailableError(f"{setting} refers to the variable {name}, which is not set where Interfix runs.")
    if kind == "keyring" and name.count("/") == 1:
        service, _, user = name.partition("/")
        return _read_keyring(service, user, setting)
    raise UsageError(f"{setting} says where a token is kept, not the token: write env:NAME or keyring:SERVICE/USER.")


def _read_keyring(service: str, user: str, setting_name: str) -> str:
    try:
        import keyring  # here: it asks the desktop, and most need no token
        from keyring.errors import KeyringError
    except ImportError:
        raise UnavailableError(f"{setting_name} needs the keyring package: install interfix[keyring], or use env:NAME.") from None
    try:
        password = keyring.get_password(service, user)
    except KeyringError as error:
        raise UnavailableError(
            f"The keyring of {setting_name} cannot be opened ({type(error).__name__}); unlock it, or use env:NAME."
        ) from None
    if not password:
        raise UnavailableError(f"The keyring has nothing for {service}/{user}; put it there with: keyring set {service} {user}")
    return password
