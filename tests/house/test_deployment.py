"""What the demonstration, the containers and the units set is what the service reads."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from service import config

ROOT = Path(__file__).resolve().parents[2]
UNITS = ("wahana.service", "wahana-follow.service", "wahana-seal.service", "wahana-verify.service")
SEALER = ("WAHANA_SEALER_KEY",)  # the one secret of the unit that seals


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """A directory of secrets, made by the script that an office would run."""
    (tmp_path / "deploy").mkdir()
    script = shutil.copy(ROOT / "deploy" / "make-secrets.sh", tmp_path / "deploy")
    subprocess.run([script], check=True, capture_output=True)
    return tmp_path / "deploy" / "secrets"


def compose() -> Any:
    """The file with the values that stand where nobody set another."""
    return yaml.safe_load(re.sub(r"\$\{WAHANA_\w+:-([^}]*)\}", r"\1", (ROOT / "compose.yaml").read_text()))


def test_the_settings_of_the_containers_are_accepted_by_the_service(secrets: Path) -> None:
    environment = compose()["services"]["web"]["environment"]
    environment = {name: value.replace("/run/secrets", str(secrets)) for name, value in environment.items()}
    environment["WAHANA_BASE_URL"] = "https://kantor.example"
    settings = config.read({**image_settings(), **environment})
    assert settings.database_url.startswith("postgresql://")
    assert settings.bind == "0.0.0.0:8000"
    assert settings.secure
    assert not settings.demo


def test_the_container_that_seals_has_its_key_and_no_other_secret(secrets: Path) -> None:
    service = compose()["services"]["seal"]
    environment = {name: value.replace("/run/secrets", str(secrets)) for name, value in service["environment"].items()}
    settings = config.read({**image_settings(), **environment}, secrets=SEALER)
    assert settings.sealer_key
    assert (settings.master_key, settings.token_key, settings.receipt_key) == (b"", b"", b"")
    assert service["volumes"] != compose()["services"]["web"]["volumes"]
    assert environment["WAHANA_LOG_ORIGIN"] == compose()["services"]["web"]["environment"]["WAHANA_LOG_ORIGIN"]
    assert "sealer_key" not in compose()["services"]["web"]["secrets"]


def image_settings() -> dict[str, str]:
    """The WAHANA_ variables that the image sets by itself."""
    return dict(re.findall(r"(WAHANA_[A-Z_]+)=(\S+)", (ROOT / "Dockerfile").read_text()))


def test_every_secret_of_the_containers_is_made_or_asked_for(secrets: Path) -> None:
    wanted = {Path(entry["file"]).name for entry in compose()["secrets"].values()}
    made = {path.name for path in secrets.iterdir()}
    assert wanted - made == {"tls.crt", "tls.key"}


def test_making_secrets_again_changes_none(secrets: Path) -> None:
    before = {path.name: path.read_bytes() for path in secrets.iterdir()}
    subprocess.run([secrets.parent / "make-secrets.sh"], check=True, capture_output=True)
    assert {path.name: path.read_bytes() for path in secrets.iterdir()} == before


def test_containers_of_the_service_run_without_rights_on_a_read_only_root() -> None:
    services = compose()["services"]
    for name in ("init", "web", "follow", "seal"):
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
    assert re.search(r"(?m)^USER 10001", (ROOT / "Dockerfile").read_text())


@pytest.mark.parametrize("unit", UNITS)
def test_the_settings_of_a_unit_are_accepted_by_the_service(unit: str, secrets: Path) -> None:
    text = (ROOT / "deploy" / unit).read_text()
    environment = dict(re.findall(r"(?m)^Environment=(WAHANA_[A-Z_]+)=(\S+)$", text))
    credentials = dict(re.findall(r"(?m)^LoadCredential=(\w+):(\S+)$", text))
    assert {Path(value).name for value in environment.values() if value.startswith("%d/")} == set(credentials)
    environment = {name: value.replace("%d", str(secrets)) for name, value in environment.items()}
    settings = config.read(environment, secrets=SEALER if "seal" in unit else config.SECRETS)
    assert bool(settings.sealer_key) == ("seal" in unit) != bool(settings.master_key)
    assert settings.database_url.startswith("sqlite:////var/lib/wahana/")


def fake_wahana(folder: Path) -> Path:
    """A directory of programs whose `wahana` only notes what it was asked and which settings it was given."""
    programs = folder / "bin"
    programs.mkdir()
    script = programs / "wahana"
    script.write_text(
        "#!/bin/bash\n"
        'echo "$1" >>"$NOTES"\n'
        'env | grep ^WAHANA_ >"$NOTES.env"\n'
        'if [ "$1" = "${FAIL_AT:-}" ]; then exit 1; fi\n'
        'if [ "$1" = demo ]; then echo "petugas rahasia"; fi\n'
    )
    script.chmod(0o755)
    return programs


def run_demonstration(place: Path, **more: str) -> tuple[int, list[str], str]:
    """Exit code, the commands that were given, and what a person saw on standard output."""
    notes = place / "notes"
    notes.unlink(missing_ok=True)
    done = subprocess.run(
        [place / "tools" / "run.sh", place / "bin"],
        env={"PATH": os.environ["PATH"], "NOTES": str(notes), **more},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, notes.read_text().split(), done.stdout


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A copy of the repository's place, with a `wahana` that only takes notes."""
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "run.sh", tmp_path / "tools")
    fake_wahana(tmp_path)
    return tmp_path


def test_the_demonstration_is_made_once_and_served_at_once_the_second_time(place: Path) -> None:
    accounts = "petugas rahasia\n"
    assert run_demonstration(place) == (0, ["init", "demo", "seal", "serve"], accounts)
    assert run_demonstration(place) == (0, ["serve"], accounts)


def test_an_interrupted_demonstration_is_made_again_from_the_start(place: Path) -> None:
    assert run_demonstration(place, FAIL_AT="demo")[:2] == (1, ["init", "demo"])
    (place / "var" / "demo" / "half").touch()
    assert run_demonstration(place)[:2] == (0, ["init", "demo", "seal", "serve"])
    assert not (place / "var" / "demo" / "half").exists()


def test_the_settings_of_the_demonstration_are_accepted_by_the_service(place: Path) -> None:
    run_demonstration(place)
    environment = dict(line.split("=", 1) for line in (place / "notes.env").read_text().splitlines())
    settings = config.read(environment)
    assert settings.demo
    assert settings.database_url == f"sqlite:///{place}/var/demo/wahana.db"
    assert settings.master_key != settings.secret_key != settings.token_key
    assert (place / "var" / "demo.env").stat().st_mode & 0o077 == 0


def test_a_setting_given_by_the_person_wins_over_that_of_the_demonstration(place: Path) -> None:
    run_demonstration(place, WAHANA_BIND="127.0.0.1:9000", WAHANA_LOG_LEVEL="DEBUG", WAHANA_BASE_URL="http://kantor")
    environment = (place / "notes.env").read_text()
    assert "WAHANA_BASE_URL=http://kantor\n" in environment
    assert "WAHANA_BIND=127.0.0.1:9000\n" in environment
