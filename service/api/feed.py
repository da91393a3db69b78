"""The event log over HTTP: every event from any position, as the canonical texts that are stored, one a line."""

from collections.abc import Iterator
from typing import Any

import marshmallow as ma
import msgspec
from flask import Response
from flask_smorest import Blueprint

from domain.aggregate import EVENTS
from domain.refusals import NotFound
from projections import consent_lists
from service.api import fields
from service.api.current import office, principal
from service.api.fields import Schema
from service.api.reads import viewing
from service.api.restricted import unseen
from service.log.entries import Stored
from service.log.eventlog import LOOKED_THROUGH
from service.office import Office

PAGE = 1000
#: What topics are about, as they begin.
NOUNS = tuple(sorted({topic.partition(".")[0] for topic in EVENTS}))
blueprint = Blueprint("feed", __name__, url_prefix="/api/v1/events", description="The event log")


class FeedQuery(Schema):
    """``after`` is the last position already had; ``limit`` the most events wanted."""

    after = ma.fields.Integer(load_default=0, validate=ma.validate.Range(0, 2**53 - 1))
    limit = ma.fields.Integer(load_default=1000, validate=ma.validate.Range(1, 100_000))
    before = ma.fields.Integer(
        validate=ma.validate.Range(1, 2**53 - 1),
        metadata={
            "description": "Instead of those after a position those below this one, the latest first; at most 1,000 of "
            f"the {LOOKED_THROUGH:,} positions there"
        },
    )
    noun = ma.fields.String(
        validate=ma.validate.OneOf(NOUNS),
        metadata={"description": "With `before`: only such topics, as `case` of `case.…`"},
    )
    without = ma.fields.String(
        validate=ma.validate.OneOf(NOUNS), metadata={"description": "With `before`: none of these"}
    )
    account = fields.identifier(metadata={"description": "With `before`: only what this account recorded or read"})

    @ma.validates_schema
    def _with_before(self, data: dict[str, Any], **_: Any) -> None:
        if "before" not in data and (alone := sorted({"noun", "without", "account"} & set(data))):
            raise ma.ValidationError({name: ["Hanya bersama before."] for name in alone})


class StoredSchema(ma.Schema):
    position = ma.fields.Integer()
    leaf = ma.fields.String(metadata={"description": "SHA-256 of 0x00 and the text, hexadecimal (RFC 9162)"})
    text = ma.fields.String(
        allow_none=True,
        metadata={"description": "The canonical text as stored; null while processing is restricted"},
    )


def _withheld() -> frozenset[str]:
    """The ids that no text shown to whoever asks may hold."""
    with viewing({}) as view:
        return frozenset(consent_lists.streams_of(view, unseen(principal(), view)))


def _shown(row: Stored, withheld: frozenset[str]) -> str | None:
    """The text of an event, or ``None`` where it is of somebody whose processing is restricted."""
    return None if any(id in row.text for id in withheld) else row.text


def _line(row: Stored, withheld: frozenset[str]) -> bytes:
    text = _shown(row, withheld)
    if text is None:  # its place and its leaf, so that the tree can be made all the same
        return msgspec.json.encode({"position": row.position, "leaf": row.leaf.hex(), "restricted": True})
    return text.encode()


def _lines(here: Office, after: int, limit: int, withheld: frozenset[str]) -> Iterator[bytes]:
    while limit > 0:
        rows = here.log.stored(after, min(PAGE, limit))
        if not rows:
            return
        yield b"".join(_line(row, withheld) + b"\n" for row in rows)
        after, limit = rows[-1].position, limit - len(rows)


def _latest(here: Office, before: int, limit: int, withheld: frozenset[str], asked: dict[str, str]) -> Iterator[Stored]:
    """Rows below a position that fit what is asked. Then none that is withheld is among them, nor in the place of another:
    that it fits would say what it is."""
    floor, filtered = max(1, before - LOOKED_THROUGH), any(asked.values())
    while limit > 0:
        rows = here.log.latest(before, limit, floor=floor, **asked)
        told = [row for row in rows if not filtered or _shown(row, withheld) is not None]
        yield from told
        if len(rows) < limit:
            return
        before, limit = rows[-1].position, limit - len(told)


@blueprint.route("", methods=["GET"])
@blueprint.arguments(FeedQuery, location="query")
@blueprint.response(200, content_type="application/x-ndjson", schema={"type": "string"})
@blueprint.alt_response(403, schema="ProblemSchema", content_type="application/problem+json")
def feed(query: dict[str, Any]) -> Any:
    """Events after a position as NDJSON: each line is one canonical text. Personal parts are not in it. Of somebody whose
    processing is restricted the line holds the event's position and leaf only."""
    here, withheld = office(), _withheld()
    if "before" in query:
        asked = {name: query.get(name) or "" for name in ("noun", "without", "account")}
        rows = list(_latest(here, query["before"], min(query["limit"], PAGE), withheld, asked))
        return Response(b"".join(_line(row, withheld) + b"\n" for row in rows), content_type="application/x-ndjson")
    return Response(
        _lines(here, query["after"], query["limit"], withheld),
        content_type="application/x-ndjson",
        headers={"Wahana-Head": str(here.reader.head()[0])},
    )


@blueprint.route("/<int:position>", methods=["GET"])
@blueprint.response(200, StoredSchema)
@blueprint.alt_response(403, schema="ProblemSchema", content_type="application/problem+json")
@blueprint.alt_response(404, schema="ProblemSchema", content_type="application/problem+json")
def one(position: int) -> Any:
    """One event as stored, with its leaf hash."""
    rows = office().log.stored(position - 1, 1) if 0 < position < 2**53 else []
    if not rows or rows[0].position != position:
        raise NotFound
    return {"position": position, "leaf": rows[0].leaf.hex(), "text": _shown(rows[0], _withheld())}
