"""The demonstration: the same seed tells the same history, through real commands, with nobody in it who lives."""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from click.testing import CliRunner

from domain.account import ROLES
from domain.account_means import TWO_FACTORS
from domain.nik import is_synthetic
from domain.referral_steps import ENDS
from domain.villages import published_list
from domain.wksbm import Wksbm
from projections.verify import verify
from service import config
from service.api.codes import code_systems
from service.cli import main
from service.demo import FIRST, names
from service.demo.history import NotFresh, Played, play
from service.demo.office import Staff, current_code
from service.demo.people import population
from service.demo.world import FULL, SMALL, Scale, World
from service.office import Office
from service.replay import steps
from tests.service.audited import verifier
from tests.service.test_replay_words import without_a_meaning

UNTIL = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
SECRET = base64.b64encode(b"s" * 32).decode()
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_STAGES = "SELECT stage, count(*) AS n FROM {bodies} GROUP BY stage"
_DIGEST = re.compile(r'"[0-9a-f]{64}"')


def settings(folder: Path, **more: str) -> dict[str, str]:
    return {
        "WAHANA_DEMO": "1",
        "WAHANA_DATABASE_URL": f"sqlite:///{folder / 'wahana.db'}",
        "WAHANA_KEYS_URL": f"sqlite:///{folder / 'keys.db'}",
        **dict.fromkeys(("WAHANA_MASTER_KEY", "WAHANA_TOKEN_KEY", "WAHANA_SECRET_KEY", "WAHANA_RECEIPT_KEY"), SECRET),
        **more,
    }


def played(folder: Path, seed: int = 7, scale: Scale = SMALL, **more: str) -> tuple[Office, Played]:
    folder.mkdir(exist_ok=True)
    made = CliRunner().invoke(main, ["init"], env=settings(folder, **more), catch_exceptions=False)
    assert made.exit_code == 0
    settled = config.read(settings(folder, **more))
    told = play(settled, seed, UNTIL, scale)
    return Office(settled), told


def open_texts(office: Office) -> list[str]:
    """Every event's text with ids numbered by their first appearance and digests of ciphertexts left out."""
    numbers: dict[str, str] = {}
    texts = []
    for (text,) in office.database.rows("SELECT text FROM events ORDER BY position"):
        text = _DIGEST.sub('"digest"', text)
        texts.append(_ID.sub(lambda found: numbers.setdefault(found.group(), f"id {len(numbers)}"), text))
    return texts


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Office, Played]:
    return played(tmp_path_factory.mktemp("small"))


def count(office: Office, topic: str) -> int:
    return int(office.database.rows("SELECT count(*) FROM events WHERE topic = :topic", topic=topic)[0][0])


def test_the_same_seed_tells_the_same_history(small: tuple[Office, Played], tmp_path: Path) -> None:
    again, _ = played(tmp_path / "again")
    other, _ = played(tmp_path / "other", seed=8)
    told = open_texts(small[0])
    assert told == open_texts(again)
    assert told != open_texts(other)


def test_both_databases_tell_the_same_history(small: tuple[Office, Played], tmp_path: Path, postgres_url: str) -> None:
    office, _ = played(tmp_path, WAHANA_DATABASE_URL=postgres_url)
    assert open_texts(office) == open_texts(small[0])
    assert not verify(office.views).differences
    office.close()


def test_every_view_equals_its_rebuild_after_the_play(small: tuple[Office, Played]) -> None:
    found = verify(small[0].views)
    assert found.position == small[1].events
    assert not found.differences


