"""Entries that were made side by side without signal: none is lost, and in whatever order they arrive the case is the same.

``WAHANA_TRIALS=full`` tries more, ``WAHANA_TRIALS_SEED`` repeats a run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from domain.account import Account
from domain.instruments import in_force
from projections.verify import verify
from service.casebook import Decision
from service.log.ids import new_id
from service.office import Office
from tests.domain.trials import RecordProperty
from tests.service.offices import BEGINNING, Asking, make_office, person, record

DAYS = ("2026-03-03", "2026-03-04", "2026-03-05")
QUESTIONS = [question.code for question in in_force("umum", date(2026, 3, 2)).questions]
TASKS, VISITS = sorted(new_id() for _ in range(2)), sorted(new_id() for _ in range(2))
TAKEN_ALONG = 7  # the version that most devices go on from without signal: the risk was judged once
Entry = tuple[str, dict[str, str], dict[str, Any]]  # command, the rest of its address, body


@pytest.fixture
def office(tmp_path: Path, database_url: str) -> Iterator[Office]:
    made = make_office(tmp_path, database_url)
    yield made
    made.close()


@pytest.fixture
def client(office: Office) -> Callable[[str], Asking]:
    known: dict[str, Asking] = {}
    return lambda role: known.setdefault(role, Asking(office, role)) if role not in known else known[role]


def case_of(office: Office, worker: Asking, risk: str = "") -> str:
    """A case with two tasks and two visits, of a risk that was judged online."""
    opening = {"beneficiary": person(office), "channel": "kunjungan", "urgency": "biasa", "on": "2026-03-02"}
    case = str(worker.done("/api/v1/cases", opening)["id"])
    at, own = f"/api/v1/cases/{case}", {"on": "2026-03-02"}
    worker.done(f"{at}/assignment", {"worker": worker.account, **own})
    for task in TASKS:
        worker.done(f"{at}/tasks", {"task": task, "title": "Urus KTP", "owner": worker.account, "due": DAYS[2], **own})
    for visit in VISITS:
        worker.done(f"{at}/visits", {"visit": visit, "planned_for": DAYS[1], **own})
    assess(worker, at, 0)
    if risk:
        worker.done(f"{at}/risk", {"risk": risk, "reason": "Sakit", "on": DAYS[0]})
    return case


def assess(asking: Asking, at: str, grade: int, **more: Any) -> None:
    details = dict.fromkeys(QUESTIONS, grade)
    asking.done(f"{at}/assessments", {"instrument": "umum", "details": details, "on": "2026-03-02", **more})


def sent(
    asking: Asking, case: str, *entries: Entry, base: int, device: str = "hp-1", keys: list[str] | None = None
) -> list[dict[str, Any]]:
    """What becomes of entries that a device kept while it had no signal."""
    items = [
        {
            "key": keys[at] if keys else new_id(),
            "command": command,
            "url": {"stream": case, **url},
            "body": {"on": DAYS[1], **body, "source": "offline", "device": device},
            "base": base,
        }
        for at, (command, url, body) in enumerate(entries)
    ]
    answer = asking.post("/api/v1/batch", {"items": items})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return list(answer.get_json()["results"])


def grant(office: Office, asking: Asking, role: str) -> None:
    """Give somebody another role."""

    def decide(decision: Decision) -> None:
        account = decision.load(Account, asking.account)
        account.grant_role(on=BEGINNING, grant=new_id(), role=role, title=role, areas=(), valid_from=BEGINNING)

    record(office, decide)


def risk(level: str, **more: Any) -> Entry:
    return "case.change_risk", {}, {"risk": level, "reason": f"Menurut saya {level}", **more}


def standing(asking: Asking, case: str) -> list[str]:
    return [one["risk"] for one in asking.data(f"/api/v1/cases/{case}")["answers"]]


# Every order of arrival


def a_days_work(rng: Random, owners: list[str], most: int) -> list[Entry]:
    """What one device may have recorded in a day, in order: answers about the risk, and what became of tasks and visits."""
    ended: set[str] = set()
    found: list[Entry] = []
    for _ in range(rng.randint(1, most)):
        open_tasks, open_visits = ([one for one in ids if one not in ended] for ids in (TASKS, VISITS))
        kind = rng.choice(["risk", "risk", "assess", "change", "done", "drop", "visit", "miss"])
        on = {"on": rng.choice(DAYS)}
        if kind == "assess" or not (open_tasks and open_visits):
            details = dict.fromkeys(QUESTIONS, rng.randint(0, 4))
            found.append(("case.assess", {}, {"instrument": "umum", "details": details, "narrative": "Dilihat", **on}))
            continue
        task, visit = rng.choice(open_tasks), rng.choice(open_visits)
        changes = {"title": f"Judul {rng.random()}", "owner": rng.choice(owners), "due": rng.choice(DAYS)}
        changed = {name: changes[name] for name in rng.sample(sorted(changes), rng.randint(1, 3))}
        entry: Entry = {
            "risk": (
                "case.change_risk",
                {},
                {"risk": rng.choice(["rendah", "tinggi", "darurat"]), "reason": "Ya", **on},
            ),
            "change": ("case.change_task", {"task": task}, {**changed, **on}),
            "done": ("case.finish_task", {"task": task}, on),
            "drop": ("case.drop_task", {"task": task}, {"reason": "Tidak perlu", **on}),
            "visit": ("case.record_visit", {"visit": visit}, {"met": True, **on}),
            "miss": ("case.miss_visit", {"visit": visit}, {"reason": "cuaca_jalan", **on}),
        }[kind]
        ended |= {"done": {task}, "drop": {task}, "visit": {visit}, "miss": {visit}}.get(kind, set())
        found.append(entry)
    return found


def orders(lengths: list[int]) -> Iterator[list[int]]:
    """Every order in which devices may send, each its own entries in theirs."""
    if not any(lengths):
        yield []
    for device, left in enumerate(lengths):
        if left:
            rest = [count - (place == device) for place, count in enumerate(lengths)]
            yield from ([device, *order] for order in orders(rest))


def state(office: Office, asking: Asking, case: str) -> Any:
    """The row of a case and what the API tells of its tasks, but for versions and what differs between any two cases."""
    with office.views.at() as view:
        (row,) = view.rows("SELECT * FROM {cases} WHERE key = :case", case=case)
    for name in ("key", "beneficiary", "version", "since", "until"):
        row.pop(name, None)
    row["answers"] = sorted(line.split("/")[1:] for line in row["answers"].splitlines())
    row["scores"] = sorted(line.split("/")[1:] for line in row["scores"].splitlines())
    row["dues"] = sorted(line.rpartition("/")[0] for line in row["dues"].splitlines())
    return row, asking.data(f"/api/v1/cases/{case}")["tasks"]


def test_in_every_order_of_arrival_all_is_recorded_and_the_case_is_the_same(
    office: Office, record_property: RecordProperty
) -> None:
    seed = int(os.environ.get("WAHANA_TRIALS_SEED") or Random().randrange(2**32))
    full = os.environ.get("WAHANA_TRIALS") == "full"
    rounds = 60 if full else 4
    rng, tried, disputed = Random(seed), 0, 0
    worker, desk, third = (Asking(office, role) for role in ("psm", "peksos", "peksos"))
    for _ in range(rounds):
        # Two accounts, and now and then a second device of one of them.
        devices = [(worker, "hp-a"), (desk, "hp-b"), (rng.choice([worker, desk]), "hp-c")][: rng.randint(2, 3)]
        most = 2 if full or len(devices) == 2 else 1  # three of two each may arrive in ninety orders
        work = [a_days_work(rng, [worker.account, desk.account], most) for _ in devices]
        grave = rng.choice(["", "tinggi", "darurat"])
        disputed_before = rng.random() < 0.5
        bases = [rng.randint(TAKEN_ALONG - 1, TAKEN_ALONG + bool(grave) + disputed_before) for _ in devices]
        found: dict[str, Any] = {}
        for order in orders([len(entries) for entries in work]):
            case = case_of(office, worker, grave)
            if disputed_before:
                [before] = sent(third, case, risk("sedang"), base=TAKEN_ALONG - 1, device="hp-d")
                assert before["status"] == 201
            keys = sorted(new_id() for entries in work for _ in entries)  # made on the devices, whoever sends first
            named = {(device, at): keys.pop(0) for device, entries in enumerate(work) for at in range(len(entries))}
            at = [0] * len(devices)
            for device in order:
                asking, name = devices[device]
                [result] = sent(
                    asking,
                    case,
                    work[device][at[device]],
                    base=bases[device],
                    device=name,
                    keys=[named[device, at[device]]],
                )
                assert result["status"] == 201, (seed, work, order, result)
                at[device] += 1
            found[str(order)] = state(office, worker, case)
            tried += 1
        first, *others = found.values()
        assert all(other == first for other in others), (seed, work, bases, found)
        disputed += first[0]["disputed"]
    verified = verify(office.views)
    assert not verified.differences
    line = f"{rounds} rounds, {tried} orders of arrival, {disputed} with two answers; WAHANA_TRIALS_SEED={seed}"
    print(line)
    record_property("trial", line)


# What stands, and who decides


def test_a_late_answer_stands_beside_the_one_it_had_not_seen_and_the_graver_counts(
    office: Office, client: Callable[[str], Asking]
) -> None:
    volunteer, desk = client("psm"), client("peksos")
    case = case_of(office, volunteer)
    at = f"/api/v1/cases/{case}"
    seen = desk.data(at)["version"]
    desk.done(f"{at}/risk", {"risk": "sedang", "reason": "Menurut berkas", "on": DAYS[2]})
    [told] = sent(volunteer, case, risk("darurat"), base=seen)
    assert told["status"] == 201
    row = volunteer.data(at)
    assert (row["risk"], row["disputed"], row["review_due_on"]) == ("darurat", True, "2026-03-08")
    assert [(one["risk"], one["reason"], one["post"], one["on"]) for one in row["answers"]] == [
        ("sedang", "Menurut berkas", "peksos", DAYS[2]),
        ("darurat", "Menurut saya darurat", "psm", DAYS[1]),
    ]
    assert all(one["recorded"] > "2026" for one in row["answers"])
    assert [one["id"] for one in desk.data("/api/v1/cases", disputed="true")] == [case]
    assert [one["id"] for one in desk.data("/api/v1/cases", risk="darurat")] == [case]
    assert desk.data("/api/v1/cases", disputed="false") == []
    assert desk.data(at, as_of=office.reader.head()[0] - 1)["disputed"] is False
    auditor = client("auditor").data(at)
    assert [(one["risk"], one["reason"]) for one in auditor["answers"]] == [("sedang", None), ("darurat", None)]
    history = volunteer.data(f"/api/v1/beneficiaries/{row['beneficiary']}/history")["entries"]
    assert history[-1]["sentence"].endswith("Jawaban petugas lain tentang risiko tetap berlaku di sampingnya.")


def test_the_same_level_is_recorded_too_and_makes_no_two_answers(
    office: Office, client: Callable[[str], Asking]
) -> None:
    volunteer, desk = client("psm"), client("peksos")
    case = case_of(office, volunteer)
    at, seen = f"/api/v1/cases/{case}", TAKEN_ALONG
    desk.done(f"{at}/risk", {"risk": "tinggi", "reason": "Sakit"})
    assert [one["status"] for one in sent(volunteer, case, risk("tinggi"), base=seen)] == [201]
    assert (standing(desk, case), desk.data(at)["disputed"]) == (["tinggi", "tinggi"], False)
    assert desk.refused(f"{at}/risk", {"risk": "tinggi", "reason": "Sakit"}) == "risk_unchanged"
    assert client("supervisor").refused(f"{at}/risk-decision", {"risk": "tinggi", "reason": "Ya"}) == "no_two_answers"
    desk.done(f"{at}/risk", {"risk": "rendah", "reason": "Sembuh"})
    assert standing(desk, case) == ["rendah"], "who has seen both replaces both"


def test_online_a_stale_page_is_still_refused(office: Office, client: Callable[[str], Asking]) -> None:
    volunteer, desk = client("psm"), client("peksos")
    case = case_of(office, volunteer)
    at, said = f"/api/v1/cases/{case}", {"risk": "rendah", "reason": "Sembuh"}
    desk.done(f"{at}/risk", {"risk": "tinggi", "reason": "Sakit"})
    for more in ({}, {"source": "form"}, {"source": "import", "device": "hp-1"}):
        stale = volunteer.post(f"{at}/risk", {**said, **more}, **{"If-Match": f'"{TAKEN_ALONG}"'})
        assert (stale.status_code, stale.get_json()["rule"]) == (412, "stale_base")
    volunteer.done(f"{at}/risk", {**said, "source": "offline"}, **{"If-Match": f'"{TAKEN_ALONG}"'})
    assert standing(desk, case) == ["tinggi", "rendah"]
    beyond = volunteer.post(f"{at}/risk", {**said, "source": "offline"}, **{"If-Match": '"99"'})
    assert beyond.status_code == 412, "of a log that was put back since"


def test_an_ordinary_answer_settles_nothing_and_ones_own_replaces_ones_own(
    office: Office, client: Callable[[str], Asking]
) -> None:
    volunteer, desk, other = client("psm"), client("peksos"), Asking(office, "peksos")
    case = case_of(office, volunteer)
    at = f"/api/v1/cases/{case}"
    desk.done(f"{at}/risk", {"risk": "sedang", "reason": "Berkas"})
    sent(volunteer, case, risk("darurat"), base=TAKEN_ALONG)
    other.done(f"{at}/risk", {"risk": "sedang", "reason": "Sama dengan meja"})
    assess(other, at, 0, narrative="Sudah saya lihat")
    assert standing(desk, case) == ["sedang", "darurat", "rendah"]
    volunteer.done(f"{at}/risk", {"risk": "sedang", "reason": "Sudah pulih"})
    assert (standing(desk, case), desk.data(at)["risk"]) == (["sedang", "rendah", "sedang"], "sedang")
    other.done(f"{at}/risk", {"risk": "sedang", "reason": "Baik"})
    assert desk.data(at)["disputed"] is False, "they agree"


def test_only_a_supervisor_decides_and_not_about_her_own_answer(
    office: Office, client: Callable[[str], Asking]
) -> None:
    volunteer, desk, supervisor = client("psm"), client("peksos"), client("supervisor")
    case = case_of(office, volunteer)
    at, decision = f"/api/v1/cases/{case}", {"risk": "sedang", "reason": "Dibahas bersama", "on": DAYS[2]}
    desk.done(f"{at}/risk", {"risk": "sedang", "reason": "Berkas", "on": DAYS[0]})
    sent(volunteer, case, risk("darurat"), base=TAKEN_ALONG)
    disputed = supervisor.data(at)
    for asking in (volunteer, desk, client("auditor"), client("kepala_dinas")):
        assert asking.refused(f"{at}/risk-decision", decision) in ("not_allowed", "not_found")
    assert supervisor.refused(f"{at}/risk-decision", {**decision, "risk": "gawat"}) == "unknown_code"
    assert supervisor.post(f"{at}/risk-decision", {"risk": "sedang"}).status_code == 422
    desk.done(f"{at}/risk", {"risk": "tinggi", "reason": "Kambuh", "on": DAYS[2]})  # while the supervisor reads
    stale = supervisor.post(f"{at}/risk-decision", decision, **{"If-Match": f'"{disputed["version"]}"'})
    assert stale.status_code == 412
    supervisor.done(f"{at}/risk-decision", decision)
    row = supervisor.data(at)
    assert (row["risk"], row["disputed"], row["review_due_on"]) == ("sedang", False, "2026-04-04")
    entry = supervisor.data(f"/api/v1/beneficiaries/{row['beneficiary']}/history")["entries"][-1]
    assert entry["sentence"] == "Dua jawaban tentang risiko diputuskan: risiko sedang. Alasan: Dibahas bersama."
    # An answer from before it, which nobody had read yet, stands beside it again; she may decide once more.
    sent(Asking(office, "peksos"), case, risk("darurat"), base=disputed["version"], device="hp-9")
    assert standing(supervisor, case) == ["sedang", "darurat"]
    supervisor.done(f"{at}/risk-decision", {**decision, "risk": "darurat"})
    assert standing(supervisor, case) == ["darurat"]
    assert not verify(office.views).differences


def test_whoever_answered_does_not_decide_even_with_the_right_to(office: Office) -> None:
    volunteer, both = Asking(office, "psm"), Asking(office, "peksos")
    grant(office, both, "supervisor")
    case = case_of(office, volunteer)
    both.done(f"/api/v1/cases/{case}/risk", {"risk": "sedang", "reason": "Berkas"})
    sent(volunteer, case, risk("darurat"), base=TAKEN_ALONG)
    decision = {"risk": "sedang", "reason": "Saya yakin"}
    assert both.refused(f"/api/v1/cases/{case}/risk-decision", decision) == "no_self_approval"


def test_an_answer_that_is_withdrawn_leaves_the_others(office: Office, client: Callable[[str], Asking]) -> None:
    volunteer, desk = client("psm"), client("peksos")
    case = case_of(office, volunteer)
    desk.done(f"/api/v1/cases/{case}/risk", {"risk": "tinggi", "reason": "Sakit"})
    [told] = sent(volunteer, case, risk("darurat"), base=TAKEN_ALONG)
    mistaken = {"target": told["answer"]["version"], "reason": "Keliru warga", "requested_by": "pencatat"}
    volunteer.done(f"/api/v1/streams/{case}/retractions", mistaken)
    assert (standing(desk, case), desk.data(f"/api/v1/cases/{case}")["risk"]) == (["tinggi"], "tinggi")
    assert not verify(office.views).differences


# What a device knew


def test_an_assessment_needs_a_reason_by_what_was_known_where_it_was_made(
    office: Office, client: Callable[[str], Asking]
) -> None:
    volunteer, desk = client("psm"), client("peksos")
    case = case_of(office, volunteer)
    at, same = f"/api/v1/cases/{case}", {"instrument": "umum", "details": dict.fromkeys(QUESTIONS, 0)}
    desk.done(f"{at}/risk", {"risk": "tinggi", "reason": "Sakit"})
    grave = {**same, "details": dict.fromkeys(QUESTIONS, 4)}
    known, changed = sent(volunteer, case, ("case.assess", {}, same), ("case.assess", {}, grave), base=TAKEN_ALONG)
    assert known["status"] == 201, "she knew the risk to be low, and found it so"
    assert (changed["status"], changed["rule"]) == (409, "risk_change_needs_reason")
    assert standing(desk, case) == ["tinggi", "rendah"]
    assert desk.post(f"{at}/assessments", same).get_json()["rule"] == "risk_change_needs_reason", "online it is high"


def test_what_one_device_recorded_makes_nothing_stale_that_it_recorded_after(
    office: Office, client: Callable[[str], Asking]
) -> None:
    volunteer, desk = client("psm"), client("peksos")
    case = case_of(office, volunteer)
    goals = [{"id": new_id(), "title": "Makan", "kind": "L07", "owner": volunteer.account, "due": DAYS[2]}]
    plan: Entry = ("case.propose_plan", {}, {"goals": goals})
    end: Entry = ("case.terminate", {}, {"reason": "tujuan_tercapai", "outcome": "tercapai"})
    assert [one["status"] for one in sent(volunteer, case, plan, plan, base=TAKEN_ALONG)] == [201, 201]
    assert [one["rule"] for one in sent(desk, case, plan, end, base=TAKEN_ALONG)] == ["stale_base", "stale_base"]
    assert [one["rule"] for one in sent(volunteer, case, plan, base=TAKEN_ALONG, device="hp-2")] == ["stale_base"]
    assert [one["status"] for one in sent(volunteer, case, risk("sedang"), end, base=TAKEN_ALONG)] == [201, 201]
    assert [one["rule"] for one in sent(desk, case, risk("darurat"), base=TAKEN_ALONG)] == ["case_is_terminated"]


# Tasks and visits


def test_a_task_is_changed_by_what_is_given_and_stays_done(office: Office, client: Callable[[str], Asking]) -> None:
    volunteer, desk = client("psm"), client("peksos")
    case, task = case_of(office, volunteer), TASKS[0]
    at = f"/api/v1/cases/{case}"
    desk.done(f"{at}/tasks/{task}/changes", {"due": "2026-03-02"})
    row = desk.data(at)
    assert (row["next_due_on"], row["next_task"]) == ("2026-03-02", task)
    assert desk.refused(f"{at}/tasks/{task}/changes", {}) == "task_unchanged"
    assert desk.post(f"{at}/tasks/{task}/changes", {"owner": new_id()}).status_code == 422
    desk.done(f"{at}/tasks/{task}/completion")
    changes = sent(volunteer, case, ("case.change_task", {"task": task}, {"title": "Urus KK"}), base=row["version"])
    assert changes[0]["status"] == 201
    [found] = [one for one in volunteer.data(at)["tasks"] if one["id"] == task]
    assert (found["title"], found["state"], found["due_on"]) == ("Urus KK", "selesai", "2026-03-02")
    assert desk.refused(f"{at}/tasks/{task}/changes", {"due": DAYS[1]}) == "task_not_open"
    stale = desk.post(f"{at}/tasks/{TASKS[1]}/changes", {"due": DAYS[1]}, **{"If-Match": f'"{row["version"]}"'})
    assert stale.status_code == 412, "somebody changed a task since"


def test_two_who_were_there_both_record_the_visit(office: Office, client: Callable[[str], Asking]) -> None:
    volunteer, desk = client("psm"), client("peksos")
    case, visit = case_of(office, volunteer), VISITS[0]
    missed: Entry = ("case.miss_visit", {"visit": visit}, {"reason": "cuaca_jalan"})
    done: Entry = ("case.record_visit", {"visit": visit}, {"met": True, "note": "Ditemui di ladang"})
    assert [one["status"] for one in sent(desk, case, done, base=TAKEN_ALONG)] == [201]
    told = sent(volunteer, case, missed, missed, base=TAKEN_ALONG)
    assert [one.get("rule") for one in told] == [None, "visit_already_settled"]
    [found] = [one for one in desk.data(f"/api/v1/cases/{case}")["tasks"] if one["id"] == visit]
    assert (found["state"], found["settled_on"]) == ("terlaksana", DAYS[1])
    assert desk.refused(f"/api/v1/cases/{case}/visits/{visit}/completion", {"met": True}) == "visit_already_settled"
