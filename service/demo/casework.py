"""How a case goes: from the report to aftercare, with missed visits, returned plans, transfers and reopenings."""

from collections.abc import Generator
from datetime import date, timedelta
from typing import Any

from domain.case_assessment import AssessmentNotPending
from domain.case_closure import ReferralStillOpen
from domain.instruments import in_force
from domain.ppks import TYPE_DATA
from service.casebook import Answer
from service.demo import texts
from service.demo.people import Person
from service.demo.play import Life, Step
from service.demo.referrals import referral
from service.demo.world import Pen
from service.log.ids import new_id

Told = Generator[Step, Answer, date]
_CHANNELS = {
    "pemerintah_desa": 22.0,
    "kunjungan": 20,
    "datang_langsung": 18,
    "whatsapp": 12,
    "telepon": 8,
    "slrt_puskesos": 6,
    "wksbm": 6,
    "kepolisian": 3,
    "surat": 3,
    "sp4n_lapor": 1,
    "anonim": 1,
}
_SERVICES = {
    "L03": ("paket", 4, 120_000),
    "L04": ("paket", 1, 200_000),
    "L05": ("unit", 1, 1_500_000),
    "L06": ("paket", 1, 90_000),
    "L07": ("kali", 1, 0),
    "L08": ("kali", 1, 0),
    "L09": ("kali", 1, 0),
    "L10": ("kali", 1, 0),
    "L11": ("kali", 1, 0),
}
#: Reason, outcome, share.
_ENDS = (
    ("tujuan_tercapai", "tercapai", 45),
    ("tujuan_tercapai", "sebagian", 14),
    ("graduasi", "tercapai", 12),
    ("menolak", "tidak_tercapai", 6),
    ("pindah_wilayah", "tidak_dinilai", 6),
    ("tidak_ditemukan", "tidak_dinilai", 5),
    ("tidak_memenuhi_kriteria", "tidak_dinilai", 3),
)


class Desk:
    """One case: its id, its worker, and the pen it is written with."""

    def __init__(self, pen: Pen, person: Person) -> None:
        self.pen, self.person, self.id = pen, person, new_id()
        tier = TYPE_DATA[person.type].tier
        self.strict = tier == 3
        # A TKSK takes what is not sensitive; the rest is the social worker's.
        tksk = pen.world.staff.for_village("tksk", person.village) if tier == 1 and pen.chance(0.4) else None
        self.worker = tksk or pen.world.staff.peksos(person.village)
        self.waits_for = ""  # the referral that was sent last

    def does(self, what: str, on: date, body: dict[str, Any] | None = None, **more: Any) -> Step:
        """A step of this case by its worker."""
        url = {"stream": self.id, **more.pop("url", {})}
        return self.pen.step(f"case.{what}", on, body, url=url, by=more.pop("by", self.worker), **more)


def case(pen: Pen, on: date, person: Person, instrument: str) -> Told:
    """A whole case; returns the day it was over, or the last day something happened."""
    desk, rng = Desk(pen, person), pen.rng
    urgency = pen.pick({"biasa": 66.0, "segera": 26, "darurat": 8})
    body: dict[str, Any] = {"id": desk.id, "beneficiary": person.id, "urgency": urgency}
    body |= {"channel": pen.pick(_CHANNELS), "story": texts.story(rng)}
    body["anonymous"] = body["channel"] == "anonim"
    yield pen.step("case.open", on, body, by=desk.worker)
    if urgency == "darurat":
        body = {"item": pen.pick({"sembako": 4.0, "makanan_siap_saji": 3, "selimut_tikar": 1})}
        body |= {"quantity": rng.randint(1, 3), "unit": "paket", "value_rupiah": 150_000}
        yield desk.does("give_emergency_aid", on, body)
    if (pen.world.today - on).days < 40 and pen.chance(0.3):
        return on  # taken in and not given to anybody yet
    assigner = desk.worker if pen.chance(0.3) else "supervisor"
    on = pen.after(on, 0, 3)
    yield desk.does("assign", on, {"worker": pen.world.staff.id(desk.worker)}, by=assigner, late=0)
    on = yield from _assess(desk, pen.after(on, 1, 14), instrument)
    if pen.chance(0.12):
        yield from _conference(desk, pen.after(on, 1, 9))
    on = yield from _plan(desk, pen.after(on, 1, 12))
    if pen.chance(0.05) and not desk.strict:
        yield from _transfer(desk, pen.after(on, 3, 20))
    for _ in range(pen.pick({0: 4.0, 1: 40, 2: 34, 3: 16, 4: 6})):
        on = yield from _round(desk, pen.after(on, 7, 50), instrument)
    if pen.chance(0.42):
        on = yield from referral(desk, pen.after(on, 1, 30))
    return (yield from _end(desk, pen.after(on, 10, 120), instrument))


