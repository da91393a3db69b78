"""The figures of the board of villages, of a village's card, and of the kecamatan: the same at every level."""

from collections.abc import Callable, Iterator
from typing import Any

from projections import village_status
from projections.figures.figure import PLACES, Asked, Figure, Row, counted, judged, villages_asked
from projections.view import View

_STAGES = {
    "belum_ada": "belum ada langkah pembentukan WKSBM",
    "dirintis": "sudah ada langkah pertama pembentukan WKSBM, belum terbentuk",
    "terbentuk": "WKSBM-nya terbentuk, belum ber-SK",
    "sah": "WKSBM-nya pernah ditetapkan dengan SK",
    "dibubarkan": "semua WKSBM-nya sudah dibubarkan",
}
_BODIES = {
    "wksbm": "Banyaknya WKSBM yang sudah dirintis dan belum dibubarkan pada hari itu.",
    "sk_in_force": "Banyaknya WKSBM yang belum dibubarkan dan SK-nya berlaku pada hari itu.",
    "active": "Banyaknya WKSBM terbentuk yang tidak tidur dan memberi tanda hidup (kegiatan, dana masuk atau keluar, "
    "bangun kembali) dalam bulan-bulan terakhir yang ditetapkan kantor.",
    "dormant": "Banyaknya WKSBM yang pada temuan terakhir sampai hari itu dinyatakan tidur.",
}


def rows_of(view: View, asked: Asked) -> list[dict[str, Any]]:
    """The rows of the board for the asked village or kecamatan."""
    return asked.once(view, "board", _rows_of)


def _rows_of(view: View, asked: Asked) -> list[dict[str, Any]]:
    village, kecamatan = asked.about.get("village"), asked.about.get("kecamatan")
    rows = village_status.board(view, asked.reach, asked.reach_key, asked.day, asked.months, village, asked.below)
    return [row for row in rows if kecamatan in (None, row["kecamatan"])]


def _villages(stage: str | None) -> Callable[[View, Asked], list[Row]]:
    def find(view: View, asked: Asked) -> list[Row]:
        return [Row(row["code"], row["code"], 1) for row in rows_of(view, asked) if stage in (None, row["stage"])]

    return find


def _bodies(weigh: Callable[[dict[str, Any]], int]) -> Callable[[View, Asked], list[Row]]:
    def find(view: View, asked: Asked) -> list[Row]:
        bodies = (body for row in rows_of(view, asked) for body in row["wksbm"])
        return [Row(body["id"], body["id"], weigh(body)) for body in bodies]

    return find


def _standing(name: str) -> Callable[[dict[str, Any]], int]:
    return lambda body: int(body["stage"] != "dibubarkan" and bool(name == "wksbm" or body[name]))


#: People, cases and referrals have no history by the day judged: a board of a past day counts them as they are known.
_AS_KNOWN = "Dihitung menurut keadaan yang diketahui, bukan pada hari itu."


def figures() -> Iterator[Figure]:
    for tier in (1, 2, 3):
        yield counted(
            f"board.people.tier_{tier}",
            f"Banyaknya catatan PPKS tingkat kerahasiaan {tier} yang berdomisili di wilayah itu dan masih berjalan: "
            f"tidak meninggal, tidak pindah keluar kabupaten, bukan catatan ganda. {_AS_KNOWN}",
            table="people",
            where=f"{village_status.ACTIVE} AND tier = {tier}",
            kind="person",
            place=villages_asked,
            takes=PLACES,
        )
    for name, table, kind, said in (
        ("open_cases", "cases", "case", f"Banyaknya kasus di wilayah itu yang belum diakhiri. {_AS_KNOWN}"),
        (
            "open_referrals",
            "referrals",
            "referral",
            f"Banyaknya rujukan dari wilayah itu yang belum berakhir. {_AS_KNOWN}",
        ),
    ):
        yield counted(
            f"board.{name}", said, table=table, where=village_status.OPEN, kind=kind, place=villages_asked, takes=PLACES
        )
    unproven = "Banyaknya langkah WKSBM di wilayah itu yang dilaporkan tanpa berkas yang membuktikannya."
    yield judged(
        "board.unproven", unproven, kind="wksbm", find=_bodies(lambda body: int(body["unproven"])), takes=PLACES
    )
    for name, said in _BODIES.items():
        yield judged(f"board.{name}", said, kind="wksbm", find=_bodies(_standing(name)), takes=PLACES)
    listed = "Banyaknya desa dan kelurahan yang berlaku pada hari itu."
    yield judged("board.villages", listed, kind="village", find=_villages(None), takes=PLACES)
    for stage, said in _STAGES.items():
        found = _villages(stage)
        yield judged(
            f"board.stages.{stage}",
            f"Banyaknya desa dan kelurahan yang pada hari itu {said}.",
            kind="village",
            find=found,
            takes=PLACES,
        )
