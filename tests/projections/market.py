"""A small field of its own for testing the engine: stalls of a village market, their goods and their visitors."""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import msgspec

from domain.aggregate import Aggregate, Event
from domain.correction import Corrected, Retracted
from domain.sealed import Sealed
from projections.engine import Malformed, NewerEvent
from projections.projection import DROP, Drop, Projection
from projections.source import Unreadable

DAY = date(2019, 7, 1)


class Stall(Aggregate):
    NOUN = "toy"

    class Opened(Event):
        TOPIC = "toy.opened"
        name: str

    class Stocked(Event):
        TOPIC = "toy.stocked"
        goods: str
        count: int

    class Emptied(Event):
        TOPIC = "toy.emptied"
        goods: str

    class Visited(Event):
        TOPIC = "toy.visited"
        visitor: str

    class Closed(Event):
        TOPIC = "toy.closed"


@dataclass(slots=True)
class StallRow:
    key: str
    village: str = ""
    name: str = ""
    opened_on: date | None = None
    open: bool = False
    pieces: int = 0
    visits: int = 0


stalls = Projection("stalls", row=StallRow, indexes=[("village", "open"), ("name",)])


@stalls.on(Stall.Opened)
def stall_opened(row: StallRow, event: Stall.Opened) -> None:
    row.village, row.name, row.opened_on, row.open = event.village or "", event.name, event.on, True


@stalls.on(Stall.Stocked)
def stall_stocked(row: StallRow, event: Stall.Stocked) -> None:
    row.pieces += event.count


@stalls.on(Stall.Visited)
def stall_visited(row: StallRow, event: Stall.Visited) -> None:
    if event.visitor != "nobody":
        row.visits += 1


@stalls.on(Stall.Closed)
def stall_closed(row: StallRow, event: Stall.Closed) -> None:
    row.open = False


@dataclass(slots=True)
class GoodsRow:
    key: str
    stall: str = ""
    count: int | None = None
    fresh_on: date | None = None


goods = Projection("goods", row=GoodsRow, keys=lambda event: [f"{event.stream}/{event.goods}"], indexes=[("stall",)])


@goods.on(Stall.Stocked)
def goods_stocked(row: GoodsRow, event: Stall.Stocked) -> None:
    row.stall, row.fresh_on = event.stream, event.on
    row.count = (row.count or 0) + event.count


@goods.on(Stall.Emptied)
def goods_emptied(row: GoodsRow, event: Stall.Emptied) -> Drop | None:
    return DROP


@dataclass(slots=True)
class VisitRow:
    key: str
    stall: str = ""
    visitor: str = ""
    day: date | None = None


visits = Projection("visits", row=VisitRow, keys=lambda event: [event.id], indexes=[("stall", "day")], once=True)


@visits.on(Stall.Visited)
def visited(row: VisitRow, event: Stall.Visited) -> None:
    row.stall, row.visitor, row.day = event.stream, event.visitor, event.on


@dataclass(slots=True)
class LineRow:
    key: str
    stall: str = ""
    topic: str = ""
    struck: bool = False


def line_keys(event: Event) -> list[str]:
    if isinstance(event, Corrected | Retracted):
        return [event.id, f"{event.stream}#{event.target}"]
    return [event.id]


lines = Projection("lines", row=LineRow, keys=line_keys, raw=True)


@lines.on(Event)
def line(row: LineRow, event: Event) -> None:
    row.stall, row.topic = event.stream, event.topic


@lines.on(Corrected, Retracted)
def line_corrected(row: LineRow, event: Event) -> None:
    if row.key == event.id:
        row.stall, row.topic = event.stream, event.topic
    else:
        row.struck = not row.struck


@dataclass(slots=True)
class ToughRow:
    key: str
    count: int = 0


tough = Projection("tough", row=ToughRow)


@tough.on(Stall.Stocked)
def tough_stocked(row: ToughRow, event: Stall.Stocked) -> None:
    row.count += 1 // event.count
    if event.count == 7:
        row.count = ["not a column"]  # type: ignore[assignment]  # what a careless handler might do


MARKET: tuple[Projection[Any], ...] = (stalls, goods, visits, lines)


