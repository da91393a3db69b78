"""Papers and photographs over HTTP: uploaded before the command that mentions them, opened by those who may."""

from typing import Any

import marshmallow as ma
from flask import Response, request
from flask_smorest import Blueprint

from domain.aggregate import Aggregate
from domain.beneficiary import Beneficiary
from domain.refusals import NotFound
from service.access import Sight
from service.api.current import office, principal
from service.api.fields import Schema, identifier
from service.api.problems import problem
from service.api.restricted import subject_of
from service.log.vault import GENERAL, STRICT
from service.reach import allowed, scope, sees

MEDIA_TYPES = frozenset({"application/pdf", "image/jpeg", "image/png", "image/webp", "text/plain"})
blueprint = Blueprint("files", __name__, url_prefix="/api/v1/files", description="Encrypted papers and photographs")


class UploadQuery(Schema):
    """``subject`` is whose paper it is: a beneficiary's id, or the id of the body it belongs to."""

    subject = identifier(required=True)
    strict = ma.fields.Boolean(load_default=False)


class FileSchema(ma.Schema):
    id = ma.fields.String()
    size = ma.fields.Integer()
    sha256 = ma.fields.String(metadata={"description": "Of the ciphertext, as events store it"})


@blueprint.route("", methods=["POST"])
@blueprint.arguments(UploadQuery, location="query")
@blueprint.response(201, FileSchema)
@blueprint.doc(
    requestBody={
        "required": True,
        "content": {name: {"schema": {"type": "string", "format": "binary"}} for name in sorted(MEDIA_TYPES)},
    },
    parameters=[{"in": "header", "name": "File-Name", "schema": {"type": "string"}, "description": "Sealed"}],
)
def upload(query: dict[str, Any]) -> Any:
    """Store a file, at most 20 MB. A file that no command mentions within a day may be swept."""
    if not allowed(principal(), "file.upload"):
        return problem(403, detail="Anda tidak berwenang mengunggah berkas.", rule="not_allowed")
    media_type = request.mimetype
    if media_type not in MEDIA_TYPES:
        return problem(415, detail=f"Jenis berkas: {', '.join(sorted(MEDIA_TYPES))}.", rule="media_type")
    row = office().files.store(
        request.get_data(cache=False),
        subject=query["subject"],
        label=STRICT if query["strict"] else GENERAL,
        name=request.headers.get("File-Name", "")[:200],
        media_type=media_type,
        account=principal().account,
    )
    return {"id": row.id, "size": row.size, "sha256": row.sha256}


def _may_read(file_id: str) -> bool:
    """Whether the papers of the record that refers to a file may be read; of somebody protected, only by those who see
    her in full. Raises `NotFound` when no record refers to it."""
    who, about = principal(), office().log.load(Aggregate, office().files.claimed_by(file_id) or "")
    worker, restricted = getattr(about, "worker", None), _restricted(subject_of(about))
    sight = sees(who, about.tier, about.village, worker == who.account, restricted)
    if (about.tier > 1 or restricted) and sight is not Sight.FULL:
        return False
    return scope(who, "file.read").includes(about.village, worker, restricted=restricted)


def _restricted(subject: str | None) -> bool:
    """Whether the processing of whoever has that id is restricted; of a body it never is."""
    try:
        return bool(subject) and office().log.load(Beneficiary, subject or "").restricted
    except NotFound:
        return False


@blueprint.route("/<file_id>", methods=["GET"])
@blueprint.response(200, content_type="application/octet-stream", schema={"type": "string", "format": "binary"})
@blueprint.alt_response(403, schema="ProblemSchema", content_type="application/problem+json")
@blueprint.alt_response(404, schema="ProblemSchema", content_type="application/problem+json")
def download(file_id: str) -> Any:
    """A file's content, for whoever uploaded it or may read the papers of the record that refers to it."""
    row = office().files.row(file_id)
    hers = row.account == principal().account and not _restricted(row.subject)
    if not hers and not _may_read(file_id):
        raise NotFound
    head, content = office().files.open(file_id)
    # Never shown in the page's own origin: a browser saves it.
    return Response(content, content_type=head.media_type, headers={"Content-Disposition": "attachment"})