def _answers(desk: Desk, instrument: str, on: date) -> dict[str, int]:
    gravity = desk.pen.rng.triangular(0, 4, 1.6)
    return {
        question.code: min(question.most, max(0, round(desk.pen.rng.gauss(gravity, 1))))
        for question in in_force(instrument, on).questions
    }


def _assess(desk: Desk, on: date, instrument: str) -> Told:
    """An assessment; a grave one is approved by the supervisor, now and then only after it was made again."""
    pen = desk.pen
    for again in (False, True):
        answers = _answers(desk, instrument, on)
        body = {"instrument": instrument, "details": answers, "narrative": texts.story(pen.rng)}
        yield desk.does("assess", on, body)
        on = pen.after(on, 0, 3)
        try:
            if not again and pen.chance(0.08):
                yield desk.does("return_assessment", on, {"reason": texts.reason(pen.rng)}, by="supervisor", late=0)
                on = pen.after(on, 1, 6)
                continue
            yield desk.does("approve_assessment", on, {}, by="supervisor", late=0)
        except AssessmentNotPending:
            pass
        return on
    return on


def _conference(desk: Desk, on: date) -> Life:
    rng, staff = desk.pen.rng, desk.pen.world.staff
    due = (on + timedelta(days=14)).isoformat()
    decision = {"task": new_id(), "title": texts.task(rng), "owner": staff.id(desk.worker), "due": due}
    body = {"attendees": rng.randint(3, 8), "decisions": [decision], "minutes": texts.reason(rng)}
    yield desk.does("hold_conference", on, body)
    if desk.pen.chance(0.8):
        done = {"note": texts.note(rng)}
        yield desk.does("finish_task", desk.pen.after(on, 2, 20), done, url={"task": decision["task"]})


def _plan(desk: Desk, on: date) -> Told:
    pen, owner = desk.pen, desk.pen.world.staff.id(desk.worker)
    for number in ("1", "2"):
        goals = [
            {
                "id": new_id(),
                "title": texts.goal(pen.rng),
                "kind": pen.rng.choice(list(_SERVICES)),
                "owner": owner,
                "due": pen.after(on, 30, 150).isoformat(),
            }
            for _ in range(pen.rng.randint(1, 3))
        ]
        yield desk.does("propose_plan", on, {"goals": goals}, late=0.02)
        on = pen.after(on, 1, 8)
        if number == "1" and pen.chance(0.1):
            body = {"reason": texts.reason(pen.rng)}
            yield desk.does("return_plan", on, body, url={"number": number}, by="supervisor", late=0)
            on = pen.after(on, 1, 10)
            continue
        yield desk.does("approve_plan", on, {}, url={"number": number}, by="supervisor", late=0)
        return on
    return on


def _transfer(desk: Desk, on: date) -> Life:
    staff = desk.pen.world.staff
    others = [seat.login for seat in staff.seats.values() if seat.role == "peksos" and seat.login != desk.worker]
    other = desk.pen.rng.choice(others)
    asked = {"worker": staff.id(other), "reason": texts.reason(desk.pen.rng)}
    yield desk.does("request_transfer", on, asked)
    on = desk.pen.after(on, 1, 10)
    if desk.pen.chance(0.25):
        yield desk.does("decline_transfer", on, {"reason": texts.reason(desk.pen.rng)}, by=other, late=0)
        return
    yield desk.does("transfer", on, {"worker": staff.id(other)}, by=other, late=0)
    desk.worker = other