class Ledger:
    """A log in memory: what the engine asks of a log, and ways to write and to spoil it."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.ends: list[int] = []
        self.newer_from: int | None = None
        self._leaves: dict[int, bytes] = {}  # of events that were spoilt: their column stands

    def write(self, *events: Event) -> int:
        """Record one command."""
        end = len(self.events) + len(events)
        for event in events:
            position = len(self.events) + 1
            known = [each for each in self.events if each.stream == event.stream]
            self.events.append(
                msgspec.structs.replace(
                    event,
                    position=position,
                    version=len(known) + 1,
                    id=f"id-{position:06}",
                    recorded=self.time(position),
                )
            )
            self.ends.append(end)
        return end

    @staticmethod
    def time(position: int) -> str:
        return f"2026-06-01T00:{position // 60:02}:{position % 60:02}.000000Z"

    def spoil(self, position: int) -> Any:
        """Make an event unreadable; returns what it was, to be put back."""
        event = self.events[position - 1]
        self._leaves[position] = self.leaf(position) or b""
        self.events[position - 1] = Malformed(position, event.stream, event.version, event.topic, "not a number")
        return event

    def mend(self, event: Any) -> None:
        """Put an event back that was spoilt."""
        self.events[event.position - 1] = event

    def head(self) -> tuple[int, bytes]:
        return len(self.events), self.leaf(len(self.events)) or b""

    def read(self, after: int, limit: int) -> list[Event | Malformed]:
        if self.newer_from is not None:
            if after + 1 >= self.newer_from and after < len(self.events):
                raise NewerEvent(after + 1)
            limit = min(limit, self.newer_from - 1 - after)
        return list(self.events[after : after + limit])

    def stream(self, stream: str, upto: int) -> list[Event]:
        found = [event for event in self.events[:upto] if event.stream == stream]
        for event in found:
            if isinstance(event, Malformed):
                raise Unreadable(event.position, event.reason)
        return found

    def sample(self, upto: int, step: int) -> list[str]:
        return [event.stream for event in self.events[step - 1 : upto : step]]

    def streams(self, after: tuple[str, int], last: str, upto: int, limit: int) -> list[Event | Malformed]:
        found = [
            event for event in self.events[:upto] if (event.stream, event.version) > after and event.stream <= last
        ]
        newer = [event.position for event in found if self.newer_from and event.position >= self.newer_from]
        if newer:
            raise NewerEvent(newer[0])
        return sorted(found, key=lambda event: (event.stream, event.version))[:limit]

    def leaf(self, position: int) -> bytes | None:
        if not 1 <= position <= len(self.events):
            return None
        return self._leaves.get(position) or hashlib.sha256(repr(self.events[position - 1]).encode()).digest()

    def position_at(self, time: str) -> int:
        found = sum(1 for position in range(1, len(self.events) + 1) if self.time(position) <= time)
        return self.moment(found)[0] if found else 0

    def only(self, after: int, topics: Collection[str]) -> bytes | None:
        return self.leaf(after) if all(event.topic in topics for event in self.events[after:]) else None

    def moment(self, position: int) -> tuple[int, str]:
        end = self.ends[position - 1]
        return end, self.time(end)

    def close(self) -> None:
        pass

    def upto(self, position: int) -> "Ledger":
        """The same log when it was shorter."""
        ledger = Ledger()
        ledger.events, ledger.ends = self.events[:position], self.ends[:position]
        return ledger


def event(kind: type[Event], stream: str, day: int = 0, **fields: Any) -> Event:
    on = DAY + timedelta(days=day)
    return kind(stream=stream, version=0, topic=kind.TOPIC, schema=1, on=on, **fields)


def opened(stream: str, village: str = "75.01.01.1001", name: str = "Kios", day: int = 0) -> Event:
    return event(Stall.Opened, stream, day, village=village, name=name)


def stocked(stream: str, goods: str = "ikan", count: int = 1, day: int = 0) -> Event:
    return event(Stall.Stocked, stream, day, goods=goods, count=count)


def emptied(stream: str, goods: str = "ikan", day: int = 0) -> Event:
    return event(Stall.Emptied, stream, day, goods=goods)


def visited_by(stream: str, visitor: str = "Ana", day: int = 0) -> Event:
    return event(Stall.Visited, stream, day, visitor=visitor)


def closed(stream: str, day: int = 0) -> Event:
    return event(Stall.Closed, stream, day)


def corrected(stream: str, target: int, **changes: Any) -> Event:
    return event(
        Corrected,
        stream,
        target=target,
        reason=Sealed("p"),
        requested_by="yang_bersangkutan",
        requesters="1",
        changes=changes,
    )


def retracted(stream: str, target: int) -> Event:
    return event(Retracted, stream, target=target, reason=Sealed("p"), requested_by="yang_bersangkutan", requesters="1")


def everything(tables: Iterable[Any], session: Any) -> dict[str, list[tuple[Any, ...]]]:
    """All rows and past versions, in an order of their own."""
    found = {}
    for each in tables:
        name = each.projection.name
        found[name] = session.run(f"SELECT {each.listed}, since FROM {each.current} ORDER BY key")
        found[f"{name}_past"] = session.run(f"SELECT {each.listed}, since, until FROM {each.past} ORDER BY key, since")
    return found
