"""A stack's folder: what is private, what is kept, what is removed."""

import stat
from pathlib import Path

import pytest

from deploy.local.errors import MissingOnMachineError, StackError
from deploy.local.home import PASSWORD_FILES, PERSON_HASH_KEY, Home
from shared.settings import ServiceSettings


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home.at(tmp_path / "stack")
    home.prepare()
    return home


def started(home: Home) -> None:
    home.update(
        kafka={"bootstrap": "127.0.0.1:19092", "pid": 0},
        postgres={"dsn": "postgresql://postgres:p-w@127.0.0.1:15432/cadran", "pid": 0},
    )


def test_secrets_and_state_are_their_owners_alone(home: Home) -> None:
    assert {mode(path) for path in (home.secrets, home.kafka, home.path / "ingest")} == {0o700}
    assert {mode(path) for path in home.secrets.iterdir()} == {0o600}
    assert mode(home.environment_file) == 0o600
    assert {*PASSWORD_FILES, PERSON_HASH_KEY} < {path.name for path in home.secrets.iterdir()}
    assert len(bytes.fromhex((home.secrets / PERSON_HASH_KEY).read_text())) == 32


def test_preparing_again_keeps_secrets_and_state(home: Home) -> None:
    secrets = {path.name: path.read_bytes() for path in home.secrets.iterdir()}
    home.update(accounts=[{"role": "cd"}])
    home.prepare()
    assert {path.name: path.read_bytes() for path in home.secrets.iterdir()} == secrets
    assert home.read()["accounts"] == [{"role": "cd"}]


def test_the_state_has_the_documented_keys(home: Home) -> None:
    state = home.read()
    assert {"url", "mailbox", "kafka", "postgres", "processes", "accounts", "clients"} <= set(state)
    assert {path.name for path in Path(state["mailbox"]).iterdir()} == {"cur", "new", "tmp"}


def test_the_environment_gives_services_their_settings(home: Home) -> None:
    started(home)
    settings = home.settings(ServiceSettings)
    assert (settings.postgres_host, settings.postgres_port) == ("127.0.0.1", 15432)
    assert settings.kafka_bootstrap == "127.0.0.1:19092"
    assert (settings.home, settings.secrets) == (home.path, home.secrets)


def test_a_stack_never_started_has_no_environment(home: Home, tmp_path: Path) -> None:
    with pytest.raises(StackError, match="n'a jamais démarré"):
        home.environment()
    with pytest.raises(MissingOnMachineError, match="aucune pile"):
        Home.at(tmp_path / "elsewhere").read()


def test_removing_leaves_files_of_other_origin(home: Home) -> None:
    stranger = home.path / "mes-notes.txt"
    stranger.write_text("à garder")
    assert home.remove() == ["mes-notes.txt"]
    assert [path.name for path in home.path.iterdir()] == ["mes-notes.txt"]


def test_removing_follows_the_link_to_postgresql(home: Home, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "data").mkdir(parents=True)
    home.postgres.symlink_to(elsewhere)
    assert home.remove() == []
    assert not home.path.exists()
    assert not elsewhere.exists()
