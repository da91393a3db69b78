"""Working without signal: devices that may keep an outbox, and the envelopes that come out of one.

An envelope says by itself from whom it is, so that it may be handed in by anybody: by the phone after signing out, by a
colleague with a file, by the operator. What is answered of it holds nothing personal unless its writer is signed in.
"""

from contextlib import suppress
from typing import Any

import marshmallow as ma
import msgspec
from flask import Response, current_app, request
from flask_smorest import Blueprint

from domain.aggregate import Aggregate
from domain.refusals import NotFound, Refused
from domain.subject import subject_of
from service.api import batch, guard
from service.api.answers import may_refuse
from service.api.current import asked, notes, office, principal
from service.api.fields import Schema, text
from service.api.files import MEDIA_TYPES, key_for, label_for
from service.api.problems import RULES, refusal_status
from service.api.sign_in import cookie_name, own_session, said
from service.envelopes import Envelope, NotOurs, Paper, Written, split
from service.identity import Asked
from service.log.ids import is_id
from service.log.notes import b64
from service.log.vault import GENERAL
from service.offline_devices import HOLDS, REVOKED, UNKNOWN
from service.reach import Principal, scope
from service.receipts import ReceiptTooLarge, qr

MEDIA_TYPE = "application/octet-stream"
OPEN = frozenset({"outbox.hand_in", "outbox.device_standing"})
MOST = 2000  # of one request: whoever asks may be anybody
blueprint = Blueprint("outbox", __name__, url_prefix="/api/v1", description="Working without signal")


class OutboxTooLong(Refused):
    RULE = "outbox_too_long"
    SENTENCE = "Berkas ini berisi lebih dari {most} entri; kirim dalam beberapa berkas."


class OfflineDeviceRequest(Schema):
    label = text(80, required=True)


class StandingRequest(Schema):
    secret = ma.fields.String(required=True, validate=ma.validate.Length(1, 80), load_only=True)
    since = ma.fields.Integer(
        load_default=0,
        strict=True,
        validate=ma.validate.Range(0, 2**53),
        metadata={"description": "Position last told of"},
    )
    leaf = ma.fields.String(
        load_default="",
        validate=ma.validate.Length(0, 80),
        metadata={"description": "Leaf told with it; with another one everything is told anew"},
    )


class StandingSchema(ma.Schema):
    standing = ma.fields.String(metadata={"description": "holds, revoked or unknown"})
    destroyed = ma.fields.List(
        ma.fields.String(),
        metadata={
            "description": "Of each person of whom everything was destroyed since, SHA-256 of the device's secret and the "
            "person's id, in base64; of a device that holds"
        },
    )
    signed_in = ma.fields.Boolean(metadata={"description": "Its owner is: what it keeps may be shown for longer"})
    position = ma.fields.Integer(metadata={"description": "Up to which position of the log this tells"})
    leaf = ma.fields.String(metadata={"description": "Leaf hash of the event there, base64"})


class OfflineDeviceSchema(ma.Schema):
    """A device that may keep an outbox. Times are milliseconds since 1970."""

    id = ma.fields.String()
    label = ma.fields.String()
    created = ma.fields.Integer()
    last_seen = ma.fields.Integer()
    revoked = ma.fields.Integer(allow_none=True)


class SecretsSchema(ma.Schema):
    """What a device needs: for its envelopes ``secret`` and the office's public key (P-256, uncompressed, base64), and
    ``storage``, the key of what it keeps (32 bytes, URL-safe base64)."""

    id = ma.fields.String()
    account = ma.fields.String()
    secret = ma.fields.String()
    storage = ma.fields.String()
    office = ma.fields.String()


class HandedInSchema(ma.Schema):
    results = ma.fields.List(ma.fields.Nested(batch.ItemResult))


def _secrets(device: str) -> dict[str, str]:
    devices = office().identity.means.offline
    return {
        "id": device,
        "account": principal().account,
        "secret": devices.secret(device),
        "storage": devices.storage_key(device),
        "office": b64(office().outbox_key.public),
    }


