"""On PostgreSQL the sealer may have a role of its own: then nobody else writes proofs, and it writes nothing else."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

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


def seal(folder: Path, given: dict[str, str]) -> str:
    of_its_own = {
        "WAHANA_SEALER_KEY": base64.b64encode(b"l" * 32).decode(),
        "WAHANA_SEALER_DIR": str(folder / "sealer"),
        **{name: value for name, value in given.items() if name.endswith("_URL")},
    }
    done = CliRunner().invoke(main, ["seal"], env={**os.environ, **of_its_own})
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


def test_without_one_the_services_role_seals_also_after_there_was_one(tmp_path: Path, postgres_url: str) -> None:
    initialised(roles(tmp_path, postgres_url, WAHANA_SEALER_URL=as_role(postgres_url, SEALER))).close()
    given = roles(tmp_path, postgres_url)
    here = initialised(given)
    grow(here, 3)
    assert seal(tmp_path, given) == "sealed up to position 3\n"
    here.close()
