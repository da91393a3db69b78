"""Clearances for compartments of the strictly restricted tier: given on a paper, with dates, and taken away."""

from datetime import date, timedelta

import pytest

from domain import compartments, ppks
from domain.account import Account, AccountIsClosed
from domain.account_clearance import (
    ClearanceEndsBeforeItBegins,
    ClearanceForOneself,
    ClearancePaperMissing,
    ClearanceTaken,
    NoSuchClearance,
    WorkerNotCleared,
)
from domain.refusals import UnknownCode
from domain.sealed import Evidence

DAY = date(2025, 3, 1)
PAPER = (Evidence("surat_tugas", "800/1/2025", "2025-02-28"),)


def cleared(compartment: str = "hiv", until: date | None = None) -> Account:
    account = Account.open("a1", on=DAY, login="siti.m", name="Siti Monoarfa")
    account.grant_clearance(
        on=DAY, clearance="c1", compartment=compartment, valid_from=DAY, valid_until=until, evidence=PAPER
    )
    return account


def test_a_clearance_holds_from_its_first_to_its_last_day() -> None:
    account = cleared(until=DAY + timedelta(days=10))
    for days, found in ((-1, set()), (0, {"hiv"}), (10, {"hiv"}), (11, set())):
        assert account.clearances_on(DAY + timedelta(days=days)) == found


def test_a_revoked_clearance_ends_on_that_day_and_a_closed_account_has_none() -> None:
    account = cleared()
    account.revoke_clearance(on=DAY + timedelta(days=5), clearance="c1")
    assert account.clearances_on(DAY + timedelta(days=4)) == {"hiv"}
    assert account.clearances_on(DAY + timedelta(days=5)) == frozenset()
    with pytest.raises(NoSuchClearance):
        account.revoke_clearance(on=DAY, clearance="c1")
    with pytest.raises(NoSuchClearance):
        account.revoke_clearance(on=DAY, clearance="c2")
    other = cleared()
    other.close(on=DAY + timedelta(days=1))
    assert other.clearances_on(DAY) == {"hiv"}
    assert other.clearances_on(DAY + timedelta(days=1)) == frozenset()


def test_nobody_clears_herself() -> None:
    with pytest.raises(ClearanceForOneself):
        cleared().grant_clearance(on=DAY, clearance="c2", compartment="napza", valid_from=DAY, evidence=PAPER, by="a1")


def test_a_clearance_needs_a_paper_a_known_compartment_and_days_in_order() -> None:
    account = cleared()
    more = {"on": DAY, "valid_from": DAY}
    with pytest.raises(ClearancePaperMissing):
        account.grant_clearance(clearance="c2", compartment="napza", **more)  # type: ignore[arg-type]
    with pytest.raises(UnknownCode):
        account.grant_clearance(clearance="c2", compartment="rahasia", evidence=PAPER, **more)  # type: ignore[arg-type]
    with pytest.raises(ClearanceTaken):
        account.grant_clearance(clearance="c1", compartment="napza", evidence=PAPER, **more)  # type: ignore[arg-type]
    with pytest.raises(ClearanceEndsBeforeItBegins):
        account.grant_clearance(
            on=DAY,
            clearance="c2",
            compartment="napza",
            valid_from=DAY,
            valid_until=DAY - timedelta(days=1),
            evidence=PAPER,
        )
    account.close(on=DAY)
    with pytest.raises(AccountIsClosed):
        account.grant_clearance(clearance="c2", compartment="napza", evidence=PAPER, **more)  # type: ignore[arg-type]


def test_who_is_in_several_compartments_needs_somebody_cleared_for_all_of_them() -> None:
    account = cleared("anak")
    account.must_be_cleared(frozenset({"anak"}), DAY)
    for needed in (frozenset({"anak", "kekerasan"}), frozenset({"hiv"}), frozenset[str]()):
        with pytest.raises(WorkerNotCleared) as refused:
            account.must_be_cleared(needed, DAY)
        assert not any(label.lower() in refused.value.sentence.lower() for label in ("hiv", "anak", "kekerasan"))
    cleared(compartments.OTHER).must_be_cleared(frozenset(), DAY)


def test_every_type_that_is_strictly_restricted_has_its_compartment() -> None:
    for kind in ppks.TYPE_LIST:
        found = compartments.of_type(kind.code)
        assert bool(found) == (kind.tier == 3), kind.code
        assert found <= compartments.ALL
        raised = compartments.of_type(kind.code, ("mental",), 3)
        assert frozenset[str]() < raised <= compartments.ALL
    assert compartments.of_type("orang_dengan_hiv") == {"hiv"}
    assert compartments.of_type("anak_korban_kekerasan", tier=1) == {"anak", "kekerasan"}, "a tier is never lowered"
    assert compartments.of_type("penyandang_disabilitas", ("mental",)) == frozenset()
    assert compartments.of_type("penyandang_disabilitas", ("mental",), 3) == {"gangguan_jiwa"}
    assert compartments.of_type("lanjut_usia_telantar", tier=3) == {compartments.OTHER}
