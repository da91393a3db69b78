"""Files in pieces over a bad line: the core of tus 1.0 with its extensions creation, expiration and termination
(https://tus.io/protocols/resumable-upload). The id of an upload is the id of the file that it becomes."""

import base64
import binascii
from email.utils import format_datetime
from typing import Any

from flask import Response, request, url_for
from flask_smorest import Blueprint
from werkzeug.exceptions import ClientDisconnected

from service.api import field_sentences
from service.api.current import office, principal, this_request
from service.api.files import MEDIA_TYPES, UploadQuery, key_for, label_for
from service.api.guard import LARGEST_JSON, TURNING
from service.api.problems import problem
from service.log.files import LARGEST
from service.log.uploads import Announced, Upload, WrongOffset, expires
from service.log.vault import GENERAL

VERSION, PIECE = "1.0.0", "application/offset+octet-stream"
#: The largest part of a piece that may be lost with a line: what came whole stays.
KEPT = LARGEST_JSON // 4
blueprint = Blueprint("uploads", __name__, url_prefix="/api/v1/files/uploads", description="Files in pieces (tus 1.0)")
_SPOKEN = {
    "parameters": [{"in": "header", "name": "Tus-Resumable", "required": True, "schema": {"type": "string"}}],
    "responses": {"412": {"description": "Another version of the protocol"}},
}


@blueprint.before_request
def _speaks_it() -> Response | None:
    asked = this_request()
    if asked.method == "OPTIONS" or asked.headers.get("Tus-Resumable") == VERSION:
        return None
    return problem(412, detail=f"Kirim Tus-Resumable: {VERSION}.", headers=[("Tus-Version", VERSION)])


@blueprint.after_request
def _named(response: Response) -> Response:
    response.headers["Tus-Resumable"] = VERSION
    if this_request().method == "OPTIONS":
        response.headers["Tus-Version"] = VERSION
        response.headers["Tus-Extension"] = "creation,expiration,termination"
        response.headers["Tus-Max-Size"] = str(LARGEST)
    return response


@blueprint.route("", methods=["POST"])
@blueprint.arguments(UploadQuery, location="query")
@blueprint.doc(**_SPOKEN)
@blueprint.response(201, description="Begun; `Location` is where its pieces go")
def begin(query: dict[str, Any]) -> Any:
    """Announce a file: its size as `Upload-Length`, its name and type as `filename` and `filetype` of `Upload-Metadata`.
    What is not finished within a day is removed."""
    length = _whole("Upload-Length")
    if length is None:
        return problem(422, detail="Sebutkan ukuran berkas: Upload-Length.")
    if length > LARGEST:
        return problem(413, detail=f"Berkas lebih besar dari {LARGEST // 1024 // 1024} MB.", rule="file_too_large")
    said = _metadata()
    media_type = said.get("filetype", "")
    if media_type not in MEDIA_TYPES:
        return problem(415, detail=field_sentences.KINDS_TAKEN, rule="media_type")
    label = label_for(query["subject"], strict=query["strict"])
    made = office().uploads.begin(
        Announced(TURNING.sub("", said.get("filename", ""))[:200], media_type, label != GENERAL),
        length,
        under=key_for(principal(), query["subject"], label),
        subject=query["subject"],
        account=principal().account,
        now=office().milliseconds(),
    )
    return _told(made, 201, Location=url_for("uploads.state", upload_id=made.id))


@blueprint.route("/<upload_id>", methods=["GET"])
@blueprint.doc(**_SPOKEN)
@blueprint.response(200, description="`Upload-Offset` and `Upload-Length`; the same once it is a file")
@blueprint.alt_response(404, schema="ProblemSchema", content_type="application/problem+json")
def state(upload_id: str) -> Any:
    """How much of a file is here, for whoever sends it. Asked with HEAD, as tus says, or with GET."""
    return _told(_found(upload_id), 200, **{"Cache-Control": "no-store"})


@blueprint.route("/<upload_id>", methods=["PATCH"])
@blueprint.doc(
    requestBody={"required": True, "content": {PIECE: {"schema": {"type": "string", "format": "binary"}}}},
    parameters=[
        *_SPOKEN["parameters"],
        {"in": "header", "name": "Upload-Offset", "required": True, "schema": {"type": "integer"}},
    ],
    responses=_SPOKEN["responses"],
)
@blueprint.response(204, description="Kept; `Upload-Offset` says up to where")
@blueprint.alt_response(404, schema="ProblemSchema", content_type="application/problem+json")
@blueprint.alt_response(409, schema="ProblemSchema", content_type="application/problem+json")
def add(upload_id: str) -> Any:
    """Send what comes after `Upload-Offset`. Of a line that breaks, what came stays. With the last byte the file is
    stored as if it had been sent in one piece, and may be mentioned by its id."""
    if request.mimetype != PIECE:
        return problem(415, detail=f"Kirim sebagai {PIECE}.", rule="media_type")
    upload = _found(upload_id)
    if _whole("Upload-Offset") != upload.offset:
        raise WrongOffset
    if request.content_length is not None and upload.offset + request.content_length > upload.length:
        return problem(413, detail="Kiriman lebih besar dari yang disebut.", rule="file_too_large")
    while upload.offset < upload.length and (piece := _piece()):
        upload = office().uploads.add(upload, piece)
    return _told(upload, 204)


@blueprint.route("/<upload_id>", methods=["DELETE"])
@blueprint.doc(**_SPOKEN)
@blueprint.response(204, description="Removed")
@blueprint.alt_response(404, schema="ProblemSchema", content_type="application/problem+json")
def end(upload_id: str) -> Any:
    """Give up: what has come is removed. A file that is whole stays until nobody mentioned it for a day."""
    office().uploads.end(_found(upload_id))
    return Response(status=204)


def _found(upload_id: str) -> Upload:
    return office().uploads.state(upload_id, principal().account, office().milliseconds())


def _piece() -> bytes:
    try:
        return request.stream.read(KEPT)
    except ClientDisconnected:
        return b""


def _whole(name: str) -> int | None:
    text = request.headers.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None


def _metadata() -> dict[str, str]:
    """``Upload-Metadata``: names, each with a value in base64; what is none of that is left out."""
    found = {}
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        name, _, value = pair.strip().partition(" ")
        try:
            text = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
        found[name] = "".join(one for one in text if one.isprintable())
    return found


def _told(upload: Upload, status: int, **headers: str) -> Response:
    told = {
        "Upload-Offset": str(upload.offset),
        "Upload-Length": str(upload.length),
        "Upload-Expires": format_datetime(expires(upload), usegmt=True),
    }
    return Response(status=status, headers={**told, **headers})
