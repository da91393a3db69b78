"""Asking: one state of all views, today's or that of a past position."""

import copy
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from domain.case_state import days_after
from domain.reading import Reading
from projections.generations import Generation, ViewsNotReady
from projections.question import Part, added_up, listed_in, named, tables_in
from projections.source import Head, NoSuchPosition, position_in
from projections.store import Dialect, Session, Tables

if TYPE_CHECKING:
    from projections.engine import Views

Row = dict[str, Any]
Rows = list[Row]
Asked = Callable[["View"], Rows]  # asks one thing of a state
Reached = tuple[str, dict[str, Any]]  # what the asker may see, as SQL over the rows' columns and its parameters


class View:
    """What was known at one position of the log, for asking questions in SQL.

    SQL names tables as ``{cases}`` and parameters as ``:village``; a list or tuple stands after ``IN``. Besides the
    row's columns a table has ``since``, the position of the version. Answers hold what is stored: days as ISO text,
    yes and no as 1 and 0. ``{cases:all}`` are the same rows for a question that goes through all of them rather than
    by an index; ``{cases:listed}`` for the first few in the order of an index; ``{cases:today}`` are those of today,
    whatever moment was asked for.

    Inside ``with`` every question sees one snapshot of the tables; with ``once`` the same question is put to it once.
    Outside, every question opens one of its own, at the same position all the same.
    """

    def __init__(self, views: "Views", as_of: int | str | None, wait_for: int | None, once: bool, head: Head) -> None:
        self._views, self._as_of, self._wait_for = views, as_of, wait_for
        self._told: dict[Any, Any] | None = {} if once else None
        self._caught_up = False
        self._open: ExitStack | None = None
        self._session: Session | None = None
        self._generations: dict[str, Generation] = {}
        self._position: int | None = None
        self._head, self._log_head, self._clock = 0, head, ""
        self._part: Part | None = None
        self._noted: list[tuple[str, dict[str, Any]]] | None = None  # of a part: what is asked of it, not put yet

    @property
    def position(self) -> int:
        """The position that every answer is true at."""
        return self._resolved()

    @property
    def clock(self) -> str:
        """The time, RFC 3339 UTC, against which "overdue" and "in force" are judged."""
        self._resolved()
        return self._clock

    @property
    def dialect(self) -> Dialect:
        """How the engine that the questions are put to says things."""
        return self._views.store.dialect

    def generation(self, name: str) -> int:
        """The number of the generation of a projection that is asked. Only inside ``with``."""
        return self._generations[name].number

    @property
    def past(self) -> bool:
        """Whether a past moment was asked for."""
        return self._as_of is not None

    def today(self) -> "View":
        """What this snapshot holds now, whatever moment was asked for: rights and restrictions are always today's.
        Only inside ``with``."""
        now = copy.copy(self)
        now._position = max((generation.position for generation in self._generations.values()), default=0)
        return now

    def put_back(self, as_of: int | str) -> "View":
        """What this snapshot holds of an earlier position or time. Only inside ``with``. Raises `NoSuchPosition` for a
        position after this one's."""
        position, clock = self._views.moments.of(as_of, self._log_head[0])
        if position > self.position and (named := position_in(as_of)) is not None:
            raise NoSuchPosition(named, self.position)
        earlier = copy.copy(self)
        earlier._as_of, earlier._position, earlier._clock = as_of, min(position, self.position), clock
        return earlier

    def beside(self, as_of: int | str | None) -> "View":
        """What this snapshot holds of another moment, today's for ``None``, as if it had been asked for at first. Only
        inside ``with``. Raises `NoSuchPosition`."""
        other = copy.copy(self)
        other._as_of, other._wait_for, other._clock = as_of, None, ""
        wanted = other._wanted()
        reached = min((generation.position for generation in self._generations.values()), default=wanted)
        if self._caught_up:
            other._head = wanted = min(wanted, reached)
        other._position = reached if as_of is None else min(reached, wanted)
        return other

    def parts(self) -> "list[View]":
        """This state as parts that are asked one by one, for a sum or for the first rows in an order: in each of them
        ``{cases:all}``, ``{cases:listed}`` and ``{cases:part}`` (by any index) are the rows of that part only. Of a past
        moment: the rows that still stand as they did, and those that have changed since. Only inside ``with``."""
        if not self.past:
            return [self]
        assert self._session is not None, "each part would have a state of its own"
        found = [copy.copy(self), copy.copy(self)]
        found[0]._part, found[1]._part = Part.LASTING, Part.ENDED
        return found

    def first(self, question: Asked, order: Callable[[Row], Any], limit: int | None, *, latest: bool = False) -> Rows:
        """The first rows, in ``order`` (``latest``: in descending order), of what ``question`` finds in each part; the
        question itself puts those of a part in the same order and cuts them at ``limit``."""
        found = self.through(question)
        return sorted(found, key=order, reverse=latest)[:limit] if self.past else found

    def grouped(self, question: Asked, by: str) -> Rows:
        """The rows, one for each value of the column ``by``, of what ``question`` finds in each part, put together: numbers
        are added, of texts the least is taken. Groups come in ascending order, the one without a value first."""
        return added_up(self.through(question), by) if self.past else question(self)

    def through(self, question: Asked) -> Rows:
        """The rows that ``question`` finds in each part: it asks one thing and hands the rows back. Put as one."""
        if not self.past:
            return question(self)
        noted: list[tuple[str, dict[str, Any]]] = []
        for part in self.parts():
            part._noted = noted
            question(part)
        (lasting, given), (ended, same) = noted
        assert given == same, "parts differ in SQL only"
        return self._answer(f"SELECT * FROM ({lasting}) AS lasting UNION ALL SELECT * FROM ({ended}) AS ended", given)

    @property
    def lasting(self) -> bool:
        """Whether every row that is asked for stands today as it does here."""
        return not self.past or self._part is Part.LASTING

    def reached(self, name: str, row: str, where: str) -> str:
        """What a reader may see, SQL ``where`` over the columns of ``{name}``, as a condition on the row ``row`` of it.
        Rights are always today's: of a past moment it is asked of what the row holds now, as ``n``."""
        if self.lasting or where == "1 = 1":
            return where
        return self.some(f"SELECT 1 FROM {{{name}:today}} n WHERE n.key = {row}.key AND {where}")

    def some(self, sql: str) -> str:
        """Whether the subquery ``SELECT 1 ...`` finds something, as a condition. Of the few rows that have changed since a
        past moment it is asked one by one, as ``EXISTS`` may be turned into a join with all there are."""
        return f"({sql} LIMIT 1) = 1" if self._part is Part.ENDED else f"EXISTS ({sql})"

    @property
    def latest_day(self) -> str | None:
        """A day after which nothing lies that was known at a past moment, as ISO text: no command takes a day that is
        still to come. A list in order of days begins there instead of passing by all that came since. ``None`` today."""
        if not self.past:
            return None
        return days_after(date.fromisoformat(self.clock[:10]), 1).isoformat()  # no zone is a day ahead of UTC

    @property
    def behind(self) -> int:
        """How many events were asked for and are not in the answer yet."""
        return max(0, self._wanted() - self._resolved())

    def rows(self, sql: str, **parameters: Any) -> list[dict[str, Any]]:
        """The rows of a query, as dictionaries. Raises `engine.ViewsNotReady` or `engine.LogReplaced`."""
        if self._session is None:
            with self:
                return self.rows(sql, **parameters)
        position = self._resolved()
        asked = [self._generations[name] for name in tables_in(sql) if name in self._generations]
        layout = tuple((self._views.tables(each.projection, each.number), each.position > position) for each in asked)
        few = False
        if self._part or any(past for _, past in layout):
            parameters["as_of_position"] = position
            few = self._part is Part.LASTING or all(
                self._few_changed(tables, position)
                for tables, past in layout
                if past and tables.projection.name in listed_in(sql)
            )
        return self._answer(named(sql, layout, few, self._part), parameters)

    def standing(self, sql: str) -> Rows:
        """The rows of a question about today, without parameters: kept inside ``with`` till more is folded; of no part."""
        assert self._noted is None is self._part, "what it answers there is not all there is"
        if self._session is None:
            return self.rows(sql)
        now = self._position, tuple(self._generations.get(name) for name in tables_in(sql))
        if (kept := self._views.standing.get(sql)) is None or kept[0] != now:
            kept = self._views.standing[sql] = now, self.rows(sql)
        return [dict(row) for row in kept[1]]

    def _answer(self, sql: str, parameters: dict[str, Any]) -> Rows:
        assert self._session is not None
        if self._noted is not None:
            self._noted.append((sql, parameters))
            return []
        if self._told is None:
            return self._session.ask(sql, parameters)
        given = ((name, tuple(value) if isinstance(value, list) else value) for name, value in parameters.items())
        asked = sql, frozenset(given)
        if asked not in self._told:
            self._told[asked] = self._session.ask(sql, parameters)
        return [dict(row) for row in self._told[asked]]  # whoever asked makes of her rows what she likes

    def _few_changed(self, tables: Tables, position: int) -> bool:
        """Whether few rows of a past moment changed since. Then they are all looked at; else the first ones of a list
        are soon met in its order. Every answer is right, so that one is kept until some more events are folded."""
        assert self._session is not None
        known = self._views.few_changed
        asked = tables, position, self._generations[tables.projection.name].position // FEW
        few = known.get(asked)
        if few is None:
            few = not self._session.ask(tables.many_changed(FEW), {"as_of_position": position})[0]["many"]
            known[asked] = few
        return few

    def known(self, what: str) -> dict[str, Row | None]:
        """Rows by id that were read of this state under a name of the asker's: hers to look up and to add to. They are kept
        as long as the snapshot of a view that was opened ``once``, else not at all."""
        if self._told is None or self._session is None:
            return {}
        found: dict[str, Row | None] = self._told.setdefault((what, self._position, self._part), {})
        return found

    def one(self, sql: str, **parameters: Any) -> dict[str, Any] | None:
        """The first row of a query, or ``None``."""
        return next(iter(self.rows(sql, **parameters)), None)

    def __enter__(self) -> Self:
        views, wanted = self._views, self._wanted()
        for late in (False, True):
            with ExitStack() as stack:
                session = stack.enter_context(views.store.reading())
                own = views.own(session)
                reached = min((generation.position for generation in own.values()), default=wanted)
                views.folded, known = reached, self._log_head[:2]
                # Also a past moment waits for the head: whom it is shown to, today's rows decide.
                if reached < max(wanted, self._log_head[0]) and not late and self._position is None:
                    leaf = self._quiet(reached) if self._wait_for is None else None
                    if not leaf:
                        stack.close()
                        views.wait_for(max(wanted, self._log_head[0]))
                        continue
                    self._head = wanted = min(wanted, reached)
                    self._caught_up, known = True, (reached, leaf)
                self._caught_up = self._caught_up or reached >= self._log_head[0]
                if self._position is None:
                    views.check(own.values(), *known)
                    self._position = reached if self._as_of is None else min(reached, wanted)
                elif reached < self._position:
                    raise ViewsNotReady(sorted(own))
                self._session, self._generations = session, own
                self._open = stack.pop_all()
                break
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        stack, self._open, self._session = self._open, None, None
        self._told = None if self._told is None else {}
        if stack is not None:
            stack.__exit__(kind, error, traceback)

    def _quiet(self, reached: int) -> bytes | None:
        """The leaf hash at the position that was reached, when nothing but readings was recorded after it."""
        known = self._log_head
        return known.quiet if known.folded == reached else self._views.source.only(reached, _QUIET)

    def _resolved(self) -> int:
        if self._position is None:
            with self:
                pass
        assert self._position is not None
        return self._position

    def _wanted(self) -> int:
        """The position asked for; sets the clock once."""
        if self._clock:
            return self._head
        views, as_of = self._views, self._as_of
        if not self._log_head[0]:
            self._log_head = Head(*views.source.head())
        head = self._log_head[0]
        if as_of is None:
            self._clock = views.now()
            self._head = max(head, self._wait_for or 0)
        else:
            self._head, self._clock = views.moments.of(as_of, head)
            self._clock = self._clock or views.now()  # of a log in which nothing was recorded yet
        return self._head


_QUIET = frozenset({Reading.Made.TOPIC})  # they change no view but that of readings, which is asked with a `wait_for`
FEW = 1000  # rows that are read in no time
