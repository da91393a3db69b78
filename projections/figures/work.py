"""The figures of the caseload and of the summary of referrals."""

from collections.abc import Iterator

from projections import case_lists, referral_lists
from projections.figures.figure import Asked, Figure, counted
from projections.view import Reached, View
from projections.village_status import OPEN

_CASES = {
    "open": "Banyaknya kasus berjalan.",
    "overdue": "Banyaknya kasus berjalan yang ada tenggatnya sebelum hari itu.",
    "risk_low": "Banyaknya kasus berjalan dengan risiko rendah.",
    "risk_medium": "Banyaknya kasus berjalan dengan risiko sedang.",
    "risk_high": "Banyaknya kasus berjalan dengan risiko tinggi.",
    "risk_emergency": "Banyaknya kasus berjalan dengan risiko darurat.",
    "risk_unknown": "Banyaknya kasus berjalan yang risikonya belum dinilai.",
    "urgent": "Banyaknya kasus berjalan yang dilaporkan darurat.",
    "disputed": "Banyaknya kasus berjalan yang risikonya dijawab berbeda dan belum diputuskan.",
    "plans_pending": "Banyaknya kasus berjalan yang rencananya menunggu persetujuan.",
    "assessments_pending": "Banyaknya kasus berjalan yang asesmennya menunggu persetujuan.",
    "closures_pending": "Banyaknya kasus berjalan yang pengakhirannya menunggu persetujuan.",
    "transfers_pending": "Banyaknya kasus berjalan yang pengalihannya menunggu jawaban.",
    "open_referrals": "Jumlah rujukan yang belum berakhir pada kasus berjalan.",
}
_REFERRALS = {
    "open": "Banyaknya rujukan yang belum berakhir.",
    "silent": "Banyaknya rujukan yang tenggat jawabannya lewat sebelum hari itu tanpa kabar dari tujuan.",
    "stuck": "Banyaknya rujukan terbuka tanpa langkah selama hari-hari yang ditanyakan (14 bila tidak disebut).",
    "days_7": "Banyaknya rujukan terbuka yang berumur sampai 7 hari.",
    "days_14": "Banyaknya rujukan terbuka yang berumur 8 sampai 14 hari.",
    "days_30": "Banyaknya rujukan terbuka yang berumur 15 sampai 30 hari.",
    "days_90": "Banyaknya rujukan terbuka yang berumur 31 sampai 90 hari.",
    "more": "Banyaknya rujukan terbuka yang berumur lebih dari 90 hari.",
}


def _bounds(asked: Asked) -> dict[str, str]:
    stuck = asked.about.get("stuck")
    return referral_lists.bounds(asked.day, referral_lists.STUCK_DAYS if stuck is None else stuck)


def _reached(view: View, asked: Asked) -> Reached:
    """Referrals as the summary counts them: by today's rights."""
    return view.reached("referrals", "r", asked.reach[0]), asked.reach[1]


def figures() -> Iterator[Figure]:
    for name, (condition, weight) in case_lists.CASELOAD.items():
        yield counted(
            f"caseload.{name}",
            f"{_CASES[name]} Dihitung untuk satu petugas bila disebut, atau untuk kasus yang belum ada petugasnya.",
            table="cases",
            where=OPEN if (condition, weight) == ("1 = 1", "1") else f"{case_lists.OPEN} AND {condition}",
            weight=weight,
            kind="case",
            equal={"worker": "worker"},
            values=lambda asked: {"day": asked.day.isoformat()},
        )
    for name, condition in referral_lists.COUNTED.items():
        yield counted(
            f"referrals.{name}",
            f"{_REFERRALS[name]} Dihitung untuk satu jenis tujuan atau satu langkah bila disebut.",
            table="referrals",
            where=f"open = 1 AND {condition}",
            kind="referral",
            action="referral.read",
            place=_reached,
            takes=frozenset({"stuck"}),
            equal={"destination_kind": "destination_kind", "state": "state"},
            values=_bounds,
        )
    yield counted(
        "referrals.awaiting_feedback",
        "Banyaknya rujukan yang selesai dan belum ada umpan baliknya dari tujuan.",
        table="referrals",
        where=referral_lists.AWAITING_FEEDBACK,
        kind="referral",
        action="referral.read",
        place=_reached,
        takes=frozenset({"stuck"}),
    )
