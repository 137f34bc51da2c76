"""The exclusion filter on real folders: which file is refused, and by which rule."""

from pathlib import Path

import pytest

from interfix.config.settings import ContextSettings
from interfix.context.exclusion import Exclusion


@pytest.fixture(autouse=True)
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    return root


def write_file(root: Path, name: str, text: str = "x = 1\n") -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def refusal_reason(root: Path, name: str, **settings: object) -> str:
    return Exclusion(root, ContextSettings(**settings)).find_refusal(write_file(root, name))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name",
    [".env", ".env.local", "prod.env", "certs/server.pem", "id_rsa", "deploy/id_ed25519", ".netrc", ".npmrc", ".pypirc",
     "kubeconfig",
     "infra/terraform.tfstate", "prod.tfvars", "credentials", "credentials.json", ".aws/credentials", ".kube/config",
     "a/secrets.yaml",
     "service-account.json", "store.jks", ".git-credentials", ".htpasswd", "KEY.PEM", "client_secret_1.json",
     "wp-config.php", "appsettings.Production.json", "shop-firebase-adminsdk-x1.json", "home/.aws/config", "rclone.conf",
     ".bash_history",
     ".zsh_history", ".python_history", "LocalSettings.php", "local_settings.py", "config/master.key", "config/database.yml",
     "auth.json",
     ".config/gh/hosts.yml", ".cargo/credentials.toml", ".vault_pass.txt", "group_vars/all/vault.yml", "application-prod.yml",
     "web.Release.config",
     "sftp-config.json", ".vscode/sftp.json", ".pgpass", ".mylogin.cnf", "terraform.tfvars", "a.auto.tfvars", "key.properties",
     "wg0.conf",
     "AuthKey_AB12.p8", "release.keystore", "unattend.xml", "login.keychain-db", "vault.kdbx", "cookies.txt", "session.har",
     "token.txt",
     "github_token", "api_key.txt", "passwords.csv", "google-services.json", "GoogleService-Info.plist", "app.publishsettings",
     ".dev.vars",
     "office.nmconnection", "id_rsa.old", "ssh_host_rsa_key", "server.p12", "signing.pfx", "backup.gpg", "k8s/db-secret.yaml",
     "app-secrets.yml",
     "gcp_credentials.json", "my-service-account-key.json", ".yarnrc.yml", ".terraform.d/credentials.tfrc.json",
     ".dbt/profiles.yml",
     ".streamlit/secrets.toml", "wallet.dat", "mnemonic.txt", ".erlang.cookie", ".curlrc", ".smbcredentials",
     "wpa_supplicant.conf"],
)  # fmt: skip
def test_a_secret_by_its_name(root: Path, name: str) -> None:
    assert refusal_reason(root, name).startswith("a secret by its")


@pytest.mark.parametrize(
    "name",
    [".env.example", "id_rsa.pub", "credentials.py", "secrets.go", "config.py", "environment.ts", "keys.rs", "env/loader.py",
     "token.py", "tokens.go", "tokenizer.json", "history.py", "password_reset.html", "passwd.c", "internal/secrets/store.go",
     "appsettings.json",
     "web.config", "application.yml", "auth.ts", "vault.go", "wallet.js", "config.php", "database.py", "nginx.conf",
     "settings.json", "keys.md",
     "wp-config-sample.php.example", "keyboard.json", "config/routes.rb", "shadow.css", "session.ts", "cookie.go", "apikey.rs",
     "monkey.yaml",
     "private.h", "credential.kt", "docker-compose.yml", "Secret.java", "environment.yml", "identity.cs", "known_hosts.py",
     "wg.py"],
)  # fmt: skip
def test_no_secret_by_its_name(root: Path, name: str) -> None:
    assert refusal_reason(root, name) == ""


@pytest.mark.parametrize("name", ["node_modules/a/b.js", "vendor/x/y.go", "a/third_party/z.c", "dist/app.js", "build/lib/m.py",
                                  ".venv/lib/s.py", "target/debug/m.rs", "x.egg-info/top.py", "src/__pycache__/m.py"])  # fmt: skip
def test_vendored_or_built(root: Path, name: str) -> None:
    assert refusal_reason(root, name).startswith("vendored or built, in ")


