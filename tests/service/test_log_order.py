"""One total order without gaps, times that never fall, and the same bytes on both engines."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from pathlib import Path

import msgspec
import pytest

from domain.kps import Kps
from projections.source import Malformed
from service.casebook import Decision, TakenByAnother
from service.log.codec import leaf_hash, prepare, template
from service.log.entries import CommandRow, CommandTaken, Entries, LogUnavailable, Reservation, Reserved, VersionTaken
from service.log.eventlog import EventLog
from service.log.ids import new_id
from service.log.reader import LogReader
from tests.service.casebooks import DAY, VILLAGE, Desk, command, make_desk, registered, registration, turn, utc_now


def kps_event(stream: str, version: int = 1, name: str = "Arisan Mawar") -> Kps.Registered:
    return Kps.Registered(
        stream=stream,
        version=version,
        topic=Kps.Registered.TOPIC,
        schema=1,
        on=DAY,
        id=new_id(),
        village=VILLAGE,
        kind="arisan",
        kinds="ID-KPS-2019",
        name=name,
    )


def entries(command_id: str | None = None, held: str = "") -> Entries:
    row = CommandRow(command_id or new_id(), "akun-1", "kps.register", b"", 201, "[]")
    reservations = (Reservation("sign_in", held, "k"),) if held else ()
    return Entries(utc_now(), row, reservations=reservations)


def positions(log: EventLog) -> list[int]:
    return [row.position for row in log.stored(0, 10_000)]


def test_an_append_of_nothing_is_refused_on_either_engine_and_leaves_nothing(desk: Desk) -> None:
    log, named = desk.casebook().log, new_id()
    before = positions(log)
    with pytest.raises(ValueError, match="no events"):
        log.record([], entries(named))
    assert (positions(log), log.command(named)) == (before, None)
    log.record([kps_event(new_id())], entries(named))
    assert len(positions(log)) == len(before) + 1


def test_recorded_never_falls_even_when_the_clock_goes_back(desk: Desk) -> None:
    times = ["2030-01-01T00:00:00.000000Z", "2029-12-31T23:59:59.999999Z", "2030-01-01T00:00:00.000001Z"]
    clock = itertools.cycle([*times, "1999-01-01T00:00:00.000000Z"])
    casebook = desk.casebook(now=lambda: next(clock))
    answers = [casebook.record(command(), registration(new_id())) for _ in range(8)]
    assert [answer.recorded for answer in answers[:4]] == [times[0], times[0], times[2], times[2]]
    rows = casebook.log.stored(0, 100)
    assert [row.recorded for row in rows] == sorted(row.recorded for row in rows)
    for row, answer in zip(rows[1:], answers, strict=True):
        assert json.loads(row.text)["recorded"] == row.recorded == answer.recorded
        stored = casebook.log.command(answer.command)
        assert stored is not None
        assert stored.recorded == row.recorded


@pytest.mark.parametrize("commands", [0, 1, 2, 7, 20])
def test_the_position_of_any_time_is_the_end_of_the_last_command_recorded_by_then(desk: Desk, commands: int) -> None:
    casebook, ends = desk.casebook(), []
    reader, start = LogReader(casebook.log.database), casebook.log.stored(0, 1)[0]
    hours = (f"2031-01-01T{number // 2:02}:00:00.000000Z" for number in range(commands))  # two commands at each time
    for number, now in enumerate(hours):
        events = [kps_event(new_id()) for _ in range(1 + number % 3)]
        done = casebook.log.record(events, Entries(now, CommandRow(new_id(), "akun-1", "x", b"", 201, "[]")))
        ends.append((now, done.first + len(events) - 1))
    assert reader.position_at("1999-01-01T00:00:00.000000Z") == 0
    assert reader.position_at(start.recorded) == start.position
    for now, _ in ends:
        assert reader.position_at(now) == max(end for at, end in ends if at <= now)
        assert reader.position_at(now.replace(":00:00.000000", ":59:59.999999")) == reader.position_at(now)
    assert reader.position_at("2099-01-01T00:00:00.000000Z") == reader.head()[0]


def test_positions_have_no_gap_after_appends_that_failed(desk: Desk) -> None:
    log = desk.casebook().log
    taken, stream = new_id(), new_id()
    log.record([kps_event(stream)], entries(taken, "rahma"))
    for _ in range(3):
        with pytest.raises(VersionTaken):
            log.record([kps_event(new_id()), kps_event(stream)], entries())
        with pytest.raises(VersionTaken):
            log.record([kps_event(stream)], entries())
        with pytest.raises(CommandTaken):
            log.record([kps_event(new_id())], entries(taken))
        with pytest.raises(CommandTaken):
            log.record([kps_event(new_id()), kps_event(new_id())], entries(taken))
        with pytest.raises(Reserved):
            log.record([kps_event(new_id())], entries(held="rahma"))
        log.record([kps_event(new_id()), kps_event(new_id())], entries())
    assert positions(log) == list(range(1, 2 + 1 + 6))
    assert log.database.rows("SELECT count(*) FROM commands") == [(5,)]


def test_a_command_that_is_taken_says_so_even_when_its_version_is_taken_too(desk: Desk) -> None:
    log = desk.casebook().log
    stream, asked = new_id(), new_id()
    log.record([kps_event(stream)], entries(asked, "rahma"))
    with pytest.raises(CommandTaken):
        log.record([kps_event(stream)], entries(asked, "rahma"))


def test_the_events_of_one_command_stand_together_and_are_all_there_or_none(desk: Desk) -> None:
    casebook = desk.casebook()
    one, other = registered(casebook), registered(casebook)
    answer = casebook.record(command(), lambda decision: (turn(one)(decision), turn(other)(decision)))
    assert [event.position for event in answer.events] == [answer.events[0].position, answer.events[0].position + 1]
    assert LogReader(casebook.log.database).moment(answer.events[0].position)[0] == answer.position

    def half(decision: Decision) -> None:
        turn(one)(decision)
        turn(other)(decision)
        decision.reserve("sign_in", "rahma", one)

    casebook.record(command(), half)
    before = positions(casebook.log)
    with pytest.raises(TakenByAnother):
        casebook.record(command(), half)
    assert positions(casebook.log) == before


def test_every_leaf_is_the_hash_of_its_text(desk: Desk) -> None:
    casebook = desk.casebook()
    for name in ("Arisan “Mawar”", "Kelompok\u2028baris", "Ti'ayo \\ 😀", "x" * 5000):
        casebook.log.record([kps_event(new_id(), name=name)], entries())
    rows = casebook.log.stored(0, 100)
    assert len(rows) == 5
    for row in rows:
        assert row.leaf == hashlib.sha256(b"\x00" + row.text.encode("utf-8")).digest() == leaf_hash(row.text)
    if casebook.log.database.engine == "postgresql":
        computed = casebook.log.database.rows(
            "SELECT sha256('\\x00'::bytea || convert_to(text, 'UTF8')) FROM events ORDER BY position"
        )
        assert [bytes(row[0]) for row in computed] == [row.leaf for row in rows]


def test_every_column_is_a_copy_of_something_in_the_text(desk: Desk) -> None:
    casebook = desk.casebook()
    registered(casebook, "Ibu Rahma 0812")
    for row in casebook.log.stored(0, 100):
        fields = json.loads(row.text)
        for name in ("position", "stream", "version", "topic", "schema", "recorded", "command"):
            assert fields[name] == getattr(row, name)


def test_both_engines_store_the_same_bytes(tmp_path: Path, postgres_url: str) -> None:
    logs = {}
    for engine, url in {"sqlite": f"sqlite:///{tmp_path / 'wahana.db'}", "postgresql": postgres_url}.items():
        (tmp_path / engine).mkdir()
        desk = make_desk(url, tmp_path / engine)
        casebook = desk.casebook(now=lambda: "2030-01-01T00:00:00.000000Z")
        for number in range(20):
            event = kps_event(f"k{number}", name=f"Arisan “{number}” \t\\ \u2028 é 😀 {chr(0xE000)}")
            prepared = prepare(event.stream, 1, event.topic, template(event))
            assert prepared.text(7, "x").count("Arisan") == 1
            casebook.log.record([event], Entries("2030-01-01T00:00:00.000000Z"))
        logs[engine] = [re.sub(r'"(id|command)":"[^"]*",', "", row.text) for row in casebook.log.stored(1, 100)]
        desk.close()
    assert len(logs["sqlite"]) == 20
    assert logs["sqlite"] == logs["postgresql"]


def test_a_row_whose_text_was_altered_is_read_as_malformed(desk: Desk) -> None:
    casebook = desk.casebook()
    for name in ("Arisan Mawar", "Arisan Melati", "Arisan Anggrek"):
        casebook.log.record([kps_event(new_id(), name=name)], entries())
    owner = desk.owner()
    if owner.engine == "sqlite":
        owner.script("DROP TRIGGER events_stands_update")
    else:
        owner.script("ALTER TABLE events DISABLE TRIGGER ALL")
    owner.rows("UPDATE events SET text = replace(text, 'Mawar', 'Duri') WHERE position = 2")
    owner.rows("UPDATE events SET version = 9 WHERE position = 3")
    read = LogReader(casebook.log.database).read(1, 10)
    assert [isinstance(one, Malformed) for one in read] == [True, True, False]


def test_what_the_unique_columns_refuse_is_told_apart(desk: Desk) -> None:
    """An unknown cause is an error of its own, never taken for a version to try again."""
    from eventsourcing.persistence import IntegrityError

    from service.log.entries import Part

    log = desk.casebook().log
    part = Part(new_id(), 0, "s", "k", b"box")
    log.record([kps_event(new_id())], Entries(utc_now(), None, (part,)))
    before = positions(log)
    with pytest.raises(IntegrityError) as raised:
        log.record([kps_event(new_id())], Entries(utc_now(), None, (part,)))
    assert type(raised.value) is IntegrityError
    assert positions(log) == before


def test_a_log_that_somebody_holds_too_long_is_unavailable_and_then_works_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.log.sqlite_database.BUSY_MILLISECONDS", 100)
    monkeypatch.setattr("service.log.postgres_database.LOCK_MILLISECONDS", 100)
    casebook, asked = desk.casebook(), command()
    with desk.owner().transaction() as held:
        if held.engine != "sqlite":
            held.rows("SELECT pg_advisory_xact_lock(7501, 1)")
        with pytest.raises(LogUnavailable):
            casebook.record(asked, registration(new_id()))
        assert casebook.answered(asked) is None, "reading goes on"
    assert not casebook.record(asked, registration(new_id())).repeated
    assert positions(casebook.log) == [1, 2]


def test_what_an_append_rests_on_is_looked_at_without_reading_the_whole_log(postgres_desk: Desk) -> None:
    log, owner = postgres_desk.casebook().log, postgres_desk.owner()
    streams, asked = [new_id() for _ in range(400)], new_id()
    log.record([kps_event(stream) for stream in streams], entries(asked))
    owner.script("ANALYZE events")

    def read() -> int:
        log.database.rows("SELECT pg_stat_force_next_flush()")
        return int(owner.rows("SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'events'")[0][0])

    before = read()
    for several in (1, 2):
        for stream in streams[:20]:
            rests = msgspec.structs.replace(entries(), tips={stream: (1, asked)})
            log.record([kps_event(new_id()) for _ in range(several)], rests)
    assert read() - before < 400
