"""How the office looks after the data itself: its archive schedule, and what people ask of what it holds about them."""

from collections.abc import Generator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from domain.ppks import TYPE_DATA
from domain.subject_request_state import HeirOnlyAfterDeath
from service.casebook import Answer
from service.demo.people import Person
from service.demo.play import Life, Step
from service.demo.registration import STRICT
from service.demo.world import WITA, World
from service.log.ids import new_id

_BASIS = "JRA kantor (contoh untuk peragaan)"
_LATEST = timedelta(days=100)  # after which everybody is registered, also who was registered late

#: What is asked for, how long ago at most, in which words, and what was done about it.
_REQUESTS: tuple[tuple[str, timedelta, str, tuple[str, dict[str, Any]] | None], ...] = (
    ("erasure", timedelta(days=6), "Minta catatan tentang dirinya dihapus.", ("pause", {"reason": "bukti_identitas"})),
    (
        "access",
        timedelta(hours=71),
        "Minta salinan semua catatan tentang dirinya.",
        ("confirm_identity", {"how": "ktp"}),
    ),
    ("correction", timedelta(hours=30), "Tanggal lahirnya keliru.", None),
)


def protection_life(world: World, everybody: Sequence[Person]) -> Life:
    """The classes of the archive schedule, and in the last days three requests: one that waits for a paper, one whose time
    is nearly over, and one that was just made."""
    schedule = {"trigger": "kasus_terakhir_ditutup", "years": 7, "basis": _BASIS}
    alone = {"code": "DS.01", "label": "Berkas perorangan", "kinds": ["person"], "fate": "musnah"}
    together = {"code": "DS.02", "label": "Berkas keluarga dan komunitas", "kinds": ["family", "community"]}
    yield _step(_morning(date(2022, 11, 1)), "kepala", "retention.set_class", {**schedule, **alone})
    settled = _since(world, timedelta(days=30))
    yield _step(settled, "kepala", "retention.set_class", {**schedule, **together, "fate": "tinjau"})
    # A step is made when the one before it is recorded: by now the people have their numbers.
    known = [one for one in everybody if one.id and one.registered < world.today - _LATEST]
    asking = [one for one in known if TYPE_DATA[one.type].tier < STRICT][-3:]
    for person, (kind, before, details, then) in zip(asking, _REQUESTS, strict=False):
        opened = yield from _opened(world, person, kind, _since(world, before), details)
        if then is not None:
            command, body = then
            url = {"stream": opened.body["id"]}
            yield _step(opened.at + timedelta(minutes=40), "dpo", f"subject_request.{command}", body, url)


def _opened(world: World, person: Person, kind: str, at: datetime, details: str) -> Generator[Step, Answer, Step]:
    """A request as her social worker records it; of somebody who died it is her heir's."""
    body = {"id": new_id(), "subject": person.id, "kind": kind, "channel": "datang", "details": details}
    step = _step(at, world.staff.peksos(person.village), "subject_request.open", {**body, "asker": "yang_bersangkutan"})
    try:
        yield step
    except HeirOnlyAfterDeath:
        step.body["asker"] = "ahli_waris"
        yield step
    return step


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(10, 20), UTC) - WITA


def _since(world: World, before: timedelta) -> datetime:
    """The first morning in the office since so long before the end."""
    begin = world.until - before
    first = _morning((begin + WITA).date())
    return first if first >= begin else first + timedelta(days=1)


def _step(at: datetime, by: str, command: str, body: dict[str, Any], url: dict[str, str] | None = None) -> Step:
    said = {"on": (at + WITA).date().isoformat(), "source": "form", **body}
    return Step(at=at, by=by, command=command, body=said, url=url or {})