@pytest.mark.parametrize("name", ["poetry.lock", "package-lock.json", "a/api_pb2.py", "api.pb.go", "go.sum", "x.generated.ts"])
def test_generated_by_its_name(root: Path, name: str) -> None:
    assert refusal_reason(root, name) == "generated, by its name"


def test_minified_by_its_name(root: Path) -> None:
    assert refusal_reason(root, "jquery.min.js") == "minified"


def test_the_folders_above_the_root_do_not_count(tmp_path: Path) -> None:
    root = tmp_path / "build" / "vendor"
    root.mkdir(parents=True)
    assert refusal_reason(root, "main.py") == ""


class TestIgnoreFiles:
    @pytest.mark.parametrize("kind", [".gitignore", ".ignore", ".interfixignore"])
    def test_each_kind_is_named(self, root: Path, kind: str) -> None:
        write_file(root, kind, "private/\n*.tmp.py\n")
        assert refusal_reason(root, "private/a.py") == f"ignored by {kind}"
        assert refusal_reason(root, "src/a.tmp.py") == f"ignored by {kind}"
        assert refusal_reason(root, "src/a.py") == ""

    def test_a_deeper_file_wins_and_speaks_of_its_own_folder(self, root: Path) -> None:
        write_file(root, ".gitignore", "*.gen\n/top.py\n")
        write_file(root, "src/.gitignore", "!keep.gen\n/local.py\n")
        assert refusal_reason(root, "src/other.gen") == "ignored by .gitignore"
        assert refusal_reason(root, "src/keep.gen") == ""
        assert refusal_reason(root, "src/local.py") == "ignored by src/.gitignore"
        assert refusal_reason(root, "src/deep/local.py") == ""
        assert refusal_reason(root, "top.py") == "ignored by .gitignore"
        assert refusal_reason(root, "src/top.py") == ""

    def test_nothing_is_shown_again_below_an_ignored_folder(self, root: Path) -> None:
        write_file(root, ".gitignore", "logs/\n!logs/keep.py\n")
        assert refusal_reason(root, "logs/keep.py") == "ignored by .gitignore"

    def test_one_kind_shows_nothing_that_another_hides(self, root: Path) -> None:
        write_file(root, ".gitignore", "local.py\n")
        write_file(root, ".interfixignore", "!local.py\n")
        assert refusal_reason(root, "local.py") == "ignored by .gitignore"

    def test_the_repository_above_the_root_counts(self, tmp_path: Path) -> None:
        (tmp_path / ".git" / "info").mkdir(parents=True)
        write_file(tmp_path, ".gitignore", "app/made.py\n")
        write_file(tmp_path, ".git/info/exclude", "mine.py\n")
        root = tmp_path / "app"
        root.mkdir()
        assert refusal_reason(root, "made.py").startswith("ignored by ")
        assert refusal_reason(root, "mine.py") == "ignored by git's info/exclude"
        assert refusal_reason(root, "other.py") == ""

    def test_a_linked_worktree_has_the_excludes_of_its_repository(self, root: Path, tmp_path: Path) -> None:
        write_file(tmp_path, "main/.git/info/exclude", "mine.py\n")
        (tmp_path / "main" / ".git" / "worktrees" / "project").mkdir(parents=True)
        write_file(tmp_path, "main/.git/worktrees/project/commondir", "../..\n")
        write_file(root, ".git", f"gitdir: {tmp_path}/main/.git/worktrees/project\n")
        assert refusal_reason(root, "mine.py") == "ignored by git's info/exclude"

    def test_what_the_user_ignores_everywhere(self, root: Path, empty_home: Path) -> None:
        write_file(empty_home, "git/ignore", "scratch*\n")
        assert refusal_reason(root, "scratch1.py") == "ignored by git's git/ignore"

    def test_a_change_holds_at_once(self, root: Path) -> None:
        exclusion = Exclusion(root, ContextSettings())
        path = write_file(root, "src/a.py")
        assert exclusion.find_refusal(path) == ""
        write_file(root, "src/.gitignore", "a.py\n")
        assert exclusion.find_refusal(path) == "ignored by src/.gitignore"
        (root / "src" / ".gitignore").unlink()
        assert exclusion.find_refusal(path) == ""


