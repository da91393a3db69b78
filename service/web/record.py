"""One page for every command: its form, and what became of it."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

import marshmallow as ma
from flask import current_app, redirect, request, url_for
from flask_babel import lazy_gettext as _
from werkzeug.datastructures import MultiDict

from domain.aggregate import Aggregate
from domain.refusals import NotFound
from domain.subject import subject_of
from service.api import rights
from service.api.commands import COMMANDS, Route
from service.api.current import notes, office, principal
from service.log.ids import is_id, new_id
from service.web import ask, bodies, drafts, forms, kinds, moment, titles
from service.web.frame import page
from service.web.places import form_of, ours, place_of

_PLACE = re.compile(r"<(?:\w+:)?(\w+)>")
_PLAIN = re.compile(r"[A-Za-z0-9_.-]{1,80}")
_ACTIONS = tuple(sorted({action for route in COMMANDS.values() for action in route.actions}))
#: Nouns whose papers are their own.
_THEMSELVES = frozenset({"beneficiary", "wksbm", "kps", "psks", "incident"})
_WHOM = frozenset({"beneficiary", "family", "primary", "subject"})
#: What no link fills in: it decides who gets to see somebody, or who is to act.
_TYPED = frozenset({"destination_id", "recipient_id", "consent", "worker", "owner", "visitor", "performed_by"})

_SAFE = "!$'()*,/:;?@"  # what `url_for` leaves as it is in a query
Offered = tuple[Any, ...]  # a command and what is known of it; its words, where it has other ones
_CALLED = {"consent": _("Persetujuan warga")}
_CONSENT_WORDS = ("purpose_label", "recipient_kind_label", "given_on")


def rule_of(command: str) -> str:
    """The API's address of a command, with its places."""
    known = current_app.extensions.get("rules of commands")
    if known is None:  # gone through once: a page asks it of every entry of a history
        known = {
            rule.endpoint.rpartition(".")[2]: rule.rule
            for rule in current_app.url_map.iter_rules()
            if "POST" in (rule.methods or ()) and "/api/" in rule.rule
        }
        current_app.extensions["rules of commands"] = known
    found: str | None = known.get(command.replace(".", "_"))
    if found is None:
        raise NotFound
    return found


def places_of(rule: str) -> list[str]:
    """The places in an address, such as the record that a command is about."""
    return _PLACE.findall(rule)


def is_number(schema: ma.Schema, name: str) -> bool:
    """Whether a field holds the number of a record, which nobody types."""
    return name in schema.fields and schema.fields[name].metadata.get("format") == "uuid"


def may_record(command: str) -> bool:
    """Whether whoever looks may do a command to anything at all; found out once for each page."""
    known: dict[str, bool] = notes().setdefault("may_record", {})
    if command not in known:
        known[command] = rights.may_enter(principal(), "POST", rule_of(command))
    return known[command]


def able_of(offered: Iterable[Offered]) -> list[Offered]:
    """Those of the commands offered, each with what is known of it, that whoever looks may do."""
    return [one for one in offered if may_record(one[0])]


def form_link(command: str, places: Mapping[str, Any], back: str = "", version: Any = "") -> str:
    """The address of the form of a command, with what is known of it already."""
    known: dict[str, str] = notes().setdefault("forms", {})
    if command not in known:
        known[command] = url_for("pages.record", command=command)
    asked = {"kembali": back or None, "versi": version or None, **places}
    given = urlencode({name: value for name, value in asked.items() if value is not None}, doseq=True, safe=_SAFE)
    return f"{known[command]}?{given}" if given else known[command]


def command_title(command: str) -> str:
    """What the form of a command is called, in the words of this page."""
    known: dict[str, str] = notes().setdefault("titles", {})
    if command not in known:
        known[command] = str(titles.of(command))
    return known[command]


@page("/catat/<command>", "record.html", *_ACTIONS, methods=("GET", "POST"))
def record(command: str) -> Any:
    """The form of one command. Its places, such as the record it is about, stand in the query."""
    route = COMMANDS.get(command)
    if route is None or not may_record(command):
        raise NotFound
    rule = rule_of(command)
    places = {name: request.args.get(name, "") for name in places_of(rule)}
    if not all(_PLAIN.fullmatch(value) for value in places.values()) or not is_id(places.get("stream", new_id())):
        raise NotFound
    if request.method == "GET" and (own := form_of(command, request.args)):
        return redirect(own, 303)
    if request.method == "GET" or moment.past():
        given = {
            name: request.args[name]
            for name in route.schema.fields
            if name in request.args and name not in places and name not in _TYPED
        }
        return _form(command, route, places, given, {})
    return _recorded(command, route, places, _PLACE.sub(lambda found: places[found[1]], rule))


def _recorded(command: str, route: Route, places: dict[str, str], path: str) -> Any:
    typed = drafts.typed()
    key = typed.get("kunci", "")
    unkept = store_papers(typed, places, key)
    body = forms.body_of(route.schema, typed)
    if drafts.again():
        return {**_form(command, route, places, body, {}, key=key), "again": True}
    if unkept:
        return _form(command, route, places, body, unkept.body, key=key), unkept.status
    if "id" in route.schema.fields and "id" not in body and not places:
        body["id"] = key
    told = ask.post(
        path.removeprefix(ask.API), forms.sendable(body), key=key if is_id(key) else "", version=typed.get("versi", "")
    )
    if not told.fine:
        return _form(command, route, places, body, told.body, key=key), told.status
    if command == "report.submit":  # of somebody strictly restricted it is all that whoever reported may see
        return redirect(url_for("pages.receipt", command=told.body["command"]), 303)
    more = {moment.EMERGENCY: told.body["id"]} if command == "emergency.open" else {}
    return redirect(onward(typed.get("kembali", ""), told.body, **more), 303)


