"""Telephones that worked without signal on one case find a line in any order: the case ends the same, replayed too.

Each round invents what two or three people recorded on their telephones that day, and lets it arrive in several orders: of
each telephone in the order in which it was recorded, otherwise at random, in pieces of any size, some of it twice.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from domain.beneficiary import Beneficiary
from domain.case import Case
from projections.verify import verify
from service.log.ids import new_id
from service.office import Office
from tests.service.offices import VILLAGE, Asking, person
from tests.service.test_api_cases import GRAVE
from tests.service.test_outbox import Phone, handed_in
from tests.trials.plugin import Trial

LIGHT = dict.fromkeys(GRAVE, 0)
LEVELS = ("rendah", "sedang", "tinggi", "darurat")
PARTS = (
    "risk",
    "disputed",
    "review_due_on",
    "next_due_on",
    "reviewed_on",
    "open",
    "worker",
    "open_referrals",
    "services",
)
Said = tuple[int, str, dict[str, Any], dict[str, str]]  # telephone, command, body, places; ids by the names of `Place`


class Place:
    """A case as every telephone took it along: two tasks, two visits, and an answer about the risk. ``ids`` are the numbers
    of its records by their names; what the telephones add gets its numbers in the order in which it was recorded."""

    def __init__(self, office: Office, worker: Asking, day: list[Said]) -> None:
        self.person = person(office)
        opening = {"beneficiary": self.person, "channel": "kunjungan", "urgency": "segera", "on": "2026-03-01"}
        self.case = str(worker.done("/api/v1/cases", opening)["id"])
        at = f"/api/v1/cases/{self.case}"
        worker.done(f"{at}/assignment", {"worker": worker.account})
        worker.done(f"{at}/assessments", {"instrument": "umum", "details": LIGHT, "on": "2026-03-01"})
        self.ids = {"case": self.case, "person": self.person}
        for name in ("t1", "t2", "v1", "v2"):
            self.ids[name] = new_id()
        for name in ("t1", "t2"):
            given = {"task": self.ids[name], "title": "Urus KTP", "owner": worker.account, "due": "2026-04-01"}
            worker.done(f"{at}/tasks", given)
        for name in ("v1", "v2"):
            worker.done(f"{at}/visits", {"visit": self.ids[name], "planned_for": "2026-03-20"})
        self.base = {self.case: office.log.version(self.case), self.person: office.log.version(self.person)}
        morning = int(time.time() * 1000)  # a minute between two entries
        self.keys = [new_id(morning + minute * 60_000) for minute in range(len(day))]
        self.ids |= {f"n{minute}": new_id() for minute, (_, _, body, _) in enumerate(day) if "NEW" in body.values()}

    def names(self) -> dict[str, str]:
        return {id: name for name, id in self.ids.items()}


def invented(trial: Trial, phones: list[Phone]) -> list[Said]:
    """What was recorded that day, in the order of the clock."""
    choose, owners = trial.random, [one.owner.account for one in phones]

    def day() -> str:
        return f"2026-03-{choose.randint(2, 9):02}"

    def one() -> tuple[str, dict[str, Any], dict[str, str]]:
        case, task, visit = {"stream": "case"}, choose.choice(("t1", "t2")), choose.choice(("v1", "v2"))
        of_task, of_visit = {**case, "task": task}, {**case, "visit": visit}
        change = {"title": f"Urus KTP {choose.randint(1, 9)}", "owner": choose.choice(owners), "due": day()}
        wanted = choose.sample(sorted(change), choose.randint(1, 3))
        return choose.choice(
            [
                ("case.change_risk", {"risk": choose.choice(LEVELS), "reason": "Dilihat sendiri"}, case),
                ("case.change_risk", {"risk": choose.choice(LEVELS), "reason": "Menurut berkas"}, case),
                (
                    "case.assess",
                    {"instrument": "umum", "details": choose.choice((LIGHT, GRAVE)), "narrative": "Dinilai ulang"},
                    case,
                ),
                ("case.change_task", {name: change[name] for name in wanted}, of_task),
                ("case.finish_task", {"note": "Sudah"}, of_task),
                ("case.drop_task", {"reason": "Tidak perlu"}, of_task),
                ("case.record_visit", {"met": True}, of_visit),
                ("case.miss_visit", {"reason": "tidak_di_tempat"}, of_visit),
                ("case.give_task", {"task": "NEW", "title": "Baru", "owner": owners[0], "due": "2026-05-01"}, case),
                ("case.plan_visit", {"visit": "NEW", "planned_for": "2026-05-02"}, case),
                ("case.give_emergency_aid", {"item": "sembako", "quantity": 1, "unit": "paket"}, case),
                ("case.review_progress", {"progress": "tetap"}, case),
                (
                    "referral.submit",
                    {"id": "NEW", "destination_kind": "puskesmas", "destination": "Puskesmas", "need": "pemeriksaan"},
                    case,
                ),
                (
                    "beneficiary.give_consent",
                    {
                        "consent": "NEW",
                        "how": "lisan_saksi",
                        "witness": "Kepala dusun",
                        "giver": "yang_bersangkutan",
                        "purpose": "layanan",
                    },
                    {"stream": "person"},
                ),
            ]
        )

    found: list[Said] = []
    for _ in range(choose.randint(4, 10)):
        command, body, url = one()
        found.append((choose.randrange(len(phones)), command, {**body, "on": day()}, url))
    for phone in (0, 1):  # at least two who judged the risk
        answer = {"risk": choose.choice(LEVELS), "reason": "Dilihat sendiri", "on": day()}
        found.insert(choose.randrange(len(found)), (phone, "case.change_risk", answer, {"stream": "case"}))
    return found


def arrival(trial: Trial, day: list[Said]) -> list[int]:
    """An order of arrival: each telephone's own entries stay in theirs."""
    left = {phone: [at for at, one in enumerate(day) if one[0] == phone] for phone, *_ in day}
    order = []
    while left:
        phone = trial.random.choice(sorted(left))
        order.append(left[phone].pop(0))
        if not left[phone]:
            del left[phone]
    return order


