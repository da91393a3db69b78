"""Mending what was recorded wrongly: one event, field by field, with the reason and who asked for it."""

from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from flask import redirect, request, url_for
from flask_babel import lazy_gettext as _
from werkzeug.datastructures import MultiDict

from domain.aggregate import EVENTS
from domain.correction import FINAL
from domain.refusals import NotFound
from service.api.commands import COMMANDS
from service.api.corrections import OFFICE
from service.api.taken import route_of
from service.log.ids import is_id, new_id
from service.web import ask, drafts, forms, labels, moment, named, record, remembered, titles
from service.web.forms import Field
from service.web.frame import page, reach_of
from service.web.places import ours

NOW, WHY = "nilai.", ("requested_by", "reason")  # how its fields are called in the form, beside those of the correction
_MANY = (list, tuple)


def mends(entry: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """What whoever looks is offered when an entry of a history is wrong: to correct it, or to withdraw it."""
    topic, by = entry["topic"], entry["by"]
    kind = EVENTS.get(topic)
    if kind is None or entry["retracted"] or kind.WITNESSED or topic.startswith((*FINAL, "record.")):
        return []
    if not topic.startswith(tuple(noun.NOUN for noun in OFFICE)):
        reached = ("record.correct", "record.retract")
        offered = [one for one in reached if reach_of(one).includes(entry["village"], "", by)]
    else:
        offered = ["record.correct"]
    about = {"stream": entry["stream"], "target": entry["version"]}
    return [(one, about) for one in offered if one == "record.correct" or entry["version"] > 1]


@page("/koreksi/<id>/<int:target>", "record.html", "record.correct", *OFFICE.values(), methods=("GET", "POST"))
def correction(id: str, target: int) -> Any:
    """The form of a correction: what the event holds, in the fields of the command that records such events."""
    if not is_id(id):
        raise NotFound
    event = ask.now(f"/streams/{id}/events/{target}").body
    if request.method == "GET" or moment.past():
        return _form(event, event["values"], {}, {})
    typed = drafts.typed()
    now = _typed(event, typed)
    why = forms.body_of(COMMANDS["record.correct"].schema, typed)
    said = {name: why[name] for name in (*WHY, "on") if name in why}
    changed = {name: value for name, value in now.items() if _plain(value) != _plain(event["values"].get(name))}
    key = typed.get("kunci", "")
    if drafts.again():
        return _form(event, now, said, {}, key=key)
    if not changed:
        return _form(event, now, said, {"detail": _("Belum ada isian yang diubah.")}, key=key), 422
    body = {**said, "target": target, "values": changed}
    told = ask.post(f"/streams/{id}/corrections", body, key=key if is_id(key) else "", version=typed.get("versi", ""))
    if not told.fine:
        return _form(event, now, said, told.body, key=key), told.status
    return redirect(record.onward(typed.get("kembali", ""), told.body), 303)


def _schema(event: dict[str, Any]) -> tuple[str, dict[str, ma.fields.Field[Any]]]:
    """The fields of an event that a form can mend, as the command asks for them. What refers to another record cannot be
    corrected at all; lists of things that have numbers of their own are recorded anew."""
    route = route_of(event["topic"])
    if route is None:
        return event["topic"], {}
    found: dict[str, ma.fields.Field[Any]] = {"on": route.schema.fields["on"]}
    for name, field in route.schema.fields.items():
        inner = field.inner if isinstance(field, ma.fields.List) else field
        fixed = inner.metadata.get("format") == "uuid" or name in ("login", "evidence") or name in labels.UNSHOWN
        nested = isinstance(field, ma.fields.List) and isinstance(inner, ma.fields.Nested)
        if name in event["values"] and not (fixed or nested or isinstance(inner, ma.fields.Dict)):
            found[name] = field
    return route.name, found


def _typed(event: dict[str, Any], typed: MultiDict[str, str]) -> dict[str, Any]:
    """What the fields hold now: what was emptied is nothing."""
    found: dict[str, Any] = {}
    for name, field in _schema(event)[1].items():
        before, value = event["values"].get(name), forms.value_of(field, typed, NOW + name)
        if isinstance(field, ma.fields.Nested):
            kept = before if isinstance(before, dict) else {}
            value = {one: text for one, text in kept.items() if one not in field.schema.fields} | (value or {})
        elif isinstance(field, ma.fields.Boolean):
            value = bool(value)
        elif value in (None, ""):
            value = [] if isinstance(before, _MANY) else None
        found[name] = value
    return found


def _plain(value: Any) -> Any:
    """A value as it would be typed, to tell what was changed."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n").strip() or None
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items() if one not in (None, "", [], {})} or None
    if isinstance(value, _MANY):
        return sorted(map(str, value)) or None
    return value if value is not False else None


def _form(
    event: dict[str, Any], now: dict[str, Any], said: dict[str, Any], problem: dict[str, Any], *, key: str = ""
) -> dict[str, Any]:
    command, schema = _schema(event)
    errors = (problem.get("errors") or {}).get("json", {})
    wrong = errors.get("values") if isinstance(errors.get("values"), dict) else {}
    shown = [
        _named(forms.field_of(command, f"{NOW}{name}", name, field, now.get(name), wrong.get(name)), now.get(name))
        for name, field in schema.items()
    ]
    asked = COMMANDS["record.correct"].schema
    why = forms.fields_of("record.correct", asked, said, errors, only=WHY)
    stream = event["stream"]
    return {
        "command": "record.correct",
        "title": _("Koreksi catatan"),
        "help": _("Ubah hanya yang salah. Isi yang lama tetap tersimpan dan terbaca, dengan alasan koreksinya."),
        "about": [] if moment.past() else named.lines_of(event["topic"].partition(".")[0], stream),
        "about_event": titles.of(command),
        "form_fields": [*shown, *why],
        "paper_fields": [],
        "problem": problem,
        "duplicates": [],
        "key": key or new_id(),
        "back": ours(request.values.get("kembali", "")),
        "version": request.values.get("versi", ""),
        "here": url_for("pages.correction", id=stream, target=event["version"]),
    }


def _named(field: Field, value: Any) -> Field:
    """A field with what it holds among its choices, also when no list of today has it."""
    short = field.name.rpartition(".")[2]
    if short == "on":
        field.label = remembered.named("on")
    if field.kind in ("choice", "many"):
        held = value if isinstance(value, list) else [value] if value else []
        known = {option[0] for option in field.options}
        field.options = [*field.options, *((str(one), str(one)) for one in held if str(one) not in known)]
    return field