class TestSettings:
    def test_patterns_exclude(self, root: Path) -> None:
        assert refusal_reason(root, "data/big.py", exclude=("data/",)) == "excluded by the settings"

    def test_and_show_what_is_of_no_harm(self, root: Path) -> None:
        write_file(root, ".gitignore", "made.py\n")
        assert refusal_reason(root, "build/tool.py", exclude=("!build/",)) == ""
        assert refusal_reason(root, "made.py", exclude=("!made.py",)) == ""
        assert refusal_reason(root, "api_pb2.py", exclude=("!*_pb2.py",)) == ""

    def test_but_no_secret(self, root: Path) -> None:
        assert refusal_reason(root, ".env", exclude=("!.env",)) == "a secret by its name"


def test_a_large_file(root: Path) -> None:
    assert refusal_reason(root, "a.py", file_bytes=3) == "larger than 3 bytes"


def test_a_link_out_of_the_workspace(root: Path, tmp_path: Path) -> None:
    outside = write_file(tmp_path, "outside.py")
    (root / "link.py").symlink_to(outside)
    (root / "folder").symlink_to(tmp_path)
    exclusion = Exclusion(root, ContextSettings())
    assert exclusion.find_refusal(root / "link.py") == "a link out of the workspace"
    assert exclusion.find_refusal(root / "folder" / "outside.py") == "a link out of the workspace"
    assert exclusion.find_refusal(outside) == "outside of the workspace"
    assert exclusion.find_refusal(root / ".." / "outside.py") != ""


def test_a_harmless_name_for_a_secret(root: Path) -> None:
    write_file(root, ".env")
    (root / "notes.py").symlink_to(root / ".env")
    assert Exclusion(root, ContextSettings()).find_refusal(root / "notes.py") == "a secret by its name"


def test_a_root_that_is_a_link(root: Path, tmp_path: Path) -> None:
    path = write_file(root, "a.py")
    (tmp_path / "alias").symlink_to(root)
    exclusion = Exclusion(tmp_path / "alias", ContextSettings())
    assert exclusion.find_refusal(tmp_path / "alias" / "a.py") == ""
    assert exclusion.find_refusal(path) == ""


def test_nothing_of_an_untrusted_workspace(root: Path) -> None:
    path = write_file(root, "a.py")
    assert Exclusion(root, ContextSettings(), trusted=False).find_refusal(path) == "the workspace is not trusted"
    assert Exclusion(root, ContextSettings(trusted=False)).find_refusal(path) == "the workspace is not trusted"


def test_nothing_without_a_workspace(root: Path) -> None:
    assert Exclusion(None, ContextSettings()).find_refusal(write_file(root, "a.py")) == "there is no workspace"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"x = 1\n", ""),
        ("x = 'é'\n".encode() * 2000, ""),
        (b"\x7fELF\0\0", "binary"),
        ("é".encode("latin-1") * 10, "binary"),
        (b"x = 1\n" * 100_000, "larger than 400,000 bytes"),
        (b"-----BEGIN RSA PRIVATE" + b" KEY-----\nabc", "a private key"),
        (b"var a=1;" * 2000, "minified"),
        (b"a=1\n" * 2000 + b"b=2;" * 20_000, "minified"),
        (b"// Code generated by protoc-gen-go. DO NOT EDIT.\npackage a\n", "generated, by its first lines"),
        (b"# This file is auto-generated by tool.\nx = 1\n", "generated, by its first lines"),
        (b"/* @generated by x */\n", "generated, by its first lines"),
        (b'"""Handles auto-generated names."""\n', ""),
        (b'WARNING = "do not edit"\n', ""),
        (b"x = 1\n" * 30 + b"# @generated\n", ""),
    ],
)
def test_what_the_bytes_tell(root: Path, data: bytes, says: str) -> None:
    assert Exclusion(root, ContextSettings()).find_text_refusal(root / "a.js", data) == says


def test_a_user_may_want_what_is_generated_but_nothing_binary(root: Path) -> None:
    exclusion = Exclusion(root, ContextSettings(exclude=("!api.go",)))
    assert exclusion.find_text_refusal(root / "api.go", b"// Code generated. DO NOT EDIT.\n") == ""
    assert exclusion.find_text_refusal(root / "api.go", b"\0") == "binary"


def test_long_lines_of_prose_are_no_code(root: Path) -> None:
    assert Exclusion(root, ContextSettings()).find_text_refusal(root / "a.md", b"word " * 3000) == ""


def test_a_file_that_cannot_be_read(root: Path) -> None:
    assert Exclusion(root, ContextSettings()).find_refusal(root / "gone.py") == "not readable"
