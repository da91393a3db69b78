"""The play: many lives told side by side in the order of time, each step a real command on an injected clock."""

import heapq
from collections.abc import Callable, Generator, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from random import Random
from typing import Any, Protocol

import msgspec

from domain.refusals import Refused
from service.api.commands import COMMANDS, Denied, execute
from service.casebook import Answer
from service.log.vault import GENERAL
from service.office import Office
from service.reach import Principal

EVERY = 250  # commands between two looks of the views at the log


class Paper(msgspec.Struct, frozen=True):
    """A paper that goes with a step. With ``scan`` an invented file is uploaded, otherwise only number and date are
    known."""

    kind: str
    number: str | None = None
    dated: date | None = None
    scan: bool = True


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One command: when it is recorded (UTC), by whose sign-in name, and what. ``subject`` is whose key seals the
    papers: the stream of the command when left out."""

    at: datetime
    by: str
    command: str
    body: dict[str, Any]
    url: dict[str, str] = {}
    papers: tuple[Paper, ...] = ()
    subject: str = ""


#: A life yields its steps in the order of their recording and is told the answer of each, or hears its refusal raised
#: there; a refusal that it did not reckon with ends the play.
Life = Generator[Step, Answer, None]


class Clock:
    """Stands still until it is moved, and never goes back."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> str:
        return self.moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def move(self, moment: datetime) -> None:
        """Go on to a moment; one that is over already costs a second."""
        self.moment = max(moment, self.moment + timedelta(seconds=1))


class Company(Protocol):
    """Who records: a sign-in name on a day is somebody with the grants of that day."""

    def principal(self, login: str, day: date) -> Principal: ...


def desk(rng: Random, day: date) -> datetime:
    """A moment of a working day, in UTC: between eight and four in Limboto."""
    while day.weekday() > 4 and rng.random() < 0.85:
        day += timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=rng.randint(0, 8 * 3600 - 1))


class Player:
    """Plays lives until a last moment and counts the events."""

    def __init__(self, office: Office, clock: Clock, company: Company, until: datetime) -> None:
        self.office, self.clock, self.company, self.until = office, clock, company, until
        self.commands = self.events = 0

    def play(self, lives: Iterable[Life], said: Callable[[date, int], object]) -> None:
        """Play all lives; ``said`` hears the day and the number of events now and then."""
        waiting: list[tuple[datetime, int, Life, Step]] = []
        for number, life in enumerate(lives):
            self._wait(waiting, number, life, partial(next, life))
        while waiting:
            _, number, life, step = heapq.heappop(waiting)
            try:
                answer = self._record(step)
            except (Refused, Denied) as refusal:
                self._wait(waiting, number, life, partial(life.throw, refusal))
                continue
            if self.commands % EVERY == 0:
                self.office.views.catch_up(limit=5000, bounded=False)
                said(self.clock.moment.date(), self.events)
            self._wait(waiting, number, life, partial(life.send, answer))

    def _wait(self, waiting: list[Any], number: int, life: Life, following: Callable[[], Step]) -> None:
        try:
            step = following()
        except StopIteration:
            return
        if step.at > self.until:
            life.close()
        else:
            heapq.heappush(waiting, (max(step.at, self.clock.moment), number, life, step))

    def _record(self, step: Step) -> Answer:
        self.clock.move(step.at)
        who = self.company.principal(step.by, self.office.today())
        subject = step.subject or step.url.get("stream") or step.body.get("id", "")
        body = dict(step.body)
        if step.papers:
            body["evidence"] = self._papers(step.papers, subject, who)
        route = COMMANDS[step.command]
        try:
            answer, _ = execute(route, route.schema.load(body), step.url, who, self.office)
        except (Refused, Denied):
            raise
        except Exception as error:
            error.add_note(f"{step.command} by {step.by} at {step.at}: {step.body}")
            raise
        self.commands += 1
        self.events += len(answer.events)
        return answer

    def _papers(self, papers: Sequence[Paper], subject: str, who: Principal) -> list[dict[str, Any]]:
        sent = []
        for paper in papers:
            row: dict[str, Any] = {"kind": paper.kind}
            if paper.number:
                row["number"] = paper.number
            if paper.dated:
                row["dated"] = paper.dated.isoformat()
            if paper.scan:
                content = f"Contoh untuk peragaan: {paper.kind} {paper.number or ''} {paper.dated or ''}".encode()
                name = f"{paper.kind}.txt"
                row["file"] = self.office.files.store(
                    content, subject=subject, label=GENERAL, name=name, media_type="text/plain", account=who.account
                ).id
            sent.append(row)
        return sent
