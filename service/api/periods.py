"""Reports of a period over HTTP, on two clocks: what happened between two days, as it was known at a moment; and what
changed since a report was made, named event by event. The same difference for coverage on a day.
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

import marshmallow as ma
from flask_smorest import Blueprint

from projections.engine import NoSuchPosition, View
from projections.figures import FIGURES, Asked, Figure
from projections.figures.differences import Difference, TooMuchChanged, differences
from projections.figures.figure import PLACES
from projections.figures.periods import counts
from projections.villages_in_force import territory
from service.api import fields
from service.api.figure_rights import sights_by_right
from service.api.figures import asked, event_shown
from service.api.reads import AsOf, ListQuery, ReadQuery, cursor_for, explain, position_after, read
from service.reach import Scope

blueprint = Blueprint("periods", __name__, url_prefix="/api/v1", description="Reports of a period, then and now")
_PERIOD = [figure for figure in FIGURES.values() if figure.group == "period"]
_COVERAGE = [figure for figure in FIGURES.values() if figure.group == "coverage" and not figure.share]


class PlaceQuery(ReadQuery):
    """Of the whole kabupaten, of a kecamatan or of a village, as far as the asker's board goes."""

    village = fields.village()
    kecamatan = ma.fields.String(validate=ma.validate.Regexp(r"\A\d{2}\.\d{2}\.\d{2}\Z"))


class PeriodQuery(PlaceQuery):
    """From ``begin`` to ``end``, both included, by the day it happened."""

    begin = fields.day(required=True)
    end = fields.day(required=True)


class DifferenceQuery(PlaceQuery, ListQuery):
    """From what was known when it was ``reported`` to what is known now, or at ``as_of``. At most ``limit`` events are
    named of each figure; those that follow are asked for with its ``figure`` and the ``cursor``."""

    reported = AsOf(required=True, metadata={"description": "A log position or an RFC 3339 time", "type": "string"})
    figure = ma.fields.String()


class PeriodDifferenceQuery(PeriodQuery, DifferenceQuery):
    pass


class CoverageDifferenceQuery(DifferenceQuery):
    on = fields.day(required=True, metadata={"description": "The day that is judged"})


@read(blueprint, "/periods", PeriodQuery, action="board.read")
def period(query: dict[str, Any], view: View, reach: Scope) -> dict[str, Any]:
    """What happened from ``begin`` to ``end``: people registered, cases, referrals, WKSBM, activities."""
    when = f"begin={query['begin'].isoformat()}&end={query['end'].isoformat()}"
    where = "".join(f"{name}={query[name]}&" for name in ("village", "kecamatan") if query.get(name))
    question = asked(view, _PERIOD[0], query, reach)
    explain(view, question.day, figures=f"period.{{field}}?{where}{when}")
    found = {"begin": query["begin"].isoformat(), "end": query["end"].isoformat()}
    return {**found, "figures": counts(view, question)}


@read(blueprint, "/periods/difference", PeriodDifferenceQuery, action="board.read")
def period_difference(query: dict[str, Any], view: View, reach: Scope) -> Any:
    """Each figure of a period as it was reported and as it is known now, and the events recorded in between that make the
    difference: late entries, corrections, retractions."""
    return _differences(_PERIOD, query, view, reach)


@read(blueprint, "/coverage/difference", CoverageDifferenceQuery, action="board.read")
def coverage_difference(query: dict[str, Any], view: View, reach: Scope) -> Any:
    """The same for coverage on a day."""
    return _differences(_COVERAGE, query, view, reach)


def _differences(figures: Iterable[Figure], query: dict[str, Any], view: View, reach: Scope) -> Any:
    after = position_after(query)
    placed = {name for name in PLACES if query.get(name)}
    chosen = [figure for figure in figures if query.get("figure") in (None, figure.name) and placed <= figure.takes]
    if not chosen or (after and len(chosen) > 1):
        raise ma.ValidationError({"figure": ["Sebutkan satu ukuran dari jawaban ini."]})
    try:
        then = view.put_back(query["reported"])
    except NoSuchPosition:
        late = "Harus sebelum atau sama dengan “as_of”." if "as_of" in query else "Posisi itu belum ada di catatan."
        raise ma.ValidationError({"reported": [late]}) from None
    question = asked(view, chosen[0], query, reach)  # they all take the same
    _explain(view, then, query, question)
    try:
        found = differences(view, then, chosen, question)
    except TooMuchChanged:
        raise ma.ValidationError({"reported": ["Persempit periode atau wilayahnya."]}) from None
    rows, last = _shown(view, found, after, query["limit"])
    following = cursor_for(last) if last and len(chosen) == 1 else None
    return {"reported": then.position, "known": view.position, "figures": rows}, following


def _explain(view: View, then: View, query: dict[str, Any], question: Asked) -> None:
    """Where both figures of a row are explained; that of ``then`` only when the asked place was then of the same villages,
    since both are told of one list of them."""
    about = {name: query[name] for name in ("village", "kecamatan", "begin", "end") if query.get(name)}
    way = f"{{figure}}?{urlencode(about)}"
    explain(view, question.day, now=way)
    if not PLACES & about.keys() or _villages(view, question) == _villages(then, question):
        explain(then, question.day, then=way)


def _villages(view: View, question: Asked) -> tuple[Any, Any]:
    known = territory(view)
    return known.villages_on(question.day), known.successors_on(question.day)


def _shown(view: View, found: list[Difference], after: int, limit: int) -> tuple[list[dict[str, Any]], int | None]:
    """The differences, each with a page of its events, and the position of the last event when others follow."""
    entries = [[entry for entry in one.entries if entry.position > after] for one in found]
    pages = [some[:limit] for some in entries]
    wanted: dict[str, set[str]] = {}
    for one, page in zip(found, pages, strict=True):
        wanted.setdefault(_right(one.figure), set()).update(entry.stream for entry in page)
    seen = sights_by_right(view, wanted)  # of the subjects of these streams; those left out the asker may not see
    rows, last = [], None
    for one, some, page in zip(found, entries, pages, strict=True):
        sights = seen[_right(one.figure)]
        shown = [event_shown(entry, sights[entry.stream]) for entry in page if entry.stream in sights]
        rows.append(
            {
                "figure": one.figure.name,
                "definition": one.figure.definition,
                "then": one.then,
                "now": one.now,
                "events": shown,
                "left_out": len(page) - len(shown),
                "more": len(some) - len(page),
            }
        )
        last = page[-1].position if len(some) > len(page) else None
    return rows, last


def _right(figure: Figure) -> str:
    return "wksbm" if figure.group == "coverage" else figure.right
