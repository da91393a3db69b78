"""Receipts of commands: the signed note, and its QR code to print."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from domain.refusals import NotFound
from service.api.current import office, principal
from service.command import restored
from service.log.entries import StoredCommand
from service.receipts import qr

blueprint = Blueprint("receipts", __name__, url_prefix="/api/v1/commands", description="Receipts of commands")


def _note(command: str) -> str:
    """The receipt of a command of whoever asks. Raises `NotFound` for anybody else's."""
    here = office()
    stored = here.log.command(command)
    if stored is None or stored.account != principal().account:
        raise NotFound
    return note_of(stored)


def note_of(stored: StoredCommand) -> str:
    """The receipt of a recorded command."""
    here = office()
    return here.receipts.note(restored(stored, here.log.leaves(stored.first, stored.count)))


@blueprint.route("/<command>/receipt", methods=["GET"])
@blueprint.response(200, content_type="text/plain", schema={"type": "string"})
@blueprint.alt_response(404, schema="ProblemSchema", content_type="application/problem+json")
def receipt(command: str) -> Any:
    """The receipt of a command that this account sent: a note of its events, signed with the receipt key."""
    return Response(_note(command), content_type="text/plain; charset=utf-8")


@blueprint.route("/<command>/receipt.svg", methods=["GET"])
@blueprint.response(200, content_type="image/svg+xml", schema={"type": "string"})
@blueprint.alt_response(404, schema="ProblemSchema", content_type="application/problem+json")
@blueprint.alt_response(409, schema="ProblemSchema", content_type="application/problem+json")
def receipt_code(command: str) -> Any:
    """The receipt's QR code; refused when a command recorded more events than fit into one."""
    return Response(qr(_note(command)), content_type="image/svg+xml")
