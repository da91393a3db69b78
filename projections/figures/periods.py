"""The figures of a period: what happened between two days, both included, by the day it happened."""

from collections.abc import Iterator

from projections.figures.figure import PLACES, Figure, counted, where_it_happened

#: name of `projections.period_facts`: whose rights decide about its events, and what is counted
PERIOD = {
    "registered": ("person", "Banyaknya PPKS (orang, keluarga, kelompok) yang didaftarkan"),
    "cases_opened": ("case", "Banyaknya kasus yang dibuka"),
    "cases_terminated": ("case", "Banyaknya pengakhiran kasus"),
    "referrals_sent": ("referral", "Banyaknya rujukan yang dikirim"),
    "referrals_completed": ("referral", "Banyaknya rujukan yang selesai ditangani tujuan"),
    "referrals_returned": ("referral", "Banyaknya pengembalian rujukan karena belum lengkap"),
    "wksbm_formed": ("wksbm", "Banyaknya WKSBM yang terbentuk"),
    "wksbm_ratified": ("wksbm", "Banyaknya penetapan WKSBM dengan SK"),
    "activities": ("wksbm", "Banyaknya kegiatan WKSBM"),
}


def figures() -> Iterator[Figure]:
    for name, (right, said) in PERIOD.items():
        yield counted(
            f"period.{name}",
            f"{said} di wilayah itu, menurut hari kejadiannya, dari hari awal sampai dengan hari akhir.",
            table="period_facts",
            where=f"counted = '{name}' AND on_day BETWEEN :begin AND :end",
            kind="event",
            right=right,
            subject="stream",
            place=where_it_happened,
            needs=frozenset({"begin", "end"}),
            takes=PLACES,
            values=lambda asked: {name: asked.about[name].isoformat() for name in ("begin", "end")},
        )
