"""One page for every command: its form, and what became of it."""

import re
from typing import Any

from flask import current_app, redirect, request, url_for
from werkzeug.datastructures import MultiDict

from domain.aggregate import Aggregate
from domain.refusals import NotFound
from domain.subject import subject_of
from service.api import guard, rights
from service.api.commands import COMMANDS, Route
from service.api.current import office, principal
from service.log.ids import is_id, new_id
from service.web import ask, forms, moment, titles
from service.web.frame import page
from service.web.places import place_of

_PLACE = re.compile(r"<(?:\w+:)?(\w+)>")
_ACTIONS = tuple(sorted({action for route in COMMANDS.values() for action in route.actions}))
_OWN = frozenset({"kunci", "versi", "kembali"})


def rule_of(command: str) -> str:
    """The API's address of a command, with its places."""
    wanted = command.replace(".", "_")
    for rule in current_app.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and rule.endpoint.rpartition(".")[2] == wanted and "/api/" in rule.rule:
            return rule.rule
    raise NotFound


def may_record(command: str) -> bool:
    """Whether whoever looks may do a command to anything at all."""
    return rights.may_enter(principal(), "POST", rule_of(command))


@page("/catat/<command>", "record.html", *_ACTIONS, methods=("GET", "POST"))
def record(command: str) -> Any:
    """The form of one command. Its places, such as the record it is about, stand in the query."""
    route = COMMANDS.get(command)
    if route is None or not may_record(command):
        raise NotFound
    rule = rule_of(command)
    places = {name: request.args.get(name, "") for name in _PLACE.findall(rule)}
    if not all(places.values()):
        raise NotFound
    if request.method == "GET" or moment.past():
        given = {name: request.args[name] for name in route.schema.fields if name in request.args and name not in places}
        return _form(command, route, places, given, {})
    return _recorded(command, route, places, _PLACE.sub(lambda found: places[found[1]], rule))


def _recorded(command: str, route: Route, places: dict[str, str], path: str) -> Any:
    typed: MultiDict[str, str] = MultiDict(
        (guard.clean(name), guard.clean(value)) for name, value in request.form.items(multi=True)
    )
    key = typed.get("kunci", "")
    _store_papers(typed, places, key)
    body = forms.body_of(route.schema, typed)
    if "id" in route.schema.fields and "id" not in body and not places:
        body["id"] = key
    told = ask.post(path.removeprefix(ask.API), body, key=key if is_id(key) else "", version=typed.get("versi", ""))
    if not told.fine:
        return _form(command, route, places, body, told.body, key=key), told.status
    back = typed.get("kembali", "")
    onward = back if back.startswith("/") and not back.startswith(("//", "/\\")) else place_of(told.body)
    return redirect(f"{onward}{'&' if '?' in onward else '?'}tercatat={told.body['command']}", 303)


def _store_papers(typed: MultiDict[str, str], places: dict[str, str], key: str) -> None:
    """Put uploaded papers into the vault, and their ids where their form says they belong."""
    subject, strict = key, False
    if stream := places.get("stream"):
        about = office().log.load(Aggregate, stream)
        subject, strict = subject_of(about), about.strict
    for name, sent in request.files.items(multi=True):
        if sent.filename:
            stored = ask.upload(sent, subject=subject, strict=strict)
            typed[name] = stored.body["id"]


def _form(
    command: str, route: Route, places: dict[str, str], given: dict[str, Any], problem: dict[str, Any], *, key: str = ""
) -> dict[str, Any]:
    errors = (problem.get("errors") or {}).get("json", {})
    return {
        "command": command,
        "title": titles.of(command),
        "help": titles.HELP.get(command, ""),
        "places": places,
        "form_fields": forms.fields_of(command, route.schema, given, errors, without=("id", "evidence")),
        "paper_fields": forms.fields_of(command, route.schema, given, errors, only=("evidence",)),
        "problem": problem,
        "duplicates": (problem.get("errors") or {}).get("duplicates", []),
        "key": key or new_id(),
        "back": request.values.get("kembali", ""),
        "version": request.values.get("versi", ""),
        "here": url_for("pages.record", command=command, **places),
    }
