"""The casebook: a command is recorded once and answered the same for ever, whatever happens on the way."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from domain.correction import correct, retract
from domain.kps import Kps, KpsHasEnded
from domain.refusals import AlreadyBegun, NotFound, Refused
from domain.sealed import Sealed
from service.casebook import Casebook, CommandReused, Decision, NothingDecided, StaleBase, TakenByAnother
from service.log.database import sqlite_path
from service.log.entries import LogUnavailable
from service.log.ids import new_id
from service.log.recent import RecentStreams
from service.log.sqlite_database import SqliteDatabase
from tests.service.casebooks import (
    DAY,
    Desk,
    as_role,
    command,
    make_desk,
    registered,
    registration,
    same,
    turn,
    utc_now,
)
from tests.service.cutting_proxy import AFTER, BEFORE, DURING, CuttingProxy
from tests.trials.plugin import Trial


def end(kps: str) -> Any:
    return lambda decision: decision.load(Kps, kps).end(on=DAY)


def rename(casebook: Casebook, kps: str) -> None:
    """A correction of the name: a fact that stands in nobody's way."""

    def decide(decision: Decision) -> None:
        reason = decision.seal(kps, {"reason": "salah eja"})
        target = decision.event(kps, 1)
        changes = {"name": "Arisan Melati"}
        correct(decision.load(Kps, kps), target, on=DAY, reason=reason, requested_by="supervisor", changes=changes)

    casebook.record(command(), decide)


def head(casebook: Casebook) -> int:
    return casebook.log.recorder.max_notification_id() or 0


def test_the_same_command_sent_again_gets_the_first_answer_and_records_nothing(desk: Desk) -> None:
    casebook = desk.casebook()
    asked, kps = command(fingerprint=b"body"), new_id()
    first = casebook.record(asked, registration(kps, "Ibu Rahma 0812"))
    before = head(casebook)
    casebook.record(command(), end(kps))
    again = desk.casebook().record(asked, registration(new_id()))
    assert again.repeated
    assert same(first, again)
    assert not first.repeated
    assert head(casebook) == before + 1


def test_the_same_command_is_answered_even_when_it_would_be_refused_today(desk: Desk) -> None:
    casebook = desk.casebook()
    kps = registered(casebook)
    asked = command()
    first = casebook.record(asked, end(kps))
    with pytest.raises(KpsHasEnded):
        casebook.record(command(), end(kps))
    assert same(first, casebook.record(asked, end(kps)))


@pytest.mark.parametrize("other", [{"fingerprint": b"other body"}, {"account": "akun-2"}])
def test_a_command_id_with_another_body_or_from_another_account_is_refused(desk: Desk, other: dict[str, Any]) -> None:
    casebook = desk.casebook()
    asked = {"id": new_id(), "fingerprint": b"body"}
    casebook.record(command(**asked), registration(new_id()))
    before = head(casebook)
    with pytest.raises(CommandReused):
        casebook.record(command(**{**asked, **other}), registration(new_id()))
    assert head(casebook) == before


def test_a_refusal_is_not_stored_so_the_command_may_be_sent_again(desk: Desk) -> None:
    casebook = desk.casebook()
    kps, asked = registered(casebook), command()
    casebook.record(command(), end(kps))
    with pytest.raises(KpsHasEnded):
        casebook.record(asked, end(kps))
    casebook.record(command(), turn(kps))
    assert not casebook.record(asked, end(kps)).repeated


def test_a_command_that_decides_nothing_is_refused(desk: Desk) -> None:
    casebook = desk.casebook()
    with pytest.raises(NothingDecided):
        casebook.record(command(), lambda decision: None)
    with pytest.raises(NotFound):
        casebook.record(command(), end(new_id()))


def test_an_id_chosen_by_a_client_can_begin_one_record_only(desk: Desk) -> None:
    casebook = desk.casebook()
    kps = registered(casebook)
    with pytest.raises(AlreadyBegun):
        casebook.record(command(), registration(kps))


def test_a_base_is_stale_only_when_a_conflicting_event_came_since(desk: Desk) -> None:
    casebook = desk.casebook()
    kps = registered(casebook)
    rename(casebook, kps)
    assert casebook.record(command(stream=kps, base=1), end(kps)).events[0].version == 3
    casebook.record(command(), turn(kps))
    for stale in (0, 1, 2):
        with pytest.raises(StaleBase):
            casebook.record(command(stream=kps, base=stale), end(kps))
    answer = casebook.record(command(stream=kps, base=3), end(kps))
    (event,) = casebook.log.history(kps, after=4)
    assert (event.base, event.version, answer.events[0].version) == (3, 5, 5)


