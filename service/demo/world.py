"""What every life of the demonstration shares: the seed, the span of time, the villages, and the office's people."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, TypeVar

import msgspec

from domain.villages import Village
from service.demo.office import Staff
from service.demo.play import Paper, Step, desk

BEGINS = date(2019, 7, 1)
WITA = timedelta(hours=8)
T = TypeVar("T")


class Scale(msgspec.Struct, frozen=True):
    """How much is told: people apart from victims, the share of them with a case, bodies, disasters and their lists."""

    people: int = 1800
    cases: float = 0.62
    families: int = 90
    communities: int = 8
    duplicates: int = 70
    bodies: int = 146
    coachings: int = 14
    helpers: int = 120
    disasters: int = 7
    victims: int = 60


FULL = Scale()
SMALL = Scale(
    people=44,
    cases=0.8,
    families=3,
    communities=1,
    duplicates=6,
    bodies=16,
    coachings=2,
    helpers=6,
    disasters=2,
    victims=9,
)


class World:
    """The frame of one demonstration. ``until`` is its last moment, in UTC."""

    def __init__(self, seed: int, until: datetime, scale: Scale, villages: Sequence[Village], staff: Staff) -> None:
        self.seed, self.until, self.scale = seed, until, scale
        self.villages, self.staff = list(villages), staff
        self.today = (until.astimezone(UTC) + WITA).date()
        self.days = (self.today - BEGINS).days

    def rng(self, name: str) -> Random:
        """Chance for one life, the same for the same seed whatever the others do."""
        return Random(f"{self.seed}/{name}")  # noqa: S311 - invented people, no secrets

    def some_day(self, rng: Random, growth: float = 0.75) -> date:
        """A day between the beginning and today; later days are likelier (``growth`` below 1)."""
        return BEGINS + timedelta(days=int(self.days * rng.random() ** growth))


class Pen:
    """Writes the steps of one life: chance of its own, whose desk it is, and now and then an entry made late."""

    def __init__(self, world: World, name: str, by: str) -> None:
        self.world, self.by = world, by
        self.rng = world.rng(name)

    def after(self, day: date, least: int, most: int) -> date:
        """A day some days later, mostly a working day."""
        later = day + timedelta(days=self.rng.randint(least, most))
        if later.weekday() > 4 and self.rng.random() < 0.85:
            later += timedelta(days=7 - later.weekday())
        return later

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def pick(self, weights: dict[T, float]) -> T:
        """One of the keys, by its weight."""
        return self.rng.choices(list(weights), list(weights.values()))[0]

    def step(
        self,
        command: str,
        on: date,
        body: dict[str, Any] | None = None,
        *,
        url: dict[str, str] | None = None,
        by: str | None = None,
        papers: tuple[Paper, ...] = (),
        subject: str = "",
        late: float = 0.05,
    ) -> Step:
        """A command about something that happened ``on`` a day. A share of ``late`` ones is recorded weeks afterwards:
        from a telephone that was offline, or by a clerk from paper."""
        rng, by = self.rng, by or self.by
        sent: dict[str, Any] = {"on": on.isoformat(), "source": "form", **(body or {})}
        recorded = on
        if rng.random() < late:
            recorded = on + timedelta(days=rng.randint(4, 80))
            if rng.random() < 0.5:
                noted = datetime.combine(on, time(9, rng.randint(0, 59)), UTC)
                sent |= {"source": "offline", "device": f"hp-{by}", "device_time": noted.isoformat()}
            else:
                sent |= {"source": "import", "performed_by": self.world.staff.id(by)}
        return Step(
            at=desk(rng, recorded), by=by, command=command, body=sent, url=url or {}, papers=papers, subject=subject
        )
