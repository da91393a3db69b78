"""Carrying out a lawful destruction, so that it may be killed at every step and ends the same when it is run again.

The order: no new keys for these people; the event that names their keys, after which nothing can be written under them; the
shred list on disk; the keys; parts, tokens and pieces of files; the files rewritten; the event that says what there was.
Whatever process holds an opened text meanwhile holds it for its request only: nothing opened is remembered anywhere.
"""

from collections.abc import Callable, Collection

from domain.beneficiary import Beneficiary
from domain.destruction import Destruction
from domain.destruction_state import BEGUN, CARRIED_OUT, Candidate, Removed
from domain.refusals import NotFound, Refused
from domain.retention import RETENTION_ID, Retention
from domain.subject import KeyDestroyed
from projections import retention_lists
from projections.view import Row
from service.casebook import Command, Decision, TooBusy
from service.log.compaction import compact
from service.log.database import connect
from service.log.ids import new_id
from service.log.removal import TABLES, Removal
from service.log.shred_list import Shredded, ShredList
from service.office import Office

ACCOUNT, POST = "wahana destroy", "pelaksana pemusnahan"
STEPS = ("closed", "begun", "listed", "keys", "parts", "rewritten", "recorded")
KEY_TABLES = ("subject_keys", "closed_subjects")


class NoRightToDestroy(Exception):
    """This process has no role that may delete: WAHANA_DESTROYER_URL is not set."""


def facts_now(here: Office, ids: list[str]) -> dict[str, Row]:
    """What decides about the retention of these people, with every event that is recorded now. Raises `TooBusy` while the
    views lie behind."""
    with here.views.at(None) as view:
        if view.behind:
            raise TooBusy
        return retention_lists.facts(view, ids)


def schedule_of(decision: Decision) -> Retention:
    """The archive schedule; an empty one while nothing was set."""
    try:
        return decision.load(Retention, RETENTION_ID)
    except NotFound:
        return Retention.blank(RETENTION_ID)


def candidates(here: Office, decision: Decision, ids: list[str]) -> list[Candidate]:
    """These people as they stand now, each with the day on which her retention began. Raises `NotFound`."""
    facts, schedule = facts_now(here, ids), schedule_of(decision)
    found = []
    for id in ids:
        person = decision.load(Beneficiary, id)
        rule = schedule.covering(person.kind, here.today())
        began = retention_lists.began(facts[id], rule.trigger) if rule and id in facts else None
        found.append(Candidate(person, began))
    return found


