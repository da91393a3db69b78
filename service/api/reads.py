"""Reads over HTTP: one frame that gives every answer a log position and a clock, and puts it back to any past moment."""

import base64
import functools
import hmac
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import marshmallow as ma
import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Response, g, request
from flask_smorest import Blueprint

from projections.engine import View
from service.api import rights
from service.api.answers import may_refuse
from service.api.current import log_head, office, principal
from service.api.fields import Schema
from service.api.problems import problem
from service.api.restricted import unseen, written
from service.api.snapshot import Snapshot, note_tiers, opened_once
from service.reach import scope

MOST = 500
AS_OF = (
    "A log position, an RFC 3339 time, or position@time: as known at one, judged against the other, which may lie ahead"
)
FIGURES_AT = "/api/v1/figures"
_POSITION = re.compile(r"[0-9]{1,15}")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})")


class AsOf(ma.fields.Field[int | str]):
    """A log position, an RFC 3339 time with its zone, or both as "position@time": what was known at the position, judged
    against that time."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int | str:
        text = str(value).replace(" ", "+")  # a plus that nobody wrote as %2B
        if _POSITION.fullmatch(text):
            return int(text)
        where, both, time = text.rpartition("@")
        if _TIME.fullmatch(time) and (not both or _POSITION.fullmatch(where)):
            try:
                moment = datetime.fromisoformat(time).astimezone(UTC)
            except (ValueError, OverflowError):
                raise ma.ValidationError("Bukan waktu yang sah.") from None
            told = moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
            return f"{int(where)}@{told}" if both else told
        raise ma.ValidationError("Bukan posisi dan bukan waktu RFC 3339.")


class ReadQuery(Schema):
    """Every read can be put back to a past moment, and can wait (at most 250 ms) for a position."""

    as_of = AsOf(metadata={"description": AS_OF, "type": "string"})
    after = ma.fields.Integer(
        validate=ma.validate.Range(0, 2**53 - 1), metadata={"description": "Wait until this position is shown"}
    )


class ListQuery(ReadQuery):
    """A list comes in pages; ``cursor`` is the ``next_cursor`` of the page before."""

    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(1, MOST))
    cursor = ma.fields.String(validate=ma.validate.Length(max=600))


class PlaceSchema(ma.Schema):
    """Where in the log an answer is true: position, clock (RFC 3339), and whether newer events are not shown yet."""

    position = ma.fields.Integer()
    clock = ma.fields.String()
    behind = ma.fields.Boolean()
    data = ma.fields.Raw()
    next_cursor = ma.fields.String()
    suppressed = ma.fields.Dict(
        metadata={
            "description": "Counts of the strictly restricted are null below `least`, and of the month end `as_of`"
        }
    )
    why = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.String(),
        metadata={
            "description": "Of each thing with figures, the address that explains one; {field} is its path, other names are"
            ' fields of the thing, and null is written "-"'
        },
    )


@contextmanager
def viewing(query: dict[str, Any]) -> Iterator[View]:
    """The views at the moment the query asks for; in the snapshot of the page that asks, when one does."""
    as_of, after = query.get("as_of"), query.get("after")
    shared: Snapshot | None = g.get("snapshot")
    if shared is not None and (view := shared.at(as_of, after)):
        yield view
        return
    with office().views.at(as_of, wait_for=after, once=True, head=log_head()) as view, opened_once():
        yield view
        note_tiers(view)


def answer(view: View, data: Any, *, next_cursor: str | None = None) -> dict[str, Any]:
    """The body of a read: the data and where in the log they are true."""
    g.position = view.position
    body = {"position": view.position, "clock": view.clock, "behind": bool(view.behind), "data": data}
    if "why" in g:
        body["why"] = g.why
    if "suppressed" in g:
        body["suppressed"] = g.suppressed
    if next_cursor:
        body["next_cursor"] = next_cursor
    return body


def moment(view: View) -> str:
    """The state and the clock of an answer, as ``as_of`` takes them: asked again, it says the same."""
    return f"{view.position}@{view.clock}"


def explain(view: View, on: date | None, **things: str) -> None:
    """Put ``why`` into the answer: of each thing in it that has figures, the address that explains one of them.

    ``things`` maps a thing to a template of the figures' name and query: ``village="board.{field}?village={code}"``.
    ``{field}`` is the figure's path in the thing, other names are the thing's own fields; null is written "-".
    Things that are true at different positions are told one after the other.
    """
    when = f"as_of={moment(view)}" if on is None else f"on={on.isoformat()}&as_of={moment(view)}"
    ways = {thing: f"{FIGURES_AT}/{way}{'&' if '?' in way else '?'}{when}" for thing, way in things.items()}
    g.why = {**g.get("why", {}), **ways}


def _seal() -> AESGCM:
    return AESGCM(hmac.digest(office().config.secret_key, b"cursor", "sha256"))


def cursor_for(*last: Any) -> str:
    """A sealed cursor after a row with these sort values, good for the request's path alone. The row may be one that the
    asker is not shown, so that nothing of it can be read."""
    nonce = os.urandom(12)
    sealed = _seal().encrypt(nonce, msgspec.json.encode(list(last)), request.path.encode())
    return base64.urlsafe_b64encode(nonce + sealed).decode().rstrip("=")


def cursor_values(query: dict[str, Any], count: int) -> list[Any] | None:
    """The sort values of the query's cursor, or None at the beginning. Raises ``ValidationError`` for one that was forged
    or is another path's."""
    text = query.get("cursor")
    if not text:
        return None
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        values = _seal().decrypt(packed[:12], packed[12:], request.path.encode())
        found = msgspec.json.decode(values, type=list[Any])
    except (InvalidTag, ValueError, msgspec.DecodeError):  # binascii.Error is a ValueError
        found = []
    if len(found) != count:
        raise ma.ValidationError({"cursor": ["Penanda halaman tidak sah."]})
    return found


def position_after(query: dict[str, Any]) -> int:
    """The position that the query's cursor stands after, 0 at the beginning."""
    after = cursor_values(query, 1)
    if after and not isinstance(after[0], int):
        raise ma.ValidationError({"cursor": ["Penanda halaman tidak sah."]})
    return int(after[0]) if after else 0


def read(
    blueprint: Blueprint, rule: str, query: type[Schema] = ReadQuery, *, action: str
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register ``function(query, view, reach, **url) -> data | (data, next_cursor)`` as a GET route.

    ``reach`` is the `Scope` that the policy table gives whoever asks: what lies outside it is not shown.
    """

    rights.declare("GET", blueprint, rule, action)

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        @blueprint.route(rule)
        @blueprint.arguments(query(), location="query")
        @blueprint.response(200, PlaceSchema)
        @may_refuse(blueprint, (400, 401, 403, 404, 409, 422, 429, 503))
        @functools.wraps(function)
        def get(arguments: dict[str, Any], **url: str) -> Any:
            who = principal()
            reach = scope(who, action)
            try:
                with viewing(arguments) as view:
                    found = function(arguments, view, reach, **url)
                    data, following = found if isinstance(found, tuple) else (found, None)
                    text = written(answer(view, data, next_cursor=following), unseen(who, view))
                return Response(text, content_type="application/json")
            except ma.ValidationError as error:
                return problem(422, detail="Isian tidak sah.", errors={"query": error.messages})

        return function

    return register