@blueprint.route("/offline-devices", methods=["POST"])
@blueprint.arguments(OfflineDeviceRequest)
@blueprint.response(201, SecretsSchema)
@may_refuse(blueprint, (401, 403, 422))
def begin_device(data: dict[str, Any]) -> Any:
    """Let the device that asks keep an outbox for whoever is signed in on it."""
    if refused := own_session(principal().account):
        return refused
    return _secrets(office().identity.means.prepare_device(data["label"], asked().factor, by=principal()))


@blueprint.route("/offline-devices/<device>/secrets", methods=["POST"])
@blueprint.response(200, SecretsSchema)
@may_refuse(blueprint, (401, 403, 404))
def device_secrets(device: str) -> Any:
    """The secrets of one's own device once more, after signing in again. A revoked one must forget everything
    (``device_revoked``)."""
    if refused := own_session(principal().account):
        return refused
    mine = {one.id: one for one in office().identity.means.offline.of(principal().account)}
    if device not in mine:
        raise NotFound
    return said("device_revoked") if mine[device].revoked else _secrets(device)


@blueprint.route("/offline-devices/<device>/standing", methods=["POST"])
@blueprint.arguments(StandingRequest)
@blueprint.response(200, StandingSchema)
@may_refuse(blueprint, (422,))
def device_standing(data: dict[str, Any], device: str) -> Any:
    """Whether a device holds, was revoked and must forget everything, or is unknown; and whom a device that holds must
    forget. It proves itself by its secret, so that it learns of it without anybody signed in."""
    current_app.extensions["gate"].pass_through()
    identity = office().identity
    now = identity.means.milliseconds()
    standing = identity.means.offline.standing(device, data["secret"], now)
    owner = identity.device(device, data["secret"]) if standing == HOLDS else None
    if standing == HOLDS and owner is None:
        standing = UNKNOWN  # of an account that was closed, or that may not be served without a factor
    if owner is None:
        return {"standing": standing, "destroyed": [], "signed_in": False, "position": 0, "leaf": ""}
    cookie = request.cookies.get(cookie_name(), "")
    signed_in = identity.means.sessions.holds(owner.principal.account, cookie, now)
    position, leaf = office().reader.head()
    # A log with another event there, or none, is one that was put back.
    known = office().reader.leaf(data["since"])
    since = data["since"] if known and b64(known) == data["leaf"] else 0
    destroyed = identity.means.offline.destroyed_since(since, data["secret"])
    told = {"standing": standing, "destroyed": destroyed, "signed_in": signed_in}
    return {**told, "position": position, "leaf": b64(leaf)}


@blueprint.route("/accounts/<stream>/offline-devices", methods=["GET"])
@blueprint.response(200, OfflineDeviceSchema(many=True))
@may_refuse(blueprint, (401, 403))
def devices(stream: str) -> Any:
    """The devices on which an account works without signal, the newest first."""
    if own_session(stream) and scope(principal(), "account.read").empty:
        return said("not_allowed")
    return [msgspec.structs.asdict(one) for one in office().identity.means.offline.of(stream)]


@blueprint.route("/accounts/<stream>/offline-devices/<device>", methods=["DELETE"])
@blueprint.response(204)
@may_refuse(blueprint, (401, 403, 404))
def revoke_device(stream: str, device: str) -> Any:
    """Make a device worthless at once, a lost phone for one: nothing more is taken from it, and it forgets everything
    when it next asks."""
    if own_session(stream) and scope(principal(), "account.manage").empty:
        return said("not_allowed")
    office().identity.means.revoke_device(stream, device, by=principal())
    return Response(status=204)


