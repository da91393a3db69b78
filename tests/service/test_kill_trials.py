"""kill -9 of a worker, of a process that folds, of a rebuild, and of a destruction, at random moments and at each step.

No acknowledged event is lost, no command is recorded twice, no view is wrong, nobody is destroyed by half, and the next
start is clean. In the short form each engine gets half of the kills.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from domain.subject import KeyDestroyed
from projections.verify import verify
from service.certificate import certificate
from service.log.ids import new_id
from service.log.shred_list import ShredList
from service.office import Office
from tests.journeys.filled import filled_office
from tests.service.destroyed import decided, left_of, lived, lying, make, secrets, settings, stored_in
from tests.service.offices import VILLAGE, Asking, make_office, settings_of
from tests.trials.killed import DESTROYING, LOST, STEPS, Server, build_anew, destroy, fold
from tests.trials.plugin import Trial
from tests.trials.processes import started

CLIENTS = 3
PATIENCE = 90


def whole(here: Office) -> None:
    """Every view is what a rebuild makes of the log, and nothing was set aside."""
    assert verify(here.views).differences == ()
    assert not any(status.set_aside for status in here.views.status())


def whole_so_far(here: Office) -> None:
    """The same of the events that the views were told, without telling them more."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(here.views, "catch_up", lambda *_args, **_more: SimpleNamespace(newer=()))
        whole(here)


