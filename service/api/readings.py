"""The reading trail over HTTP: written before an answer that opened something protected; asked by person or account."""

import logging
from typing import Any

import marshmallow as ma
from flask import Response
from flask_smorest import Blueprint

from domain.refusals import NotFound
from projections import reading_lists
from projections.engine import View
from service.api import fields
from service.api.current import log_head, notes, office, principal, this_request
from service.api.problems import problem
from service.api.reads import ListQuery, cursor_for, cursor_values, read
from service.api.restricted import unseen
from service.log.ids import is_id
from service.reach import Scope

blueprint = Blueprint("readings", __name__, url_prefix="/api/v1", description="Who opened what")
log = logging.getLogger(__name__)
_UNKNOWN = {"kind": None, "village": None}


class TrailQuery(ListQuery):
    """The trail is shown up to the last event: it waits for the head of the log."""

    @ma.post_load
    def to_the_head(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**data, "after": log_head().position}


class AccountTrailQuery(TrailQuery):
    """``position``: only the entry at it."""

    account = fields.identifier()
    position = ma.fields.Integer(validate=ma.validate.Range(1, 2**53 - 1))


def trailed(response: Response) -> Response:
    """The answer, once what was opened for it is in the trail; without an entry there is no answer."""
    here, found = notes(), office().trail.end()
    who = here.get("principal")
    if not found or who is None:
        return response
    asked = this_request()
    try:
        office().trail.write(
            found,
            account=who.account,
            post=who.post,
            resource=f"{asked.method} {asked.url_rule}",
            at=here.get("position", 0),
            emergency=here.get("emergency"),
            tiers=here.get("tiers", {}),
        )
    except Exception:  # whatever it is: no entry, no reading
        log.exception("a reading could not be written into the trail")
        return problem(
            503,
            detail="Pembacaan ini tidak dapat dicatat, maka datanya tidak ditampilkan; coba lagi.",
            rule="reading_not_recorded",
            headers=[("Retry-After", "5")],
        )
    return response


def _page(query: dict[str, Any], rows: list[dict[str, Any]], view: View) -> tuple[list[dict[str, Any]], str | None]:
    following = cursor_for(rows[-1]["position"], rows[-1]["key"]) if len(rows) == query["limit"] else None
    accounts = sorted({row["by"] for row in rows})
    known = view.today().rows("SELECT a.key, a.name FROM {accounts} a WHERE a.key IN :ids", ids=accounts)
    names = {row["key"]: row["name"] for row in known}
    whose = reading_lists.whose(view, (row["subject"] for row in rows))
    return [{**_shown(row, names), **whose.get(row["subject"], _UNKNOWN)} for row in rows], following


def _shown(row: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {**{name: value for name, value in row.items() if name != "key"}, "name": names.get(row["by"])}


def _after(query: dict[str, Any]) -> tuple[int, str] | None:
    found = cursor_values(query, 2)
    return (found[0], found[1]) if found else None


@read(blueprint, "/beneficiaries/<stream>/readings", TrailQuery, action="reading.read")
def of_person(query: dict[str, Any], view: View, reach: Scope, stream: str) -> Any:
    """Who opened something about a person while she was of a protected tier, the latest first; exports of everything are
    among them. ``people`` says of how many people something was opened at once."""
    if not is_id(stream) or view.one("SELECT 1 AS known FROM {people} p WHERE p.key = :stream", stream=stream) is None:
        raise NotFound
    if stream in unseen(principal(), view):
        raise NotFound
    rows = reading_lists.of_subject(view, stream, limit=query["limit"], after=_after(query))
    return _page(query, rows, view)


@read(blueprint, "/readings", AccountTrailQuery, action="reading.read")
def of_account(query: dict[str, Any], view: View, reach: Scope) -> Any:
    """What an account, or anybody, opened about people of a protected tier, the latest first, one row for each person;
    with their kind, and their village unless they are strictly restricted."""
    account, entry = query.get("account"), query.get("position")
    rows = reading_lists.by_account(view, account, entry=entry, limit=query["limit"], after=_after(query))
    page, following = _page(query, rows, view)
    gone = unseen(principal(), view)
    return [row for row in page if row["subject"] not in gone], following
