"""What a difference names is what makes it: what was reported and the named events alone give what is known now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from domain.aggregate import Event
from domain.correction import correct, effective, replay, retract
from domain.refusals import Refused
from domain.sealed import Sealed
from domain.wksbm import Wksbm
from projections.figures import FIGURES, Asked
from projections.figures.differences import differences
from projections.figures.periods import PERIOD, counts
from projections.store import Store
from tests.journeys.counting import Counted
from tests.projections.villages import ALL_REACHED, BULILA, KAYUBULAN, MONTHS, Diary, initiated, paper, ratified
from tests.trials.plugin import Trial

BEGIN, END = date(2025, 3, 1), date(2025, 3, 31)
TERM = timedelta(days=200)
REASON = Sealed(part="p1")
COUNTED = {"wksbm_formed": "wksbm.formed", "wksbm_ratified": "wksbm.ratified", "activities": "wksbm.activity_reported"}
COVERED = [name for name in FIGURES if name.startswith("coverage.") and not name.endswith(("permille", "elsewhere"))]


def some_day(random: Random) -> date:
    """A day around March 2025, or of another year now and then."""
    return BEGIN + timedelta(days=random.choice([random.randint(-20, 50), random.randint(-700, 200)]))


def act(random: Random, wksbm: Any, events: list[Any]) -> None:
    """Something that happens to a body, late or put right; may be refused."""
    day, target = some_day(random), random.choice(events)
    proof = random.choice([(), (paper("laporan_kegiatan"),), (paper("berita_acara"), paper("daftar_hadir"))])
    said: list[Callable[[], None]] = [
        lambda: wksbm.report_activity(on=day, kind="rapat", evidence=proof),
        lambda: wksbm.hold_deliberation(on=day, attendance=30, evidence=proof),
        lambda: wksbm.form(on=day, evidence=proof),
        lambda: wksbm.find_dormant(on=day, signals=("tanpa_kegiatan",)),
        lambda: wksbm.reactivate(on=day, evidence=proof),
        lambda: wksbm.provide_evidence(on=day, target=target.version, evidence=proof),
        lambda: correct(wksbm, target, on=END, reason=REASON, requested_by="kantor", changes={"on": day.isoformat()}),
        lambda: retract(wksbm, target, on=END, reason=REASON, requested_by="kantor"),
        lambda: wksbm.dissolve(on=day, reason="musyawarah", evidence=(paper("sk"),)),
    ]
    random.choices(said, weights=[6, 2, 2, 1, 1, 4, 6, 5, 1])[0]()


def live(diary: Diary, random: Random, steps: int) -> None:
    """Record a random life of four bodies in two villages."""
    ids = ["w1", "w2", "w3", "w4"]
    begun = some_day(random)
    diary.write(
        initiated("w1", BULILA, begun), ratified("w2", KAYUBULAN, begun, begun + TERM), initiated("w3", BULILA, begun)
    )
    later = some_day(random)
    diary.write(ratified("w4", KAYUBULAN, later, later + TERM))
    while steps:
        own = diary.ledger.stream(random.choice(ids), len(diary.ledger.events))
        wksbm = replay(None, own)
        assert isinstance(wksbm, Wksbm)
        try:
            act(random, wksbm, own)
        except Refused:
            continue
        diary.write(wksbm)
        steps -= 1


def again(name: str, events: list[Event], day: date) -> int:
    """A figure, counted from events without any view."""
    group, _, field = name.partition(".")
    if group == "coverage":
        return Counted(events, day, MONTHS).coverage()[field]
    streams = {event.stream for event in events}
    standing = [one for stream in streams for one in effective([event for event in events if event.stream == stream])]
    return sum(one.topic == COUNTED[field] and BEGIN <= one.on <= END for one in standing)


@pytest.mark.trial
def test_what_was_reported_and_the_events_named_give_what_is_known_now(store: Store, trial: Trial) -> None:
    diary = Diary(store)
    live(diary, trial.random, trial.size(60, 200))
    log: list[Any] = diary.ledger.events
    differed = asked = 0
    diary.views.catch_up()
    for _ in range(trial.size(15, 100)):
        reported, known = sorted(trial.random.randint(1, len(log)) for _ in range(2))
        day = some_day(trial.random)
        with diary.views.at(known) as view:
            then, now = view.put_back(reported), view.position
            question = Asked(ALL_REACHED, ALL_REACHED, day, MONTHS, {"begin": BEGIN, "end": END})
            for name in (*COVERED, *(f"period.{counted}" for counted in COUNTED)):
                [found] = differences(view, then, [FIGURES[name]], question)
                named = [log[entry.position - 1] for entry in found.entries]
                assert all(then.position < event.position <= now for event in named)
                assert found.then == again(name, log[: then.position], day), name
                assert found.now == again(name, log[:now], day), name
                assert found.now == again(name, [*log[: then.position], *named], day), name
                assert bool(named) or found.then == found.now
                differed, asked = differed + bool(named), asked + 1
            together, alone = counts(view, question), {name: FIGURES[f"period.{name}"] for name in PERIOD}
            assert together == {name: figure.count(view, question) for name, figure in alone.items()}
    trial.count(differences=asked, with_events=differed)
    assert differed > 10
