"""The papers of a WKSBM: its board, its SK, what proves a step, and the decision that dissolves it."""

from datetime import date

import pytest

from domain.refusals import UnknownCode
from domain.sealed import Evidence
from domain.wksbm import BoardMember, NothingToProve, PaperDoesNotProve, Wksbm
from domain.wksbm_legal import (
    BoardIncomplete,
    DissolutionNeedsDecision,
    NoBoardInOffice,
    NotReadyForRatification,
    SkAlreadyRecorded,
    SkDatedLater,
    SkIncomplete,
    TermEndsBeforeItBegins,
    term_end,
)
from domain.wksbm_papers import PAPERS, PROOF, wanted
from domain.wksbm_state import Step
from tests.domain.wksbm_beginnings import (
    DAY,
    DESA,
    KELURAHAN,
    MEMBERS,
    TERM_END,
    formed,
    initiated,
    last,
    paper,
    ratify,
    ready,
)


def test_a_board_needs_a_chair_and_a_secretary_by_name() -> None:
    wksbm = formed()
    with pytest.raises(BoardIncomplete) as refusal:
        wksbm.appoint_board(on=DAY, members=MEMBERS[:1], term_from=DAY, term_until=TERM_END)
    assert refusal.value.sentence == "Pengurus harus memuat nama sekretaris."
    nameless = (BoardMember(office="ketua", name=" "), MEMBERS[1])
    with pytest.raises(BoardIncomplete):
        wksbm.appoint_board(on=DAY, members=nameless, term_from=DAY, term_until=TERM_END)
    with pytest.raises(UnknownCode):
        wksbm.appoint_board(
            on=DAY, members=(*MEMBERS, BoardMember(office="raja", name="X")), term_from=DAY, term_until=TERM_END
        )


def test_a_term_ends_after_it_begins_and_lasts_five_years_by_default() -> None:
    with pytest.raises(TermEndsBeforeItBegins):
        formed().appoint_board(on=DAY, members=MEMBERS, term_from=DAY, term_until=DAY)
    assert term_end(date(2019, 8, 1)) == date(2024, 7, 31)
    assert term_end(date(2020, 2, 29)) == date(2025, 2, 28)
    assert term_end(date(2019, 3, 1)) == date(2024, 2, 29)
    assert term_end(date(2019, 1, 1), years=3) == date(2021, 12, 31)


def test_what_is_missing_for_the_sk_is_said_step_by_step() -> None:
    wksbm = initiated()
    assert wksbm.missing_for_ratification() == ("deliberation", "forming", "board")
    wksbm.hold_deliberation(on=DAY, attendance=40)
    assert wksbm.missing_for_ratification() == ("forming", "board")
    wksbm.form(on=DAY)
    assert wksbm.missing_for_ratification() == ("board",)
    with pytest.raises(NotReadyForRatification) as refusal:
        ratify(wksbm)
    assert refusal.value.sentence == "Belum dapat disahkan. Yang kurang: pengurus."
    wksbm.appoint_board(on=DAY, members=MEMBERS, term_from=DAY, term_until=TERM_END)
    assert wksbm.missing_for_ratification() == ()
    ratify(wksbm)


def test_an_sk_needs_number_and_signatory_even_without_its_file() -> None:
    wksbm = ready()
    with pytest.raises(SkIncomplete):
        ratify(wksbm, number=" ")
    with pytest.raises(SkIncomplete):
        wksbm.ratify(on=DAY, number="1", dated=DAY, signatory="", signatory_post="kepala_desa", term_until=TERM_END)
    with pytest.raises(SkDatedLater):
        wksbm.ratify(
            on=DAY, number="1", dated=TERM_END, signatory="H", signatory_post="kepala_desa", term_until=TERM_END
        )
    with pytest.raises(TermEndsBeforeItBegins):
        wksbm.ratify(on=DAY, number="1", dated=DAY, signatory="H", signatory_post="kepala_desa", term_until=DAY)
    with pytest.raises(UnknownCode):
        ratify(wksbm, post="imam")


def test_one_sk_is_recorded_once_and_a_later_sk_follows() -> None:
    wksbm = ready()
    ratify(wksbm)
    with pytest.raises(SkAlreadyRecorded):
        ratify(wksbm)
    ratify(wksbm, number="141/13/2019")
    assert len(wksbm.sks) == 2


def test_an_sk_is_in_force_from_its_date_to_the_end_of_its_term() -> None:
    wksbm = ready()
    ratify(wksbm)
    assert [wksbm.ratified_on(day) for day in (date(2019, 7, 31), DAY, TERM_END, date(2024, 8, 1))] == [
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("village", "post", "unusual"),
    [
        (DESA, "kepala_desa", False),
        (DESA, "pj_kepala_desa", False),
        (DESA, "lurah", True),
        (KELURAHAN, "lurah", False),
        (KELURAHAN, "camat", False),
        (KELURAHAN, "kepala_desa", True),
    ],
)
def test_an_unexpected_signatory_is_marked_not_refused(village: str, post: str, unusual: bool) -> None:
    assert ratify(ready(village), post=post).signatory_unusual is unusual


