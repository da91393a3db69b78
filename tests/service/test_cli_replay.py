"""``wahana replay`` as somebody at a terminal reads it, and a person replayed through the links of her records."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from service.cli import main
from service.office import Office
from tests.service.offices import VILLAGE, Asking, person, settings_of
from tests.service.test_api_beneficiaries import PEOPLE, registered
from tests.service.test_api_cases import DAY, opened, opening
from tests.service.test_api_incidents import INCIDENTS, flood, victim
from tests.service.test_api_referrals import sent
from tests.service.test_api_wksbm import NEXT_DOOR

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, database_url: str) -> Run:
    """``run(*words)``: what ``wahana replay`` prints about the office."""

    def runs(*words: str) -> Result:
        done = CliRunner().invoke(main, ["replay", *words], env=settings_of(tmp_path, database_url))
        assert done.exit_code == 0, done.output
        return done

    return runs


def steps_of(told: str) -> list[list[str]]:
    """The lines of a replay, of each step its own."""
    found: list[list[str]] = []
    for line in told.splitlines():
        if re.match(r" *\d+  \d{4}-\d\d-\d\d  ", line):
            found.append([])
        found[-1].append(line)
    return found


def plain(lines: list[str]) -> str:
    return " ".join(" ".join(lines).split())


def test_each_event_is_a_sentence_with_what_it_changed_and_the_state_after_it(here: Office, run: Run) -> None:
    worker = Asking(here, "tksk")
    case = opened(here, worker)
    first, second = (plain(lines) for lines in steps_of(run(case).stdout))
    assert "Kasus perseorangan dibuka lewat Datang langsung, kegentingan segera. Uraian: [tersegel]." in first
    assert "case.opened #1, dicatat 2" in first
    assert "case.assigned #2, dicatat 2" in second
    assert f"Berubah: Petugas: {worker.account} Keadaan sesudahnya: " in second
    before, after = (step.partition(" Keadaan sesudahnya: ")[2] for step in (first, second))
    assert "Kegentingan: Segera; Desa/kelurahan: 75.01.02.2011" in before
    assert "Petugas: " not in before, "what is empty is left out"
    assert after == f"{before}; Petugas: {worker.account}"
    assert "Ditutup: tidak" in after
    assert "Rahasia keluarga" not in first + second


def test_a_correction_names_fields_and_codes_as_the_pages_do(here: Office, run: Run) -> None:
    supervisor = Asking(here, "supervisor")
    kps = supervisor.done("/api/v1/kps", {"village": VILLAGE, "kind": "arisan", "name": "Mawar"})["id"]
    why = {"target": 1, "reason": "Salah catat", "requested_by": "pencatat"}
    values = {"name": "Arisan Mawar", "kind": "paguyuban"}
    supervisor.done(f"/api/v1/streams/{kps}/corrections", {**why, "values": values})
    told = plain(steps_of(run(kps).stdout)[1])
    assert "nama dari “Mawar” menjadi “Arisan Mawar”" in told
    assert "jenis dari “Arisan” menjadi “Paguyuban warga / perantau”" in told


def test_a_replay_fits_a_terminal_of_80_columns(here: Office, run: Run) -> None:
    case = opened(here, worker := Asking(here, "tksk"))
    sent(worker, case)
    for words in ((case,), (VILLAGE,), (VILLAGE, "--no-state")):
        lines = run(*words).stdout.splitlines()
        assert max(map(len, lines)) <= 80
        assert len(steps_of("\n".join(lines))) >= 3


def test_the_state_is_left_out_where_it_is_not_wanted(here: Office, run: Run) -> None:
    case = opened(here, Asking(here, "tksk"))
    whole, short = (steps_of(run(case, *words).stdout) for words in ((), ("--no-state",)))
    assert [plain(lines).partition(" Keadaan sesudahnya: ")[0] for lines in whole] == list(map(plain, short))
    assert "Berubah: " in plain(short[0])
    told, less = (json.loads(run(case, "--json", *words).stdout) for words in ((), ("--no-state",)))
    assert told[1]["state"]["urgency"] == "segera"
    assert less == [{name: value for name, value in step.items() if name != "state"} for step in told]


def test_what_is_inside_a_value_is_told_in_brackets(here: Office, run: Run) -> None:
    who = Asking(here, "supervisor")
    incident, she = flood(who), person(here)
    who.done(f"{INCIDENTS}/{incident}/victims", {"victims": [victim(victim=she, household=3)]})
    *_, last = steps_of(run(incident).stdout)
    assert f"Berubah: Korban: ({she}: {VILLAGE}, 3)" in plain(last)


def test_the_words_of_people_do_not_command_the_terminal(here: Office, run: Run) -> None:
    body = {"village": VILLAGE, "kind": "arisan", "name": "Melati\u200biti", "contact": "Ibu Rahma 0812"}
    kps = Asking(here, "supervisor").done("/api/v1/kps", body)["id"]
    told = run(kps).stdout
    assert "\u200b" not in told
    assert "Melati?iti" in told


class Linked:
    """Two records of one person, the second with a case and its referral: linked, then told apart again."""

    def __init__(self, here: Office) -> None:
        psm, worker = Asking(here, "psm"), Asking(here, "tksk")
        self.one, self.other = registered(psm), registered(psm, identity={"name": "Ratna Gobel"})
        self.case = worker.done("/api/v1/cases", opening(self.other))["id"]
        worker.done(f"/api/v1/cases/{self.case}/assignment", {"worker": worker.account, "on": DAY})
        self.referral = sent(worker, self.case)
        self.before = here.reader.head()[0]
        link = {"primary": self.one, "reason": "Diakui keluarganya", "score": 80, "grounds": ["pengakuan"]}
        self.linked = psm.done(f"{PEOPLE}/{self.other}/duplicate-links", link)["position"]
        reversal = {"primary": self.one, "reason": "Ternyata orang lain"}
        psm.done(f"{PEOPLE}/{self.other}/link-reversals", reversal)

    @property
    def others(self) -> set[str]:
        return {self.other, self.case, self.referral}


@pytest.fixture
def replayed(here: Office, run: Run) -> Callable[..., list[dict[str, Any]]]:
    """``replayed(person, until)``: the steps, the same from the command line and over HTTP."""
    auditor = Asking(here, "auditor")

    def steps(name: str, until: int | str | None = None) -> list[dict[str, Any]]:
        asked = {} if until is None else {"until": str(until)}
        told = json.loads(run(name, "--json", *(f"--{option}={value}" for option, value in asked.items())).stdout)
        assert auditor.get(f"/api/v1/streams/{name}/replay", **asked).get_json()["steps"] == told
        assert [step["position"] for step in told] == sorted(step["position"] for step in told)
        return list(told)

    return steps


def streams(steps: list[dict[str, Any]]) -> set[str]:
    return {step["stream"] for step in steps}


def test_a_person_is_replayed_through_the_link_of_her_records(here: Office, replayed: Any) -> None:
    pair = Linked(here)
    assert streams(replayed(pair.one, pair.before)) == {pair.one}
    assert streams(replayed(pair.other, pair.before)) == pair.others
    joined = replayed(pair.one, pair.linked)
    assert replayed(pair.other, pair.linked) == joined
    assert streams(joined) == {pair.one, *pair.others}
    assert [step["topic"] for step in joined if step["stream"] == pair.referral] == ["referral.submitted"]
    linking = next(step for step in joined if step["topic"] == "beneficiary.linked_as_duplicate")
    assert (linking["stream"], linking["state"]["linked_to"]) == (pair.other, pair.one)
    assert "Diakui keluarganya" not in json.dumps(joined)
    assert replayed(pair.one, linking["recorded"]) == joined, "a time, and not a position alone"


def test_a_link_that_was_reversed_joins_no_replay_but_that_of_its_own_time(here: Office, replayed: Any) -> None:
    pair = Linked(here)
    assert streams(replayed(pair.one)) == {pair.one}
    apart = replayed(pair.other)
    assert streams(apart) == pair.others
    assert apart == replayed(pair.other, here.today().isoformat())
    assert [step["topic"] for step in apart if step["position"] > pair.before] == [
        "beneficiary.linked_as_duplicate",
        "beneficiary.link_reversed",
    ]
    assert apart[-1]["state"]["linked_to"] is None
    assert streams(replayed(pair.one, pair.linked)) == {pair.one, *pair.others}


def test_at_a_terminal_each_step_of_a_person_says_whose_record_it_is(here: Office, run: Run) -> None:
    pair = Linked(here)
    told = [plain(lines) for lines in steps_of(run(pair.one, "--until", str(pair.linked)).stdout)]
    for stream, topic in ((pair.other, "beneficiary.registered"), (pair.referral, "referral.submitted")):
        assert any(f"{topic} #1 dari {stream}, dicatat" in step for step in told)
    assert f"dari {pair.one}" not in " ".join(told)


def test_a_village_where_nothing_is_recorded_says_so(here: Office, run: Run, tmp_path: Path, database_url: str) -> None:
    opened(here, Asking(here, "tksk"))
    assert run(NEXT_DOOR).stdout == "Belum ada yang dicatat di desa ini.\n"
    assert json.loads(run(NEXT_DOOR, "--json").stdout) == []
    none = CliRunner().invoke(main, ["replay", "75.01.99.2999"], env=settings_of(tmp_path, database_url))
    assert (none.exit_code, none.stdout) == (1, "")
    assert "Catatan tidak ditemukan" in none.stderr


def test_a_position_that_is_not_recorded_yet_is_refused(here: Office, tmp_path: Path, database_url: str) -> None:
    someone, head = person(here), here.reader.head()[0]
    words = ["replay", someone, "--until", "99999"]
    found = CliRunner().invoke(main, words, env=settings_of(tmp_path, database_url))
    assert (found.exit_code, f"the last one is {head}" in found.stderr) == (2, True)


def test_a_time_without_its_zone_is_asked_back_and_not_guessed(here: Office, tmp_path: Path, database_url: str) -> None:
    case = opened(here, Asking(here, "tksk"))
    env = settings_of(tmp_path, database_url)
    recorded = json.loads(CliRunner().invoke(main, ["replay", case, "--json"], env=env).stdout)[0]["recorded"]
    assert CliRunner().invoke(main, ["replay", case, "--until", recorded], env=env).exit_code == 0
    done = CliRunner().invoke(main, ["replay", case, "--until", recorded.removesuffix("Z")], env=env)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "does not say its zone" in done.stderr