@blueprint.route("/outbox", methods=["POST"])
@blueprint.response(200, HandedInSchema)
@blueprint.doc(
    requestBody={"required": True, "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}}
)
@may_refuse(blueprint, (409, 413, 415, 422, 503))
def hand_in() -> Any:
    """Record what lies in the envelopes of an outbox, in their order; one result each. The same envelope again, by
    whatever way, changes nothing and is answered as the first time."""
    if request.mimetype != MEDIA_TYPE:
        return said("media_type")
    current_app.extensions["gate"].pass_through()
    reader = _reader()
    results = results_of(request.get_data(cache=False), reader.account if reader else "")
    if any("errors" in one for one in results):
        notes().principal = reader  # whoever is told particulars has opened them
    return {"results": results}


def results_of(content: bytes, reader: str = "", *, most: int | None = MOST) -> list[dict[str, Any]]:
    """What became of each envelope of an outbox file. ``reader`` is the account that is told particulars of its own.
    Raises `service.envelopes.NotAnOutbox`, and `OutboxTooLong` for more than ``most``."""
    envelopes = list(split(content))
    if most is not None and len(envelopes) > most:
        raise OutboxTooLong(most=most)
    return [{"key": one.entry, **_result(one, reader)} for one in envelopes]


def _reader() -> Principal | None:
    """Whoever is signed in where the envelopes come from."""
    cookie = request.cookies.get(cookie_name(), "")
    found = office().identity.asked(cookie) if cookie and not cookie.startswith("wahana_") else None
    return found.principal if found else None


def _result(envelope: Envelope, reader: str) -> dict[str, Any]:
    try:
        written, content = office().outbox_key.open(envelope)
    except NotOurs as refusal:
        return {"status": 422, "rule": refusal.rule, "detail": refusal.sentence}
    who = office().identity.device(envelope.device, written.secret)
    if who is None:
        means = office().identity.means
        revoked = means.offline.standing(envelope.device, written.secret, means.milliseconds()) == REVOKED
        return _refused("device_revoked" if revoked else "device_unknown")
    here = notes()
    before = here.get("principal"), here.get("asked")
    here.principal, here.asked = who.principal, who
    try:
        told = _paper(envelope, written.paper, content, who) if written.paper else _command(envelope, written, who)
    finally:
        here.principal, here.asked = before
    if reader != who.principal.account:
        told.pop("errors", None)
    return told


def _refused(rule: str) -> dict[str, Any]:
    status, sentence = RULES[rule]
    return {"status": status, "rule": rule, "detail": sentence}


def _command(envelope: Envelope, written: Written, who: Asked) -> dict[str, Any]:
    marks = {"source": "offline", "device": envelope.device, "device_time": written.at}
    item: dict[str, Any] = {
        "key": envelope.entry,
        "command": written.command,
        "url": written.url,
        "body": {**written.body, **marks},
    }
    if written.base is not None:
        item["base"] = written.base
    try:  # the same guard and the same schema as for what comes over HTTP
        told = batch.result_of(batch.Item().load(guard.parse(msgspec.json.encode(item))), who.principal)
    except guard.BadBody as error:
        return {"status": 422, "detail": str(error)}
    except ma.ValidationError as error:
        return {"status": 422, "detail": "Isian tidak sah.", "errors": error.messages}
    if "answer" in told:
        with suppress(ReceiptTooLarge):
            told["answer"]["qr"] = qr(told["answer"]["receipt"]).decode()
    return told


def _paper(envelope: Envelope, paper: Paper, content: bytes, who: Asked) -> dict[str, Any]:
    files = office().files
    if scope(who.principal, "file.upload").empty:
        return _refused("not_allowed")
    if paper.type not in MEDIA_TYPES or not is_id(paper.subject) or not is_id(paper.stream or paper.subject):
        return _refused("media_type")
    try:
        about = office().log.load(Aggregate, paper.stream) if paper.stream else None
        subject, strict = (subject_of(about), about.strict) if about else (paper.subject, False)
        with suppress(NotFound):
            row = files.row(envelope.entry)
            if (row.account, row.subject) != (who.principal.account, subject):
                raise NotOurs
            return {"status": 200, "answer": {"id": row.id, "size": files.sent(row.id), "sha256": row.sha256}}
        label = label_for(subject, strict=strict)
        row = files.store_under(
            key_for(who.principal, subject, label),
            content,
            subject=subject,
            name=guard.TURNING.sub("", paper.name)[:200],
            media_type=paper.type,
            account=who.principal.account,
            strict=label != GENERAL,
            id=envelope.entry,
        )
    except Refused as refusal:
        return {"status": refusal_status(type(refusal)), "rule": refusal.rule, "detail": refusal.sentence}
    return {"status": 201, "answer": {"id": row.id, "size": len(content), "sha256": row.sha256}}
