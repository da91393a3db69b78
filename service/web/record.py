"""One page for every command: its form, and what became of it."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec
from flask import current_app, redirect, request, url_for
from werkzeug.datastructures import MultiDict

from domain.aggregate import Aggregate
from domain.refusals import NotFound
from domain.subject import subject_of
from service.api import rights
from service.api.commands import COMMANDS, Route
from service.api.current import notes, office, principal
from service.log.ids import is_id, new_id
from service.reach import scope
from service.web import ask, chosen, decided, drafts, forms, home, kinds, moment, named, printed, titles
from service.web.frame import page
from service.web.places import form_of, ours, place_of

_PLACE = re.compile(r"<(?:\w+:)?(\w+)>")
_PLAIN = re.compile(r"[A-Za-z0-9_.-]{1,80}")
_ACTIONS = tuple(sorted({action for route in COMMANDS.values() for action in route.actions}))
#: Nouns whose papers are their own.
_THEMSELVES = frozenset({"beneficiary", "wksbm", "kps", "psks", "incident"})
_GIVES = frozenset({"case.deliver_service", "case.give_emergency_aid"})
#: What whoever agrees may sign on the screen.
_SIGNED = frozenset({"beneficiary.give_consent", "beneficiary.withdraw_consent"})
#: After which the page of somebody says what is odd about the number that was written.
_NUMBERED = frozenset({"beneficiary.register", "beneficiary.claim_identity"})
NUMBER = "nomor"
#: Stands for the number of what is recorded, in the address of the page to go to afterwards.
NEW = "yang-baru"
#: What no link fills in: it decides who gets to see somebody, or who is to act.
_TYPED = frozenset({"destination_id", "recipient_id", "consent", "worker", "owner", "visitor", "performed_by"})
_SAFE = "!$'()*,/:;?@"  # what `url_for` leaves as it is in a query
Offered = tuple[Any, ...]  # a command and what is known of it; its words, where it has other ones


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


def may_record(command: str) -> bool:
    """Whether whoever looks may do a command to anything at all; found out once for each page."""
    known: dict[str, bool] = notes().setdefault("may_record", {})
    if command not in known:
        rule = rule_of(command)
        known[command] = rights.may_enter(principal(), "POST", rule) and bool(places_of(rule) or _begins(command))
    return known[command]


def _begins(command: str) -> bool:
    """Whether whoever looks may begin what a command begins: nothing new is of somebody whose processing is restricted."""
    reaches = (scope(principal(), action) for action in COMMANDS[command].actions)
    return any(not msgspec.structs.replace(reach, restricted=False).empty for reach in reaches)


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
    # Whoever is asked to take a case over may not read it yet, as the form with its officers does.
    taking = command == "case.transfer" and request.args.get("worker") == principal().account
    if request.method == "GET" and not taking and (own := form_of(command, request.args)):
        return redirect(own, 303)
    if request.method == "GET" or moment.past():
        given = {
            name: request.args[name]
            for name in route.schema.fields
            if name in request.args and name not in places and (name not in _TYPED or (taking and name == "worker"))
        }
        return _form(command, route, places, given, {})
    return _recorded(command, route, places, _PLACE.sub(lambda found: places[found[1]], rule))


def _recorded(command: str, route: Route, places: dict[str, str], path: str) -> Any:
    typed = drafts.typed()
    key = typed.get("kunci", "")
    unkept = store_papers(typed, places, key)
    body = forms.body_of(route.schema, typed)
    if drafts.again():
        return _form(command, route, places, body, {}, key=key)
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
    if command in _NUMBERED:
        more[NUMBER] = "ya"
    return redirect(onward(typed.get("kembali", ""), told.body, **more), 303)


def onward(back: str, answer: dict[str, Any], **more: str) -> str:
    """Where to go after a command was recorded: back to a page of ours, else to the page of what it was about."""
    place = ours(back.replace(NEW, answer["id"])) or place_of(answer)
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
    fields = forms.fields_of(command, route.schema, given, errors, without=left_out)
    if command == "beneficiary.claim_identity" and (told := ask.maybe(f"/beneficiaries/{places['stream']}")).fine:
        fields = chosen.asked_of(fields, told.data["kind"])
    shown = chosen.shown(fields, chosen.chosen(command, places, given))
    lacking = chosen.lacking(fields, shown)
    return {
        "command": command,
        "title": titles.of(command),
        "sheet": printed.sheet_of(command, places),
        "help": titles.HELP.get(command, ""),
        "places": places,
        "form_fields": shown,
        "lacking": lacking,
        "found_on": next(
            (one.endpoint for one in home.menu() if one.endpoint in map(chosen.FOUND_ON.get, lacking)), ""
        ),
        "of_few": home.only_restricted("beneficiary.read"),
        "to_begin": chosen.to_begin(lacking, places),
        "about": named.about(command, {**places, **given}),
        "decided": decided.upon(command, places),
        "received": _received(command, places),
        "paper_fields": (papers := forms.fields_of(command, route.schema, given, errors, only=("evidence",))),
        "upload_to": upload_to(command, places, given, key) if papers else "",
        "signed_here": command in _SIGNED,
        "problem": problem,
        "typed": given.get("identity") or {},
        "placed": given.get("village"),
        "kinds": kinds.explained() if command in kinds.HELPED else [],
        "duplicates": duplicates,
        "key": key,
        "back": ours(request.values.get("kembali", "")),
        "version": request.values.get("versi", ""),
        "here": f"{url_for('pages.record', command=command)}?{urlencode(places | _draft())}",
    }


def _draft() -> dict[str, str]:
    """What tells the draft of this form from that of another one of the same command, where it was opened so."""
    own = request.args.get(drafts.OWN, "")
    return {drafts.OWN: own} if is_id(own) else {}


def _received(command: str, places: dict[str, str]) -> list[dict[str, Any]]:
    """What the household of a case's person, or of a victim, got already, before the same is given again."""
    if command == "incident.deliver_relief":
        victims = ask.maybe(f"/incidents/{places['stream']}/received")
        return list(victims.data) if victims.fine else []
    told = ask.maybe(f"/cases/{places['stream']}") if command in _GIVES else None
    if told is None or not told.fine:
        return []
    got = ask.maybe(f"/beneficiaries/{told.data['beneficiary']}/received")
    return list(got.data) if got.fine else []
