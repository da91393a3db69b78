"""Forms of cases that are more than their schema: the questions of an assessment, goals and decisions with an officer each.

The numbers of new goals, tasks and visits are made of the form's own key, so that a form that is sent twice asks for the
same; officers are chosen by name.
"""

from typing import Any
from uuid import UUID, uuid5

from flask import redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _

from domain.refusals import NotFound
from service.api.commands import COMMANDS
from service.api.current import principal
from service.log.ids import is_id, new_id
from service.web import around, ask, drafts, forms, moment, named, record, titles
from service.web.cases import entries_of
from service.web.forms import Field
from service.web.frame import page
from service.web.places import ours
from service.web.spoken import said

#: The forms by the word in their address.
FORMS = {
    "asesmen": "case.assess",
    "rencana": "case.propose_plan",
    "pembahasan": "case.hold_conference",
    "tugas": "case.give_task",
    "ubah-tugas": "case.change_task",
    "kunjungan": "case.plan_visit",
    "tugaskan": "case.assign",
    "minta-alih": "case.request_transfer",
    "alihkan": "case.transfer",
}
#: Where the number of something new stands: in a row of a list, or in the command itself (an empty list's name).
NEW = {
    "case.propose_plan": ("goals", "id"),
    "case.hold_conference": ("decisions", "task"),
    "case.give_task": ("", "task"),
    "case.plan_visit": ("", "visit"),
}
MOST_AT_ONCE = 5  # goals of a plan, or decisions of a conference, on one form
OFFICERS = frozenset({"owner", "visitor", "worker"})


@page("/kasus/<id>/isi/<form>", "record.html", "case.record", "case.assign", methods=("GET", "POST"))
def case_form(id: str, form: str) -> Any:
    """One of these forms, for one case."""
    command = FORMS.get(form, "")
    if not command or not record.may_record(command):
        raise NotFound
    row = ask.get(f"/cases/{id}").data
    if request.method == "POST" and not moment.past():
        return _recorded(command, form, row)
    if command == "case.assess" and not _questions():
        return _choice(id)
    given: dict[str, Any] = {
        name: request.args[name] for name in ("worker", "due", "planned_for") if name in request.args
    }
    if command == "case.change_task":
        given = _as_it_is(row)
    if rows := NEW.get(command, ("", ""))[0]:
        given[rows] = [{}] * (MOST_AT_ONCE - 1)  # and the one that every list ends with
    return _form(command, form, row, given, {})


def _choice(id: str) -> str:
    labels = {one["code"]: said(one["label"]) for one in instruments()}
    back = ours(request.args.get("kembali", ""))
    about = named.about("case.assess", {"stream": id})
    return render_template(
        "instruments.html", instruments=labels, id=id, back=back, title=titles.of("case.assess"), about=about
    )


def instruments() -> list[dict[str, Any]]:
    """Each instrument of assessments, in all its versions."""
    found: Any = ask.now("/instruments").body
    return list(found)


def _questions() -> list[dict[str, Any]]:
    """The questions of the chosen instrument, as they are asked today."""
    chosen = [one for one in instruments() if one["code"] == request.values.get("alat")]
    return list(chosen[-1]["questions"]) if chosen else []


def _recorded(command: str, form: str, row: dict[str, Any]) -> Any:
    typed = drafts.typed()
    key = typed.get("kunci", "") if is_id(typed.get("kunci", "")) else new_id()
    unkept = record.store_papers(typed, {"stream": row["id"]}, key)
    body = _numbered(command, forms.body_of(COMMANDS[command].schema, typed), key)
    if command == "case.assess":
        answers = {one["code"]: typed.get(f"details.{one['code']}", "") for one in _questions()}
        body |= {
            "instrument": request.values.get("alat", ""),
            "details": {code: int(said) for code, said in answers.items() if said.isdecimal() and len(said) < 4},
        }
    if drafts.again():
        return _form(command, form, row, body, {}, key=key)
    if unkept:
        return _form(command, form, row, body, unkept.body, key=key), unkept.status
    path = record.rule_of(command).removeprefix(ask.API).replace("<stream>", row["id"])
    if command == "case.change_task":  # what stays as it is, is not said again: somebody else may be changing it
        now, path = _as_it_is(row), path.replace("<task>", request.values["task"])
        body = {name: value for name, value in body.items() if value != now.get(name)}
    told = ask.post(path, forms.sendable(body), key=key, version=typed.get("versi", ""))
    if not told.fine:
        given = {**_as_it_is(row), **body} if command == "case.change_task" else body
        return _form(command, form, row, given, told.body, key=key), told.status
    return redirect(record.onward(typed.get("kembali", ""), told.body), 303)


