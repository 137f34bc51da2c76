"""The npm registry of a machine, as npm is configured on it."""

from pathlib import Path

import pytest

from interfix.engine.llamacpp.npm_config import REGISTRY, read_registry

SCOPE = "@acme"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    return tmp_path


def environ(home: Path, **more: str) -> dict[str, str]:
    return {"NPM_CONFIG_GLOBALCONFIG": str(home / "global"), **more}


def test_nothing_configured_is_the_public_registry(home: Path) -> None:
    found = read_registry(SCOPE, environ(home))
    assert (found.url, found.authorization, found.certificates) == (REGISTRY, "", "")


def test_the_users_file_wins_over_the_machines_and_the_environment_over_both(home: Path) -> None:
    (home / "global").write_text("registry = http://global.example/npm\n")
    assert read_registry(SCOPE, environ(home)).url == "http://global.example/npm/"
    (home / ".npmrc").write_text("; mine\n# too\nregistry=http://user.example/npm/\n")
    assert read_registry(SCOPE, environ(home)).url == "http://user.example/npm/"
    for variable in ("NPM_CONFIG_REGISTRY", "npm_config_registry"):
        assert read_registry(SCOPE, environ(home, **{variable: "http://env.example"})).url == "http://env.example/"


def test_a_scope_may_have_a_registry_of_its_own(home: Path) -> None:
    (home / ".npmrc").write_text("registry=http://all.example/\n@acme:registry=http://acme.example/\n")
    assert read_registry(SCOPE, environ(home)).url == "http://acme.example/"
    assert read_registry("@other", environ(home)).url == "http://all.example/"


def test_credentials_go_with_the_registry_they_are_kept_for(home: Path) -> None:
    lines = ["registry=https://one.example/npm/all/", "//one.example/npm/:_authToken=${TOKEN}", "//two.example/:_authToken=no"]
    (home / ".npmrc").write_text("\n".join(lines))
    assert read_registry(SCOPE, environ(home, TOKEN="secret")).authorization == "Bearer secret"
    (home / ".npmrc").write_text("registry=https://one.example/\n//one.example/:_auth=dTpw\n")
    assert read_registry(SCOPE, environ(home)).authorization == "Basic dTpw"
    (home / ".npmrc").write_text("registry=https://three.example/\n//two.example/:_authToken=no\n")
    assert read_registry(SCOPE, environ(home)).authorization == ""


def test_a_file_of_authorities_counts_where_it_is_there(home: Path) -> None:
    (home / ".npmrc").write_text(f"cafile={home / 'ca.pem'}\n")
    assert read_registry(SCOPE, environ(home)).certificates == ""
    (home / "ca.pem").write_text("")
    assert read_registry(SCOPE, environ(home)).certificates == str(home / "ca.pem")


def test_what_cannot_be_read_is_as_good_as_none(home: Path) -> None:
    (home / ".npmrc").write_bytes(b"\xff\xfe=\n")
    assert read_registry(SCOPE, environ(home)).url == REGISTRY
    (home / ".npmrc").write_text("registry=ftp://odd.example/\n")
    assert read_registry(SCOPE, environ(home)).url == REGISTRY