def test_the_full_play_is_as_large_as_a_small_district(tmp_path: Path) -> None:
    office, told = played(tmp_path, seed=2019, scale=FULL)
    assert told.events >= 20_000
    with office.views.at() as view:
        (people,) = view.rows("SELECT count(*) AS n FROM {people} WHERE kind = 'person'")
        (cases,) = view.rows("SELECT count(*) AS n FROM {cases}")
        stages = {row["stage"]: row["n"] for row in view.rows(_STAGES)}
        ends = {row["state"] for row in view.rows("SELECT DISTINCT state FROM {referrals} WHERE NOT open")}
        several = view.rows("SELECT village FROM {bodies} GROUP BY village HAVING count(*) > 1")
        left = [status for status in office.views.status() if status.serving and (status.lag or status.set_aside)]
    assert people["n"] >= 2_000
    assert cases["n"] >= 1_000
    assert 130 <= sum(stages.values()) <= 170
    assert stages["sah"] > stages["terbentuk"] > 0 < stages["dirintis"]
    assert stages["dibubarkan"] > 0
    assert ends == ENDS
    assert several
    assert not left


def test_the_history_runs_from_july_2019_to_today_and_never_back(small: tuple[Office, Played]) -> None:
    office, told = small
    recorded = [row[0] for row in office.database.rows("SELECT recorded FROM events ORDER BY position")]
    assert recorded == sorted(recorded)
    assert recorded[0] == FIRST
    assert recorded[1].startswith("2019-06-30T22")  # the morning of 1 July in Limboto
    assert recorded[-1] > "2026-06"
    assert told.today == date(2026, 11, 20)
    assert told.events == len(recorded)


def test_much_is_told_late_corrected_doubled_and_left_unproven(small: tuple[Office, Played]) -> None:
    office, _ = small
    texts = [json.loads(row[0]) for row in office.database.rows("SELECT text FROM events")]
    late = [text for text in texts if text.get("source") in ("offline", "import")]
    assert any(text.get("performed_by") for text in late)
    assert any(text.get("device_time") for text in late)
    assert any(text.get("unproven") for text in texts)
    assert any(text.get("duplicates_seen") for text in texts)
    for topic in ("incident.victim_recorded", "beneficiary.linked_as_duplicate", "wksbm.found_dormant"):
        assert count(office, topic) > 0
    assert count(office, "record.corrected") + count(office, "record.retracted") > 0


def test_the_data_officer_has_requests_to_answer_and_a_schedule(small: tuple[Office, Played]) -> None:
    office, _ = small
    with office.views.at() as view:
        requests = view.rows("SELECT kind, asker, paused_at, due_at FROM {subject_requests} WHERE closed_on IS NULL")
        classes = view.rows("SELECT code, fate FROM {retention_classes}")
    assert {row["kind"] for row in requests} == {"erasure", "access", "correction"}
    assert [row["kind"] for row in requests if row["paused_at"]] == ["erasure"]
    left = {row["kind"]: datetime.fromisoformat(row["due_at"]) - UNTIL for row in requests}
    assert timedelta() < left["access"] < timedelta(days=1), "nearly over"
    assert {(row["code"], row["fate"]) for row in classes} == {("DS.01", "musnah"), ("DS.02", "tinjau")}


def test_the_baseline_is_a_note_and_not_invented_bodies(small: tuple[Office, Played]) -> None:
    (stated,) = small[0].database.rows("SELECT text FROM events WHERE topic = 'indicator.baseline_stated'")
    said = json.loads(stated[0])
    assert (said["permille"], said["month"]) == (250, "2019-07")
    first = small[0].database.rows("SELECT text FROM events WHERE topic = 'wksbm.initiated' ORDER BY position LIMIT 1")
    assert json.loads(first[0][0])["on"] >= "2019-07-25"


def test_every_role_signs_in_with_its_printed_phrase(small: tuple[Office, Played]) -> None:
    office, told = small
    assert {row["role"] for row in told.accounts} == set(ROLES.versions[-1].codes)
    by_role = {row["role"]: row for row in told.accounts}
    assert {role for role, row in by_role.items() if row["secret"] != "-"} == TWO_FACTORS
    for role in ("peksos", "supervisor"):
        login, code = (
            by_role[role]["login"],
            current_code(office, by_role[role]["login"]) if role in TWO_FACTORS else "",
        )
        secret = office.identity.sign_in(login, by_role[role]["password"], "127.0.0.1", code=code)
        who = office.identity.session(secret)
        assert who is not None
        assert (who.roles, who.actions) == ({role}, None)