def test_a_base_counts_for_its_own_stream_only(desk: Desk) -> None:
    casebook = desk.casebook()
    one, other = registered(casebook), registered(casebook)
    casebook.record(command(), end(other))
    casebook.record(command(), turn(other))
    casebook.record(command(stream=one, base=1), lambda decision: (end(one)(decision), end(other)(decision)))
    assert casebook.log.history(other)[-1].base is None
    assert casebook.log.history(one)[-1].base == 1


def test_a_conflict_that_comes_between_looking_and_recording_is_noticed(desk: Desk) -> None:
    colleague = desk.casebook()
    kps = registered(colleague)
    tries: list[int] = []

    def decide(decision: Decision) -> None:
        known = decision.load(Kps, kps)
        tries.append(known.version)
        known.end(on=DAY)

    def last_moment() -> str:
        """The clock is read after everything was checked, right before recording."""
        if len(tries) == 1:
            colleague.record(command(), end(kps))
            colleague.record(command(), turn(kps))
        return utc_now()

    with pytest.raises(StaleBase):
        desk.casebook(now=last_moment).record(command(stream=kps, base=1), decide)
    assert tries == [1, 3]


def test_an_independent_event_in_between_only_makes_the_casebook_decide_again(desk: Desk) -> None:
    colleague = desk.casebook()
    kps = registered(colleague)
    tries: list[int] = []

    def decide(decision: Decision) -> None:
        known = decision.load(Kps, kps)
        tries.append(known.version)
        known.end(on=DAY)

    def last_moment() -> str:
        if len(tries) == 1:
            rename(colleague, kps)
        return utc_now()

    assert desk.casebook(now=last_moment).record(command(stream=kps, base=1), decide).events[0].version == 3
    assert tries == [1, 2]


def test_a_reserved_value_is_held_by_one_stream_and_nothing_of_the_second_command_stays(desk: Desk) -> None:
    casebook = desk.casebook()

    def claim(kps: str) -> Any:
        return lambda decision: (registration(kps, "Ibu Rahma")(decision), decision.reserve("sign_in", "rahma", kps))

    casebook.record(command(), claim(new_id()))
    second, asked = new_id(), command()
    counts = "SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM parts), (SELECT count(*) FROM commands)"
    before = casebook.log.database.rows(counts)
    with pytest.raises(TakenByAnother):
        casebook.record(asked, claim(second))
    assert casebook.log.database.rows(counts) == before
    assert casebook.log.version(second) == 0
    assert casebook.answered(asked) is None