def arrive(trial: Trial, office: Office, phones: list[Phone], place: Place, day: list[Said]) -> dict[int, Any]:
    """Hand everything in; what became of each entry, by its place in the day."""
    sealed = []
    for at, (phone, command, body, url) in enumerate(day):
        places = {name: place.ids[said] for name, said in url.items()}
        told = {name: place.ids[f"n{at}"] if said == "NEW" else said for name, said in body.items()}
        base = place.base[places["stream"]]
        sealed.append(phones[phone].entry(command, told, key=place.keys[at], url=places, base=base))
    became: dict[int, Any] = {}
    order = arrival(trial, day)
    while order:
        piece = [order.pop(0) for _ in range(min(len(order), trial.random.randint(1, 3)))]
        for again in range(1 + trial.random.randrange(2)):
            results = handed_in(office, *(sealed[at] for at in piece))
            for at, result in zip(piece, results, strict=True):
                told = result.get("rule") or ("recorded" if result["status"] < 400 else str(result))
                assert again == 0 or became[at] == told, "the same entry twice is answered as the first time"
                became[at] = told
    return became


def ended(office: Office, reader: Asking, place: Place) -> dict[str, Any]:
    """The case and its person as everybody is told of them, with names in place of numbers; the stage is that of the last
    one to arrive, and is left out."""
    name = place.names()
    row = reader.data(f"/api/v1/cases/{place.case}")
    tasks = [
        (name[one["id"]], *(one[part] for part in ("kind", "title", "owner", "due_on", "state")))
        for one in row["tasks"]
    ]
    case, whom = office.log.load(Case, place.case), office.log.load(Beneficiary, place.person)
    return {
        **{part: row[part] for part in PARTS},
        "answers": sorted((one.risk, one.review_days, one.by) for one in case.answers),
        "tasks": sorted(tasks, key=str),
        "referrals": sorted((name[one["id"]], one["state"]) for one in row["referrals"]),
        "remembered": (case.risk, case.review_days, case.reviewed_on, sorted(case.open_tasks.values())),
        "settled": {name[id]: how for id, how in {**case.settled_tasks, **case.settled_visits}.items()},
        "consents": sorted(name[id] for id in whom.consents),
        "events": Counter(
            event.topic for event in (*office.log.history(place.case), *office.log.history(place.person))
        ),
    }


def test_in_whatever_order_telephones_find_a_line_the_case_ends_the_same(office: Office, trial: Trial) -> None:
    worker, reader = Asking(office, "peksos", (VILLAGE,)), Asking(office, "supervisor")
    phones = [Phone(Asking(office, "peksos", (VILLAGE,))) for _ in range(3)]
    rounds, orders, entries, refused, disputed = trial.size(4, 40), trial.size(3, 5), 0, 0, 0
    for _ in range(rounds):
        day = invented(trial, phones)
        first: tuple[dict[int, Any], dict[str, Any]] | None = None
        for _ in range(orders):
            place = Place(office, worker, day)
            became = arrive(trial, office, phones, place, day)
            found = became, ended(office, reader, place)
            first = first or found
            for part, value in found[1].items():
                assert value == first[1][part], (part, day)
            assert found[0] == first[0], day
            entries += len(day)
            refused += sum(said != "recorded" for said in became.values())
            disputed += found[1]["disputed"]
    assert disputed, "two answers stood side by side somewhere"
    assert not verify(office.views).differences
    trial.count(days=rounds, orders=rounds * orders, entries=entries, refused=refused, disputed=disputed)
