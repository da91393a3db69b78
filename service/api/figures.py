"""Why is this number 37? Every figure of the boards over HTTP: its definition, its count, the rows behind it for those
entitled to them, and of each row the events behind it."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

import marshmallow as ma
from flask_smorest import Blueprint

from domain.refusals import NotFound
from projections.engine import View
from projections.figures import FIGURES, Asked, Figure, Row
from projections.figures.events import behind, labels
from projections.figures.figure import NOBODY
from projections.history_lists import Entry
from service.access import Sight
from service.api import fields, safe_figures
from service.api.beneficiary_history import told
from service.api.cases import day_of
from service.api.current import office, principal
from service.api.figure_rights import people_behind, sights
from service.api.people_shown import counted_below
from service.api.reads import FIGURES_AT, ListQuery, ReadQuery, cursor_for, cursor_values, moment, position_after, read
from service.api.referrals import reached as referrals_reached
from service.reach import Scope, scope

blueprint = Blueprint(
    "figures", __name__, url_prefix=FIGURES_AT, description="What is counted, and what is behind a count"
)
_LINKS = {
    "person": "/api/v1/beneficiaries/{subject}",
    "case": "/api/v1/cases/{subject}",
    "referral": "/api/v1/referrals/{subject}",
    "wksbm": "/api/v1/wksbm/{subject}",
    "kps": "/api/v1/wksbm/{subject}",
    "village": "/api/v1/villages/{subject}",
    "victim": "/api/v1/beneficiaries/{subject}",
}


def _or_nobody(rule: ma.validate.Validator) -> Any:
    def check(value: str) -> None:
        if value != NOBODY:
            rule(value)

    return check


class FigureQuery(ListQuery):
    """What a figure is asked about; which of these it needs or takes, the list of figures says. "-" stands for none."""

    on = fields.day(metadata={"description": "The day that is judged; left out: the day of the answer's clock"})
    village = fields.village()
    kecamatan = ma.fields.String(validate=ma.validate.Regexp(r"\A\d{2}\.\d{2}\.\d{2}\Z"))
    wksbm = fields.identifier()
    incident = fields.identifier()
    worker = ma.fields.String(validate=_or_nobody(ma.validate.Length(36, 36)))
    destination_kind = ma.fields.String(validate=_or_nobody(ma.validate.Regexp(r"\A[A-Za-z0-9_./-]{1,60}\Z")))
    state = fields.code()
    stuck = ma.fields.Integer(validate=ma.validate.Range(0, 36_500))
    begin = fields.day()
    end = fields.day()


class FigureEventsQuery(FigureQuery):
    row = ma.fields.String(required=True, validate=ma.validate.Length(1, 120))


ABOUT = frozenset(FigureQuery().fields) - frozenset(ListQuery().fields) - {"on"}


def asked(view: View, figure: Figure, query: Mapping[str, Any], reach: Scope) -> Asked:
    """What the query asks of a figure, as far as ``reach`` goes. Raises ``ValidationError`` when it does not fit it."""
    about = {name: query[name] for name in ABOUT if query.get(name) is not None}
    wrong = {name: ["Ukuran ini membutuhkannya."] for name in sorted(figure.needs - about.keys())}
    wrong |= {name: ["Tidak berlaku untuk ukuran ini."] for name in sorted(about.keys() - figure.needs - figure.takes)}
    if not wrong and "begin" in about and about["begin"] > about["end"]:
        wrong = {"begin": ["Harus sebelum atau sama dengan “end”."]}
    if wrong:
        raise ma.ValidationError(wrong)
    return Asked(
        _rows_reached(figure, reach),
        reach.where("key"),
        query.get("on") or day_of(view),
        office().config.dormant_months,
        about,
        counted_below(principal()),
    )


def _rows_reached(figure: Figure, reach: Scope) -> tuple[str, dict[str, Any]]:
    """The reach over the rows, as the answer that shows the figure counts them."""
    if figure.group == "referrals":
        return referrals_reached(reach)
    if figure.group == "incidents":
        return "1 = 1", {}
    return reach.where("village", worker="worker") if figure.group == "caseload" else reach.where("village")


def _figure(name: str) -> Figure:
    if name not in FIGURES:
        raise NotFound
    return FIGURES[name]


def described(figure: Figure) -> dict[str, Any]:
    """A figure's name and definition, what its rows are, and the parameters of the query it needs and takes."""
    return {
        "figure": figure.name,
        "definition": figure.definition,
        "rows_are": figure.rows_are,
        "needs": sorted(figure.needs),
        "takes": sorted(figure.takes - figure.needs),
    }


