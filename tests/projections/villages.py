"""Villages with their WKSBM for testing the boards: lives told through decisions, folded by every projection."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from domain.aggregate import Aggregate
from domain.sealed import Evidence
from domain.territory import Territory
from domain.wksbm import BoardMember, Wksbm
from projections import ALL
from projections.engine import Views
from projections.store import Store
from projections.view import View
from tests.projections.market import Ledger

ALL_REACHED: tuple[str, dict[str, Any]] = ("1 = 1", {})
MONTHS = 12
DAY = date(2019, 8, 1)
END = date(2024, 7, 31)
TODAY = date(2026, 11, 23)
BULILA = "75.01.02.2011"
KAYUBULAN = "75.01.01.1001"
MEMBERS = (BoardMember(office="ketua", name="Yusuf Abdullah"), BoardMember(office="sekretaris", name="Ramla Ishak"))


def paper(kind: str) -> Evidence:
    """A paper whose file is attached."""
    return Evidence(kind=kind, file="f1", key="k1", commitment="00", sha256="00")


class Diary:
    """A log in memory with the views over it: decisions are written as they are made."""

    def __init__(self, store: Store) -> None:
        self.ledger = Ledger()
        self.views = Views(store, ALL, self.ledger, now=lambda: "2026-12-02T00:00:00.000000Z")
        self.views.prepare()
        self.territory = Territory.publish(on=DAY, valid_from=date(2019, 1, 1))
        self.write(self.territory)

    def write(self, *aggregates: Aggregate) -> int:
        """Record what was decided, as one command; returns the last position."""
        decided: list[Any] = [event for aggregate in aggregates for event in aggregate.collect_events()]
        return self.ledger.write(*decided)

    def now(self) -> View:
        return self.views.at()

    def at(self, position: int) -> View:
        self.views.catch_up()
        return self.views.at(position)


def initiated(id: str, village: str = BULILA, on: date = DAY, evidence: Iterable[Evidence] = ()) -> Wksbm:
    return Wksbm.initiate(id, on=on, village=village, name="WKSBM Huyula", evidence=tuple(evidence))


def formed(id: str, village: str = BULILA, on: date = DAY) -> Wksbm:
    wksbm = initiated(id, village, on)
    wksbm.hold_deliberation(on=on, attendance=40)
    wksbm.form(on=on)
    return wksbm


def ratified(id: str, village: str = BULILA, on: date = DAY, until: date = END, *papers: Evidence) -> Wksbm:
    wksbm = formed(id, village, on)
    wksbm.appoint_board(on=on, members=MEMBERS, term_from=on, term_until=until)
    wksbm.ratify(
        on=on,
        number="141/12/2019",
        dated=on,
        signatory="Hasan Pakaya",
        signatory_post="kepala_desa",
        term_until=until,
        evidence=papers,
    )
    return wksbm
