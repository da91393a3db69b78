"""What a figure is: a name, a definition in words, and the rows that it counts. The count is their number or sum."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple, TypeVar

from projections.people_lists import NOBODY_HIDDEN, existing
from projections.view import Reached, View
from projections.villages_in_force import territory, within

NOBODY = "-"  # asked for where a column is empty: cases that nobody works on, destinations that are not told
T = TypeVar("T")
PLACES = frozenset({"village", "kecamatan"})


class Row(NamedTuple):
    """One row behind a figure. ``subject`` is the id whose rights decide about it, ``weight`` what it adds."""

    key: str
    subject: str
    weight: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What a figure is asked about: the asker's reach as SQL over the rows' columns, and over ``key`` of the villages;
    the day that is judged; months without a sign of life until a body sleeps; and by name what the figure takes."""

    reach: Reached
    reach_key: Reached
    day: date
    months: int
    about: Mapping[str, Any]
    below: int = NOBODY_HIDDEN  # people of this tier or higher are not counted
    _known: dict[tuple[str, int], Any] = field(default_factory=dict)

    def once(self, view: View, name: str, work: "Callable[[View, Asked], T]", *, stays: bool = False) -> T:
        """What ``work`` finds at the view's position, found once for all figures that are asked the same. What
        ``stays`` is found for the first position that is asked about, and holds for others."""
        key = name, -1 if stays else view.position
        if key not in self._known:
            self._known[key] = work(view, self)
        found: T = self._known[key]
        return found


Rows = Callable[[View, Asked, str | None, str, int | None], list[Row]]  # ..., only this key, after this key, at most


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that some answer shows.

    ``definition`` is for people, in Indonesian. ``action``: who may have the count. ``rows_are`` says what the rows are
    (person, case, referral, wksbm, kps, village, victim, event) and ``right`` by whose rights each is shown (person,
    case, referral, wksbm, village, victim, incident). It ``needs`` and ``takes`` these names of `Asked.about`.
    ``share`` names the figure of which it is a share in permille.
    """

    name: str
    definition: str
    action: str
    rows_are: str
    right: str
    count: Callable[[View, Asked], int]
    rows: Rows
    needs: frozenset[str] = frozenset()
    takes: frozenset[str] = frozenset()
    share: str | None = None

    @property
    def group(self) -> str:
        """The answers that show it: board, coverage, wksbm, caseload, referrals, incidents, period."""
        return self.name.partition(".")[0]


def _villages_asked(view: View, asked: Asked) -> Reached:
    """The asked village or kecamatan as it stands on the day, with the villages that went into it, as SQL over
    ``village`` within reach."""
    known = territory(view)
    village, kecamatan = asked.about.get("village"), asked.about.get("kecamatan")
    chosen = {
        code
        for code, standing in within(view, asked.reach_key, asked.day, known).items()
        if village in (None, code) and kecamatan in (None, standing.kecamatan)
    }
    olds = (old for old, now in known.successors_on(asked.day).items() if now in chosen)
    where, values = asked.reach
    return f"{where} AND village IN :codes", {**values, "codes": sorted({*chosen, *olds})}


def villages_asked(view: View, asked: Asked) -> Reached:
    """The asked village or kecamatan, as SQL over ``village`` within reach; all villages of the day when none is."""
    return asked.once(view, "villages", _villages_asked)


def where_it_happened(view: View, asked: Asked) -> Reached:
    """The same for what happened in a period: wherever it was when no place is asked. Then and now are told of one
    list of villages, so that a difference is one of events."""
    if not PLACES & asked.about.keys():
        return asked.reach
    return asked.once(view, "places", _villages_asked, stays=True)


def everywhere(view: View, asked: Asked) -> Reached:
    """The asker's reach and no more."""
    return asked.reach


def standing(view: View, asked: Asked, table: str, place: Callable[[View, Asked], Reached]) -> Reached:
    """The rows of a projection that stand in the asker's figures, as SQL over its columns."""
    reached, parameters = place(view, asked)
    if asked.below < NOBODY_HIDDEN:
        reached += f" AND {existing(table, asked.below)}"
    return reached, parameters


def counted(
    name: str,
    definition: str,
    *,
    table: str,
    where: str,
    kind: str,
    right: str = "",
    action: str = "board.read",
    weight: str = "1",
    subject: str = "key",
    place: Callable[[View, Asked], Reached] = everywhere,
    needs: frozenset[str] = frozenset(),
    takes: frozenset[str] = frozenset(),
    equal: Mapping[str, str] | None = None,
    values: Callable[[Asked], dict[str, Any]] = lambda asked: {},
) -> Figure:
    """A figure whose rows are those of a projection's table ``where`` a condition holds, in SQL with ``values``.

    ``weight`` and ``subject`` are SQL as well; ``equal`` maps names of `Asked.about` to columns that must be equal.
    """

    def conditions(view: View, asked: Asked) -> Reached:
        text, parameters = standing(view, asked, table, place)
        text, parameters = f"{text} AND {where}", {**parameters, **values(asked)}
        for one, column in (equal or {}).items():
            wanted = asked.about.get(one)
            if wanted == NOBODY:
                text += f" AND {column} IS NULL"
            elif wanted is not None:
                text, parameters[f"eq_{one}"] = f"{text} AND {column} = :eq_{one}", wanted
        return text, parameters

    def count(view: View, asked: Asked) -> int:
        text, parameters = conditions(view, asked)
        sql = f"SELECT COALESCE(SUM({weight}), 0) AS n FROM {{{table}:all}} r WHERE {text}"
        return sum(int(row["n"]) for row in view.through(lambda part: part.rows(sql, **parameters)))

    def rows(view: View, asked: Asked, only: str | None, after: str, limit: int | None) -> list[Row]:
        text, parameters = conditions(view, asked)
        if only is not None:
            text, parameters["only"] = f"{text} AND key = :only", only
        sql = f"SELECT key, {subject} AS subject, {weight} AS weight FROM {{{table}:all}} r"
        sql += f" WHERE {text} AND {weight} <> 0 AND key > :after ORDER BY key"
        if limit is not None:
            sql, parameters["limit"] = f"{sql} LIMIT :limit", limit
        found = view.first(lambda part: part.rows(sql, **parameters, after=after), lambda row: row["key"], limit)
        return [Row(row["key"], row["subject"], int(row["weight"])) for row in found]

    return Figure(name, definition, action, kind, right or kind, count, rows, needs, takes | frozenset(equal or ()))


def judged(
    name: str,
    definition: str,
    *,
    kind: str,
    find: Callable[[View, Asked], list[Row]],
    right: str = "",
    needs: frozenset[str] = frozenset(),
    takes: frozenset[str] = frozenset(),
    share: str | None = None,
) -> Figure:
    """A figure whose rows are worked out from several tables: few, so that a page is cut from all of them."""

    def count(view: View, asked: Asked) -> int:
        return sum(row.weight for row in find(view, asked))

    def rows(view: View, asked: Asked, only: str | None, after: str, limit: int | None) -> list[Row]:
        found = sorted(row for row in find(view, asked) if row.weight and row.key > after and only in (None, row.key))
        return found if limit is None else found[:limit]

    return Figure(name, definition, "board.read", kind, right or kind, count, rows, needs, takes, share)
