"""The log under contention, repetition and sudden death: nothing acknowledged is lost, doubled or out of order."""

from __future__ import annotations

import time

from domain.aggregate import Event
from projections.source import Malformed
from service.command import Answer
from service.log.ids import new_id
from service.log.reader import LogReader
from tests.service.casebooks import Desk, command, registered, registration, same, turn
from tests.trials.plugin import Trial
from tests.trials.processes import (
    CONTEXT,
    Acknowledged,
    follow,
    repeat,
    started,
    told,
    write_at_random,
    write_until_killed,
)

WRITERS, READERS = 8, 2


def whole_log(desk: Desk) -> list[Event]:
    """Every event, read and checked from the first position; fails on a gap or a malformed event."""
    reader = LogReader(desk.connect(desk.url, size=1))
    found: list[Event] = []
    while batch := reader.read(len(found), 1000):
        for event in batch:
            assert not isinstance(event, Malformed), event
            found.append(event)
    assert [event.position for event in found] == list(range(1, len(found) + 1))
    times = [event.recorded for event in found]
    assert times == sorted(times)
    return found


def test_every_reader_sees_every_acknowledged_event_once_and_in_order(desk: Desk, trial: Trial) -> None:
    casebook = desk.casebook()
    shared = [registered(casebook) for _ in range(12)]
    desk.close()
    start, head = CONTEXT.Barrier(WRITERS), CONTEXT.Value("q", -1)
    readers = [started(follow, desk, trial.seed + n, head) for n in range(READERS)]
    seconds = trial.size(3, 20)
    writers = [started(write_at_random, desk, trial.seed - n, seconds, shared, start) for n in range(WRITERS)]
    reports = [told(*writer) for writer in writers]
    log = [(event.position, event.id) for event in whole_log(desk)]
    head.value = len(log)
    acknowledged: list[Acknowledged] = [one for positions, _ in reports for one in positions]
    counts = {name: sum(report[1][name] for report in reports) for name in reports[0][1]}
    trial.count(events=len(log), acknowledged=len(acknowledged), readers=READERS, writers=WRITERS, **counts)
    assert len(set(acknowledged)) == len(acknowledged)
    for reader in readers:
        assert told(*reader) == log
    assert set(acknowledged) <= set(log)
    assert counts["unequal"] == 0
    assert counts["contended"] > 0, "nothing was contended"
    assert counts["repeated"] > 0
    assert len(acknowledged) > WRITERS


def test_one_command_sent_fifty_times_at_once_is_one_event_and_fifty_equal_answers(desk: Desk, trial: Trial) -> None:
    desk.casebook()
    desk.close()
    processes, threads = 5, 10
    rounds = trial.size(2, 20)
    beaten = 0
    for _ in range(rounds):
        asked, kps = command(fingerprint=b"same body"), new_id()
        start = CONTEXT.Barrier(processes * threads)
        senders = [started(repeat, desk, asked, kps, threads, start) for _ in range(processes)]
        answers = [answer for sender in senders for answer in told(*sender)]
        assert len(answers) == processes * threads
        refused = [answer for answer in answers if not isinstance(answer, Answer)]
        assert refused == []
        assert all(same(answer, answers[0]) for answer in answers)
        assert [answer.repeated for answer in answers].count(False) == 1
        beaten += sum(answer.repeated for answer in answers)
        log = desk.casebook().log
        assert [event.id for event in log.history(kps)] == [answers[0].events[0].id]
        assert log.database.rows("SELECT count(*) FROM commands WHERE id = :id", id=asked.id) == [(1,)]
        desk.close()
    trial.count(rounds=rounds, answers=rounds * processes * threads, answered_from_the_command_table=beaten)
    assert beaten == rounds * (processes * threads - 1)


def test_a_writer_killed_at_any_moment_loses_nothing_that_was_acknowledged(desk: Desk, trial: Trial) -> None:
    casebook = desk.casebook()
    shared = [registered(casebook) for _ in range(4)]
    known = {event.id: event.position for event in whole_log(desk)}
    desk.close()
    kills = trial.size(20, 200)
    recorded_unheard, never_recorded, acknowledged = 0, 0, 0
    for number in range(kills):
        process, pipe = started(write_until_killed, desk, trial.seed + number, shared)
        assert pipe.poll(60)
        time.sleep(trial.random.random() ** 2 * 0.12)
        process.kill()
        process.join(10)
        assert process.exitcode == -9
        asked, heard = None, None
        while True:
            try:
                kind, what = pipe.recv()
            except EOFError:
                break
            asked, heard = (what, None) if kind == "asks" else (asked, what)
            if heard is not None:
                known.update({event.id: event.position for event in heard.events})
                acknowledged += len(heard.events)
        pipe.close()
        casebook = desk.casebook()
        assert asked is not None
        if heard is None:
            # The command under way is recorded whole or not at all; sent again, it has one answer.
            stored = casebook.answered(asked)
            recorded_unheard += stored is not None
            never_recorded += stored is None
            answer = casebook.record(asked, turn(shared[0]))
            assert stored is None or same(stored, answer)
            assert same(answer, casebook.record(asked, turn(shared[0])))
            known.update({event.id: event.position for event in answer.events})
        assert casebook.record(command(), registration(new_id())).events
        desk.close()
    log = {event.id: event.position for event in whole_log(desk)}
    assert known.items() <= log.items()
    commands = desk.casebook().log.database.rows("SELECT first, count, id FROM commands ORDER BY first")
    assert sum(count for _, count, _ in commands) == len(log)
    if desk.url.startswith("sqlite"):
        assert desk.owner().rows("PRAGMA integrity_check") == [("ok",)]
    trial.count(
        kills=kills,
        acknowledged_events=acknowledged,
        commands_cut_before_recording=never_recorded,
        commands_cut_after_recording=recorded_unheard,
    )
    assert recorded_unheard + never_recorded > 0, "no kill hit a command under way"
