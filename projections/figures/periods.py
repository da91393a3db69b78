"""The figures of a period: what happened between two days, both included, by the day it happened."""

from collections.abc import Iterator
from typing import Any

from projections.figures.figure import PLACES, Asked, Figure, counted, standing, where_it_happened
from projections.view import Rows, View

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
TABLE, WITHIN = "period_facts", "on_day BETWEEN :begin AND :end"


def _days(asked: Asked) -> dict[str, Any]:
    return {name: asked.about[name].isoformat() for name in ("begin", "end")}


def counts(view: View, asked: Asked) -> dict[str, int]:
    """All of these figures at once, by the name of what is counted."""

    where, parameters = standing(view, asked, TABLE, where_it_happened)

    def of(part: View) -> Rows:
        return part.rows(
            f"SELECT counted, COUNT(*) AS n FROM {{{TABLE}:all}} r "
            f"WHERE {where} AND counted IN :names AND {WITHIN} GROUP BY counted",
            **parameters,
            **_days(asked),
            names=list(PERIOD),
        )

    found = {row["counted"]: int(row["n"]) for row in view.grouped(of, "counted")}
    return {name: found.get(name, 0) for name in PERIOD}


def keys(view: View, asked: Asked, names: list[str], limit: int) -> dict[str, set[str]]:
    """The keys of the events that each of some of these figures counts, by the name of what is counted; of all together so
    many that of one at least there are ``limit``, if there are that many of one."""
    where, parameters = standing(view, asked, TABLE, where_it_happened)
    sql = (
        f"SELECT counted, key FROM {{{TABLE}:all}} r "
        f"WHERE {where} AND counted IN :names AND {WITHIN} LIMIT {limit * len(names):d}"
    )
    found: dict[str, set[str]] = {name: set() for name in names}
    for row in view.through(lambda part: part.rows(sql, **parameters, **_days(asked), names=names)):
        found[row["counted"]].add(row["key"])
    return found


def figures() -> Iterator[Figure]:
    for name, (right, said) in PERIOD.items():
        yield counted(
            f"period.{name}",
            f"{said} di wilayah itu, menurut hari kejadiannya, dari hari awal sampai dengan hari akhir.",
            table=TABLE,
            where=f"counted = '{name}' AND {WITHIN}",
            kind="event",
            right=right,
            subject="stream",
            place=where_it_happened,
            needs=frozenset({"begin", "end"}),
            takes=PLACES,
            values=_days,
        )
