"""The whole history: an office made on an injected clock, every life played, and everything left as a real office's."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import msgspec

from domain.beneficiary_consent import ADULT
from domain.ppks import TYPE_DATA
from domain.refusals import Refused
from projections.engine import Views
from service.app import build
from service.casebook import Casebook
from service.config import Config
from service.demo import FIRST
from service.demo import people as invented
from service.demo.around import coaching_life, helper_life, indicator_life
from service.demo.bodies import body_life, day_life, planned
from service.demo.floods import DAYS, flood_life
from service.demo.office import Staff
from service.demo.people import Family
from service.demo.play import Clock, Life, Player
from service.demo.protection import protection_life
from service.demo.registration import STRICT, duplicate_life, group_life, person_life
from service.demo.world import BEGINS, FULL, Scale, World
from service.log.sqlite_database import SqliteDatabase
from service.office import Office


class NotFresh(Refused):
    RULE = "casebook_not_fresh"
    SENTENCE = (
        "Peragaan hanya dapat dimainkan pada basis data baru yang dibuat dengan WAHANA_DEMO=1 dan `wahana init`;"
        " basis data ini belum dibuat demikian atau sudah berisi catatan."
    )


class Played(msgspec.Struct, frozen=True):
    """What was played: the accounts with their pass phrases, and how many commands and events."""

    accounts: list[dict[str, str]]
    commands: int
    events: int
    today: date


class _Resting(Views):
    """Views that fold only when told to: folding after each of many thousand commands would take most of the time."""

    def wait_for(self, position: int, wait: float = 0.25) -> None:
        """Answer from what is folded."""


def must_be_fresh(office: Office) -> None:
    """Raise `NotFresh` unless nothing is recorded but the list of villages, published as a demonstration's."""
    count, recorded = office.database.rows("SELECT count(*), max(recorded) FROM events")[0]
    if count != 1 or recorded > FIRST or not office.published():
        raise NotFresh


def play(
    config: Config,
    seed: int,
    until: datetime,
    scale: Scale = FULL,
    said: Callable[[date, int], object] = lambda day, events: None,
) -> Played:
    """Play the demonstration into a casebook that `wahana init` made for it, up to the moment ``until`` (UTC).

    ``said`` hears the day reached and the number of events. Raises `NotFresh`.
    """
    clock = Clock(datetime.fromisoformat(FIRST))
    here = Office(config, now=clock)
    must_be_fresh(here)
    here.views = _Resting(here.views.store, here.views.projections.values(), here.reader, clock)
    here.casebook = Casebook(here.log, here.vault, here.files, here.tokens, clock, lambda recorded: None)
    with _quick(here), build(config, here).app_context():
        clock.move(datetime(BEGINS.year, BEGINS.month, BEGINS.day, tzinfo=UTC) - timedelta(hours=2))
        world = _world(here, seed, until, scale)
        player = Player(here, clock, world.staff, until)
        player.play(lives(world), said)
        clock.move(until)
        accounts = world.staff.set_passwords(here)
        here.views.catch_up(limit=5000, bounded=False)
        events = here.reader.head()[0]
    return Played(accounts, player.commands, events, world.today)


def _world(here: Office, seed: int, until: datetime, scale: Scale) -> World:
    villages = sorted(here.casebook.territory().villages_on(BEGINS).values(), key=lambda village: village.code)
    world = World(seed, until, scale, villages, Staff(here, villages, f"{seed}/staff"))
    world.staff.open(here.today())
    return world


def lives(world: World) -> Iterator[Life]:
    """Everything that happens, as lives that are told side by side."""
    scale = world.scale
    yield indicator_life(world)
    bodies = planned(world)
    for day in sorted({body.begun for body in bodies}):
        yield day_life(world, day, [body for body in bodies if body.begun == day])
    yield from (body_life(world, body) for body in bodies)
    yield from (helper_life(world, number) for number in range(scale.helpers))
    yield from (coaching_life(world, number, bodies) for number in range(scale.coachings))
    for number, (struck, kind) in enumerate(DAYS[-scale.disasters :]):
        if struck < world.today:
            yield flood_life(world, number, struck, kind)
    yield from _people(world)


def _people(world: World) -> Iterator[Life]:
    rng, scale = world.rng("households"), world.scale
    everybody = invented.population(world)
    grown = [
        one for one in everybody if one.registered.year - one.born.year > ADULT and TYPE_DATA[one.type].tier < STRICT
    ]
    heads: dict[int, Family] = {}  # by the head's number
    families: dict[str, Family] = {}  # village: the family that its people belong to
    for number, head in enumerate(rng.sample(grown, scale.families)):
        heads[head.number] = family = Family(head)
        families.setdefault(head.village, family)
        begins = max(BEGINS, head.registered - timedelta(days=rng.randint(1, 30)))
        yield group_life(world, "family", number, head.village, begins, family)
    for number in range(scale.communities):
        village = rng.choice(world.villages).code
        yield group_life(world, "community", number, village, world.some_day(rng))
    for person in everybody:
        near = families.get(person.village) if rng.random() < 0.4 else None
        yield person_life(world, person, rng.random() < scale.cases, heads.get(person.number, near))
    again = rng.sample(
        [person for person in everybody if (world.today - person.registered).days > 90], scale.duplicates
    )
    yield from (duplicate_life(world, person, number) for number, person in enumerate(again))
    yield protection_life(world, everybody)


@contextmanager
def _quick(here: Office) -> Iterator[None]:
    """Do without waiting for the disk at every command, on SQLite and only while the demonstration is made: one that is
    interrupted is made again from the start. Afterwards everything is on disk and the connections are as ever."""
    opened = [base for base in (here.database, here.keys_database) if isinstance(base, SqliteDatabase)]
    for base in opened:
        connection = base.connection()
        # The application's connections may not change this for themselves.
        connection.set_authorizer(None)
        connection.execute("PRAGMA synchronous=OFF")
    try:
        yield
    finally:
        for base in opened:
            _settled(base.connection())
        here.close()


def _settled(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