@read(blueprint, "", ReadQuery, action="figure.read")
def listing(query: dict[str, Any], view: View, reach: Scope) -> list[dict[str, Any]]:
    """Every figure with its definition."""
    return [described(figure) for figure in FIGURES.values()]


@read(blueprint, "/<figure>", FigureQuery, action="figure.read")
def one(query: dict[str, Any], view: View, reach: Scope, figure: str) -> Any:
    """One figure: its definition for everybody, its count for whoever sees the board it stands on, and a page of the rows
    behind it, those of the page that the asker may not see being counted in ``left_out``. Rows of people, cases and
    referrals tell ``person`` and ``sight``, as their lists do."""
    wanted = _figure(figure)
    seen = scope(principal(), wanted.action)
    if seen.empty:
        return {**described(wanted), "count": None, "rows": [], "left_out": 0}
    question, after = asked(view, wanted, query, seen), cursor_values(query, 1)
    if figure == safe_figures.FIGURE and safe_figures.limited():
        count = safe_figures.safe_count(view, question.day, dict(question.about))
        return {**described(wanted), "count": count, "rows": [], "left_out": None}
    rows = wanted.rows(view, question, None, str(after[0]) if after else "", query["limit"])
    shown = sights(view, wanted.right, rows)
    if "destination_kind" in question.about:  # it tells of those who are not shown
        shown = {key: sight for key, sight in shown.items() if sight is not Sight.NONE}
    data = {**described(wanted), "count": wanted.count(view, question)}
    if wanted.share:
        data |= _share(view, question, data["count"], FIGURES[wanted.share])
    data["rows"] = _shown(view, wanted, question, [row for row in rows if row.key in shown])
    data["left_out"] = len(rows) - len(data["rows"])
    return data, cursor_for(rows[-1].key) if len(rows) == query["limit"] else None


def _share(view: View, question: Asked, part: int, whole: Figure) -> dict[str, int]:
    number = whole.count(view, question)
    return {"of": number, "permille": (2000 * part + number) // (2 * number) if number else 0}


def _shown(view: View, figure: Figure, question: Asked, rows: Iterable[Row]) -> list[dict[str, Any]]:
    found = list(rows)
    keys = [row.key for row in found]
    called, people = labels(view, figure.rows_are, keys), people_behind(view, figure.rows_are, keys)
    about = {name: value.isoformat() if isinstance(value, date) else value for name, value in question.about.items()}
    when = {"on": question.day.isoformat(), "as_of": moment(view)}
    return [
        {
            "key": row.key,
            "kind": figure.rows_are,
            "label": called.get(row.key, ""),
            **people.get(row.key, {}),
            "weight": row.weight,
            "link": _link(figure, row, moment(view)),
            "events": f"{FIGURES_AT}/{figure.name}/events?{urlencode({'row': row.key, **about, **when})}",
        }
        for row in found
    ]


def _link(figure: Figure, row: Row, at: str) -> str:
    kind = figure.rows_are if figure.rows_are in _LINKS else figure.right
    way = _LINKS.get(kind, "/api/v1/incidents/{subject}").format(subject=row.subject)
    return f"{way}?as_of={at}"


@read(blueprint, "/<figure>/events", FigureEventsQuery, action="figure.read")
def events(query: dict[str, Any], view: View, reach: Scope, figure: str) -> Any:
    """The events behind one row of a figure, as sentences, with where each stands in the log."""
    wanted = _figure(figure)
    seen = scope(principal(), wanted.action)
    if seen.empty:
        raise NotFound
    question, after = asked(view, wanted, query, seen), position_after(query)
    rows = wanted.rows(view, question, query["row"], "", 1)
    shown = sights(view, wanted.right, rows)
    if not shown:
        raise NotFound
    entries = behind(view, wanted.rows_are, rows[0], question.day)
    page = [entry for entry in entries if entry.position > after][: query["limit"]]
    following = cursor_for(page[-1].position) if page and page[-1] is not entries[-1] else None
    return [event_shown(entry, shown[rows[0].key]) for entry in page], following


def event_shown(entry: Entry, sight: Any) -> dict[str, Any]:
    """An event behind a row: what is told of it with everything sealed left sealed, and its address in the log."""
    return {**told(entry, sight, None), "link": f"/api/v1/events/{entry.position}"}
