"""Why is this number 37? From a figure on any page to its definition and its rows, and from a row to its events.

Each answer of the API says by ``why`` where its figures are explained; a page's link is that address at the page's own
moment, so that what was put back to a day stays there."""

import functools
import re
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import request
from flask_babel import lazy_gettext as _

from service.api.figures import ABOUT
from service.web import around, ask, moment, territory, words
from service.web.frame import address, page

ROWS = 50
#: Where a record of the API has its page: the endpoint, and what the page calls the id.
_PAGES = {
    "beneficiaries": ("person", "id"),
    "cases": ("case", "id"),
    "referrals": ("referral", "id"),
    "wksbm": ("wksbm_page", "id"),
    "villages": ("village", "code"),
}
_NAME = re.compile(r"\{(\w+)\}")


def why_of(way: str, field: str, thing: dict[str, Any] | None = None, at: int | None = None) -> str:
    """The address of the page that explains the ``field`` of a thing; ``way`` is the template of the API's ``why``. What
    is true ``at`` another position than the page says so, with its day."""
    figure, about = _parsed(way)
    dated = at is not None or "on={on}" in way
    names = {**(thing or {}), "field": field}

    def filled(template: str) -> str:
        return _NAME.sub(lambda name: str(names.get(name[1]) or "-"), template)

    asked = urlencode({name: filled(value) for name, value in about if dated or name != "on"})
    moved = {} if at is None else {moment.POSITION: at, moment.DAY: None}
    page = address("figure", figure=filled(figure), **moved)  # one for many links: made once, where a page has hundreds
    return f"{page}{'&' if '?' in page else '?'}{asked}" if asked else page


@functools.lru_cache(maxsize=256)
def _parsed(way: str) -> tuple[str, list[tuple[str, str]]]:
    """The figure's name in a template, and what it is asked about, each a template too."""
    parts = urlsplit(way)
    return parts.path.rpartition("/")[2], [one for one in parse_qsl(parts.query) if one[0] in ABOUT or one[0] == "on"]


def _asked() -> dict[str, str]:
    return {name: request.args[name] for name in sorted({*ABOUT, "on"}) if request.args.get(name)}


@page("/mengapa/<figure>", "figure.html", "figure.read")
def figure(figure: str) -> Any:
    """What a figure counts, and the rows that it counted; for whoever may not see them, what it means."""
    asked = _asked()
    told = ask.get(f"/figures/{figure}", limit=ROWS, cursor=request.args.get("lanjut"), **asked)
    return {
        "told": told.data,
        "following": told.body.get("next_cursor"),
        "suppressed": told.data["left_out"] is None,
        "places": [_placed(row) for row in told.data["rows"]],
        "about": _about(asked),
        "asked": asked,
    }


@page("/mengapa/<figure>/peristiwa", "figure_events.html", "figure.read")
def figure_events(figure: str) -> Any:
    """The events behind one row of a figure, in the order of the log."""
    asked, row = _asked(), request.args.get("row", "")
    told = ask.get(f"/figures/{figure}/events", row=row, limit=ROWS, cursor=request.args.get("lanjut"), **asked)
    return {"figure": figure, "asked": asked, "events": told.data, "following": told.body.get("next_cursor")}


def _placed(row: dict[str, Any]) -> dict[str, Any]:
    """A row with its page, and with the name of whom it is about, as the lists call her."""
    label = row["label"] if row.get("person") is None else f"{words.called(row)}, {row['label']}"
    return {**row, "page": _page_of(row["link"]), "label": label}


def _page_of(link: str) -> str:
    noun, _, id = urlsplit(link).path.removeprefix(f"{ask.API}/").partition("/")
    endpoint, named = _PAGES.get(noun, ("", ""))
    return address(endpoint, **{named: id}) if endpoint else ""


def _about(asked: dict[str, str]) -> list[str]:
    """What a figure was asked about, in the words of the pages."""
    said = []
    for name in ("village", "kecamatan"):
        if name in asked:
            said.append(territory.place(asked[name]))
    if "worker" in asked:
        nobody = asked["worker"] == "-"
        said.append(str(_("Kasus tanpa petugas")) if nobody else around.officers().get(asked["worker"], words.NOTHING))
    return said
