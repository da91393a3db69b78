"""The figures that every WKSBM has on the board: what it did and holds, counted from its own events as known."""

from collections.abc import Callable, Iterator

from domain.aggregate import Event
from domain.wksbm import Wksbm
from projections.figures.figure import Asked, Figure, Row, counted, judged
from projections.history_lists import stream_history
from projections.view import View
from projections.wksbm import waiting_of

_NEEDS = frozenset({"wksbm"})
_EVENTS: dict[str, tuple[type[Event], str, str]] = {
    "activities": (Wksbm.ActivityReported, "", "Banyaknya kegiatan WKSBM ini yang dilaporkan."),
    "funds_raised": (Wksbm.FundsRaised, "amount", "Jumlah dana yang dihimpun WKSBM ini, dalam rupiah."),
    "funds_distributed": (Wksbm.FundsDistributed, "amount", "Jumlah dana yang disalurkan WKSBM ini, dalam rupiah."),
    "facilities": (Wksbm.FacilityProvided, "", "Banyaknya sarana yang diterima WKSBM ini."),
    "coachings": (Wksbm.CoachingConducted, "", "Banyaknya pembinaan yang diterima WKSBM ini."),
}


def _within(view: View, asked: Asked) -> list[str]:
    """The waiting steps of the asked body as a list of one text, or nothing when it is not within reach."""
    where, values = asked.reach
    sql = f"SELECT waiting FROM {{bodies}} WHERE {where} AND key = :wksbm"
    return [row["waiting"] for row in view.rows(sql, **values, wksbm=asked.about["wksbm"])]


def _events(topic: str, weight: str) -> Callable[[View, Asked], list[Row]]:
    def find(view: View, asked: Asked) -> list[Row]:
        wksbm = asked.about["wksbm"]
        entries = stream_history(view, wksbm) if _within(view, asked) else []
        return [
            Row(f"{wksbm}:{entry.version}", wksbm, int(entry.data.get(weight) or 0) if weight else 1)
            for entry in entries
            if entry.topic == topic and entry.retracted is None
        ]

    return find


def _unproven(view: View, asked: Asked) -> list[Row]:
    wksbm = asked.about["wksbm"]
    return [Row(f"{wksbm}:{step.version}", wksbm, 1) for text in _within(view, asked) for step in waiting_of(text)]


def figures() -> Iterator[Figure]:
    for name, (event, weight, said) in _EVENTS.items():
        yield judged(
            f"wksbm.{name}", said, kind="event", right="wksbm", find=_events(event.TOPIC, weight), needs=_NEEDS
        )
    waiting = "Banyaknya langkah WKSBM ini yang dilaporkan tanpa berkas yang membuktikannya."
    yield judged("wksbm.unproven", waiting, kind="event", right="wksbm", find=_unproven, needs=_NEEDS)
    yield counted(
        "wksbm.kps_count",
        "Banyaknya KPS yang sekarang menjadi anggota WKSBM ini.",
        table="memberships",
        where="active = 1",
        kind="kps",
        right="wksbm",
        subject="wksbm",
        needs=_NEEDS,
        equal={"wksbm": "wksbm"},
    )
