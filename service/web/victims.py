"""The form in which the victims of a disaster are recorded, many at once. Nobody types the number of a record: who is
registered already is found by what was typed, and chosen from those alike."""

from typing import Any
from uuid import UUID, uuid5

from flask import redirect, request, url_for
from flask_babel import lazy_gettext as _

from domain.refusals import NotFound
from service.api.commands import COMMANDS
from service.log.ids import is_id, new_id
from service.web import ask, drafts, forms, moment, record, territory, titles, words
from service.web.forms import Field
from service.web.frame import page
from service.web.places import ours

RECORD = "incident.record_victims"
_HELP = _(
    "Nama saja sudah cukup; yang tidak diketahui dikosongkan. Siapa yang mungkin sudah terdaftar diperlihatkan sesudah"
    " disimpan, untuk dipilih."
)
_ALIKE = _("Mungkin sudah terdaftar, atau tertulis dua kali. Pilih orangnya, atau tulis mengapa tetap didaftarkan.")


@page("/bencana/<id>/korban", "record.html", "incident.record", methods=("GET", "POST"))
def victims_form(id: str) -> Any:
    """Victims, many at once: who is registered already is found by what was typed, and chosen from those alike."""
    if not record.may_record(RECORD):
        raise NotFound
    row = ask.get(f"/incidents/{id}").data
    if request.method == "GET" or moment.past():
        given = {"victims": [{"victim": chosen}]} if is_id(chosen := request.args.get("victim", "")) else {}
        return _form(row, given, {})
    typed = drafts.typed()
    key = typed.get("kunci", "") if is_id(typed.get("kunci", "")) else new_id()
    unkept = record.store_papers(typed, {"stream": id}, key)
    body = forms.body_of(COMMANDS[RECORD].schema, typed)
    if drafts.again():
        return _form(row, body, {}, key=key)
    if unkept:
        return _form(row, body, unkept.body, key=key), unkept.status
    told = ask.post(
        f"/incidents/{id}/victims", forms.sendable(_as_chosen(body, key)), key=key, version=typed.get("versi", "")
    )
    if not told.fine:
        return _form(row, body, told.body, key=key), told.status
    return redirect(record.onward(typed.get("kembali", ""), told.body), 303)


def _number(key: str, at: int) -> str:
    return str(uuid5(UUID(key), f"victim {at}"))


def _as_chosen(body: dict[str, Any], key: str) -> dict[str, Any]:
    """The body in which whoever was chosen is registered already, and what was typed of her says no more; the others have
    numbers made of the form's key, so that a form that is sent twice means the same people."""
    rows = [
        {name: value for name, value in one.items() if name not in ("identity", "kind", "reason_to_go_on")}
        if one.get("victim")
        else {**one, **({"victim": _number(key, at)} if one.get("identity") else {})}
        for at, one in enumerate(body.get("victims", ()))
    ]
    return {**body, **({"victims": rows} if rows else {})}


def _form(row: dict[str, Any], given: dict[str, Any], problem: dict[str, Any], *, key: str = "") -> dict[str, Any]:
    told, key = problem.get("errors") or {}, key or new_id()
    errors, schema = told.get("json", {}), COMMANDS[RECORD].schema
    fields = forms.fields_of(RECORD, schema, given, errors, without=("id", "evidence"))
    doubtful = {one["index"]: one["duplicates"] for one in told.get("duplicates", ())}
    if doubtful:
        problem = {**problem, "detail": str(_ALIKE)}
    own, places = {_number(key, at) for at in range(forms.MOST_ROWS)}, _places(row)
    for one in fields:
        one.inner = [
            _row(each, at in doubtful, [other for other in doubtful.get(at, ()) if other["id"] not in own], places)
            for at, each in enumerate(one.inner)
        ]
    papers = forms.fields_of(RECORD, schema, given, errors, only=("evidence",))
    return {
        "command": RECORD,
        "title": titles.of(RECORD),
        "help": _HELP,
        "about_event": row["name"],
        "form_fields": fields,
        "paper_fields": papers,
        "upload_to": record.upload_to(RECORD, {"stream": row["id"]}, given, key),
        "problem": problem,
        "duplicates": [],
        "key": key,
        "back": ours(request.values.get("kembali", "")),
        "version": request.values.get("versi", ""),
        "here": url_for("pages.victims_form", id=row["id"]),
    }


def _places(row: dict[str, Any]) -> list[tuple[str, ...]]:
    """The villages that were hit and in which whoever looks may record; all of these when the whole kabupaten was."""
    hit = set(row["villages"])
    return [one for one in territory.served(COMMANDS[RECORD].actions) if row["kabupaten_scale"] or one[0] in hit]


def _row(
    fields: list[Field], doubtful: bool, alike: list[dict[str, Any]], places: list[tuple[str, ...]]
) -> list[Field]:
    """The fields of one victim. Who she may be already, and why she is not, is asked when the service found some alike."""
    found = []
    for one in fields:
        short = one.name.rpartition(".")[2]
        if short == "village":
            one.options = places
        elif short == "victim":
            known = [_known(one.value)] if is_id(one.value) else []
            one.kind, one.label = "choice", _("Sudah terdaftar sebagai")
            one.options = [(other["id"], _alike(other)) for other in alike or known]
        if not (short == "victim" and not one.options) and not (
            short == "reason_to_go_on" and not (doubtful or one.value)
        ):
            found.append(one)
    return found


def _known(id: str) -> dict[str, Any]:
    """Somebody who was chosen; also one whom whoever looks may not read, who was offered as one who is alike."""
    told = ask.maybe(f"/beneficiaries/{id}")
    return {"id": id, **(told.data if told.fine else {})}


def _alike(other: dict[str, Any]) -> str:
    who = other.get("person")
    born = (who.get("birth_date") or who.get("birth_year") or "") if isinstance(who, dict) else ""
    return ", ".join(str(one) for one in (words.called(other), born, territory.name(other.get("village"))) if one)