def test_an_sk_without_its_file_stands_as_unproven_until_the_file_comes() -> None:
    wksbm = ready()
    sk = ratify(wksbm, Evidence(kind="sk", number="141/12/2019", dated="2019-08-01"))
    assert sk.unproven
    assert wksbm.stage == "sah"
    assert wksbm.unproven[sk.version].step == "wksbm.ratified"
    with pytest.raises(PaperDoesNotProve):
        wksbm.provide_evidence(on=DAY, target=sk.version, evidence=(paper("foto"),))
    with pytest.raises(PaperDoesNotProve):
        wksbm.provide_evidence(on=DAY, target=sk.version, evidence=(Evidence(kind="sk", number="141"),))
    wksbm.provide_evidence(on=DAY, target=sk.version, evidence=(paper("sk"),))
    assert sk.version not in wksbm.unproven
    with pytest.raises(NothingToProve):
        wksbm.provide_evidence(on=DAY, target=sk.version, evidence=(paper("sk"),))


def test_an_sk_with_its_file_is_proven_at_once() -> None:
    wksbm = ready()
    sk = ratify(wksbm, paper("sk"))
    assert not sk.unproven
    assert sk.version not in wksbm.unproven


def test_a_deliberation_is_proven_by_minutes_and_attendance_list_together() -> None:
    wksbm = initiated()
    wksbm.hold_deliberation(on=DAY, attendance=40, evidence=(paper("daftar_hadir"),))
    version = wksbm.version
    assert last(wksbm).unproven
    wksbm.provide_evidence(on=DAY, target=version, evidence=(paper("berita_acara"),))
    assert version not in wksbm.unproven
    wksbm.hold_deliberation(on=DAY, attendance=40, evidence=(paper("daftar_hadir"), paper("berita_acara")))
    assert not last(wksbm).unproven


def test_papers_that_come_one_by_one_prove_together() -> None:
    wksbm = initiated()
    wksbm.hold_deliberation(on=DAY, attendance=40)
    version = wksbm.version
    wksbm.provide_evidence(on=DAY, target=version, evidence=(paper("daftar_hadir"),))
    assert version in wksbm.unproven
    with pytest.raises(PaperDoesNotProve):
        wksbm.provide_evidence(on=DAY, target=version, evidence=(paper("daftar_hadir"),))
    wksbm.provide_evidence(on=DAY, target=version, evidence=(paper("berita_acara"),))
    assert version not in wksbm.unproven


def test_every_step_has_papers_that_prove_it_and_every_such_paper_has_a_name() -> None:
    steps = {
        value.TOPIC
        for base in Wksbm.__mro__
        for value in vars(base).values()
        if isinstance(value, type) and issubclass(value, Step)
    }
    assert steps == set(PROOF)
    assert set().union(*(wanted(step) for step in steps)) <= set(PAPERS.on(DAY).codes)


def test_steps_may_be_entered_late_and_in_any_order_of_days() -> None:
    wksbm = ready()
    ratify(wksbm)
    wksbm.hold_socialization(on=date(2019, 1, 10), attendance=30)
    wksbm.end_board_term(on=date(2024, 8, 1))
    wksbm.ratify(
        on=date(2019, 9, 1),
        number="141/20/2019",
        dated=date(2019, 9, 1),
        signatory="Hasan Pakaya",
        signatory_post="kepala_desa",
        term_until=TERM_END,
    )
    assert len(wksbm.sks) == 2


def test_a_board_that_left_office_cannot_carry_a_later_sk() -> None:
    wksbm = ready()
    wksbm.end_board_term(on=date(2021, 1, 1))
    assert wksbm.missing_for_ratification() == ("board",)
    assert wksbm.missing_for_ratification(on=date(2020, 1, 1)) == ()
    assert wksbm.missing_for_ratification(on=date(2022, 1, 1)) == ("board",)
    with pytest.raises(NoBoardInOffice):
        wksbm.end_board_term(on=date(2022, 1, 1))


def test_a_board_cannot_leave_before_it_began() -> None:
    with pytest.raises(NoBoardInOffice):
        ready().end_board_term(on=date(2019, 7, 1))


def test_dissolution_is_a_documented_decision() -> None:
    wksbm = formed()
    with pytest.raises(DissolutionNeedsDecision):
        wksbm.dissolve(on=DAY, reason="musyawarah")
    with pytest.raises(DissolutionNeedsDecision):
        wksbm.dissolve(on=DAY, reason="musyawarah", evidence=(paper("foto"), Evidence(kind="sk", number="1")))
    wksbm.dissolve(on=DAY, reason="pencabutan", evidence=(Evidence(kind="sk", number="9", dated="2020-01-02"),))
    dissolution = last(wksbm)
    assert dissolution.unproven
    wksbm.provide_evidence(on=DAY, target=dissolution.version, evidence=(paper("sk"),))
    assert dissolution.version not in wksbm.unproven