class Destroyer:
    """Carries out what was decided. ``tell`` hears the name of each step of `STEPS` when it is done."""

    def __init__(self, here: Office, tell: Callable[[str], object] = lambda step: None) -> None:
        if not here.config.destroyer_url:
            raise NoRightToDestroy(
                "WAHANA_DESTROYER_URL: needed on PostgreSQL, the log's database as the role that destroys"
            )
        self._here, self._tell = here, tell
        self._list = ShredList(here.shred_list)
        self._removal = Removal(connect(here.config.destroyer_url, destroyer=True, size=2))

    def unfinished(self, besides: Collection[str] = ()) -> list[str]:
        """People of whom something is left though it was decided: documents whose hold was lifted after everything else
        was destroyed, and what a killed process left; not those of the destructions ``besides``. Theirs may be one that a
        restored log does not know."""
        left, noted = self._removal.left(), self._removal.noted()
        people = sorted({*released(self._here), *(noted[key] for key in left)})
        return [one for one in people if lost(self._here, one)[0].destruction not in besides]

    def carry_out(self, stream: str) -> str:
        """Begin a destruction that was approved and minuted, or go on with one that was begun; its `people` are for
        `finish` then. Returns its id. Raises the domain's refusals, `InUse`, `NotCompacted`, `ShredListDamaged`,
        `TooBusy`."""
        with self._list.alone():
            made = self._here.log.load(Destruction, stream)
            if made.state not in (BEGUN, CARRIED_OUT):
                self._begin(stream)
            if made.state != CARRIED_OUT:
                self._carry_out(stream)
        return stream

    def people(self, stream: str) -> list[str]:
        """Whom a destruction is about."""
        return [one.id for one in self._here.log.load(Destruction, stream).subjects]

    def finish(self, subject: str) -> str:
        """Destroy what is left of somebody destroyed, and return by which destruction: to what a hold kept is done what
        was decided of everything, again the event first, the shred list, and then what it names. Raises as `carry_out`."""
        here = self._here
        with self._list.alone():
            stream = lost(here, subject)[0].destruction
            if here.log.load(Beneficiary, subject).released_keys():
                here.casebook.record(_command("destruction.destroy_released", stream), self._releasing(subject, stream))
            events = lost(here, subject)
            known = {key for entry in self._list.read() for key in entry.keys}
            missing = [event for event in events if not known >= set(event.keys)]
            found = self._removal.found([key for event in missing for key in event.keys])
            self._list.append(
                Shredded(here.now(), event.destruction, subject, event.keys, *found.counted(event.keys))
                for event in missing
            )
            left = set(self._removal.left())
            if going := [key for event in events for key in event.keys if key in left]:
                self._tell("listed")
                shred(here, self._removal, going, self._tell)
        return stream

    def close(self) -> None:
        """Close the connections of the role that destroys."""
        self._removal.database.close()

    def _begin(self, stream: str) -> None:
        here = self._here
        ids = self.people(stream)
        here.views.catch_up()
        here.keys.close_subjects(ids, stream)
        self._tell("closed")
        keys = here.keys.ids_of(ids)

        def decide(decision: Decision) -> None:
            made = decision.load(Destruction, stream)
            people = candidates(here, decision, ids)
            made.begin(on=here.today(), retention=schedule_of(decision), candidates=people, keys=keys)

        try:
            here.casebook.record(_command("destruction.begin", stream), decide)
        except (Refused, TooBusy):
            standing = [id for id in ids if not here.log.load(Beneficiary, id).destroyed]
            here.keys.open_subjects(standing, stream)  # whoever was destroyed before stays closed
            raise
        self._tell("begun")

    def _carry_out(self, stream: str) -> None:
        entries = self._listed(stream)
        self._tell("listed")
        keys = [key for entry in entries for key in entry.keys]
        shred(self._here, self._removal, keys, self._tell)
        removed = tuple(
            Removed(entry.subject, len(entry.keys), entry.parts, entry.tokens, entry.files) for entry in entries
        )

        def decide(decision: Decision) -> None:
            decision.load(Destruction, stream).carry_out(on=self._here.today(), removed=removed)

        self._here.casebook.record(_command("destruction.carry_out", stream), decide)
        self._tell("recorded")

    def _releasing(self, id: str, stream: str) -> Callable[[Decision], None]:
        def decide(decision: Decision) -> None:
            person = decision.load(Beneficiary, id)
            person.lose_keys(on=self._here.today(), keys=person.released_keys(), destruction=stream)

        return decide

    def _listed(self, stream: str) -> list[Shredded]:
        """The lines of the shred list for this destruction, written first where they are missing."""
        here = self._here
        # Of several lines the first: a later one is of a document that was held, in an older log that came back.
        known = {entry.subject: entry for entry in reversed(self._list.read()) if entry.destruction == stream}
        missing = {
            one.id: self._keys_of(one.id) for one in here.log.load(Destruction, stream).subjects if one.id not in known
        }
        if missing:
            found = self._removal.found([key for keys in missing.values() for key in keys])
            counted = {subject: found.counted(keys) for subject, keys in missing.items()}
            made = [Shredded(here.now(), stream, subject, keys, *counted[subject]) for subject, keys in missing.items()]
            self._list.append(made)
            known.update({entry.subject: entry for entry in made})
        return [known[one.id] for one in here.log.load(Destruction, stream).subjects]

    def _keys_of(self, subject: str) -> tuple[str, ...]:
        return next((event.keys for event in reversed(lost(self._here, subject))), ())


def begun(here: Office) -> list[str]:
    """Destructions that were begun and not ended, by their ids."""
    rows = here.database.rows(
        "SELECT stream FROM events WHERE topic = 'destruction.begun' AND stream NOT IN "
        "(SELECT stream FROM events WHERE topic = 'destruction.carried_out') ORDER BY position"
    )
    return [row[0] for row in rows]


def released(here: Office) -> list[str]:
    """People who were destroyed but for documents whose hold was lifted since: these wait for `wahana destroy`."""
    rows = here.database.rows(
        "SELECT DISTINCT r.stream FROM events r JOIN events k ON k.stream = r.stream "
        "WHERE r.topic = 'beneficiary.document_released' AND k.topic = 'subject.key_destroyed' ORDER BY r.stream"
    )
    return [subject for (subject,) in rows if here.log.load(Beneficiary, subject).released_keys()]


def lost(here: Office, subject: str) -> list[KeyDestroyed]:
    """The events by which somebody lost her keys, in order."""
    return [event for event in here.log.history(subject) if isinstance(event, KeyDestroyed)]


def shred(here: Office, removal: Removal, keys: list[str], tell: Callable[[str], object]) -> None:
    """Destroy keys and all that lies under them, and rewrite the files. Safe to repeat."""
    here.keys.remove(keys)
    compact(here.keys.database, KEY_TABLES)
    tell("keys")
    removal.remove(keys)
    tell("parts")
    compact(removal.database, TABLES)
    removal.note(keys)
    tell("rewritten")


def _command(name: str, stream: str) -> Command:
    return Command(id=new_id(), name=name, account=ACCOUNT, post=POST, source="api", stream=stream)