class Client(threading.Thread):
    """Registers bodies one after another, each under a command id of its own, again until it is answered."""

    def __init__(self, server: Server, token: str, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.server, self.token, self.stop = server, token, stop
        self.answers: dict[str, Any] = {}
        self.cut_off = 0
        self.failed = ""

    def run(self) -> None:
        while not self.stop.is_set() and not self.failed:
            key = new_id()
            body = {"id": new_id(), "village": VILLAGE, "kind": "arisan", "name": "Arisan", "contact": "Ibu Rahma"}
            give_up = time.monotonic() + PATIENCE
            while key not in self.answers:
                try:
                    status, told = self.server.ask("POST", "/api/v1/kps", self.token, body, key)
                except (OSError, http.client.HTTPException, ValueError):
                    self.cut_off += 1
                    time.sleep(0.02)
                else:
                    if status == 201:
                        self.answers[key] = told
                    elif status != 503:
                        self.failed = f"{status}: {told}"
                        return
                if time.monotonic() > give_up:
                    self.failed = "never answered"
                    return


def test_a_worker_killed_at_any_moment_loses_and_doubles_nothing(
    tmp_path: Path, database_url: str, trial: Trial
) -> None:
    here = make_office(tmp_path, database_url)
    token = Asking(here, "supervisor").token
    server = Server(settings_of(tmp_path, database_url), tmp_path / "gunicorn.log")
    stop = threading.Event()
    clients = [Client(server, token, stop) for _ in range(CLIENTS)]
    kills = trial.size(10, 200)
    try:
        for client in clients:
            client.start()
        for _ in range(kills):
            # Only a worker that serves can be hit: a new one takes a second to begin.
            served, give_up = sum(len(client.answers) for client in clients) + CLIENTS, time.monotonic() + PATIENCE
            while sum(len(client.answers) for client in clients) < served:
                assert time.monotonic() < give_up, [client.failed for client in clients]
                time.sleep(0.002)
            time.sleep(trial.random.random() * 0.1)
            with contextlib.suppress(ProcessLookupError):
                os.kill(trial.random.choice(server.workers()), signal.SIGKILL)
        server.until_ready()
        stop.set()
        for client in clients:
            client.join(PATIENCE)
            assert not client.is_alive()
    finally:
        stop.set()
        server.stop()
    assert [client.failed for client in clients] == [""] * CLIENTS
    answers = {key: told for client in clients for key, told in client.answers.items()}
    cut_off = sum(client.cut_off for client in clients)
    trial.count(kills=kills, commands=len(answers), requests_cut_off=cut_off)
    stored = here.database.rows("SELECT command, text, position FROM events WHERE topic = 'kps.registered'")
    recorded = {command: (json.loads(text)["id"], position) for command, text, position in stored}
    assert len(stored) == len(recorded), "a command was recorded twice"
    assert recorded == {key: (told["events"][0]["id"], told["events"][0]["position"]) for key, told in answers.items()}
    assert cut_off > 0, "no kill hit a request under way"

    # The next start is clean.
    server = Server(settings_of(tmp_path, database_url), tmp_path / "gunicorn.log")
    try:
        key, told = next(iter(answers.items()))
        assert server.ask("GET", "/api/v1/villages", token)[0] == 200
        assert server.ask("GET", f"/api/v1/kps/{told['id']}", token)[0] == 200
        new = {"village": VILLAGE, "kind": "arisan", "name": "Arisan"}
        assert server.ask("POST", "/api/v1/kps", token, new, key)[0] == 409, "the id of a command is used for ever"
        assert server.ask("POST", "/api/v1/kps", token, new)[0] == 201
    finally:
        server.stop()
    here.views.catch_up(bounded=False)
    whole(here)
    here.close()


def test_a_catch_up_killed_at_any_moment_leaves_no_view_wrong(tmp_path: Path, database_url: str, trial: Trial) -> None:
    kills = trial.size(10, 200)
    here = filled_office(tmp_path, database_url, trial.size(2_000, 20_000))
    settings, head = settings_of(tmp_path, database_url), here.reader.head()[0]
    hit, folded, latest = 0, 0, 0.1
    for number in range(kills):
        process, pipe = started(fold, settings, trial.random.choice([1, 3, 10]))
        assert pipe.recv() == "begins"
        time.sleep(trial.random.random() ** 2 * latest)
        process.kill()
        process.join(10)
        pipe.close()
        positions = {status.position for status in here.views.status() if status.serving}
        assert len(positions) == 1, "half of an event was folded"
        reached = positions.pop()
        hit += folded < reached < head
        assert folded <= reached
        if reached == folded:  # too early on a machine as slow as this one
            latest = min(1.5 * latest, 2)
        folded = reached
        if number % trial.size(5, 25) == 0:
            whole_so_far(here)
        if folded == head:
            break
    trial.count(kills=number + 1, kills_while_folding=hit, events=head, reached=folded)
    assert hit > 0, "no kill hit a catch-up under way"
    assert here.views.catch_up(bounded=False).position == head
    whole(here)
    here.close()


class Rebuilds:
    """Rebuilds of one office's views, each killed or not, with the old views watched."""

    def __init__(self, here: Office, settings: dict[str, str], trial: Trial) -> None:
        self.here, self.settings, self.trial = here, settings, trial
        self.before = verify(here.views)
        assert self.before.differences == ()
        self.taken_up, self.checked = 0, 0

    def run(self, moment: float | None = None, step: str = "", *, after: bool = False, call: int = 1) -> bool:
        """Rebuild by one process or by two, killed at a moment (seconds from its beginning) or at a step of its; true
        when that hit it under way."""
        processes = self.trial.random.choice([1, 2])
        process, pipe = started(build_anew, self.settings, 100, processes, step, after, call)
        assert pipe.recv() == "begins"
        ended = True
        if moment is not None:
            ended = pipe.poll(moment)
            process.kill()
        elif step:
            process.join(PATIENCE)
            assert process.exitcode in (0, -signal.SIGKILL, LOST), f"{step}: exit code {process.exitcode}"
            ended = process.exitcode == 0
        if ended:
            assert pipe.poll(PATIENCE)
            self.taken_up += pipe.recv() > 0
        process.join(PATIENCE)
        pipe.close()
        serving = [status for status in self.here.views.status() if status.serving]
        assert {status.lag for status in serving} == {0}
        assert len(serving) == len(self.here.views.projections)
        return not ended

    def check(self) -> None:
        """The views that are read now hold what they held at the beginning."""
        self.checked += 1
        found = verify(self.here.views, processes=1)
        assert (found.differences, found.digests) == ((), self.before.digests)


def test_a_rebuild_killed_at_any_moment_goes_on_and_ends_the_same(
    tmp_path: Path, database_url: str, trial: Trial
) -> None:
    kills = trial.size(6, 100)
    here = filled_office(tmp_path, database_url, 3_000)
    here.views.catch_up(bounded=False)
    rebuilds = Rebuilds(here, settings_of(tmp_path, database_url), trial)
    began = time.monotonic()
    assert not rebuilds.run()
    lasts = time.monotonic() - began
    under_way = 0
    for number in range(kills):
        # Taken up where it was, it soon ends: most moments are early, so that all of its course is hit.
        under_way += rebuilds.run(trial.random.random() ** 2 * lasts)
        if number % trial.size(3, 25) == 0:
            rebuilds.check()
    assert not rebuilds.run()
    rebuilds.check()
    trial.count(kills=kills, kills_of_a_rebuild_under_way=under_way, taken_up_again=rebuilds.taken_up)
    assert under_way > 0, "no kill hit a rebuild under way"
    assert {status.state for status in here.views.status()} == {"live", "old"}
    here.close()


def test_a_rebuild_killed_at_each_of_its_steps_goes_on_and_ends_the_same(
    tmp_path: Path, database_url: str, trial: Trial
) -> None:
    here = filled_office(tmp_path, database_url, 1_500)
    here.views.catch_up(bounded=False)
    rebuilds = Rebuilds(here, settings_of(tmp_path, database_url), trial)
    kills = 0
    for turn in range(trial.size(1, 5)):
        for step in STEPS:
            for after in (False, True):
                # Later calls of a step come in long rebuilds only; whoever misses leaves none, and the next is long.
                calls = (trial.random.randint(1, 3) if turn else 1, 1, 1)
                hits = next((True for call in calls if rebuilds.run(step=step, after=after, call=call)), False)
                assert hits, f"no kill hit {'after' if after else 'before'}: {step}"
                kills += 1
            assert not rebuilds.run()
            rebuilds.check()
    trial.count(kills=kills, steps=2 * len(STEPS), taken_up_again=rebuilds.taken_up, compared=rebuilds.checked)
    assert rebuilds.taken_up > 0, "no rebuild found anything done"
    assert {status.state for status in here.views.status()} == {"live", "old"}
    here.close()


class Destructions:
    """One person after another who is to go while somebody stays; `wahana destroy` is killed, and run again."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.here = make(folder, url)
        self.settings = settings(folder, url)
        lived(self.here, [0], file=True)
        self.destroyed = self.resumed = 0
        self.lasts = 0.0

    def run(self, stream: str, *, step: str = "", after: bool = False, seconds: float | None = None) -> bool:
        """Destroy; killed at a step, or after so many seconds. Says whether a kill hit it."""
        process, pipe = started(destroy, self.settings, stream, step, after)
        assert pipe.poll(PATIENCE)
        assert pipe.recv() == "begins"
        began = time.monotonic()
        if seconds is not None:
            time.sleep(seconds)
            process.kill()
        process.join(PATIENCE)
        if not (step or seconds):
            self.lasts = time.monotonic() - began
        try:
            done = pipe.poll() and pipe.recv() == "done"
        except EOFError:
            done = False
        pipe.close()
        assert process.exitcode in ((0, -signal.SIGKILL) if done else (-signal.SIGKILL,))
        return not done

    def one(self, *kills: dict[str, Any]) -> int:
        """Destroy one more person with these kills, and look at what is left of her; the number of kills that hit."""
        here = self.here
        self.destroyed += 1
        [person] = lived(here, [self.destroyed], file=True)
        hers, stream = secrets(here, [person]), decided(here, [person])
        assert set(lying(stored_in(self.folder, self.url), hers)) == set(hers), "the search finds what is there"
        killed, begun = 0, False
        for kill in kills:
            killed += self.run(stream, **kill)
            begun = here.log.history(stream)[-1].topic == "destruction.begun"
            self.resumed += begun
        assert not self.run("" if begun else stream), "what was begun goes on without being named"
        topics = [event.topic for event in here.log.history(stream)]
        assert topics[-2:] == ["destruction.begun", "destruction.carried_out"]
        lost = [event for event in here.log.history(person) if isinstance(event, KeyDestroyed)]
        assert [(event.destruction, len(event.keys)) for event in lost] == [(stream, 2)]
        assert [entry.subject for entry in ShredList(here.shred_list).read()].count(person) == 1
        [told] = certificate(here, stream)["people"]
        assert (told["id"], told["keys"], told["parts"], told["files"]) == (person, 2, 4, 1)
        assert left_of(self.folder, self.url, hers) == {}
        return killed

    def end(self) -> None:
        """Whoever stays is whole, and so are the views and the log."""
        here = self.here
        ((left,),) = here.database.rows("SELECT count(DISTINCT subject) FROM parts")
        assert (left, len(ShredList(here.shred_list).read())) == (1, self.destroyed)
        here.views.catch_up(bounded=False)
        whole(here)
        here.views.store.close()
        here.close()


def test_a_destruction_killed_at_each_of_its_steps_is_ended_by_the_next_run(
    tmp_path: Path, database_url: str, trial: Trial
) -> None:
    made = Destructions(tmp_path, database_url)
    for _ in range(trial.size(1, 5)):
        for step in DESTROYING:
            for after in (False, True):
                hits = made.one({"step": step, "after": after})
                assert hits == 1, f"no kill hit {'after' if after else 'before'}: {step}"
    trial.count(kills=made.destroyed, steps=2 * len(DESTROYING), found_begun=made.resumed)
    made.end()


def test_a_destruction_killed_at_any_moment_is_ended_by_the_next_run(
    tmp_path: Path, database_url: str, trial: Trial
) -> None:
    made = Destructions(tmp_path, database_url)
    hits = made.one()
    for _ in range(trial.size(4, 50)):
        hits += made.one(*({"seconds": trial.random.random() * made.lasts} for _ in range(2)))
    trial.count(destroyed=made.destroyed, kills_that_hit=hits, found_begun=made.resumed)
    made.end()
    assert hits > 0, "no kill hit a destruction under way"
