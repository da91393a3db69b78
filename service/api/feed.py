"""The event log over HTTP: every event from any position, as the canonical texts that are stored, one a line."""

from collections.abc import Iterator
from typing import Any

import marshmallow as ma
from flask import Response
from flask_smorest import Blueprint

from domain.refusals import NotFound
from service.api.current import office
from service.api.fields import Schema
from service.office import Office

PAGE = 1000
blueprint = Blueprint("feed", __name__, url_prefix="/api/v1/events", description="The event log")


class FeedQuery(Schema):
    """``after`` is the last position already had; ``limit`` the most events wanted."""

    after = ma.fields.Integer(load_default=0, validate=ma.validate.Range(0, 2**53 - 1))
    limit = ma.fields.Integer(load_default=1000, validate=ma.validate.Range(1, 100_000))


class StoredSchema(ma.Schema):
    position = ma.fields.Integer()
    leaf = ma.fields.String(metadata={"description": "SHA-256 of 0x00 and the text, hexadecimal (RFC 9162)"})
    text = ma.fields.String(metadata={"description": "The canonical text as stored"})


def _lines(here: Office, after: int, limit: int) -> Iterator[bytes]:
    while limit > 0:
        rows = here.log.stored(after, min(PAGE, limit))
        if not rows:
            return
        yield b"".join(row.text.encode() + b"\n" for row in rows)
        after, limit = rows[-1].position, limit - len(rows)


@blueprint.route("", methods=["GET"])
@blueprint.arguments(FeedQuery, location="query")
@blueprint.response(200, content_type="application/x-ndjson", schema={"type": "string"})
@blueprint.alt_response(403, schema="ProblemSchema", content_type="application/problem+json")
def feed(query: dict[str, Any]) -> Any:
    """Events after a position as NDJSON: each line is one canonical text. Personal parts are not in it."""
    here = office()
    return Response(
        _lines(here, query["after"], query["limit"]),
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
    return {"position": position, "leaf": rows[0].leaf.hex(), "text": rows[0].text}
