"""Folding: events into rows and their versions, in bulk. The one place where events meet rows; catching up, rebuilding
and verifying differ only in where rows come from and go to."""

from collections.abc import Iterator, Sequence
from operator import length_hint
from typing import Any

from domain.aggregate import Event
from domain.correction import effective
from projections.projection import CORRECTIONS, DROP
from projections.source import Malformed, Source, Unreadable
from projections.store import Session, Tables

Entry = list[Any]  # the row, its values at the last version, the position of that version (0: there is no row)
ENTRY_ROW, ENTRY_VALUES, ENTRY_SINCE = 0, 1, 2
SPECIAL = frozenset({Malformed, *CORRECTIONS})


class Unfoldable(Exception):
    """A handler or ``keys`` failed on an event, or gave a value that no column can hold."""

    def __init__(self, malformed: Malformed) -> None:
        self.malformed = malformed
        super().__init__(f"position {malformed.position}: {malformed.reason}")


def unfoldable(event: Event, projection: str, error: object) -> Unfoldable:
    reason = f"{projection}: {error if isinstance(error, str) else f'{type(error).__name__}: {error}'}"[:200]
    return Unfoldable(Malformed(event.position, event.stream, event.version, event.topic, reason))


class Rows:
    """The rows of one projection while events are folded into them; ``hot`` holds those touched, by key."""

    def __init__(self, tables: Tables) -> None:
        self.tables, self.projection = tables, tables.projection
        self.whole = False  # every row that the events touch is here: streams are folded from their first event on
        self.hot: dict[str, Entry] = {}
        self.dirty: dict[str, Entry] = {}
        self.fresh: list[tuple[Any, ...]] = []  # rows of a `once` projection, as they are to be written
        self.closed: list[tuple[Any, ...]] = []
        self.plan: list[tuple[str, Any, Any]] = []  # key, handler, event; or key, None, (correction, values)

    def gather(self, session: Session) -> None:
        """Look up the rows that the plan touches and that may exist without being here."""
        plan = self.plan
        if self.projection.once:
            keys = {key for key, handler, _ in plan if handler is None}
        else:
            # The first event of a stream cannot touch a row that exists: rows are folded from one stream.
            begun = {key for key, handler, event in plan if handler is not None and event.version == 1}
            keys = {item[0] for item in plan}.difference(self.hot, begun)
        if keys:
            read, make = self.projection.read, self.projection.row
            for stored in session.fetch(self.tables, sorted(keys)):
                values = read(stored[:-1])
                self.hot[values[0]] = [make(*values), values, stored[-1]]

    def clear(self, session: Session) -> None:
        """Remove every row and version under the keys that the plan touches."""
        keys = [(key,) for key in sorted({key for key, _, _ in self.plan})]
        session.many(self.tables.remove, keys)
        session.many(self.tables.remove_past, keys)

    def fold(self) -> None:
        """Let the planned events change the rows. Raises `Unfoldable`."""
        plan = iter(self.plan)
        try:
            # A row that a correction may touch later must stay at hand, unless it can be looked up.
            unseen = self.projection.once and (self.projection.raw or not self.whole)
            if unseen and all(handler is not None for _, handler, _ in self.plan):
                self._fold_once(plan)
            else:
                self._fold(plan)
        except Unfoldable:
            raise
        except Exception as error:
            event = self.plan[len(self.plan) - length_hint(plan) - 1][2]
            raise unfoldable(event, self.projection.name, error) from error
        self.plan.clear()

    def _fold(self, plan: Iterator[tuple[str, Any, Any]]) -> None:
        projection, hot, dirty = self.projection, self.hot, self.dirty
        make, values_of, defaults, once = projection.row, projection.values, projection.defaults, projection.once
        close = self.closed.append
        for key, handler, event in plan:
            entry = hot.get(key)
            if entry is None:
                entry = hot[key] = [make(key), (key, *defaults), 0]
            elif once and handler is not None:
                raise unfoldable(event, projection.name, f"once, and key {key} is touched again")
            if handler is None:
                self._refolded(key, entry, *event)
                continue
            if handler(entry[0], event) is DROP:
                self._refolded(key, entry, event, None)
                continue
            values = values_of(entry[0])
            if values != entry[1]:
                position, since = event.position, entry[2]
                if since and since != position:
                    close((*entry[1], since, position))
                entry[1], entry[2] = values, position
                dirty[key] = entry

    def _fold_once(self, plan: Iterator[tuple[str, Any, Any]]) -> None:
        """The same where every key is new: nothing is looked up and nothing kept."""
        projection, put = self.projection, self.fresh.append
        make, values_of, defaults = projection.row, projection.values, projection.defaults
        seen: set[str] = set()
        for key, handler, event in plan:
            if key in seen:
                raise unfoldable(event, projection.name, f"once, and key {key} is touched again")
            seen.add(key)
            row = make(key)
            if handler(row, event) is not DROP:
                values = values_of(row)
                if values != (key, *defaults):
                    put((*values, event.position))

    def _refolded(self, key: str, entry: Entry, cause: Event, values: tuple[Any, ...] | None) -> None:
        """Give the row the values it has since ``cause``, or none at all."""
        since = entry[ENTRY_SINCE]
        if values is not None and since and values == entry[ENTRY_VALUES]:
            return
        if since and since != cause.position:
            self.closed.append((*entry[ENTRY_VALUES], since, cause.position))
        if values is not None:
            entry[:] = [self.projection.row(*values), values, cause.position]
        else:
            entry[:] = [self.projection.row(key), (key, *self.projection.defaults), 0]
        if values is not None or since:
            self.dirty[key] = entry

    def write(self, session: Session) -> None:
        """Write the closed versions and the rows changed since they were last written."""
        if self.closed:
            session.many(self.tables.close, self.closed)
        if self.fresh:
            session.many(self.tables.put, self.fresh)
        if self.dirty:
            standing = sorted(key for key, entry in self.dirty.items() if entry[2])
            if standing:
                dirty = self.dirty
                session.many(self.tables.put, [(*dirty[key][1], dirty[key][2]) for key in standing])
            if len(standing) < len(self.dirty):
                session.many(self.tables.remove, [(key,) for key, entry in self.dirty.items() if not entry[2]])

    def written(self) -> None:
        """Forget what `write` wrote."""
        self.closed.clear()
        self.fresh.clear()
        self.dirty.clear()
        if self.projection.once:
            self.hot.clear()

    def misfit(self) -> tuple[int, str] | None:
        """Position and column of the first value to be written that no column can hold."""
        versions = [(values[-2], values) for values in self.closed] + [(values[-1], values) for values in self.fresh]
        versions += [(entry[2], entry[1]) for entry in self.dirty.values() if entry[2]]
        found = [(since, said) for since, values in versions if (said := self.projection.misfit(values))]
        return min(found) if found else None


