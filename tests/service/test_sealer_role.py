"""On PostgreSQL the sealer may have a role of its own: then nobody else writes proofs, and it writes nothing else."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from service import config
from service.cli import main
from service.log.database import connect
from service.office import Office
from tests.service.casebooks import APPLICATION, as_role
from tests.service.offices import settings_of
from tests.service.test_log_proofs import grow

SEALER = "wahana_sealer"
PLANTED = (
    "INSERT INTO tree_hashes VALUES (1, 0, 'x')",
    "INSERT INTO checkpoints VALUES (3, 'no note', '')",
    "INSERT INTO log_keys VALUES (1, 'x')",
)


def roles(folder: Path, url: str, **more: str) -> dict[str, str]:
    """The settings of an office with roles for its service and, by ``more``, for its sealer."""
    apart = {"WAHANA_OWNER_URL": url, "WAHANA_DATABASE_URL": as_role(url, APPLICATION)}
    return {**settings_of(folder, url), **apart, **more}


def initialised(given: dict[str, str]) -> Office:
    here = Office(config.read(given))
    here.initialise()
    return here


def sealing(folder: Path, given: dict[str, str]) -> Result:
    of_its_own = {
        "WAHANA_SEALER_KEY": base64.b64encode(b"l" * 32).decode(),
        "WAHANA_SEALER_DIR": str(folder / "sealer"),
        **{name: value for name, value in given.items() if name.endswith("_URL")},
    }
    return CliRunner().invoke(main, ["seal"], env={**os.environ, **of_its_own})


def seal(folder: Path, given: dict[str, str]) -> str:
    done = sealing(folder, given)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_with_a_role_for_the_sealer_no_other_role_writes_proofs(tmp_path: Path, postgres_url: str) -> None:
    given = roles(tmp_path, postgres_url, WAHANA_SEALER_URL=as_role(postgres_url, SEALER))
    here = initialised(given)
    grow(here, 300)
    assert seal(tmp_path, given) == "sealed up to position 300\n"
    assert here.standing().size == 300, "and the service reads them"
    for planted in PLANTED:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            here.database.rows(planted)
    sealer = connect(given["WAHANA_SEALER_URL"], size=1)
    for table in ("commands", "parts", "tokens", "files"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            sealer.rows(f"SELECT 1 FROM {table}")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        sealer.rows("INSERT INTO events SELECT position + 1000, stream, version, topic, schema FROM events")
    sealer.close()
    here.close()


def writes(url: str) -> bool:
    """Whether a role may write checkpoints: asked for a row that stands already."""
    database = connect(url, size=1)
    try:
        database.rows("INSERT INTO checkpoints SELECT * FROM checkpoints WHERE false")
    except psycopg.errors.InsufficientPrivilege:
        return False
    finally:
        database.close()
    return True


def test_without_one_the_services_role_seals(tmp_path: Path, postgres_url: str) -> None:
    given = roles(tmp_path, postgres_url)
    here = initialised(given)
    grow(here, 3)
    assert seal(tmp_path, given) == "sealed up to position 3\n"
    here.close()


def test_the_right_to_write_proofs_changes_hands_only_by_naming_who_gets_it(tmp_path: Path, postgres_url: str) -> None:
    urls = {role: as_role(postgres_url, role) for role in (APPLICATION, SEALER, "wahana_other_sealer")}

    def may_after(named: str) -> list[str]:
        initialised(roles(tmp_path, postgres_url, WAHANA_SEALER_URL=urls.get(named, ""))).close()
        return [role for role, url in urls.items() if role_exists(postgres_url, role) and writes(url)]

    assert may_after("") == [APPLICATION]
    assert may_after(SEALER) == [SEALER]
    assert may_after("") == [SEALER], "as after an upgrade, which is given no such URL"
    assert may_after("wahana_other_sealer") == ["wahana_other_sealer"]
    assert may_after(APPLICATION) == [APPLICATION]
    with pytest.raises(config.BadConfiguration, match="WAHANA_SEALER_URL"):
        initialised(roles(tmp_path, postgres_url, WAHANA_SEALER_URL=postgres_url))


def role_exists(url: str, role: str) -> bool:
    owner = connect(url, owner=True, size=1)
    found = bool(owner.rows("SELECT 1 FROM pg_roles WHERE rolname = :role", role=role))
    owner.close()
    return found


def test_a_sealer_without_the_right_says_so_and_is_not_started_again(tmp_path: Path, postgres_url: str) -> None:
    here = initialised(roles(tmp_path, postgres_url, WAHANA_SEALER_URL=as_role(postgres_url, SEALER)))
    grow(here, 3)
    done = sealing(tmp_path, roles(tmp_path, postgres_url))
    assert done.exit_code == 3
    assert "WAHANA_SEALER_URL" in done.output
    here.close()
