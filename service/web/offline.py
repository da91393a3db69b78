"""Working without signal: the app's shell, which a device keeps, the outbox, and what a browser needs to install them.

What a device keeps of these pages holds nobody's data: the shell has empty forms, filled in on the device. See decision 34.
"""

import hashlib
from typing import Any

import marshmallow as ma
import msgspec
from flask import Response, render_template, request, url_for
from flask_babel import gettext

from service.api import outbox as api
from service.api.commands import COMMANDS
from service.api.current import principal
from service.api.rights import HERSELF, SIGNED_IN
from service.envelopes import NotAnOutbox
from service.web import case_forms, forms, people, record, titles
from service.web.forms import Field
from service.web.frame import STATIC, asset, blueprint, page

OPEN = frozenset({"pages.outbox", "pages.worker", "pages.manifest"})
SCRIPTS = tuple(f"offline/{name}.js" for name in ("core", "start", "form", "taking", "shell", "box"))
STYLES = ("vendor/pico.min.css", "app.css", "icon.svg")
#: What is recorded in the field, by what it is about; "" is about nothing that there is yet.
FIELD = {
    "": (
        *("beneficiary.register", "report.submit", "incident.declare"),
        *("kps.register", "psks.register", "wksbm.initiate"),
    ),
    "beneficiary": (
        *("case.open", "beneficiary.classify", "beneficiary.give_consent", "beneficiary.join_family"),
        *("beneficiary.claim_identity", "beneficiary.assess_neglect", "beneficiary.move_domicile"),
        *("beneficiary.enter_institution", "beneficiary.leave_institution", "beneficiary.move_out", "beneficiary.die"),
    ),
    "case": (
        *("case.assess", "case.change_risk", "case.give_emergency_aid", "case.deliver_service", "referral.submit"),
        *("case.plan_visit", "case.give_task", "case.hold_conference", "case.propose_plan", "case.review_progress"),
        *("case.visit_aftercare", "case.terminate"),
    ),
    "task": ("case.finish_task", "case.change_task", "case.drop_task"),
    "visit": ("case.record_visit", "case.miss_visit"),
    "referral": (
        *("referral.accept", "referral.schedule", "referral.handle", "referral.complete", "referral.reject"),
        *("referral.return_incomplete", "referral.note_absence", "referral.receive_feedback", "referral.withdraw"),
    ),
    "wksbm": (
        *("wksbm.hold_socialization", "wksbm.hold_deliberation", "wksbm.identify_kps", "wksbm.form"),
        *("wksbm.appoint_board", "wksbm.report_activity", "wksbm.raise_funds", "wksbm.distribute_funds"),
        *("wksbm.provide_facility", "wksbm.conduct_coaching"),
    ),
}
#: Where the device puts the number of something new, so that what it records next can name it.
NEW = {**case_forms.NEW, "beneficiary.give_consent": ("", "consent")}


class Blank(msgspec.Struct):
    """An empty form: its name, what it is about, the places in the API's address, and where the numbers stand that the
    device makes."""

    id: str
    command: str
    about: str
    title: Any
    help: Any
    places: str
    fields: list[Field]
    papers: list[Field]
    new: str


def _blanks(about: str, command: str) -> list[Blank]:
    """The empty form of a command; of an assessment one for each instrument."""
    schema, rule = COMMANDS[command].schema, record.rule_of(command)
    rows, number = NEW.get(command, ("", ""))
    given = people.prefilled()
    if command != "beneficiary.register":
        given.pop("channel", None)
    fields = forms.fields_of(command, schema, given, without=("id", "evidence", "instrument", "details", number))
    blank = Blank(
        command,
        command,
        about,
        titles.of(command),
        titles.HELP.get(command, ""),
        " ".join(record.places_of(rule)),
        _for_a_device(fields, schema, number),
        forms.fields_of(command, schema, {}, only=("evidence",)) if "evidence" in schema.fields else [],
        f"{rows}.{number}".strip("."),
    )
    if command != "case.assess":
        return [blank]
    return [
        msgspec.structs.replace(
            blank,
            id=f"{command}:{code}",
            title=f"{blank.title}: {name}",
            fields=[Field("instrument", "", "hidden", code), *asked, *blank.fields],
        )
        for code, name, asked in case_forms.asked_of_each()
    ]


def _for_a_device(fields: list[Field], schema: ma.Schema, number: str) -> list[Field]:
    """The fields; numbers of records are filled in on the device, and whoever writes is who is to do something."""
    found = []
    for one in fields:
        short = one.name.rpartition(".")[2]
        if short == number:
            continue
        if short in case_forms.OFFICERS or record.is_number(schema, one.name):
            one.kind = "hidden"
        one.inner = [_for_a_device(row, schema, number) for row in one.inner]
        found.append(one)
    return found


@page("/luring", "offline.html", SIGNED_IN)
def offline() -> Any:
    """The shell: everything that may be recorded in the field by whoever looks, and nothing about anybody."""
    blanks = [
        blank
        for about, commands in FIELD.items()
        for command in commands
        if record.may_record(command)
        for blank in _blanks(about, command)
    ]
    return {"blanks": blanks, "scripts": SCRIPTS, "who": None, "dated": False}


@blueprint.route("/kotak-keluar", methods=["GET"])
def outbox() -> Any:
    """The outbox of this device. Open to everybody: what lies in it only the office can read."""
    return render_template("outbox.html", scripts=SCRIPTS, who=None, dated=False)


@page("/kotak-keluar/berkas", "outbox_file.html", HERSELF, methods=("GET", "POST"))
def outbox_file() -> Any:
    """Bring in the outbox of a device as a file, where there was no line at all."""
    if request.method == "GET":
        return {"results": None, "problem": None}
    content = b""
    if sent := request.files.get("berkas"):
        with sent.stream:
            content = sent.read()
    try:
        results = api.results_of(content, principal().account)
    except (NotAnOutbox, api.OutboxTooLong) as refusal:
        return {"results": None, "problem": refusal.sentence}, 422
    return {"results": results, "problem": None}


@blueprint.route("/sw.js", methods=["GET"])
def worker() -> Response:
    """The service worker, which changes whenever a file does that it keeps."""
    files = [url_for("pages.outbox"), *(asset(name) for name in (*STYLES, *SCRIPTS))]
    body = (STATIC / "offline/worker.js").read_text("utf-8")
    name = hashlib.sha256("".join([*files, body, outbox()]).encode()).hexdigest()[:16]
    head = (
        f"importScripts('{asset('offline/core.js')}');\n"
        f"const NAME = 'wahana-{name}';\nconst FILES = {msgspec.json.encode(files).decode()};\n"
    )
    return Response(head + body, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})


@blueprint.route("/manifest.webmanifest", methods=["GET"])
def manifest() -> Response:
    """What makes the pages an app on a phone's first screen."""
    told = {
        "name": "Wahana",
        "short_name": "Wahana",
        "lang": "id",
        "description": gettext("Buku kasus Dinas Sosial"),
        "start_url": "/luring",
        "scope": "/",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#0b5a4a",
        "icons": [{"src": asset("icon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}],
    }
    return Response(
        msgspec.json.encode(told), content_type="application/manifest+json", headers={"Cache-Control": "max-age=86400"}
    )
