"""The records that a form lets people choose from, where its command has the number of one: nobody types those."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from domain.aggregate import Aggregate
from service.log.ids import is_id
from service.web import around, ask, bodies, incidents, protection, words
from service.web.forms import Field
from service.web.frame import may

Options = list[tuple[str, str]]
_CONSENT_WORDS = ("purpose_label", "recipient_kind_label")
#: The page on which whoever or whatever a form needs is found, where a link to the form did not bring it.
FOUND_ON = {
    **dict.fromkeys(("beneficiary", "classification", "document", "family", "primary", "subject"), "people"),
    **dict.fromkeys(("clearance", "grant"), "administration"),
    "subjects": "protection",
}


def chosen(command: str, places: Mapping[str, str], given: Mapping[str, Any]) -> dict[str, Options]:
    """By field of a command, the records that there are to choose from."""
    if command == "destruction.propose":  # whoever was brought along may be left out
        brought = ids_of(given.get("subjects"))
        due = {row["id"]: protection.unnamed(row) for row in protection.due_rows()[0]} if may("retention.read") else {}
        return {"subjects": [(id, due.get(id, id)) for id in brought]}
    return {name: options(places.get("stream", "")) for name, options in _OPTIONS.get(command, {}).items()}


def shown(fields: list[Field], options: Mapping[str, Options]) -> list[Field]:
    """The fields with their ``options``. A number that a link brought is sent along unseen; what is neither brought nor to
    be chosen is left out, and so is the number of what is new in a row."""
    found = []
    for one in fields:
        brought, offered = ids_of(one.value) if one.number else [], options.get(one.name, [])
        if one.number and set(brought) - {id for id, _name in offered}:
            one.kind, one.value = "hidden", "\n".join(brought)
        elif one.number and offered:
            one.kind, one.options = "many" if one.sent == "lines" else "choice", offered
            one.value = brought if one.kind == "many" else one.value
        elif one.number:
            continue
        one.inner = [shown(row, {}) for row in one.inner]
        found.append(one)
    return found


def asked_of(fields: list[Field], kind: str) -> list[Field]:
    """The fields without those of an identity that are asked of others than this kind of beneficiary."""
    for one in fields:
        one.inner = [[each for each in row if not each.of or kind in each.of.split()] for row in one.inner]
    return fields


def lacking(fields: list[Field], left: list[Field]) -> list[str]:
    """Those of the fields that must be filled in and are not among the ones that are ``left``."""
    there = {one.name for one in left}
    return [one.name for one in fields if one.required and one.name not in there]


def to_begin(lacking: list[str], places: Mapping[str, str]) -> list[tuple[str, dict[str, str]]]:
    """What may be recorded first, where it is missing among the choices of a form."""
    if "kps" not in lacking or not (body := ask.maybe(f"/wksbm/{places.get('stream', '')}")).fine:
        return []
    return [("kps.register", {"village": body.data["village"]})]


def ids_of(value: Any) -> list[str]:
    """The numbers of records in what was sent along."""
    return [one for one in (value.split() if isinstance(value, str) else map(str, value or ())) if is_id(one)]


def _consents(case: str) -> Options:
    """The consents in force of the person of a case, by what they are for, to choose one that a referral rests on."""
    about = ask.maybe(f"/cases/{case}")
    return _consents_of(about.data["beneficiary"]) if about.fine else []


def _consents_onward(referral: str) -> Options:
    about = ask.maybe(f"/referrals/{referral}")
    return _consents_of(about.data["beneficiary"]) if about.fine else []


def _consents_of(person: str) -> Options:
    told = ask.maybe(f"/beneficiaries/{person}")
    return [
        (one["consent"], _consent(one))
        for one in (told.data.get("consents", ()) if told.fine else ())
        if not one["withdrawn"]
    ]


def consent_of(person: Mapping[str, Any], id: Any) -> str:
    """In words the consent of that number, of those that somebody gave."""
    return next((_consent(one) for one in person.get("consents") or () if one["consent"] == id), "")


def _consent(row: Mapping[str, Any]) -> str:
    said = [str(row[name]) for name in _CONSENT_WORDS if row.get(name)]
    return ", ".join([*said, words.day(row["given_on"])] if row.get("given_on") else said)


def _partners(case: str) -> Options:
    """Whoever signs in for an institution and answers what is addressed to it; where a person is strictly restricted, no
    account gets to see her, so that there is none to choose."""
    about = ask.maybe(f"/cases/{case}")
    if not about.fine or about.data["tier"] >= Aggregate.STRICT_TIER:
        return []
    named = [(one["account"], f"{one['post']}, {one['name']}") for one in ask.get("/partners", limit=500).data]
    return sorted(named, key=lambda one: one[1])


def _partners_onward(referral: str) -> Options:
    about = ask.maybe(f"/referrals/{referral}")
    return _partners(about.data["case_id"]) if about.fine else []


def _goals(case: str) -> Options:
    """The goals of the plan of a case that holds now, which were not reached yet."""
    told = ask.maybe(f"/cases/{case}")
    plans = told.data["plans"] if told.fine else []
    return [
        (goal["id"], _goal(goal))
        for plan in plans
        if plan["number"] == told.data["plan_in_force"]
        for goal in plan["goals"]
        if not goal["reached_on"]
    ]


def _goal(row: Mapping[str, Any]) -> str:
    """A goal as the plan tells it: two of one title are of two services, or due on two days."""
    service = f": {words.word(row['service'], 'case.services')}" if row["service"] else ""
    title, due = row["title"] or str(_("Tujuan rencana")), words.day(row["due_on"], "d MMM yyyy")
    return f"{title}{service} ({gettext('paling lambat %(day)s', day=due)})"


def _types(person: str) -> Options:
    told = ask.maybe(f"/beneficiaries/{person}")
    return [
        (one["classification"], one.get("label") or str(_("jenis yang dilindungi")))
        for one in (told.data.get("classifications", ()) if told.fine else ())
        if one["active"]
    ]


def _restricted(_stream: str) -> Options:
    """Whoever the data officer herself looks after, because what is done with her data was restricted."""
    told = ask.maybe("/beneficiaries", limit=500) if may("subject_request.read") else None
    if told is None or not told.fine:
        return []
    return [(row["id"], str(words.called(row))) for row in told.data]


def _bodies(_stream: str = "") -> Options:
    """Every WKSBM within reach that was not dissolved, by its village."""
    rows: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        told = ask.get("/wksbm", limit=500, cursor=cursor)
        rows, cursor = rows + told.data, told.body.get("next_cursor")
    villages = around.villages()
    named = ((f"{villages.get(row['village'], '')}: {row['name']}", row) for row in rows)
    return [(row["id"], name) for name, row in sorted(named, key=lambda one: one[0]) if row["stage"] != "dibubarkan"]


def _others_beside(wksbm: str) -> Options:
    """The other WKSBM of the village of one that is dissolved."""
    told = ask.maybe(f"/wksbm/{wksbm}")
    rows = ask.get("/wksbm", village=told.data["village"]).data if told.fine else []
    return [(row["id"], row["name"]) for row in rows if row["id"] != wksbm and row["stage"] != "dibubarkan"]


_OPTIONS: Mapping[str, Mapping[str, Callable[[str], Options]]] = {
    "beneficiary.determine_need": {"classification": _types},
    "case.deliver_service": {"goal": _goals},
    "case.review_progress": {"goals_reached": _goals},
    "incident.deliver_relief": {"recipients": incidents.victims_of},
    "incident.verify_victim": {"victim": incidents.victims_of},
    "referral.forward": {"consent": _consents_onward, "destination_id": _partners_onward},
    "referral.submit": {"consent": _consents, "destination_id": _partners},
    "subject_request.open": {"subject": _restricted},
    "wksbm.conduct_coaching_day": {"wksbm": _bodies},
    "wksbm.dissolve": {"successor": _others_beside},
    "wksbm.hold_socialization_day": {"wksbm": _bodies},
    "wksbm.identify_kps": {"kps": bodies.groups_beside},
    "wksbm.join_kps": {"kps": bodies.groups_beside},
}
