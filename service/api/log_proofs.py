"""What anybody may ask of the log: checkpoints, tiles and proofs. Hashes, sizes and times; never a text."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import marshmallow as ma
from flask import Response, request
from flask_smorest import Blueprint

from domain.refusals import NotFound
from service.api.current import office
from service.api.fields import Schema
from service.api.problems import problem
from service.log.checkpoints import Published, StoredHashes
from service.log.notes import BadNote, Checkpoint, Line, Note, Signer, b64, signature_holds
from service.log.tree import WIDTH, HashesMissing, Tree
from service.office import utc_now

#: Endpoints that strangers may ask.
OPEN = frozenset(
    f"log_proofs.{name}"
    for name in ("checkpoint", "checkpoints", "checkpoint_of", "tile", "inclusion", "consistency", "keys", "cosign")
)
LONGEST_LINE = 1000  # bytes of a signature line
_NUMBER = re.compile(r"((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_TEXT = "text/plain; charset=utf-8"
_MOST = 2**53 - 1
blueprint = Blueprint("log_proofs", __name__, url_prefix="/api/v1/log", description="Proof that the log is whole")


class CheckpointsQuery(Schema):
    """Those smaller than ``before``, newest first."""

    before = ma.fields.Integer(validate=ma.validate.Range(0, _MOST))
    limit = ma.fields.Integer(load_default=20, validate=ma.validate.Range(1, 100))
    witnesses = ma.fields.Boolean(load_default=True, metadata={"description": "False: not who cosigned them"})


class InclusionQuery(Schema):
    position = ma.fields.Integer(required=True, validate=ma.validate.Range(1, _MOST))
    size = ma.fields.Integer(required=True, validate=ma.validate.Range(1, _MOST))


class ConsistencyQuery(Schema):
    first = ma.fields.Integer(required=True, validate=ma.validate.Range(1, _MOST))
    second = ma.fields.Integer(required=True, validate=ma.validate.Range(1, _MOST))


class CheckpointRowSchema(ma.Schema):
    size = ma.fields.Integer()
    sealed = ma.fields.String(metadata={"description": "When it was signed, RFC 3339"})
    root = ma.fields.String(metadata={"description": "Base64"})
    witnesses = ma.fields.List(ma.fields.String())


class CheckpointsSchema(ma.Schema):
    checkpoints = ma.fields.List(ma.fields.Nested(CheckpointRowSchema))


class InclusionSchema(ma.Schema):
    """RFC 9162, section 2.1.3; hashes in base64."""

    position = ma.fields.Integer()
    size = ma.fields.Integer()
    leaf = ma.fields.String()
    proof = ma.fields.List(ma.fields.String())


class ConsistencySchema(ma.Schema):
    """RFC 9162, section 2.1.4; hashes in base64."""

    first = ma.fields.Integer()
    second = ma.fields.Integer()
    proof = ma.fields.List(ma.fields.String())


def _sealed(size: int = 1) -> Published:
    """The latest checkpoint. Raises `NotFound` when there is none, or when it is smaller than ``size``."""
    latest = office().checkpoints.latest()
    if latest is None or latest.size < size:
        raise NotFound
    return latest


@contextmanager
def _whole() -> Iterator[None]:
    """Raises `NotFound` when hashes of the tree are missing, which reconciliation tells the operator."""
    try:
        yield
    except HashesMissing:
        raise NotFound from None


@blueprint.route("/checkpoint", methods=["GET"])
@blueprint.response(200, content_type="text/plain", schema={"type": "string"})
@blueprint.alt_response(404, schema="ProblemSchema", content_type="application/problem+json")
def checkpoint() -> Any:
    """The latest checkpoint, signed by the log's key, with the lines of its witnesses."""
    return Response(office().checkpoints.note(_sealed()), content_type=_TEXT)


@blueprint.route("/checkpoints", methods=["GET"])
@blueprint.arguments(CheckpointsQuery, location="query")
@blueprint.response(200, CheckpointsSchema)
@blueprint.alt_response(422, schema="ProblemSchema", content_type="application/problem+json")
def checkpoints(query: dict[str, Any]) -> Any:
    """Past checkpoints, newest first."""
    store = office().checkpoints
    found = store.before(query.get("before"), query["limit"])
    witnesses = store.witnesses([one.size for one in found]) if query["witnesses"] else {}
    return {
        "checkpoints": [
            {
                "size": one.size,
                "sealed": one.sealed,
                "root": b64(Checkpoint.parse(Note.parse(one.note).text).root),
                **({"witnesses": [line.name for line in witnesses[one.size]]} if query["witnesses"] else {}),
            }
            for one in found
        ]
    }


@blueprint.route("/checkpoints/<int:size>", methods=["GET"])
@blueprint.response(200, content_type="text/plain", schema={"type": "string"})
@blueprint.alt_response(404, schema="ProblemSchema", content_type="application/problem+json")
def checkpoint_of(size: int) -> Any:
    """The checkpoint of that size."""
    found = office().checkpoints.at(size) if size <= _MOST else None
    if found is None:
        raise NotFound
    return Response(office().checkpoints.note(found), content_type=_TEXT)


