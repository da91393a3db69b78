"""Many commands in one request, each recorded or refused on its own: what an offline outbox or an import sends."""

from typing import Any

import marshmallow as ma
from flask_smorest import Blueprint

from domain.refusals import Refused
from service.api.commands import COMMANDS, Denied, execute, rendered
from service.api.current import office, principal
from service.api.fields import Schema, code, identifier, whole
from service.api.problems import refusal_status
from service.casebook import TooBusy
from service.reach import Principal

MOST = 1000
blueprint = Blueprint("batch", __name__, url_prefix="/api/v1/batch", description="Many commands at once")


class Item(Schema):
    """One command: its id, its name, what stands in its URL, and its body."""

    key = identifier(required=True)
    command = code(required=True)
    url = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String(validate=ma.validate.Length(max=80)))
    body = ma.fields.Dict(load_default=dict)
    base = whole(0, 10**9)


class Batch(Schema):
    items = ma.fields.List(ma.fields.Nested(Item), required=True, validate=ma.validate.Length(1, MOST))


class ItemResult(ma.Schema):
    key = ma.fields.String()
    status = ma.fields.Integer()
    rule = ma.fields.String()
    detail = ma.fields.String()
    errors = ma.fields.Raw()
    answer = ma.fields.Raw()


class BatchResult(ma.Schema):
    results = ma.fields.List(ma.fields.Nested(ItemResult))


def result_of(item: dict[str, Any], who: Principal) -> dict[str, Any]:
    """What became of one command that somebody asks for: its status, and its answer or what refused it."""
    route = COMMANDS.get(item["command"])
    if route is None:
        return {"status": 422, "errors": {"command": ["Perintah ini tidak dikenal."]}}
    try:
        data = route.schema.load(item["body"])
        answer, stream = execute(
            route, data, item.get("url", {}), who, office(), key=item["key"], base=item.get("base")
        )
    except ma.ValidationError as error:
        return {"status": 422, "detail": "Isian tidak sah.", "errors": error.messages}
    except TypeError:
        return {"status": 422, "errors": {"url": ["Isian alamat perintah tidak cocok."]}}
    except Denied as denied:
        return denied.told
    except Refused as refusal:
        told = {"status": refusal_status(type(refusal)), "rule": refusal.rule, "detail": refusal.sentence}
        particulars = getattr(refusal, "particulars", None)
        return {**told, "errors": particulars} if particulars else told
    except TooBusy:
        return {"status": 503, "detail": "Banyak yang menulis bersamaan; coba lagi."}
    return {"status": 200 if answer.repeated else 201, "answer": rendered(answer, stream, office().receipts)}


@blueprint.route("", methods=["POST"])
@blueprint.arguments(Batch)
@blueprint.response(200, BatchResult)
def batch(data: dict[str, Any]) -> dict[str, Any]:
    """Record up to 1,000 commands in order; the answer has one result per item, each with its own status."""
    return {"results": [{"key": item["key"], **result_of(item, principal())} for item in data["items"]]}