def onward(back: str, answer: dict[str, Any], **more: str) -> str:
    """Where to go after a command was recorded: back to a page of ours, else to the page of what it was about."""
    place = ours(back) or place_of(answer)
    return f"{place}{'&' if '?' in place else '?'}{urlencode({'tercatat': answer['command'], **more})}"


def upload_to(command: str, places: dict[str, str], given: dict[str, Any], key: str) -> str:
    """Where the pieces of a form's papers go, by whose they are; nowhere when that is more than whoever looks may know.
    Then, and without JavaScript, the form sends them itself."""
    noun, stream, strict = command.partition(".")[0], places.get("stream", ""), False
    subject = stream if noun in _THEMSELVES else ""
    if not stream:
        subject = str(given.get("beneficiary") or given.get("subject") or key)
    elif noun == "case":
        told = ask.maybe(f"/cases/{stream}")
        subject, strict = (
            (told.data["beneficiary"], told.data["tier"] >= Aggregate.STRICT_TIER) if told.fine else ("", False)
        )
    asked = {"subject": subject, **({"strict": "true"} if strict else {})}
    return f"{ask.API}/files/uploads?{urlencode(asked)}" if is_id(subject) else ""


def store_papers(typed: MultiDict[str, str], places: dict[str, str], key: str) -> ask.Told | None:
    """Put uploaded papers into the vault, and their ids where their form says they belong. What the API answered to one
    that it refused: then the form is shown again, with the papers that are in the vault already."""
    papers = [(name, sent) for name, sent in request.files.items(multi=True) if sent.filename]
    if not papers:
        return None
    subject, strict = typed.get("beneficiary") or typed.get("subject") or key, False
    if stream := places.get("stream"):
        about = office().log.load(Aggregate, stream)
        subject, strict = subject_of(about), about.strict
    unkept = None
    for name, sent in papers:
        told = ask.upload(sent, subject=subject, strict=strict)
        if told.fine:
            typed[name] = told.body["id"]
        else:
            unkept = told
    return unkept


def _form(
    command: str, route: Route, places: dict[str, str], given: dict[str, Any], problem: dict[str, Any], *, key: str = ""
) -> dict[str, Any]:
    errors, key = (problem.get("errors") or {}).get("json", {}), key or new_id()
    duplicates = (problem.get("errors") or {}).get("duplicates", [])
    left_out = ["id", "evidence"]
    if not duplicates and not given.get("reason_to_go_on"):  # it answers a warning that was not given yet
        left_out.append("reason_to_go_on")
    return {
        "command": command,
        "title": titles.of(command),
        "help": titles.HELP.get(command, ""),
        "places": places,
        "form_fields": _shown(
            forms.fields_of(command, route.schema, given, errors, without=left_out),
            route,
            _chosen(command, places),
        ),
        "about": _about(command, {**places, **given}),
        "paper_fields": (papers := forms.fields_of(command, route.schema, given, errors, only=("evidence",))),
        "upload_to": upload_to(command, places, given, key) if papers else "",
        "problem": problem,
        "typed": given.get("identity") or {},
        "kinds": kinds.explained() if command in kinds.HELPED else [],
        "duplicates": duplicates,
        "key": key,
        "back": ours(request.values.get("kembali", "")),
        "version": request.values.get("versi", ""),
        "here": f"{url_for('pages.record', command=command)}?{urlencode(places)}",
    }


def _chosen(command: str, places: dict[str, str]) -> dict[str, list[tuple[str, str]]]:
    """By field, the records that there are to choose from where the schema has the number of one."""
    if command == "referral.submit":
        return {"consent": found} if (found := _consents(places["stream"])) else {}
    return {"kps": bodies.groups_beside(places["stream"])} if command in bodies.OF_GROUPS else {}


def _consents(case: str) -> list[tuple[str, str]]:
    """The consents in force of the person of a case, by what they are for, to choose one that a referral rests on."""
    about = ask.maybe(f"/cases/{case}")
    told = ask.maybe(f"/beneficiaries/{about.data['beneficiary']}") if about.fine else about
    return [
        (one["consent"], ", ".join(str(one[name]) for name in _CONSENT_WORDS if one.get(name)))
        for one in (told.data.get("consents", ()) if told.fine else ())
        if not one["withdrawn"]
    ]


def _shown(fields: list[forms.Field], route: Route, chosen: dict[str, list[tuple[str, str]]]) -> list[forms.Field]:
    """The fields without numbers of records, which nobody types: those that a link brought are sent along unseen, and
    some are ``chosen`` from those there are."""
    found = []
    for one in fields:
        if one.name in chosen:
            one.kind, one.options = "many" if one.kind == "lines" else "choice", chosen[one.name]
            one.label = _CALLED.get(one.name, one.label)
        number = one.kind == "text" and is_number(route.schema, one.name)
        if number and is_id(one.value) and not one.errors:
            one.kind = "hidden"
        if one.options or one.value or one.required or one.errors or not (number or one.kind == "many"):
            found.append(one)
    return found


def _about(command: str, named: dict[str, Any]) -> list[tuple[Any, dict[str, Any]]]:
    """The people that the form is about, so that nothing is recorded of somebody else by mistake."""
    found = []
    for name, id in named.items():
        theirs = name in _WHOM or (name == "stream" and command.startswith("beneficiary."))
        if theirs and isinstance(id, str) and is_id(id):
            told = ask.maybe(f"/beneficiaries/{id}")
            label = "" if name == "stream" else forms.label_of(command, name, name)
            found += [(label, told.data)] if told.fine else []
    return found