class Fold:
    """Folds events of one log, in order, into the rows of several projections at once."""

    def __init__(self, all_tables: Sequence[Tables], source: Source, skipped: dict[str, int]) -> None:
        """``skipped``: streams set aside, with the position from which they are left out."""
        self.rows = [Rows(tables) for tables in all_tables]
        self.source, self.skipped = source, skipped
        self._routes: dict[type, list[tuple[Any, Any, Any]]] = {}

    def take(self, session: Session | None, events: Sequence[Event | Malformed]) -> list[Malformed]:
        """Fold ``events``; `write` follows. Without ``session`` they are whole streams, and no row stands yet. Returns
        those newly set aside. Raises `Unfoldable`: nothing of this fold may be written then."""
        aside = self._plan(events)
        for rows in self.rows:
            if rows.plan:
                if session is None:
                    rows.whole = True
                else:
                    rows.gather(session)
                rows.fold()
        return aside

    def again(self, session: Session, events: Sequence[Event]) -> None:
        """Fold the events of one stream from its first on, in place of the rows and versions that it has; `write`
        follows. Raises `Unfoldable`: then the transaction must not commit."""
        self._plan(events)
        for rows in self.rows:
            if rows.plan:
                rows.clear(session)
                rows.fold()

    def _plan(self, events: Sequence[Event | Malformed]) -> list[Malformed]:
        routes, skipped, aside = self._routes, self.skipped, []
        event: Any
        for event in events:
            kind = type(event)
            if skipped and skipped.get(event.stream, event.position + 1) <= event.position:
                continue
            if kind in SPECIAL:
                if kind is Malformed:
                    aside.append(event)
                    skipped[event.stream] = event.position
                    continue
                self._correct(event)
            try:
                route = routes[kind]
            except KeyError:
                route = routes[kind] = self._route(kind)
            for plan, keys, handler in route:
                if keys is None:
                    plan((event.stream, handler, event))
                    continue
                try:
                    for key in keys(event):
                        plan((key, handler, event))
                except Exception as error:
                    raise unfoldable(event, "keys", error) from error
        return aside

    def _route(self, kind: type) -> list[tuple[Any, Any, Any]]:
        found = []
        for rows in self.rows:
            handler, keys = rows.projection.handler(kind), rows.projection.keys
            if handler is not None:
                found.append((rows.plan.append, None if rows.projection.per_stream else keys, handler))
        return found

    def _correct(self, correction: Event) -> None:
        """Plan that every row of the stream reads as if folded from what stands after ``correction``."""
        try:
            history = self.source.stream(correction.stream, correction.position)
        except Unreadable as error:  # nothing else: a log that is away is no fault of the event
            raise unfoldable(correction, "stream", error) from error
        try:
            before, after = effective(history[:-1]), effective(history)
        except Exception as error:
            raise unfoldable(correction, "correction", error) from error
        for rows in self.rows:
            if rows.projection.raw:
                continue
            try:
                standing = _refold(rows, after)
                for key in sorted({*standing, *_refold(rows, before, fold=False)}):
                    rows.plan.append((key, None, (correction, standing.get(key))))
            except Exception as error:
                raise unfoldable(correction, rows.projection.name, error) from error

    def write(self, session: Session) -> None:
        """Write what was folded. Raises `Unfoldable` when a value does not fit its column."""
        touched = [table for table in self.rows if table.dirty or table.closed or table.fresh]
        try:
            with session.together():
                for table in touched:
                    table.write(session)
            for table in touched:
                table.written()
        except Exception as error:
            unfit = self.unfit()
            if unfit is None:
                raise
            raise unfit from error

    def unfit(self) -> Unfoldable | None:
        """The first event that gave a value which no column can hold, to be asked when writing failed."""
        misfits = [(*found, table) for table in self.rows if (found := table.misfit())]
        if not misfits:
            return None
        position, said, _ = min(misfits, key=lambda found: found[0])
        event = next(event for event in self.source.read(position - 1, 1) if event.position == position)
        return Unfoldable(Malformed(position, event.stream, event.version, event.topic, said))


def _refold(rows: Rows, events: Sequence[Event], *, fold: bool = True) -> dict[str, tuple[Any, ...] | None]:
    """The rows that arise from ``events``, by key, ``None`` where none stands; only their keys without ``fold``."""
    scratch = Rows(rows.tables)
    for event in events:
        handler = rows.projection.handler(type(event))
        if handler is not None:
            scratch.plan += [(key, handler, event) for key in rows.projection.keys(event)]
    if not fold:
        return dict.fromkeys(key for key, _, _ in scratch.plan)
    keys = dict.fromkeys(key for key, _, _ in scratch.plan)
    scratch.fold()
    standing = {values[0]: values[:-1] for values in scratch.fresh}
    return keys | standing | {key: entry[1] if entry[2] else None for key, entry in scratch.hot.items()}