def _round(desk: Desk, on: date, instrument: str) -> Told:
    """A month of work: a visit done or missed, a service, a task, and now and then a review."""
    pen, rng = desk.pen, desk.pen.rng
    visit, planned = new_id(), pen.after(on, 2, 12)
    body: dict[str, Any] = {"visit": visit, "planned_for": planned.isoformat()}
    yield desk.does("plan_visit", on, {**body, "visitor": pen.world.staff.id(desk.worker)}, late=0.02)
    if pen.chance(0.16):
        body = {"reason": pen.pick({"tidak_di_tempat": 5.0, "cuaca_jalan": 3, "petugas_berhalangan": 2, "menolak": 1})}
        yield desk.does("miss_visit", planned, body, url={"visit": visit})
    elif pen.chance(0.95):  # of the others nothing is recorded: they stay overdue
        body = {"met": pen.chance(0.9), "minutes": rng.randrange(15, 120, 5), "note": texts.note(rng)}
        answer = yield desk.does("record_visit", planned, body, url={"visit": visit}, late=0.1)
        yield from _mended(desk, planned, answer, {"minutes": rng.randrange(15, 120, 5)}, 0.012)
    on = pen.after(planned, 0, 10)
    if pen.chance(0.85):
        kind = rng.choice(list(_SERVICES))
        unit, most, value = _SERVICES[kind]
        body = {"kind": kind, "quantity": rng.randint(1, most), "unit": unit, "value_rupiah": value}
        provider = pen.pick({"Dinas Sosial Kabupaten Gorontalo": 6.0, "Pemerintah desa": 2, "Baznas": 1, "WKSBM": 1})
        answer = yield desk.does("deliver_service", on, {**body, "provider": provider, "note": texts.note(rng)})
        yield from _mended(desk, on, answer, {"quantity": rng.randint(1, most + 1)}, 0.015)
    if pen.chance(0.35):
        task, due = new_id(), pen.after(on, 5, 25)
        body = {"task": task, "title": texts.task(rng), "owner": pen.world.staff.id(desk.worker)}
        yield desk.does("give_task", on, {**body, "due": due.isoformat()}, late=0)
        if pen.chance(0.08):
            yield desk.does("drop_task", due, {"reason": texts.reason(rng)}, url={"task": task})
        elif pen.chance(0.85):
            yield desk.does("finish_task", pen.after(due, -4, 6), {"note": texts.note(rng)}, url={"task": task})
    if pen.chance(0.4):
        on = pen.after(on, 5, 30)
        progress = pen.pick({"membaik": 6.0, "tetap": 3, "memburuk": 1})
        yield desk.does("review_progress", on, {"progress": progress, "note": texts.note(rng)})
        if progress == "memburuk":
            on = yield from _assess(desk, pen.after(on, 1, 7), instrument)
    return on


def _mended(desk: Desk, on: date, answer: Answer, values: dict[str, Any], share: float) -> Life:
    """Now and then an entry was wrong: it is corrected, or withdrawn when it belonged to another case."""
    pen = desk.pen
    if not pen.chance(share * 2):
        return
    body: dict[str, Any] = {"target": answer.events[0].version, "requested_by": "pencatat"}
    if pen.chance(0.6):
        body |= {"values": values, "reason": "Salah ketik; dicocokkan dengan buku kunjungan."}
        name = "record.correct"
    else:
        body["reason"] = "Tercatat pada kasus yang keliru."
        name = "record.retract"
    yield pen.step(name, pen.after(on, 2, 40), body, url={"stream": desk.id}, by="supervisor", late=0)


def _closed(desk: Desk, on: date, body: dict[str, Any], *, late: float) -> Told:
    """The end of a case, which of a grave or strictly restricted one the supervisor agrees to."""
    pen = desk.pen
    for again in (False, True):
        answer = yield desk.does("terminate", on, body, late=late)
        if answer.events[0].topic == "case.terminated":
            return on
        on = pen.after(on, 1, 8)
        if again or not pen.chance(0.1):
            break
        yield desk.does("return_closure", on, {"reason": texts.reason(pen.rng)}, by="supervisor", late=0)
        on = pen.after(on, 7, 30)
    yield desk.does("approve_closure", on, {}, by="supervisor", late=0)
    return on


def _end(desk: Desk, on: date, instrument: str) -> Told:
    pen = desk.pen
    if pen.chance(0.12 if (pen.world.today - on).days < 500 else 0.05):
        return on  # goes on without an end in sight
    reason, outcome, _ = pen.rng.choices(_ENDS, [share for _, _, share in _ENDS])[0]
    body = {"reason": reason, "outcome": outcome, "note": texts.note(pen.rng)}
    try:
        on = yield from _closed(desk, on, body, late=0.03)
    except ReferralStillOpen:
        if not pen.chance(0.8):
            return on  # waits for a destination that does not answer
        on = pen.after(on, 5, 60)
        given_up = {"channel": "internal", "reason": "Tidak ada jawaban; ditangani sendiri."}
        yield pen.step("referral.withdraw", on, given_up, url={"stream": desk.waits_for}, by=desk.worker, late=0)
        on = yield from _closed(desk, on, body, late=0)
    if reason in ("tujuan_tercapai", "graduasi") and pen.chance(0.35):
        on = pen.after(on, 30, 120)
        found = pen.pick({"membaik": 6.0, "tetap": 3, "memburuk": 1})
        yield desk.does("visit_aftercare", on, {"condition": found, "note": texts.note(pen.rng)})
        if found == "memburuk":
            on = pen.after(on, 3, 20)
            yield desk.does("reopen", on, {"reason": texts.reason(pen.rng)})
            on = yield from _assess(desk, pen.after(on, 1, 10), instrument)
    return on
