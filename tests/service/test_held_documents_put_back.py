"""A document whose hold was lifted is destroyed all the same when an older backup of the log or the keys is put back."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from domain.refusals import NotFound
from domain.subject import SubjectDestroyed
from service.certificate import certificate
from service.cli import main
from service.destroying import Destroyer
from service.log.database import sqlite_path
from service.office import Office
from service.restored import Again, shred_what_came_back
from tests.service import destroyers
from tests.service.destroyed import backed_up, decided, left_of, lived, reopened, restore, secrets, settings
from tests.service.destroyers import destroy, hold, release

here = destroyers.here


def test_a_backup_put_back_loses_what_was_destroyed_since_in_both_steps(
    here: Office, tmp_path: Path, database_url: str
) -> None:
    (one,) = lived(here, [1], file=True)
    held = hold(here, one)
    backup = backed_up(here, tmp_path)
    destroy(here, decided(here, [one]))
    release(here, one, held)
    destroy(here)
    restore(here, backup, tmp_path)
    back = reopened(tmp_path, database_url)
    assert back.files.open(held), "it is back, and no lifting of its hold is known"
    assert shred_what_came_back(back).people == 1
    assert shred_what_came_back(back) == Again()
    with pytest.raises(NotFound):
        back.files.open(held)
    back.close()


@pytest.mark.parametrize("minuted", [False, True], ids=["before the proposal", "after the minutes"])
def test_a_document_goes_also_when_the_decision_was_lost_with_a_newer_log(
    here: Office, minuted: bool, tmp_path: Path, database_url: str
) -> None:
    one, other = lived(here, [1, 2], file=True)
    held, others = hold(here, one), hold(here, other)
    stream = decided(here, [one]) if minuted else ""
    backup = backed_up(here, tmp_path)
    destroy(here, stream or decided(here, [one]))
    if minuted:  # only the log is put back: the keys know by which decision she was closed
        path = Path(sqlite_path(here.config.keys_url))
        (backup / path.name).write_bytes(path.read_bytes())  # whole: it was just rewritten
    restore(here, backup, tmp_path)
    back = reopened(tmp_path, database_url)
    shred_what_came_back(back)
    back.initialise()
    if minuted:
        with pytest.raises(SubjectDestroyed):
            destroy(back, stream)
    release(back, one, held)
    done = CliRunner().invoke(main, ["destroy"], env=settings(tmp_path, database_url), catch_exceptions=False)
    assert done.exit_code == 0
    assert "its printed certificate stands" in done.stderr
    with pytest.raises(NotFound):
        back.files.open(held)
    assert back.files.open(others)
    with pytest.raises(SubjectDestroyed):
        back.keys.key_for(one, "kompartemen baru")
    doctor = CliRunner().invoke(main, ["doctor", "--json"], env=settings(tmp_path, database_url)).stdout
    assert "stopped before it began" not in doctor
    back.close()


def test_a_log_put_back_from_the_midst_of_the_first_step_ends_both(
    here: Office, tmp_path: Path, database_url: str
) -> None:
    """The shred list then has two lines of her; the first is of what the decision took."""
    (one,) = lived(here, [1], file=True)
    held, hers = hold(here, one), secrets(here, [one])
    stream = decided(here, [one])
    backup: list[Path] = []
    worker = Destroyer(here, lambda step: backup.append(backed_up(here, tmp_path)) if step == "begun" else None)
    worker.carry_out(stream)
    worker.close()
    keys = [row["key_ids"] for row in certificate(here, stream)["people"]]
    release(here, one, held)
    destroy(here)
    restore(here, backup[0], tmp_path)
    back = reopened(tmp_path, database_url)
    shred_what_came_back(back)
    destroy(back)
    told = certificate(back, stream)
    assert [row["key_ids"] for row in told["people"]] == keys
    assert (told["totals"]["keys"], told["totals"]["files"]) == (2, 1)
    assert left_of(tmp_path, database_url, hers) == {}
    back.close()
