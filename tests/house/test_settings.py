"""Settings: what is documented is what is read, and a bad environment is refused all at once."""

import base64
import os

import pytest

from service.config import SECRETS, SETTINGS, BadConfiguration, demo_key, read, shown
from service.log.notes import Signer
from tests.house.tables import ROOT

KEY = base64.b64encode(os.urandom(32)).decode()
GOOD = dict.fromkeys(SECRETS, KEY)


def test_the_example_names_every_setting_and_no_other() -> None:
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    named = {line.partition("=")[0]: line.partition("=")[2] for line in lines if line and not line.startswith("#")}
    assert list(named) == [setting.variable for setting in SETTINGS]
    assert named == {setting.variable: setting.default or "" for setting in SETTINGS}


def test_the_example_with_keys_filled_in_is_a_good_configuration() -> None:
    assert read(GOOD).database_url == "sqlite:///var/wahana.db"


def test_every_mistake_is_reported_at_once() -> None:
    with pytest.raises(BadConfiguration) as refused:
        read({"WAHANA_MASTER_KEY": "short", "WAHANA_WORKERS": "many", "WAHANA_TYPO": "1"})
    text = str(refused.value)
    for variable in ("WAHANA_MASTER_KEY", "WAHANA_TOKEN_KEY", "WAHANA_SECRET_KEY", "WAHANA_WORKERS", "WAHANA_TYPO"):
        assert variable in text


def test_a_well_known_key_is_refused_outside_the_demonstration() -> None:
    well_known = base64.b64encode(demo_key("master_key")).decode()
    with pytest.raises(BadConfiguration, match="demonstration's key"):
        read({**GOOD, "WAHANA_MASTER_KEY": well_known})
    assert read({**GOOD, "WAHANA_MASTER_KEY": well_known, "WAHANA_DEMO": "1"}).demo


def test_a_secret_may_come_from_a_file(tmp_path: "os.PathLike[str]") -> None:
    path = os.path.join(tmp_path, "key")
    with open(path, "w") as file:
        file.write(KEY + "\n")
    environment = {**GOOD, "WAHANA_MASTER_KEY_FILE": path}
    del environment["WAHANA_MASTER_KEY"]
    assert read(environment).master_key == base64.b64decode(KEY)


def test_a_policy_that_cannot_be_read_and_a_name_that_no_key_can_have_are_refused(tmp_path: "os.PathLike[str]") -> None:
    path = os.path.join(tmp_path, "policy")
    with open(path, "w") as file:
        file.write("quorum none\n")
    with pytest.raises(BadConfiguration) as refused:
        read({**GOOD, "WAHANA_POLICY": path, "WAHANA_LOG_ORIGIN": "two words"})
    assert "WAHANA_POLICY: there is no line 'log'" in str(refused.value)
    assert "WAHANA_LOG_ORIGIN" in str(refused.value)


def test_the_sealers_key_is_for_the_sealer_alone() -> None:
    assert read(GOOD).sealer_key == b""
    assert read({"WAHANA_SEALER_KEY": KEY}, secrets=("WAHANA_SEALER_KEY",)).sealer_key == base64.b64decode(KEY)
    with pytest.raises(BadConfiguration, match="WAHANA_SEALER_KEY: missing"):
        read(GOOD, secrets=("WAHANA_SEALER_KEY",))
    with pytest.raises(BadConfiguration, match="WAHANA_SEALER_KEY: for `wahana seal` alone"):
        read({**GOOD, "WAHANA_SEALER_KEY": KEY})
    assert read({"WAHANA_DEMO": "1", "WAHANA_SEALER_KEY": KEY}).sealer_key == base64.b64decode(KEY)


def test_the_policy_is_that_of_this_log(tmp_path: "os.PathLike[str]") -> None:
    path = os.path.join(tmp_path, "policy")
    with open(path, "w") as file:
        file.write(f"log {Signer('wahana/71.01', b'l' * 32).key}\nquorum none\n")
    assert read({**GOOD, "WAHANA_POLICY": path, "WAHANA_LOG_ORIGIN": "wahana/71.01"}).policy == path
    with pytest.raises(BadConfiguration, match=r"its log is wahana/71\.01, and WAHANA_LOG_ORIGIN says"):
        read({**GOOD, "WAHANA_POLICY": path})


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        *(
            (f"WAHANA_{name}_URL", text)
            for name in ("DATABASE", "OWNER", "VIEWS", "KEYS", "DESTROYER", "SEALER")
            for text in ("rubbish", "mysql://a/b", "sqlite://", "sqlite:////", "sqlite:////tmp")
        ),
        *((name, text) for name in ("WAHANA_WORKERS", "WAHANA_THREADS") for text in ("0", "-1", "two", "10000")),
        ("WAHANA_KEYS_BACKUP_DAYS", "99999999999999999999"),
        ("WAHANA_DORMANT_MONTHS", "99999"),
        *(("WAHANA_BIND", text) for text in ("a rubbish", "127.0.0.1:port", "127.0.0.1:99999")),
        *(("WAHANA_BASE_URL", text) for text in ("rubbish", "ftp://a", "https://", "http://a b", "https://a:port")),
        *(("WAHANA_TIMEZONE", text) for text in ("rubbish", "Asia", "../../etc/passwd", "/etc/localtime")),
    ],
)
def test_what_could_not_be_worked_with_is_refused_by_name(variable: str, text: str) -> None:
    with pytest.raises(BadConfiguration) as refused:
        read({**GOOD, variable: text})
    (line,) = refused.value.problems
    assert line.startswith(f"{variable}: ")


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("WAHANA_DATABASE_URL", "postgresql://a:b@one:5432,two:5433/wahana?target_session_attrs=read-write"),
        ("WAHANA_KEYS_URL", "sqlite:////var/lib/wahana/keys.db"),
        ("WAHANA_BIND", "[::]:8000"),
        *(("WAHANA_BIND", text) for text in ("127.0.0.1", "localhost", "[::1]", ":8000")),
        ("WAHANA_BIND", "unix:/run/wahana/socket"),
        ("WAHANA_BASE_URL", "https://wahana.example:8443"),
        ("WAHANA_TIMEZONE", "UTC"),
        ("WAHANA_WORKERS", "1"),
    ],
)
def test_what_can_be_worked_with_is_taken(variable: str, text: str) -> None:
    assert shown(read({**GOOD, variable: text}))[variable]


def test_a_secrets_file_that_is_no_text_is_named(tmp_path: "os.PathLike[str]") -> None:
    path = os.path.join(tmp_path, "key")
    with open(path, "wb") as file:
        file.write(b"\xff" * 32)
    environment = {**GOOD, "WAHANA_MASTER_KEY_FILE": path}
    del environment["WAHANA_MASTER_KEY"]
    with pytest.raises(BadConfiguration, match="WAHANA_MASTER_KEY_FILE: not text"):
        read(environment)


def test_showing_the_settings_shows_no_secret() -> None:
    config = read({**GOOD, "WAHANA_DATABASE_URL": "postgresql://wahana:hunter2@localhost/wahana"})
    text = str(shown(config))
    assert "hunter2" not in text
    assert KEY not in text
