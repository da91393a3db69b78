"""One small office with somebody in every situation that a right can meet: own village and another, every tier, two
compartments; each with a case, a referral and a paper, and with words that stand nowhere else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import marshmallow as ma
import msgspec

from domain.case import Case
from service.api.fields import Schema
from service.log.ids import new_id
from service.office import Office
from tests.service.offices import VILLAGE, Asking, make_office, record

FAR = "75.01.03.2004"
#: Tier and type of each kind of person; the last two are strictly restricted, in compartments of their own.
KINDS: Mapping[str, tuple[int, str, dict[str, Any]]] = {
    "elder": (1, "lanjut_usia_telantar", {"birth_date": "1940-02-03", "sex": "P"}),
    "poor": (2, "fakir_miskin", {"birth_date": "1980-03-04", "sex": "L"}),
    "hiv": (3, "orang_dengan_hiv", {"birth_date": "1990-04-05", "sex": "L"}),
    "child": (3, "anak_korban_kekerasan", {"birth_date": "2014-05-06", "sex": "P"}),
}
NOUNS = ("beneficiaries", "cases", "referrals", "files")


class Target(msgspec.Struct, frozen=True):
    """Somebody in one situation: her ids by noun, and the words that are hers alone."""

    kind: str
    village: str
    ids: dict[str, str]
    words: tuple[str, ...]

    @property
    def tier(self) -> int:
        return KINDS[self.kind][0]


class Situations:
    """The office, whom it knows of, and who asks. ``worker`` is assigned to everybody of the own village and cleared for
    one of the two compartments only."""

    def __init__(self, folder: Path, url: str = "") -> None:
        self.office: Office = make_office(folder, url)
        here = self.office
        opener = Asking(here, "peksos", ())
        self.actors = {
            **{role: Asking(here, role, (VILLAGE,)) for role in ("pengurus_wksbm", "kades", "psm")},
            "tksk": Asking(here, "tksk"),
            "peksos": Asking(here, "peksos", (VILLAGE[:8],)),
            "worker": Asking(here, "peksos", (VILLAGE[:8],), clearances=["hiv"]),
            "supervisor": Asking(here, "supervisor"),
            "uncleared": Asking(here, "supervisor", clearances=["anak", "napza"]),
            **{role: Asking(here, role) for role in ("kepala_dinas", "mitra", "auditor", "admin", "dpo")},
            "psm elsewhere": Asking(here, "psm", ("75.01.01.1001",)),
        }
        self.before = here.reader.head()[0]
        self.targets = [self._target(opener, kind, village) for village in (VILLAGE, FAR) for kind in KINDS]
        self.addressed = self._addressed(opener)

    def _target(self, opener: Asking, kind: str, village: str) -> Target:
        tier, type, born = KINDS[kind]
        mark = f"zq{kind}{'own' if village == VILLAGE else 'far'}"
        nik = f"7501{1000 + len(kind) * 7 + (village == FAR)}{date.fromisoformat(born['birth_date']):%d%m%y}00"[:16]
        words = (f"{mark}nama", nik.ljust(16, "1"), f"{mark}jalan", f"{mark}cerita", f"{mark}tujuan", f"{mark}surat")
        name, nik, street, story, place, paper = words
        identity = {"name": f"{name.capitalize()} Xylo", "nik": nik, "address": street, **born}
        body = {"village": village, "kind": "person", "channel": "desa", "identity": identity, "reason_to_go_on": "x"}
        person = str(opener.done("/api/v1/beneficiaries", body)["id"])
        file = opener.client.post(
            f"/api/v1/files?subject={person}&strict={'true' if tier == 3 else 'false'}",
            data=paper.encode(),
            content_type="text/plain",
            headers={"Authorization": f"Bearer {opener.token}", "File-Name": f"{paper}.txt"},
        ).get_json()["id"]
        opener.done(f"/api/v1/beneficiaries/{person}/classifications", {"type": type, "override_reason": story})
        opening = {"beneficiary": person, "channel": "surat", "urgency": "segera", "story": story}
        case = str(opener.done("/api/v1/cases", {**opening, "evidence": [{"kind": "surat", "file": file}]})["id"])
        sent = {"destination_kind": "puskesmas", "destination": place, "need": "pemeriksaan"}
        if tier == 3:
            sent["basis"] = "kepentingan_vital"
        referral = str(opener.done(f"/api/v1/cases/{case}/referrals", sent)["id"])
        # A strict destination is sealed; in the open it is an institution's name, which the office's people may know.
        shown = words if tier == 3 else (*words[:4], words[5])
        if village == VILLAGE:
            worker = self.actors["worker"].account
            record(self.office, lambda decision: decision.load(Case, case).assign(on=date(2026, 1, 5), worker=worker))
        return Target(kind, village, dict(zip(NOUNS, (person, case, referral, file), strict=True)), shown)

    def _addressed(self, opener: Asking) -> str:
        """A referral of the elder of the own village that is addressed to the partner."""
        elder = self.targets[0]
        sent = {"destination_kind": "puskesmas", "destination": "Puskesmas Limboto", "need": "pemeriksaan"}
        worker = self.actors["worker"]
        to = {"destination_id": self.actors["mitra"].account}
        return str(worker.done(f"/api/v1/cases/{elder.ids['cases']}/referrals", {**sent, **to})["id"])


def level(actor: str, noun: str, target: Target) -> str:
    """What the role matrix of the field says of one cell: full, masked, bare (that there is somebody), or absent."""
    own, tier = target.village == VILLAGE, target.tier
    if actor in ("admin", "mitra", "dpo", "psm elsewhere"):
        return "absent"
    if actor == "supervisor":
        return "full"
    if actor == "uncleared":
        return "full" if tier < 3 else "bare" if noun != "files" else "absent"
    if actor == "worker":
        if not own:
            return "absent"
        return "full" if target.kind != "child" else "absent" if noun == "files" else "bare"
    if actor in ("kepala_dinas", "auditor"):
        return _from_afar(actor, noun, tier)
    if actor == "peksos":  # everybody is another's: a case or referral of her area exists, the person does not
        return "bare" if own and noun in ("cases", "referrals") else "absent"
    if not own or tier == 3 or noun == "cases":
        return "absent"
    if noun == "files":
        return "full" if actor == "kades" and tier == 1 else "absent"
    if actor == "pengurus_wksbm":
        return "masked" if noun == "beneficiaries" and tier == 1 else "absent"
    if noun == "referrals":
        return "bare"
    if actor == "kades":
        return "full" if tier == 1 else "masked"
    return "full" if tier == 1 else "bare"  # psm, tksk: of tier 2 who is assigned to them


def _from_afar(actor: str, noun: str, tier: int) -> str:
    if noun == "beneficiaries":
        shown = {"kepala_dinas": ("full", "masked"), "auditor": ("masked", "masked")}[actor]
        return shown[tier - 1] if tier < 3 else "absent"
    if noun == "files" or (noun == "cases" and actor == "kepala_dinas"):
        return "absent"
    return "bare"


def sample(field: ma.fields.Field[Any]) -> Any:
    """A value that a field of a command's body accepts."""
    if isinstance(field, ma.fields.Nested):
        return body_of(field.schema)  # type: ignore[arg-type]  # ours all derive from our Schema
    if isinstance(field, ma.fields.List):
        return [sample(field.inner), sample(field.inner)]
    rules = list(field.validators)
    for rule in rules:
        if isinstance(rule, ma.validate.OneOf):
            return next(iter(rule.choices))
        if isinstance(rule, ma.validate.Range) and rule.min is not None:
            return rule.min
    if isinstance(field, ma.fields.Date):
        return "2026-01-05"
    if isinstance(field, ma.fields.Boolean):
        return True
    if isinstance(field, ma.fields.Integer):
        return 1
    if isinstance(field, ma.fields.Dict):
        return {"note": "x"}
    if field.metadata.get("format") == "uuid":
        return new_id()
    if "pattern" in field.metadata:
        return VILLAGE
    return "contoh"


def body_of(schema: Schema) -> dict[str, Any]:
    """A body with everything that a schema requires, and nothing else."""
    made = {name: sample(field) for name, field in schema.fields.items() if field.required and not field.dump_only}
    return made or ({"name": "Contoh"} if "name" in schema.fields else {})


def filled(rule: str, stream: str) -> str:
    """A rule with an id in its first place and invented ones in the others."""
    first = re.sub(r"<int:\w+>", "1", rule)
    first = re.sub(r"<\w+>", stream, first, count=1)
    return re.sub(r"<(\w+)>", lambda name: "1" if name[1] == "number" else new_id(), first)