def test_a_code_is_printed_in_the_demonstration_only(tmp_path: Path) -> None:
    run = CliRunner()
    run.invoke(main, ["init"], env=settings(tmp_path, WAHANA_DEMO="0"), catch_exceptions=False)
    assert run.invoke(main, ["user", "code", "supervisor"], env=settings(tmp_path, WAHANA_DEMO="0")).exit_code == 78


def test_a_wksbm_of_the_play_can_be_read_back(small: tuple[Office, Played]) -> None:
    office, _ = small
    ((stream,),) = office.database.rows("SELECT stream FROM events WHERE topic = 'wksbm.ratified' LIMIT 1")
    assert office.casebook.log.load(Wksbm, stream).sks


def test_the_verifier_knows_which_members_name_the_version_of_a_list(small: tuple[Office, Played]) -> None:
    codes = code_systems()
    versions = {one["version"] for listed in codes["lists"] for one in listed["versions"]}
    named = set()
    for (text,) in small[0].database.rows("SELECT text FROM events"):
        event = json.loads(text)
        named |= {name for name, value in event.items() if isinstance(value, str) and value in versions}
        assert set(verifier.versions_named(event)) <= verifier.versions_in(codes), event["topic"]
    assert len(named) > 20
    assert named <= verifier.LISTED


def test_a_replay_of_the_play_tells_no_code_that_has_no_words(small: tuple[Office, Played]) -> None:
    office, found = small[0], set()
    for (stream,) in office.database.rows("SELECT DISTINCT stream FROM events"):
        for step in steps(office, stream, office.reader.head()[0], None):
            found |= without_a_meaning(step.changed)
    assert found == set()


def test_the_play_leaves_the_log_guarded_again(small: tuple[Office, Played]) -> None:
    connection = small[0].database.connection()  # type: ignore[attr-defined]
    assert connection.execute("SELECT count(*) FROM events").fetchone()[0] > 500
    with pytest.raises(Exception, match="not authorized"):
        connection.execute("PRAGMA synchronous=OFF")


def world(scale: Scale) -> World:
    return World(2019, UNTIL, scale, published_list(), cast(Staff, None))  # nobody works in it


def test_nobody_in_the_full_demonstration_has_a_real_nik_and_no_two_the_same() -> None:
    people = population(world(FULL))
    niks = [person.nik for person in people if person.nik]
    assert len(people) == FULL.people
    assert all(is_synthetic(nik) for nik in niks)
    assert len(set(niks)) == len(niks)


def test_a_variant_is_never_the_name_itself() -> None:
    rng = world(SMALL).rng("variants")
    for _ in range(500):
        name = names.person(rng, rng.choice("LP"))
        assert names.variant(rng, name) != name


def test_a_casebook_with_records_is_refused(small: tuple[Office, Played]) -> None:
    with pytest.raises(NotFresh):
        play(small[0].config, 7, UNTIL, SMALL)


def test_the_demonstration_is_refused_outside_the_demonstration(tmp_path: Path) -> None:
    asked = CliRunner().invoke(main, ["demo"], env=settings(tmp_path, WAHANA_DEMO="0"))
    assert asked.exit_code == 78


def test_a_casebook_begun_today_is_refused_and_the_accounts_are_printed_otherwise(tmp_path: Path) -> None:
    run = CliRunner()
    run.invoke(main, ["init"], env=settings(tmp_path, WAHANA_DEMO="0"), catch_exceptions=False)
    assert run.invoke(main, ["demo", "--small"], env=settings(tmp_path)).exit_code == 2
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    run.invoke(main, ["init"], env=settings(fresh), catch_exceptions=False)
    printed = run.invoke(main, ["demo", "--small", "--json"], env=settings(fresh), catch_exceptions=False)
    assert printed.exit_code == 0
    accounts = json.loads(printed.stdout)
    assert {"login", "password", "role", "area"} <= set(accounts[0])
