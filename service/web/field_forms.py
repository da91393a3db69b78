"""The empty forms of what is recorded in the field, as a device fills them in that works without signal.

They are those of the pages, with two differences. Numbers of records are never typed: the device makes those of what is
new, and knows whom a form is about. And whoever or whatever is to be chosen (an officer, a family, a goal) is chosen from
what the device took along: the page itself names nobody.
"""

from typing import Any

import msgspec
from flask_babel import lazy_gettext as _

from service.api.commands import COMMANDS
from service.api.current import office
from service.web import case_forms, forms, people, record, titles
from service.web.forms import Field
from service.web.spoken import language

#: What is recorded in the field, by what it is about; "" is about nothing that there is yet, "ended" about a case that was.
FIELD = {
    "": (
        *("beneficiary.register", "report.submit", "incident.declare"),
        *("kps.register", "psks.register", "wksbm.initiate"),
    ),
    "beneficiary": (
        *("case.open", "beneficiary.classify", "beneficiary.determine_need", "beneficiary.give_consent"),
        *("beneficiary.join_family", "beneficiary.leave_family", "beneficiary.claim_identity"),
        *("beneficiary.match_identity", "beneficiary.assess_neglect", "beneficiary.move_domicile"),
        *("beneficiary.enter_institution", "beneficiary.leave_institution", "beneficiary.move_out", "beneficiary.die"),
        "subject_request.open",
    ),
    "classification": ("beneficiary.reclassify", "beneficiary.end_ppks"),
    "consent": ("beneficiary.withdraw_consent",),
    "case": (
        *("case.assess", "case.change_risk", "case.give_emergency_aid", "case.deliver_service", "referral.submit"),
        *("case.plan_visit", "case.give_task", "case.hold_conference", "case.propose_plan", "case.review_progress"),
        *("case.assign", "case.request_transfer", "case.transfer", "case.decline_transfer", "case.raise_tier"),
        "case.terminate",
    ),
    "ended": ("case.visit_aftercare", "case.reopen"),
    "task": ("case.finish_task", "case.change_task", "case.drop_task"),
    "visit": ("case.record_visit", "case.miss_visit"),
    "referral": (
        *("referral.accept", "referral.schedule", "referral.handle", "referral.complete", "referral.reject"),
        *("referral.return_incomplete", "referral.resubmit", "referral.note_absence", "referral.receive_feedback"),
        *("referral.forward", "referral.withdraw", "referral.expire"),
    ),
    "wksbm": (
        *("wksbm.hold_socialization", "wksbm.hold_deliberation", "wksbm.identify_kps", "wksbm.join_kps", "wksbm.form"),
        *("wksbm.appoint_board", "wksbm.end_board_term", "wksbm.ratify", "wksbm.report_activity"),
        *("wksbm.raise_funds", "wksbm.distribute_funds", "wksbm.provide_facility", "wksbm.conduct_coaching"),
        *("wksbm.assess", "wksbm.find_dormant", "wksbm.reactivate"),
    ),
    "kps": ("kps.end", "kps.resume"),
    "psks": ("psks.offer_service", "psks.withdraw_service", "psks.end", "psks.resume"),
    "incident": (
        *("incident.record_victims", "incident.deliver_relief", "incident.verify_victim", "incident.report_figure"),
        *("incident.reconcile_figure", "incident.extend", "incident.close"),
    ),
}
#: Where the device puts the number of something new, so that what it records next can name it.
NEW = {
    **case_forms.NEW,
    "beneficiary.give_consent": ("", "consent"),
    "beneficiary.classify": ("", "classification"),
    "beneficiary.reclassify": ("", "classification"),
    "incident.record_victims": ("victims", "victim"),
}
#: Which list taken along a field is chosen from, by command and field or by field.
CHOSEN = {
    **dict.fromkeys(case_forms.OFFICERS, "officers"),
    **dict.fromkeys(("village", "villages"), "served"),
    **dict.fromkeys(("area", "catchment"), "areas"),
    "beneficiary.move_domicile.village": "places",
    "family": "families",
    "goal": "goals",
    "goals_reached": "goals",
    "kps": "kps",
    "recipients": "victims",
    "beneficiary.determine_need.classification": "types",
    "referral.forward.consent": "consents",
    "referral.submit.consent": "consents",
    "incident.record_victims.victim": "people",
    "incident.verify_victim.victim": "victims",
}
#: What is said of a form that a device fills in, where it is not what pages say.
_HELP = {
    "beneficiary.register": _(
        "Nama saja sudah cukup; NIK boleh menyusul. Tanpa sinyal, warga yang mirip baru diketahui saat entri ini sampai di "
        "kantor: bila ada, entri ini kembali ke kotak keluar beserta namanya, untuk Anda perbaiki."
    ),
}


class Blank(msgspec.Struct):
    """An empty form: its name, what it is about, the places in the API's address, and where the numbers stand that the
    device makes: of rows or fields (``new``), and whether the command begins a record of its own."""

    id: str
    command: str
    about: str
    title: Any
    help: Any
    places: str
    fields: list[Field]
    papers: list[Field]
    new: str
    begins: bool


def blanks() -> list[Blank]:
    """Everything that may be recorded in the field by whoever looks, in the order in which it is offered."""
    return [
        blank
        for about, commands in FIELD.items()
        for command in commands
        if record.may_record(command)
        for blank in _blanks(about, command)
    ]


def made_of() -> tuple[Any, ...]:
    """What `blanks` differ by: the language, the day, what whoever looks may record, how she finds people, and today's
    instruments. Villages are chosen from what the device took along."""
    commands = (command for commands in FIELD.values() for command in commands)
    able = tuple(command for command in commands if record.may_record(command))
    channel = people.prefilled().get("channel", "")
    return language(), office().today(), able, channel, msgspec.json.encode(case_forms.instruments())


def _blanks(about: str, command: str) -> list[Blank]:
    """The empty form of a command; of an assessment one for each instrument."""
    schema, rule = COMMANDS[command].schema, record.rule_of(command)
    rows, number = NEW.get(command, ("", ""))
    given = people.prefilled()
    if command != "beneficiary.register":
        given.pop("channel", None)
    fields = forms.fields_of(command, schema, given, without=("id", "evidence", "instrument", "details"))
    papers = forms.fields_of(command, schema, {}, only=("evidence",)) if "evidence" in schema.fields else []
    blank = Blank(
        command,
        command,
        about,
        titles.of(command),
        _HELP.get(command) or titles.HELP.get(command, ""),
        " ".join(record.places_of(rule)),
        _for_a_device(fields, command, number),
        _for_a_device(papers, command, number),
        f"{rows}.{number}".strip("."),
        "id" in schema.fields,
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


def _for_a_device(fields: list[Field], command: str, number: str) -> list[Field]:
    """The fields without the numbers that the device makes; others that nobody types are chosen, or filled in unseen. Of a
    list there is one row: the device makes more of it."""
    found = []
    for one in fields:
        short = one.name.rpartition(".")[2]
        chosen = CHOSEN.get(f"{command}.{short}") or CHOSEN.get(short, "")
        if short == number and not chosen:
            continue
        if chosen:
            one.kind, one.value, one.options, one.hint = "pick", chosen, (), ""  # hints are about lists on a computer
        elif one.number and one.kind == "text" and one.name == short:
            one.kind = "hidden"
        one.inner = [_for_a_device(row, command, number) for row in one.inner[:1]]
        found.append(one)
    return found
