"""The certificate of a destruction: what was decided, by whom, and what was removed, as data and as a printable page."""

from datetime import date, datetime, timedelta
from itertools import takewhile
from typing import Any

from domain.account import Account
from domain.beneficiary import Beneficiary
from domain.correction import replay
from domain.destruction import Destruction
from domain.destruction_state import CARRIED_OUT, NotBegun
from domain.refusals import NotFound
from domain.retention import FATES, RETENTION_ID, TRIGGERS, Retention
from domain.subject import KeyDestroyed
from projections.sentences.words import day, number
from service.log.notes import b64
from service.office import Office


def certificate(here: Office, stream: str) -> dict[str, Any]:
    """The certificate of a destruction that was carried out, derived from the log: the same whenever it is asked for, but
    for documents that a legal hold kept, of which it says what became since.

    Raises `NotFound`, and `NotBegun` before it is carried out.
    """
    made = here.log.load(Destruction, stream)
    if made.state != CARRIED_OUT:
        raise NotBegun
    events = here.log.history(stream)
    last = next(event for event in reversed(events) if isinstance(event, Destruction.CarriedOut))
    keys = {one.id: _keys(here, one.id, stream) for one in last.removed}
    assert made.minutes is not None  # or it could not have begun
    told: dict[str, Any] = {
        "destruction": stream,
        "log": here.config.log_origin,
        "class": _class(here, made),
        "proposed_by": _who(here, made.proposer),
        "approved_by": [_who(here, account) for account in made.approvers],
        "minutes": {"number": made.minutes[0], "dated": made.minutes[1].isoformat()},
        "carried_out": {
            "on": last.on.isoformat(),
            "position": last.position,
            "recorded": last.recorded,
            "leaf": b64(here.log.leaves(last.position, 1)[0]),
        },
        "people": [
            {
                "id": one.id,
                "key_ids": list(keys[one.id][0]),
                "position": keys[one.id][1],
                "keys": one.keys,
                "parts": one.parts,
                "tokens": one.tokens,
                "files": one.files,
                "held": _held(here, one.id),
            }
            for one in last.removed
        ],
        "totals": {
            "people": len(last.removed),
            **{name: sum(getattr(one, name) for one in last.removed) for name in ("keys", "parts", "tokens", "files")},
        },
        "keys_backups_expire": _expiry(here, last.recorded).isoformat(),
    }
    return {**told, "text": printable(told)}


def _expiry(here: Office, recorded: str) -> date:
    """The day by which no backup of the key store holds the keys any more."""
    moment = datetime.fromisoformat(recorded) + timedelta(days=here.config.keys_backup_days)
    return moment.astimezone(here.zone).date()


def _keys(here: Office, subject: str, destruction: str) -> tuple[tuple[str, ...], int | None]:
    for event in here.log.history(subject):
        if isinstance(event, KeyDestroyed) and event.destruction == destruction:
            return event.keys, event.position
    return (), None


def _held(here: Office, subject: str) -> list[dict[str, Any]]:
    """The documents that were under hold when everything else was destroyed: the day of the lifting, the day on which each
    went too, and by when no backup of the key store holds its key."""
    events = here.log.history(subject)
    then = replay(None, takewhile(lambda event: not isinstance(event, KeyDestroyed), events))
    if not isinstance(then, Beneficiary):
        return []
    gone = {key: event for event in events if isinstance(event, KeyDestroyed) for key in event.keys}
    lifted: dict[str, date | None] = {}
    for event in events:
        if isinstance(event, Beneficiary.DocumentHeld | Beneficiary.DocumentReleased):
            lifted[event.hold] = event.on if isinstance(event, Beneficiary.DocumentReleased) else None
    return [
        {
            "hold": hold,
            "lifted_on": when.isoformat() if (when := lifted[hold]) else None,
            "destroyed_on": went.on.isoformat() if (went := gone.get(held.key)) else None,
            "keys_backups_expire": _expiry(here, went.recorded).isoformat() if went else None,
        }
        for hold, held in then.documents_held.items()
        if not held.lifted
    ]


def _class(here: Office, made: Destruction) -> dict[str, Any]:
    versions = here.log.load(Retention, RETENTION_ID).classes[made.code]
    rule = versions[made.number - 1]
    return {
        "code": rule.code,
        "number": rule.number,
        "label": rule.label,
        "years": rule.years,
        "trigger": TRIGGERS.on(rule.valid_from).codes.get(rule.trigger, rule.trigger),
        "fate": FATES.on(rule.valid_from).codes.get(rule.fate, rule.fate),
        "basis": rule.basis,
    }


def _who(here: Office, account: str) -> dict[str, str]:
    try:
        return {"account": account, "name": here.log.load(Account, account).name}
    except NotFound:
        return {"account": account, "name": ""}


def printable(told: dict[str, Any]) -> str:
    """The certificate as plain text to print and sign. It names nobody but officials."""
    rule, totals, done = told["class"], told["totals"], told["carried_out"]

    def named(who: dict[str, str]) -> str:
        return f"{who['name'] or '-'} ({who['account']})"

    lines = [
        "SURAT KETERANGAN PEMUSNAHAN DATA",
        "",
        f"Nomor pemusnahan   : {told['destruction']}",
        f"Catatan            : {told['log']}, posisi {done['position']}, jejak {done['leaf']}",
        f"Kelas retensi      : {rule['code']} versi {rule['number']}, {rule['label']}",
        f"Masa simpan        : {rule['years']} tahun sejak {rule['trigger'].lower()}",
        f"Nasib akhir        : {rule['fate'].lower()}",
        f"Dasar              : {rule['basis']}",
        f"Berita acara       : {told['minutes']['number']}, {day(told['minutes']['dated'])}",
        f"Diusulkan oleh     : {named(told['proposed_by'])}",
        *(f"Disetujui oleh     : {named(who)}" for who in told["approved_by"]),
        f"Selesai            : {day(done['on'])} ({done['recorded']})",
        "",
        f"Dimusnahkan data {number(totals['people'])} warga: {number(totals['keys'])} kunci, {number(totals['parts'])} "
        f"bagian tersegel, {number(totals['tokens'])} tanda cari, {number(totals['files'])} berkas.",
        "Peristiwa, hitungan, dan bukti tetap utuh; isinya tidak dapat dibaca lagi oleh siapa pun.",
        "Cadangan yang masih memuat kunci di bawah ini habis masa simpannya paling lambat "
        f"{day(told['keys_backups_expire'])}.",
        "",
        "Nomor warga, dan nomor kunci yang dimusnahkan:",
    ]
    for one in told["people"]:
        removed = f"{one['parts']} bagian, {one['tokens']} tanda cari, {one['files']} berkas"
        lines.append(f"  {one['id']}  {removed} (posisi {one['position']})")
        lines += [f"      {key}" for key in one["key_ids"]]
        for held in one["held"]:
            lines.append(f"      satu surat ditahan untuk keperluan hukum ({held['hold']}): {_became(held)}")
    return "\n".join(lines) + "\n"


def _became(held: dict[str, Any]) -> str:
    if held["destroyed_on"]:
        expires = f"cadangan kuncinya habis masa simpannya paling lambat {day(held['keys_backups_expire'])}"
        return f"dimusnahkan {day(held['destroyed_on'])}, {expires}"
    if held["lifted_on"]:
        return f"penahanannya dicabut {day(held['lifted_on'])}, belum dimusnahkan"
    return "masih ditahan"
