"""Where the stories of a WKSBM begin: initiated, formed, ready for its SK."""

from datetime import date

from domain.sealed import Evidence
from domain.wksbm import BoardMember, Wksbm
from domain.wksbm_state import Step

DAY = date(2019, 8, 1)
TERM_END = date(2024, 7, 31)
DESA = "75.01.02.2011"
KELURAHAN = "75.01.01.1001"
MEMBERS = (BoardMember(office="ketua", name="Yusuf Abdullah"), BoardMember(office="sekretaris", name="Ramla Ishak"))


def paper(kind: str) -> Evidence:
    """A paper whose file is attached."""
    return Evidence(kind=kind, file="f1", key="k1", commitment="00", sha256="00")


def initiated(village: str = DESA) -> Wksbm:
    return Wksbm.initiate("w1", on=DAY, village=village, name="WKSBM Huyula")


def formed(village: str = DESA) -> Wksbm:
    wksbm = initiated(village)
    wksbm.hold_deliberation(on=DAY, attendance=40)
    wksbm.form(on=DAY)
    return wksbm


def ready(village: str = DESA) -> Wksbm:
    wksbm = formed(village)
    wksbm.appoint_board(on=DAY, members=MEMBERS, term_from=DAY, term_until=TERM_END)
    return wksbm


def ratify(wksbm: Wksbm, *papers: Evidence, number: str = "141/12/2019", post: str = "kepala_desa") -> Wksbm.Ratified:
    wksbm.ratify(
        on=DAY,
        number=number,
        dated=DAY,
        signatory="Hasan Pakaya",
        signatory_post=post,
        term_until=TERM_END,
        evidence=papers,
    )
    event = wksbm.pending_events[-1]
    assert isinstance(event, Wksbm.Ratified)
    return event


def last(wksbm: Wksbm) -> Step:
    event = wksbm.pending_events[-1]
    assert isinstance(event, Step)
    return event
