"""Large invented logs, written as fast as rows can be: real events of real decisions, copied with other ids.

A few lives of a person with a case and a referral, and of a WKSBM, are decided by the domain. Each copy gets ids of its
own, so that subjects grow as events do, and some hundreds of lives go on at the same time, as in an office; what happens
in them happens in the days before it is recorded. With 1,000,000 events there are some 60,000 people, as many cases, and
two or three WKSBM to a village.
"""

import re
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random

import msgspec

import domain  # noqa: F401 - registers every event
from domain.aggregate import Aggregate, Event
from domain.beneficiary import Beneficiary
from domain.case import Case
from domain.case_plan import Goal
from domain.instruments import INSTRUMENTS
from domain.referral import Referral
from domain.sealed import Evidence, Sealed
from domain.territory import Territory
from domain.villages import published_list
from domain.wksbm import Wksbm
from domain.wksbm_state import BoardMember
from service.log.codec import Prepared, leaf_hash, prepare, template
from service.log.ids import new_id

DAY = date(2024, 3, 4)
AT_ONCE = 300  # lives under way at the same time
IDS = [f"00000000-0000-7000-8000-{number:012d}" for number in range(12)]
PERSON, CASE, REFERRAL, BODY, CLASSIFICATION, GOAL, TASK, VISIT, PART = IDS[:9]
WORKER, VILLAGE = "00000000-0000-7000-8000-999999999999", "75.01.99.2999"
COMMAND = "00000000-0000-7000-8000-888888888888"  # of every event: whoever decides on a stream names its last command
HIDDEN = Sealed(PART)
PAPER = (Evidence("foto", "1"),)

Row = tuple[int, str, int, str, int, str, str, str, bytes]


