"""A backup that was put back may hold people who were destroyed since: the shred list is applied before any answer.

Keys that came back are destroyed again at once, by every process. A log that is older than a destruction also gets the
event once more, so that it tells by itself why parts are missing, and loses parts, tokens and pieces of files; on
PostgreSQL only a process that has the role for it does that, and until then nothing is answered.
"""

import logging
from contextlib import suppress
from threading import Lock

import msgspec

from domain.beneficiary import Beneficiary
from domain.subject import SubjectDestroyed
from service.casebook import Decision
from service.command import Command
from service.destroying import ACCOUNT, KEY_TABLES, POST, shred
from service.log.compaction import compact
from service.log.database import connect
from service.log.ids import new_id
from service.log.removal import Removal
from service.log.shred_list import Shredded, ShredList
from service.office import Office

RESTORED = "restored"  # what a subject is closed by again
log = logging.getLogger(__name__)


class DestroyedCameBack(Exception):
    """The log holds what was destroyed, and this process has no right to remove it."""


class Again(msgspec.Struct, frozen=True):
    """How much came back and was destroyed again: keys in the store, and people of whom this log did not know."""

    keys: int = 0
    people: int = 0


def shred_what_came_back(here: Office) -> Again:
    """Apply the shred list; says in the log of the service when there was something to do.

    Raises `ShredListDamaged`, `DestroyedCameBack`, `NotCompacted`, `LogUnavailable`.
    """
    entries = ShredList(here.shred_list).read()
    noted = Removal(here.database).noted()
    # Either may have been put back as it was before: the list together with the keys, or the log.
    destroyed = {key: entry.subject for entry in entries for key in entry.keys} | noted
    back = here.keys.standing(sorted(destroyed))
    if back:
        here.keys.close_subjects({destroyed[key] for key in back}, RESTORED)
        here.keys.remove(back)
        compact(here.keys.database, KEY_TABLES)
    unknown = destroyed.keys() - noted.keys()
    # Somebody whom an older log does not know yet has nothing in it.
    older = [entry for entry in entries if unknown & set(entry.keys) and here.log.version(entry.subject)]
    if older:
        _forget(here, older)
    again = Again(len(back), len({entry.subject for entry in older}))
    if again != Again():
        log.warning("destroyed again: %s keys, %s people of an older log", again.keys, again.people)
    return again


def _forget(here: Office, older: list[Shredded]) -> None:
    if not here.config.destroyer_url:
        raise DestroyedCameBack(
            f"the log is older than the destruction of {len(older)} people; run: wahana destroy --restored, "
            "with WAHANA_DESTROYER_URL"
        )
    removal = Removal(connect(here.config.destroyer_url, destroyer=True, size=2))
    try:
        for entry in older:
            _tell_again(here, entry)
        shred(here, removal, [key for entry in older for key in entry.keys], lambda step: None)
    finally:
        removal.database.close()


def _tell_again(here: Office, entry: Shredded) -> None:
    def decide(decision: Decision) -> None:
        person = decision.load(Beneficiary, entry.subject)
        person.lose_keys(on=here.today(), keys=entry.keys, destruction=entry.destruction)

    command = Command(id=new_id(), name="subject.destroy_again", account=ACCOUNT, post=POST, source="api")
    with suppress(SubjectDestroyed):  # another process was faster
        here.casebook.record(command, decide)


class Gate:
    """Keeps a process from answering before the shred list was applied, once."""

    def __init__(self, here: Office) -> None:
        self._here, self._lock, self._open = here, Lock(), False

    def pass_through(self) -> None:
        """Raises as `shred_what_came_back`; then the next one tries again."""
        if self._open:
            return
        with self._lock:
            if not self._open:
                shred_what_came_back(self._here)
                self._open = True