def test_a_view_that_fails_does_not_take_the_answer_away(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    def broken(recorded: int) -> None:
        raise RuntimeError("views are broken")

    casebook = desk.casebook(catch_up=broken)
    assert casebook.record(command(), registration(new_id())).events
    assert "views did not catch up" in caplog.text


def test_every_event_carries_who_when_and_by_which_command(desk: Desk) -> None:
    casebook = desk.casebook()
    kps = new_id()
    asked = command(source="offline", performed_by="akun-9", device="hp-1", device_time="2019-08-01T01:02:03Z")
    answer = casebook.record(asked, registration(kps, "Ibu Rahma 0812"))
    (event,) = casebook.log.history(kps)
    assert (event.command, event.by, event.post, event.source) == (asked.id, "akun-1", "pendamping", "offline")
    assert (event.performed_by, event.device, event.device_time) == ("akun-9", "hp-1", "2019-08-01T01:02:03Z")
    assert (event.position, event.recorded, event.id) == (answer.position, answer.recorded, answer.events[0].id)
    assert event.territory
    assert isinstance(event, Kps.Registered)
    assert isinstance(event.contact, Sealed)
    assert event.contact.part == event.parts[0].id


class CutAtCommit(SqliteDatabase):
    """A database whose disk fails right before or right after COMMIT, when told to."""

    when = ""

    @contextmanager
    def transaction(self) -> Iterator[SqliteDatabase]:
        with super().transaction():
            yield self
            if self.when == BEFORE:
                self.when = ""
                raise sqlite3.OperationalError("disk I/O error")
        if self.when == AFTER:
            self.when = ""
            raise sqlite3.OperationalError("disk I/O error")


def counted(casebook: Casebook, asked: Any) -> tuple[int, int]:
    """How many events and command rows are stored for a command."""
    rows = casebook.log.database.rows(
        "SELECT (SELECT count(*) FROM events WHERE command = :id), (SELECT count(*) FROM commands WHERE id = :id)",
        id=asked.id,
    )
    return rows[0][0], rows[0][1]


@pytest.mark.parametrize("when", [BEFORE, AFTER])
def test_a_disk_that_fails_around_commit_leaves_one_event_or_none_on_sqlite(
    tmp_path: Path, request: pytest.FixtureRequest, when: str
) -> None:
    desk = make_desk(f"sqlite:///{tmp_path / 'wahana.db'}", tmp_path)
    request.addfinalizer(desk.close)
    database = CutAtCommit(sqlite_path(desk.url))
    desk.opened.append(database)
    casebook, asked, kps = desk.casebook(database=database), command(), new_id()
    casebook.territory()
    desk.keys().key_for(kps, "umum")
    database.when = when
    if when == BEFORE:
        assert not casebook.record(asked, registration(kps, "Ibu Rahma")).repeated
        assert not database.when, "the disk never failed"
    else:
        answer = casebook.record(asked, registration(kps, "Ibu Rahma"))
        assert answer.repeated
        assert same(answer, desk.casebook().record(asked, registration(kps, "Ibu Rahma")))
    assert counted(casebook, asked) == (1, 1)


@pytest.fixture
def proxy(postgres_desk: Desk) -> Iterator[CuttingProxy]:
    with CuttingProxy(as_role(postgres_desk.owner_url, "wahana_app")) as proxy:
        yield proxy


def through(desk: Desk, proxy: CuttingProxy, size: int = 2) -> Casebook:
    casebook = desk.casebook(database=desk.connect(proxy.url, size=size))
    casebook.territory()
    return casebook


@pytest.mark.trial
@pytest.mark.parametrize("when", [BEFORE, DURING, AFTER])
def test_a_connection_cut_at_commit_leads_to_one_event_and_one_answer(
    postgres_desk: Desk, proxy: CuttingProxy, when: str, trial: Trial
) -> None:
    direct = postgres_desk.casebook()
    rounds, heard = trial.size(4, 60), 0
    for number in range(rounds):
        # A new pool each time: a statement that a connection has prepared no longer names the function.
        database = postgres_desk.connect(proxy.url, size=2)
        casebook = postgres_desk.casebook(database=database)
        casebook.territory()
        asked = command()
        # With tokens and without: the two statements that append.
        decide = registration(new_id(), "Ibu Rahma 0812" if number % 2 else "")
        before = head(direct)
        proxy.arm(when)
        first = casebook.record(asked, decide)
        heard += first.repeated
        if when != DURING:
            assert first.repeated == (when == AFTER)
        retry = casebook.record(asked, decide)
        assert retry.repeated
        assert same(first, retry)
        assert same(first, direct.record(asked, decide))
        assert counted(direct, asked) == (1, 1)
        assert head(direct) == before + 1
        database.close()
    trial.count(rounds=rounds, cuts=proxy.cuts, answered_from_the_command_table=heard)
    assert proxy.cuts == rounds


@pytest.mark.parametrize("contact", ["", "Ibu Rahma 0812"])
def test_a_statement_that_never_reached_the_server_is_recorded_by_the_next_try_only(
    postgres_desk: Desk, proxy: CuttingProxy, contact: str
) -> None:
    casebook, direct = through(postgres_desk, proxy), postgres_desk.casebook()
    asked, decide, before = command(), registration(new_id(), contact), head(direct)
    proxy.arm(BEFORE, BEFORE)
    with pytest.raises(LogUnavailable):
        casebook.record(asked, decide)
    assert proxy.cuts == 2
    assert counted(direct, asked) == (0, 0)
    assert direct.answered(asked) is None
    assert head(direct) == before
    answer = casebook.record(asked, decide)
    assert not answer.repeated
    assert same(answer, direct.record(asked, decide))
    assert counted(direct, asked) == (1, 1)


def test_a_disk_that_keeps_failing_records_nothing_on_sqlite(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    desk = make_desk(f"sqlite:///{tmp_path / 'wahana.db'}", tmp_path)
    request.addfinalizer(desk.close)
    database = CutAtCommit(sqlite_path(desk.url))
    desk.opened.append(database)
    casebook, asked, decide = desk.casebook(database=database), command(), registration(new_id())
    casebook.territory()

    def fails_again() -> str:
        database.when = BEFORE
        return utc_now()

    casebook.now = fails_again
    with pytest.raises(LogUnavailable):
        casebook.record(asked, decide)
    assert counted(casebook, asked) == (0, 0)
    casebook.now = utc_now
    database.when = ""
    assert not casebook.record(asked, decide).repeated
    assert counted(casebook, asked) == (1, 1)


def test_a_server_that_is_away_after_commit_is_reported_and_the_retry_gets_the_original_answer(
    postgres_desk: Desk, proxy: CuttingProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.log.postgres_database.POOL_SECONDS", 0.3)
    casebook, asked, kps = through(postgres_desk, proxy, size=1), command(), new_id()
    postgres_desk.keys().key_for(kps, "umum")
    proxy.arm(AFTER)

    def decide(decision: Decision) -> object:
        proxy.away = True
        return registration(kps, "Ibu Rahma")(decision)

    # The pool's only connection is cut at COMMIT, and nobody answers a new one.
    with pytest.raises(LogUnavailable):
        casebook.record(asked, decide)
    assert proxy.cuts == 1
    proxy.away = False
    direct = postgres_desk.casebook().record(asked, registration(kps, "Ibu Rahma"))
    again = through(postgres_desk, proxy).record(asked, registration(kps, "Ibu Rahma"))
    assert direct.repeated
    assert same(direct, again)
    assert counted(casebook=postgres_desk.casebook(), asked=asked) == (1, 1)


def test_a_broken_connection_does_not_stay_in_the_pool(postgres_desk: Desk, proxy: CuttingProxy) -> None:
    casebook = through(postgres_desk, proxy)
    database = casebook.log.database
    superuser = postgres_desk.owner()
    for _ in range(3):
        superuser.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'wahana'"
        )
        assert database.rows("SELECT 1") == [(1,)]
        assert casebook.record(command(), registration(new_id())).events


def test_a_refusal_names_its_rule_whatever_the_engine(desk: Desk) -> None:
    casebook = desk.casebook()
    with pytest.raises(Refused) as refused:
        casebook.record(command(), end(new_id()))
    assert refused.value.rule == "not_found"


def test_a_stream_that_somebody_else_wrote_to_is_decided_from_the_log(desk: Desk) -> None:
    mine, theirs = desk.casebook(), desk.casebook()
    kps = registered(mine)
    theirs.record(command(), end(kps))
    with pytest.raises(KpsHasEnded):
        mine.record(command(), end(kps))
    assert len(mine.log.history(kps)) == 2


def test_what_was_refused_on_old_grounds_is_decided_again_from_the_log(desk: Desk) -> None:
    mine, theirs = desk.casebook(), desk.casebook()
    kps = registered(mine)
    mine.record(command(), end(kps))

    def withdraw(decision: Decision) -> None:
        reason = decision.seal(kps, {"reason": "salah catat"})
        target = decision.event(kps, 2)
        retract(decision.load(Kps, kps), target, on=DAY, reason=reason, requested_by="supervisor")

    theirs.record(command(), withdraw)
    assert mine.record(command(), end(kps)).events[0].version == 4


def test_a_stream_that_was_only_read_must_still_stand(desk: Desk) -> None:
    mine, theirs = desk.casebook(), desk.casebook()
    read, kps = registered(mine), registered(mine)
    seen: list[int] = []

    def decide(decision: Decision) -> None:
        seen.append(decision.load(Kps, read).version)
        decision.load(Kps, kps).end(on=DAY)

    rename(theirs, read)
    mine.record(command(), decide)
    assert seen == [1, 2]


def test_nothing_is_recorded_on_top_of_a_version_that_a_restored_log_lacks(desk: Desk) -> None:
    casebook = desk.casebook()
    kps = registered(casebook)
    [first] = casebook.log.history(kps)
    casebook.recent.grow([msgspec.structs.replace(first, version=2, id=new_id())])
    casebook.record(command(), end(kps))
    assert [event.version for event in casebook.log.history(kps)] == [1, 2]


def test_nothing_is_recorded_on_top_of_another_version_than_it_was_decided_on(desk: Desk) -> None:
    casebook, theirs = desk.casebook(), desk.casebook()
    kps = registered(casebook)
    rename(theirs, kps)
    [first] = casebook.log.history(kps)[:1]
    lost = msgspec.structs.replace(first, version=2, id=new_id(), command=new_id())
    casebook.recent.grow([lost])  # what this process had recorded in the log that is no more
    seen: list[int] = []

    def decide(decision: Decision) -> None:
        kps_now = decision.load(Kps, kps)
        seen.append(len(decision.recalled))
        kps_now.end(on=DAY)

    casebook.record(command(), decide)
    assert seen == [1, 0], "decided again, from the log"
    assert [event.topic for event in casebook.log.history(kps)][1:] == ["record.corrected", "kps.ended"]


def test_what_is_remembered_is_bounded_by_its_events(desk: Desk) -> None:
    casebook = desk.casebook()
    casebook.recent = RecentStreams(casebook.log, most=5)
    several = [registered(casebook) for _ in range(4)]
    for kps in several:
        casebook.record(command(), end(kps))
    assert list(casebook.recent.seen()) == several[-2:]
