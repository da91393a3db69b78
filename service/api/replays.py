"""Replaying a stream, a person or a village, step by step with the state after each event, straight from the log."""

import re
from collections.abc import Iterable
from datetime import date
from itertools import islice
from typing import Any

import marshmallow as ma
import msgspec
from flask_smorest import Blueprint

from domain.refusals import NotFound
from projections import consent_lists, people_lists
from projections.view import View
from service import replay
from service.access import Sight
from service.api import fields
from service.api.current import log_head, office, principal
from service.api.people_shown import sights_of
from service.api.problems import problem
from service.api.reads import MOST, AsOf, cursor_for, position_after, viewing
from service.api.restricted import unseen, without
from service.reach import scope
from service.replay_steps import Step

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
blueprint = Blueprint("replays", __name__, url_prefix="/api/v1", description="Replaying the log")


class Moment(AsOf):
    """What `AsOf` takes, or a day."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int | str:
        if not _DAY.fullmatch(str(value)):
            return super()._deserialize(value, attr, data, **kwargs)
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError:
            raise ma.ValidationError("Bukan hari yang sah.") from None


class Until(fields.Schema):
    """Up to a log position, an RFC 3339 time, or the end of a day."""

    until = Moment(metadata={"description": "A log position, a day or an RFC 3339 time", "type": "string"})


class VillageUntil(Until):
    """In pages: ``cursor`` is the ``next_cursor`` of the page before, up to the same moment."""

    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(1, MOST))
    cursor = ma.fields.String(validate=ma.validate.Length(max=600))


class ReplayStepSchema(ma.Schema):
    position = ma.fields.Integer()
    stream = ma.fields.String()
    version = ma.fields.Integer()
    topic = ma.fields.String()
    on = ma.fields.String()
    recorded = ma.fields.String()
    by = ma.fields.String()
    post = ma.fields.String()
    sentence = ma.fields.String()
    changed = ma.fields.Dict()
    state = ma.fields.Dict()


class ReplaySchema(ma.Schema):
    """``position`` is the last one that was taken into account. ``set_aside``: positions from which streams are left out
    of the views, so that what they hold of a village or a person is missing."""

    position = ma.fields.Integer()
    set_aside = ma.fields.List(ma.fields.Integer())
    steps = ma.fields.List(ma.fields.Nested(ReplayStepSchema))


class VillageReplaySchema(ReplaySchema):
    next_cursor = ma.fields.String()


def _refusing(function: Any) -> Any:
    for status in (403, 404, 422, 503):
        function = blueprint.alt_response(status, schema="ProblemSchema", content_type="application/problem+json")(
            function
        )
    return function


def _upto(query: dict[str, Any]) -> int:
    """The position that the query's ``until`` means."""
    until = query.get("until")
    return replay.upto_of(office(), None if until is None else str(until), log_head().position)


_ABOUT = (
    "SELECT key, beneficiary FROM {cases} WHERE key IN :ids "
    "UNION SELECT key, beneficiary FROM {referrals} WHERE key IN :ids "
    "UNION SELECT key, beneficiary FROM {emergencies} WHERE key IN :ids "
    "UNION SELECT key, subject FROM {subject_requests} WHERE key IN :ids"
)


def _told(found: Iterable[Step], view: View) -> tuple[list[Any], Any]:
    """Steps as JSON values, and the last step of all: without those about somebody whose processing is restricted, who is
    not named in the others either, and without those about somebody strictly restricted for whom the asker is not cleared.
    Whoever may read the log itself reads there what is open of each event of hers."""
    steps = list(found)
    last = steps[-1] if steps else None
    who = principal()
    gone = unseen(who, view)
    withheld = consent_lists.streams_of(view, gone)
    if scope(who, "events.read").empty:
        withheld |= _uncleared(view, {step.stream for step in steps})
    shown = [msgspec.to_builtins(step) for step in steps if step.stream not in withheld]
    return [without(step, (*gone, *withheld)) for step in shown] if withheld else shown, last


def _uncleared(view: View, streams: set[str]) -> set[str]:
    """Those of the streams that are about somebody strictly restricted whom the asker does not see."""
    who = principal()
    about = {row["key"]: row["beneficiary"] for row in view.rows(_ABOUT, ids=sorted(streams))}
    people = people_lists.persons(view, who.account, sorted({about.get(stream, stream) for stream in streams}))
    sights = dict(zip(people, sights_of(who, list(people.values())), strict=True))
    hidden = {id for id, sight in sights.items() if sight is Sight.NONE and people[id]["strict"]}
    return {stream for stream in streams if about.get(stream, stream) in hidden}


@blueprint.route("/streams/<stream>/replay", methods=["GET"])
@blueprint.arguments(Until, location="query")
@blueprint.response(200, ReplaySchema)
@_refusing
def replayed(query: dict[str, Any], stream: str) -> Any:
    """Every event of a stream, or of everything about a person, with the state it led to. Sealed values stay sealed."""
    if replay.VILLAGE.fullmatch(stream):  # told in pages, by the route below
        raise NotFound
    upto, aside = _upto(query), []
    by_views = replay.from_views(office(), stream, upto)
    with viewing({"as_of": upto} if by_views else {}) as at:
        if by_views:
            upto = replay.seen_upto(at, upto)
            aside = replay.set_aside(at, upto)
        steps, last = _told(replay.steps(office(), stream, upto, at if by_views else None), at.today())
    if last is not None and not steps:
        raise NotFound
    return {"position": upto, "set_aside": aside, "steps": steps}


@blueprint.route("/villages/<code>/replay", methods=["GET"])
@blueprint.arguments(VillageUntil, location="query")
@blueprint.response(200, VillageReplaySchema)
@_refusing
def village_replayed(query: dict[str, Any], code: str) -> Any:
    """Every event recorded for a village, in the order of the log, with the state its stream was led to; no steps where
    nothing is recorded yet. Sealed values stay sealed."""
    try:
        after = position_after(query)
    except ma.ValidationError as error:
        return problem(422, detail="Isian tidak sah.", errors={"query": error.messages})
    upto, limit = _upto(query), query["limit"]
    with viewing({"as_of": upto}) as at:
        upto = replay.seen_upto(at, upto)
        page = list(islice(replay.village(office(), at, code, upto, after, limit), limit))
        steps, last = _told(page, at.today())
        aside = replay.set_aside(at, upto)
        if last is None and not replay.known(at, code):
            raise NotFound
    body: dict[str, Any] = {"position": upto, "set_aside": aside, "steps": steps}
    if last is not None and len(page) == limit:
        body["next_cursor"] = cursor_for(last.position)
    return body