@blueprint.route("/tile/<int:level>/<path:number>", methods=["GET"])
@blueprint.response(200, content_type="application/octet-stream", schema={"type": "string", "format": "binary"})
@blueprint.alt_response(404, schema="ProblemSchema", content_type="application/problem+json")
def tile(level: int, number: str) -> Any:
    """A tile of 256 hashes of the tree, or with `.p/W` its first W (C2SP tlog-tiles); 32 bytes each."""
    found = _NUMBER.fullmatch(number)
    if found is None or level > 5 or len(found[1]) > 24 or (found[1].startswith("x000/")):
        raise NotFound
    which, width = int(found[1].replace("x", "").replace("/", "")), int(found[2] or WIDTH)
    first = which * WIDTH
    if width > WIDTH or (found[2] and width == WIDTH):
        raise NotFound
    _sealed((first + width) * WIDTH**level)
    hashes = StoredHashes(office().database).hashes(level, first, width)
    if len(hashes) != width:  # what is kept for ever must be whole
        raise NotFound
    return Response(b"".join(hashes), content_type="application/octet-stream", headers=_FOR_EVER)


@blueprint.route("/inclusion", methods=["GET"])
@blueprint.arguments(InclusionQuery, location="query")
@blueprint.response(200, InclusionSchema)
@blueprint.alt_response(404, schema="ProblemSchema", content_type="application/problem+json")
@blueprint.alt_response(422, schema="ProblemSchema", content_type="application/problem+json")
def inclusion(query: dict[str, Any]) -> Any:
    """The proof that the event at a position is under the checkpoint of a size."""
    position, size = query["position"], query["size"]
    if position > size:
        return _outside("position")
    _sealed(size)
    tree = Tree(StoredHashes(office().database), size)
    with _whole():
        proof = tree.inclusion(position - 1)
        leaf = tree.tile(0, (position - 1) // WIDTH)[(position - 1) % WIDTH]
    return {"position": position, "size": size, "leaf": b64(leaf), "proof": list(map(b64, proof))}, 200, _FOR_EVER


@blueprint.route("/consistency", methods=["GET"])
@blueprint.arguments(ConsistencyQuery, location="query")
@blueprint.response(200, ConsistencySchema)
@blueprint.alt_response(404, schema="ProblemSchema", content_type="application/problem+json")
@blueprint.alt_response(422, schema="ProblemSchema", content_type="application/problem+json")
def consistency(query: dict[str, Any]) -> Any:
    """The proof that the checkpoint of one size is the beginning of that of another."""
    first, second = query["first"], query["second"]
    if first > second:
        return _outside("first")
    _sealed(second)
    with _whole():
        proof = Tree(StoredHashes(office().database), second).consistency(first)
    return {"first": first, "second": second, "proof": list(map(b64, proof))}, 200, _FOR_EVER


def _outside(field: str) -> Response:
    return problem(422, detail="Isian tidak sah.", errors={"query": {field: ["Lebih besar dari ukuran yang diminta."]}})


@blueprint.route("/keys", methods=["GET"])
@blueprint.response(200, content_type="text/plain", schema={"type": "string"})
def keys() -> Any:
    """The keys of receipts and, when the office has a policy, of the log, as lines of a policy. Compare them with a copy
    that came another way."""
    here = office()
    lines = [f"receipts {here.receipts.key}\n"]
    if here.policy is not None:
        lines = [*(f"log {line}\n" for line in here.policy.log.lines()), *lines]
    elif here.config.sealer_key:  # the demonstration: everywhere else no process but the sealer has it
        lines.insert(0, f"log {Signer(here.config.log_origin, here.config.sealer_key).key}\n")
    return Response("".join(lines), content_type=_TEXT)


@blueprint.route("/checkpoints/<int:size>/cosignature", methods=["POST"])
@blueprint.response(201, content_type="text/plain", schema={"type": "string"})
@blueprint.alt_response(404, schema="ProblemSchema", content_type="application/problem+json")
@blueprint.alt_response(409, schema="ProblemSchema", content_type="application/problem+json")
@blueprint.doc(requestBody={"required": True, "content": {"text/plain": {"schema": {"type": "string"}}}})
def cosign(size: int) -> Any:
    """Take in the signature line of a witness that the office's policy names."""
    request.max_content_length = LONGEST_LINE
    body = request.get_data(cache=False)
    here = office()
    found = here.checkpoints.at(size) if size <= _MOST else None
    if found is None:
        raise NotFound
    try:
        line = Line.parse(body.decode("utf-8").rstrip("\n") + "\n")
    except (BadNote, UnicodeDecodeError):
        return _refused("Ini bukan satu baris tanda tangan.")
    known = [key for key in (here.policy.witnesses.values() if here.policy else ()) if line.of(key)]
    if not known:
        return _refused("Kunci ini bukan kunci saksi yang diakui kantor.")
    if not signature_holds(line, Note.parse(found.note).text, known[0]):
        return _refused("Tanda tangan tidak cocok dengan titik periksa ini.")
    if not here.checkpoints.cosign(size, line, utc_now()):
        return _refused("Di tempatnya berdiri baris lain yang tidak sah; pengelola sistem harus memeriksanya.")
    return Response("", 201, content_type=_TEXT)


def _refused(detail: str) -> Response:
    return problem(409, detail=detail, rule="cosignature_refused")