def _as_it_is(row: dict[str, Any]) -> dict[str, Any]:
    """The task to change. Raises `NotFound`."""
    for one in row["tasks"]:
        if one["id"] == request.values.get("task") and one["kind"] == "task":
            return {"title": one["title"], "owner": one["owner"], "due": one["due_on"]}
    raise NotFound


def _numbered(command: str, body: dict[str, Any], key: str) -> dict[str, Any]:
    """The body with the numbers of what is new in it; rows without a title were left empty."""
    rows, name = NEW.get(command, ("", ""))
    if not name:
        return body
    if not rows:
        return {**body, name: str(uuid5(UUID(key), name))}
    filled = [row for row in body.get(rows, ()) if row.get("title")]
    numbered = [{**row, name: str(uuid5(UUID(key), f"{name} {place}"))} for place, row in enumerate(filled)]
    return {**{one: value for one, value in body.items() if one != rows}, **({rows: numbered} if numbered else {})}


def _form(
    command: str, form: str, row: dict[str, Any], given: dict[str, Any], problem: dict[str, Any], *, key: str = ""
) -> dict[str, Any]:
    errors = (problem.get("errors") or {}).get("json", {})
    without = (
        "id",
        "evidence",
        "instrument",
        "details",
        *(name for rows, name in (NEW.get(command, ("x", "")),) if not rows),
    )
    fields = forms.fields_of(command, COMMANDS[command].schema, given, errors, without=without)
    asked = [_question(one, given.get("details") or {}) for one in _questions()] if command == "case.assess" else []
    return {
        "command": command,
        "title": titles.of(command),
        "help": titles.HELP.get(command, ""),
        "about": named.about(command, {"stream": row["id"]}),
        "form_fields": [*asked, *_with_officers(fields, _officers(command, row), NEW.get(command, ("", ""))[1])],
        "paper_fields": (
            papers := forms.fields_of(command, COMMANDS[command].schema, given, errors, only=("evidence",))
        ),
        "upload_to": record.upload_to(command, {"stream": row["id"]}, given, key) if papers else "",
        "problem": problem,
        "duplicates": [],
        "key": key or new_id(),
        "back": ours(request.values.get("kembali", "")),
        "version": request.values.get("versi", ""),
        "here": url_for(
            "pages.case_form", id=row["id"], form=form, alat=request.values.get("alat"), task=request.values.get("task")
        ),
    }


def asked_of_each() -> list[tuple[str, str, list[Field]]]:
    """Each instrument as it is today: its code, its name, and its questions as fields."""
    latest = {one["code"]: one for one in instruments()}
    return [
        (code, said(one["label"]), [_question(each, {}) for each in one["questions"]]) for code, one in latest.items()
    ]


def _question(one: dict[str, Any], answers: dict[str, Any]) -> Field:
    ends = {0: _("0, tidak ada masalah"), one["most"]: _("%(n)s, paling berat", n=one["most"])}
    options = [(str(value), ends.get(value, str(value))) for value in range(one["most"] + 1)]
    answer = answers.get(one["code"])
    value = "" if answer is None else str(answer)
    return Field(
        f"details.{one['code']}", said(one["text"]), "choice", value, required=True, options=options, sent="whole"
    )


def _officers(command: str, row: dict[str, Any]) -> list[tuple[str, str]]:
    found = around.workers() or around.officers(entries_of(row))
    if command == "case.request_transfer":  # to somebody else
        found.pop(row["worker"], None)
    return sorted(found.items(), key=lambda one: one[1])


def _with_officers(fields: list[Field], officers: list[tuple[str, str]], number: str) -> list[Field]:
    """The fields with officers to choose from, whoever looks being chosen; without the numbers of what is new."""
    found = []
    for one in fields:
        short = one.name.rpartition(".")[2]
        if one.name != short and short == number:
            continue
        if short in OFFICERS:
            one.kind, one.options = "choice", officers
            known = {account for account, _name in officers}
            one.value = one.value or (principal().account if principal().account in known else "")
        one.inner = [_with_officers(row, officers, number) for row in one.inner]
        found.append(one)
    return found
