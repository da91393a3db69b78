"""A backup of the log and of the keys, made as docs/operations.md says and put back on another machine: it is the log that
the checkpoint speaks of, and goes on from it."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from service.app import build
from service.cli import main
from service.log.codec import leaf_hash
from service.log.database import sqlite_path
from service.log.kept import Kept
from service.log.notes import Signer, opened, unb64
from service.office import Office
from tests import postgres
from tests.service import destroyers
from tests.service.audited import verifier
from tests.service.destroyed import lived, reopened, settings
from tests.service.proof_checks import consistent
from tests.service.test_log_proofs import grow
from tests.service.test_tree import mth

here = destroyers.here
LOG = Signer("wahana/75.01", b"l" * 32)


@pytest.fixture
def elsewhere(database_url: str, tmp_path: Path) -> Iterator[str]:
    """The URL of another database, which holds nothing."""
    if database_url.startswith("sqlite:"):
        yield f"sqlite:///{tmp_path / 'elsewhere' / 'wahana.db'}"
        return
    name = f"wahana_test_elsewhere_{os.getpid()}"
    yield postgres.make_database(database_url, name)
    postgres.drop_database(database_url, name)


def wahana(folder: Path, url: str, *words: str) -> str:
    """What the command line says of the office there; fails when it fails. The sealer's directory is its own, elsewhere."""
    key = base64.b64encode(b"l" * 32).decode()
    sealing = {"WAHANA_SEALER_KEY": key, "WAHANA_SEALER_DIR": str(folder / "sealer")} if words[0] == "seal" else {}
    env = settings(folder, url, **sealing)
    done = CliRunner().invoke(main, [*words], env=env)
    assert done.exit_code == 0, (words, done.output)
    return done.stdout


def postgres_program(name: str, *words: str) -> None:
    """Those of the newest version know the older servers too."""
    programs = postgres.package_of("18") / "pginstall" / "bin"
    subprocess.run([programs / name, *words], check=True, capture_output=True)


def put_back(url: str, folder: Path, other_url: str, other: Path) -> None:
    """The log first and the keys after, and no views; the sealer's directory is carried over apart from them."""
    if url.startswith("sqlite:"):
        import sqlite3

        with sqlite3.connect(sqlite_path(url)) as log, sqlite3.connect(sqlite_path(other_url)) as copy:
            log.backup(copy)
        log.close()
        copy.close()
    else:
        dump = str(folder / "log.dump")
        postgres_program("pg_dump", "--format=custom", f"--file={dump}", f"--dbname={url}")
        postgres_program("pg_restore", f"--dbname={other_url}", "--exit-on-error", dump)
        with psycopg.connect(other_url) as connection:
            connection.execute("DROP SCHEMA wahana_views CASCADE")
    wahana(folder, url, "keys", "backup")
    (keys,) = (folder / "keys-backups").iterdir()
    shutil.copy(keys, other / "keys.db")
    shutil.copytree(folder / "sealer", other / "sealer")


def test_a_backup_put_back_elsewhere_is_the_log_of_the_checkpoint_and_goes_on_from_it(
    here: Office, tmp_path: Path, database_url: str, elsewhere: str
) -> None:
    wahana(tmp_path, database_url, "init")
    lived(here, [1, 2], file=True)
    grow(here, 280)
    wahana(tmp_path, database_url, "seal")
    grow(here, 290)
    wahana(tmp_path, database_url, "seal")
    note, published = Kept(tmp_path / "sealer").read(), here.checkpoints.before(None, 10)
    assert note
    before = opened(note, LOG.key)
    assert (before.size, len(published)) == (here.reader.head()[0], 2)

    other = tmp_path / "elsewhere"
    other.mkdir()
    put_back(database_url, tmp_path, elsewhere, other)
    for words in (("init",), ("project", "rebuild"), ("doctor",)):
        wahana(other, elsewhere, *words)
    back = reopened(other, elsewhere)
    texts = [text for (text,) in back.database.rows("SELECT text FROM events ORDER BY position")]
    assert (len(texts), mth([leaf_hash(text) for text in texts])) == (before.size, before.root)
    client = build(back.config, back).test_client()
    assert client.get("/api/v1/log/checkpoint").get_data(as_text=True) == note

    # The sealer there finds what it signed, and signs nothing else.
    assert wahana(other, elsewhere, "seal") == f"sealed up to position {before.size}\n"
    assert (
        wahana(other, elsewhere, "seal", "--reconcile") == f"{before.size} events = {before.size} sealed + 0 unsealed\n"
    )
    assert (Kept(other / "sealer").read(), back.checkpoints.before(None, 10)) == (note, published)

    # What is recorded there afterwards extends it, also for an auditor who kept the checkpoint and trusts nobody.
    grow(back, 1)
    assert wahana(other, elsewhere, "seal") == f"sealed up to position {before.size + 1}\n"
    after = opened(client.get("/api/v1/log/checkpoint").get_data(as_text=True), LOG.key)
    proof = client.get(f"/api/v1/log/consistency?first={before.size}&second={after.size}").get_json()["proof"]
    assert consistent(before.size, after.size, before.root, after.root, [unb64(step) for step in proof])
    bundle, policy = tmp_path / "casebook.zip", verifier.read_policy(f"log {LOG.key}\nquorum none\n")
    wahana(other, elsewhere, "events", "export", "--output", str(bundle))
    check = verifier.Check(verifier.Bundle(str(bundle)), policy, [verifier.read_checkpoint(note, policy, "mine")])
    check.run()
    assert check.code() == 0, [one.sentence() for one in check.differences]
    assert check.own == before.size
    back.close()