def _answers(code: str) -> dict[str, int]:
    instrument = INSTRUMENTS[(code, "2")]
    return {question.code: question.most // 2 for question in instrument.questions}


def worked_case(id: str, beneficiary: str, village: str, worker: str, seal: Callable[[], Sealed]) -> Case:
    """A case of ten events: opened, assigned, assessed, planned, visited, served, given a task, reviewed. ``seal`` makes
    the reference of each sealed field."""
    case = Case.open(
        id, on=DAY, beneficiary=beneficiary, subject_kind="person", channel="kunjungan", urgency="biasa", tier=2,
        village=village, story=seal(),
    )  # fmt: skip
    case.assign(on=DAY, worker=worker)
    case.assess(on=DAY, instrument="umum", answers=_answers("umum"), details=seal())
    goal = Goal(id=GOAL, title=seal(), kind="L03", owner=worker, due=DAY + timedelta(30))
    case.propose_plan(on=DAY, by=worker, goals=(goal,))
    case.approve_plan(on=DAY, by="supervisor", number=1)
    case.plan_visit(on=DAY, visit=VISIT, planned_for=DAY + timedelta(7))
    case.record_visit(on=DAY + timedelta(7), visit=VISIT, met=True, minutes=60, note=seal())
    case.deliver_service(on=DAY, kind="L04", quantity=1, unit="paket", provider="Dinsos", value_rupiah=100_000)
    case.give_task(on=DAY, task=TASK, title=seal(), owner=worker, due=DAY + timedelta(9))
    case.review_progress(on=DAY + timedelta(14), progress="membaik")
    return case


def _person(worked: bool) -> list[Aggregate]:
    """A person and her case: opened, assessed, planned, visited, served, and when ``worked`` referred and closed."""
    person = Beneficiary.register(
        PERSON, on=DAY, village="75.01.01.1001", kind="person", channel="penjangkauan", identity=HIDDEN
    )
    person.classify(
        on=DAY, classification=CLASSIFICATION, type="fakir_miskin", tier=2, assessor=WORKER, age=40, sex="P"
    )
    case = worked_case(CASE, PERSON, "75.01.01.1001", WORKER, lambda: HIDDEN)
    found: list[Aggregate] = [person, case]
    if worked:
        case.finish_task(on=DAY, task=TASK)
        referral = Referral.submit(
            REFERRAL, on=DAY, case=CASE, beneficiary=PERSON, tier=2, destination_kind="dukcapil",
            destination="Disdukcapil", need="dokumen", village="75.01.01.1001",
        )  # fmt: skip
        case.note_referral_opened(on=DAY, referral=REFERRAL)
        referral.accept(on=DAY, channel="surat")
        referral.complete(on=DAY, channel="surat", outcome="tertangani")
        case.note_referral_settled(on=DAY, referral=REFERRAL, state=referral.state)
        case.terminate(on=DAY, by=WORKER, reason="tujuan_tercapai", outcome="tercapai")
        found.append(referral)
    return found


def _body() -> list[Aggregate]:
    body = Wksbm.initiate(BODY, on=DAY, village="75.01.01.1001", name="WKSBM Huyula")
    body.hold_socialization(on=DAY, attendance=30)
    body.hold_deliberation(on=DAY, attendance=40, minutes=HIDDEN)
    body.form(on=DAY)
    members = (BoardMember("ketua", "A"), BoardMember("sekretaris", "B"))
    body.appoint_board(on=DAY, members=members, term_from=DAY, term_until=DAY + timedelta(1800))
    body.ratify(
        on=DAY, number="1/2024", dated=DAY, signatory="C", signatory_post="lurah", term_until=DAY + timedelta(1800)
    )
    for number in range(48):  # the last one lies before the day on which boards are asked
        body.report_activity(on=DAY + timedelta(14 * number), kind="pemberdayaan", participants=20)
    return [body]


class Life:
    """The prepared events of one life, in the order they happened, with the ids and days that a copy replaces."""

    def __init__(self, aggregates: list[Aggregate]) -> None:
        events: list[Event] = []
        for aggregate in aggregates:
            events += aggregate.collect_events()  # type: ignore[arg-type]  # the library's type of our own events
        names = {event.stream for event in events}
        self.ids = [one for one in IDS if one in names or one in (CLASSIFICATION, GOAL, TASK, VISIT, PART)]
        prepared = [_finished(event) for event in events]
        self.meta = [(one.stream, one.version, one.topic, one.schema) for one in prepared]
        text = "\x00".join("\x01".join((one.head, one.middle, one.tail)) for one in prepared)
        self.pieces = re.split(r'"(\d{4}-\d\d-\d\d)"', text)  # each second one is a day
        last = max(event.on for event in events)
        self.days = [(date.fromisoformat(day) - last).days for day in self.pieces[1::2]]

    def copy(
        self, village: str, stamp: int, last: date | None = None
    ) -> Iterator[tuple[str, int, str, int, list[str]]]:
        """The life again: stream, version, topic, schema and the three pieces of the text of each event. ``last`` is the
        day of its last event; left out, its days stay what they are."""
        fresh = {one: new_id(stamp) for one in self.ids}
        pieces = self.pieces
        if last is not None:
            pieces = pieces.copy()
            pieces[1::2] = [(last + timedelta(days)).isoformat() for days in self.days]
        text = "".join(f'"{piece}"' if number % 2 else piece for number, piece in enumerate(pieces))
        text = text.replace("75.01.01.1001", village)
        for old, new in fresh.items():
            text = text.replace(old, new)
        for (stream, version, topic, schema), parts in zip(self.meta, text.split("\x00"), strict=True):
            yield fresh.get(stream, stream), version, topic, schema, parts.split("\x01")


def _finished(event: Event) -> Prepared:
    event = msgspec.structs.replace(
        event, id=new_id(), by=WORKER, post="Pekerja Sosial", territory="75.01/2025", command=COMMAND, source="api"
    )
    return prepare(event.stream, event.version, event.topic, template(event))


def territory() -> Life:
    """The published list of villages as a life of one event."""
    return Life([Territory.publish(on=date(2019, 7, 1), valid_from=date(2004, 1, 1))])


def rows(total: int, seed: int = 75_01) -> Iterator[Row]:
    """``total`` rows of the events table, positions from 1, recording times rising over seven years."""
    random = Random(seed)
    closed, running, body = Life(_person(True)), Life(_person(False)), Life(_body())
    lives = [closed] * 55 + [running] * 44 + [body]
    villages = [village.code for village in published_list()]
    began = int(datetime(2019, 7, 1, tzinfo=UTC).timestamp())
    step = 7 * 365 * 86400 * 1_000_000 // max(total, 1)
    active: deque[Iterator[tuple[str, int, str, int, list[str]]]] = deque()
    published = territory()
    active.append(iter([next(published.copy("75.01.01.1001", began * 1000))]))
    position = 0

    def another() -> Iterator[tuple[str, int, str, int, list[str]]]:
        today = datetime.fromtimestamp(began + position * step // 1_000_000, UTC).date()
        return random.choice(lives).copy(random.choice(villages), began * 1000 + position, today)

    while position < total:
        while len(active) < min(AT_ONCE, position + 1):
            active.append(another())
        life = active.popleft()
        event = next(life, None)
        if event is None:
            active.append(another())
            continue
        active.append(life)
        position += 1
        stream, version, topic, schema, (head, middle, tail) = event
        micros = position * step
        moment = datetime.fromtimestamp(began + micros // 1_000_000, UTC).replace(microsecond=micros % 1_000_000)
        recorded = moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        text = f'{head}"position":{position},{middle}"recorded":"{recorded}"{tail}'
        yield position, stream, version, topic, schema, recorded, COMMAND, text, leaf_hash(text)
