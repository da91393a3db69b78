"""Whom or what a form is about, by name and village, so that nothing is recorded of another by mistake."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from service.log.ids import is_id
from service.web import accounts, ask, chosen, forms, words

Line = tuple[Any, Any, Any]  # what it is called before its name; its name; its village
_WHOM = frozenset({"beneficiary", "family", "primary", "subject"})
#: Where the API tells of what has a name, and what that is called before it.
_READ_AT = {
    "beneficiary": "/beneficiaries",
    "case": "/cases",
    "referral": "/referrals",
    "incident": "/incidents",
    "wksbm": "/wksbm",
    "kps": "/kps",
    "psks": "/psks",
    "indicator": "/indicators",
}
_CALLED = {
    "beneficiary": _("Warga"),
    "case": _("Kasus"),
    "referral": _("Rujukan"),
    "incident": _("Kejadian"),
    "indicator": _("Indikator"),
    "account": _("Akun"),
    "subject_request": _("Permintaan"),
    "destruction": _("Pemusnahan"),
    "emergency": _("Akses darurat"),
}


def about(command: str, named: Mapping[str, Any]) -> list[Line]:
    """A line for each record that a form is about."""
    found: list[Line] = []
    for name, id in named.items():
        noun = "beneficiary" if name in _WHOM else _noun(command, named) if name == "stream" else ""
        if noun and isinstance(id, str) and is_id(id):
            label = "" if name == "stream" else forms.label_of(command, name, name)
            found += lines_of(noun, id, label, named.get("consent"))
    return found


def _noun(command: str, named: Mapping[str, Any]) -> str:
    if command.startswith("record."):
        if "target" not in named:
            return ""
        event = ask.maybe(f"/streams/{named['stream']}/events/{named['target']}")
        return str(event.body["topic"]).partition(".")[0] if event.fine else ""
    return "case" if command == "referral.submit" else command.partition(".")[0]


def lines_of(noun: str, id: str, label: Any = "", consent: Any = None) -> list[Line]:
    """What is said of one record. Of one that whoever looks may act on and not read, the end of its number."""
    if noun in _OTHERS:
        found = _OTHERS[noun](id)
    else:
        told = ask.maybe(f"{_READ_AT[noun]}/{id}") if noun in _READ_AT else None
        found = _named(noun, told.data, label, consent) if told and told.fine else []
    return found or [(label or _CALLED.get(noun, _("Catatan")), words.ending(id), None)]


def _named(noun: str, row: Mapping[str, Any], label: Any, consent: Any) -> list[Line]:
    called = words.called(row) if "person" in row else row.get("name")
    given = chosen.consent_of(row, consent)
    plain = label or (_CALLED.get(noun, "") if noun != "beneficiary" else "")
    return [(plain, called, row.get("village")), *([(_("Persetujuan"), given, None)] if given else [])]


def _account(id: str) -> list[Line]:
    row = accounts.known(roles=False).get(id)
    return [(_CALLED["account"], f"{row['name']} ({row['login']})", None)] if row else []


def _request(id: str) -> list[Line]:
    told = ask.maybe(f"/subject-requests/{id}")
    if not told.fine:
        return []
    row = told.data
    kind = f"{words.word(row['kind'], 'subject_request.kinds')} ({words.ending(id)})"
    asker = words.word(row["asker"], "subject_request.askers")
    by = f"{asker}: {row['requester']}" if row.get("requester") else asker
    return [(_CALLED["subject_request"], kind, row["village"]), (_("Yang meminta"), by, None)]


def _destruction(id: str) -> list[Line]:
    told = ask.maybe(f"/destructions/{id}")
    if not told.fine:
        return []
    of = _("%(n)s warga, diusulkan %(day)s", n=told.data["people"], day=words.day(told.data["proposed_on"]))
    return [(_CALLED["destruction"], of, None)]


def _emergency(id: str) -> list[Line]:
    rows = ask.maybe("/emergencies", limit=500, unreviewed="true")
    row = next((one for one in (rows.data if rows.fine else ()) if one["id"] == id), None)
    if row is None:
        return []
    opened = f"{row['post']}, {words.time(row['opened'])}"
    return [(_CALLED["emergency"], opened, None), *lines_of("beneficiary", row["beneficiary"], _CALLED["beneficiary"])]


_OTHERS: Mapping[str, Callable[[str], list[Line]]] = {
    "account": _account,
    "subject_request": _request,
    "destruction": _destruction,
    "emergency": _emergency,
}
