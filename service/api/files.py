"""Papers and photographs over HTTP: uploaded before the command that mentions them, opened by those who may."""

from collections.abc import Collection
from contextlib import suppress
from typing import Any

import marshmallow as ma
from flask import Response, request
from flask_smorest import Blueprint

from domain.aggregate import Aggregate
from domain.beneficiary import Beneficiary
from domain.case import Case
from domain.incident import DisasterIncident
from domain.referral import Referral
from domain.refusals import NotFound
from domain.subject import SubjectClosed, SubjectDestroyed, subject_of
from domain.subject_request import SubjectRequest
from projections import people_lists
from projections.engine import View
from service.access import Sight
from service.api import field_sentences
from service.api.current import office, principal
from service.api.fields import Schema, identifier
from service.api.people_shown import exists, sight_of, sights_of
from service.api.problems import problem
from service.identity import Principal
from service.log.ids import new_id
from service.log.vault import GENERAL, strict_label
from service.pictures import bare
from service.reach import allowed, scope

MEDIA_TYPES = frozenset({"application/pdf", "image/jpeg", "image/png", "image/webp", "text/plain"})
blueprint = Blueprint("files", __name__, url_prefix="/api/v1/files", description="Encrypted papers and photographs")


class UploadQuery(Schema):
    """``subject`` is whose paper it is: the id of the beneficiary whom the record that it backs is about, else of the
    record itself. No other record may mention it. ``strict`` is for a subject that the office does not know yet; of
    one that it knows as strictly restricted every paper is."""

    subject = identifier(required=True)
    strict = ma.fields.Boolean(load_default=False)


class FileSchema(ma.Schema):
    id = ma.fields.String()
    size = ma.fields.Integer(metadata={"description": "Of what was sent, whatever of it is kept"})
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
    media_type = request.mimetype
    if media_type not in MEDIA_TYPES:
        return problem(415, detail=field_sentences.KINDS_TAKEN, rule="media_type")
    label, content = label_for(query["subject"], strict=query["strict"]), request.get_data(cache=False)
    row = office().files.store_under(
        key_for(principal(), query["subject"], label),
        content,
        subject=query["subject"],
        name=request.headers.get("File-Name", "")[:200],
        media_type=media_type,
        account=principal().account,
        strict=label != GENERAL,
    )
    return {"id": row.id, "size": len(content), "sha256": row.sha256}


def label_for(subject: str, *, strict: bool) -> str:
    """The compartment that a paper of ``subject`` belongs to: a strict one if that is asked for, or if the office knows
    the subject as strictly restricted, whatever the sender knew; else `service.log.vault.GENERAL`."""
    with suppress(NotFound):  # the record may come after its papers
        strict = strict or office().log.load(Aggregate, subject).strict
    if not strict:
        return GENERAL
    return strict_label(office().vault.compartments([subject]).get(subject, ()))


def key_for(who: Principal, subject: str, label: str) -> tuple[str, bytes]:
    """The key that a paper of ``subject`` from this sender is kept under. Of somebody destroyed whom he does not know it is
    one of nobody's, as for an id that was never recorded: no record takes the paper, and it is swept. Raises
    `SubjectClosed` or `SubjectDestroyed` to whoever knows her."""
    keys = office().keys
    try:
        return keys.key_for(subject, label)
    except (SubjectClosed, SubjectDestroyed):
        with office().views.at() as view:
            row = people_lists.persons(view, who.account, [subject]).get(subject)
        place = row and {"village": row["village"], "worker": row["worker"], "by": row["registered_by"]}
        if row and place and allowed(who, "beneficiary.read", **place) and exists(who, row["tier"]):
            raise
        return keys.key_for(new_id(), label)


def may_read(file_id: str) -> bool:
    """Whether a file may be read: before a record refers to it, by whoever uploaded it; then by her and whoever may read
    the papers of that record, of a disaster in one of the villages that it hit; of somebody in need by those who see her in
    full, of somebody strictly restricted, or whose processing is restricted, by them alone. A copy under legal hold by
    whoever may read the document itself, and once that is destroyed by the data protection officer; after its hold was
    lifted by nobody. Raises `NotFound`."""
    file = office().files.row(file_id)
    subject, uploaded_by = file.subject, file.account
    who, stream = principal(), office().files.claimed_by(file_id)
    if stream is None:
        return uploaded_by == who.account  # of nobody's record yet: whoever's it is to be, the answer is the same
    about = office().log.load(Aggregate, stream)
    village, worker, restricted = about.village, getattr(about, "worker", None), False
    if isinstance(about, SubjectRequest) and not scope(who, "subject_request.read").empty:
        return True
    if isinstance(about, Beneficiary) and file_id in about.documents_held:
        held = about.documents_held[file_id]
        if about.destroyed:
            return not held.lifted and _answers_for_destroyed(who)
        return not held.lifted and may_read(held.document)
    if isinstance(about, Beneficiary | Case | Referral | SubjectRequest):
        subject = subject_of(about)
        row = _person(subject)
        tier, restricted = max(about.tier, row.get("tier") or Aggregate.STRICT_TIER), bool(row.get("restricted"))
        seen = sight_of(who, {**row, "key": subject, "tier": tier, "restricted": restricted}) is Sight.FULL
        if not seen and (restricted or tier >= Aggregate.STRICT_TIER or uploaded_by != who.account):
            return False
        if who.emergency == subject and not restricted:
            return True
        village, worker = row.get("village"), row.get("worker")
    mine = uploaded_by == who.account and not restricted
    if isinstance(about, DisasterIncident):
        return mine or scope(who, "file.read").includes_one(about.villages, everywhere=about.kabupaten_scale)
    return mine or scope(who, "file.read").includes(village, worker, restricted=restricted)


def held_for(view: View, subjects: Collection[str]) -> set[str]:
    """Those of some people of whom whoever asks may read why a document is under legal hold: of those who record holds, who
    sees the person in full, and of somebody destroyed the data protection officer. Only inside the view's ``with``."""
    who = principal()
    if scope(who, "hold.record").empty:
        return set()
    people = people_lists.persons(view.today(), who.account, sorted(subjects)).values()
    standing = [row for row in people if not row["destroyed_on"]]
    sights = zip(standing, sights_of(who, standing), strict=True)
    gone = {row["key"] for row in people if row["destroyed_on"]} if _answers_for_destroyed(who) else set()
    return gone | {row["key"] for row, sight in sights if sight is Sight.FULL}


def _answers_for_destroyed(who: Principal) -> bool:
    return not scope(who, "hold.record").empty and not scope(who, "beneficiary.restrict").empty


def _person(subject: str) -> dict[str, Any]:
    with office().views.at() as view:
        return people_lists.persons(view, principal().account, [subject]).get(subject, {})


@blueprint.route("/<file_id>", methods=["GET"])
@blueprint.response(200, content_type="application/octet-stream", schema={"type": "string", "format": "binary"})
@blueprint.alt_response(403, schema="ProblemSchema", content_type="application/problem+json")
@blueprint.alt_response(404, schema="ProblemSchema", content_type="application/problem+json")
def download(file_id: str) -> Any:
    """A file's content, for whoever uploaded it or may read the papers of the record that refers to it. What was
    handed in about somebody strictly restricted is not read again without a clearance. Pictures come without what the
    camera wrote into them; the file that the event names stays whole in the vault."""
    if not may_read(file_id):
        raise NotFound
    head, content = office().files.open(file_id)
    # Never shown in the page's own origin: a browser saves it.
    return Response(
        bare(content, head.media_type), content_type=head.media_type, headers={"Content-Disposition": "attachment"}
    )
