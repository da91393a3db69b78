"""Accounts: roles with posts, areas and dates, given and taken away by decisions that stay on record."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from domain.account import (
    ROLES,
    Account,
    AccountIsClosed,
    AccountIsOpen,
    AreaMissing,
    GrantTaken,
    GrantToOneself,
    NoSuchGrant,
    NotAGrantArea,
    NotALogin,
    RoleEndsBeforeItBegins,
)
from domain.aggregate import Event
from domain.correction import correct, replay, retract
from domain.refusals import UnknownCode
from domain.sealed import Sealed
from tests.domain.trials import DAYS, Life, RecordProperty, stored, trial

DAY = date(2025, 3, 1)
NEXT = DAY + timedelta(days=1)
VILLAGE = "75.01.02.2001"


def opened() -> Account:
    return Account.open("a1", on=DAY, login="siti.m", name="Siti Monoarfa")


def granted(**fields: Any) -> Account:
    account = opened()
    details = {"role": "tksk", "title": "TKSK Telaga", "areas": ("75.01.02",), "valid_from": DAY}
    account.grant_role(on=DAY, grant="g1", **{**details, **fields})
    return account


def written(account: Account) -> list[Event]:
    return [stored(event, number) for number, event in enumerate(account.collect_events(), 1)]  # type: ignore[arg-type]


def test_the_office_knows_eleven_roles() -> None:
    assert len(ROLES.on(DAY).codes) == 11


def test_a_new_account_may_sign_in_and_do_nothing() -> None:
    account = opened()
    assert (account.login, account.name, account.closed, account.grants_on(DAY)) == (
        "siti.m",
        "Siti Monoarfa",
        False,
        (),
    )


@pytest.mark.parametrize("login", ["", "ab", "Siti", "siti m", ".siti", "s" * 41, "siti\n"])
def test_a_login_is_short_lower_case_and_without_spaces(login: str) -> None:
    with pytest.raises(NotALogin):
        Account.open("a1", on=DAY, login=login, name="Siti")


def test_a_role_holds_from_its_first_to_its_last_day() -> None:
    account = granted(valid_until=NEXT)
    days = [DAY - timedelta(days=1), DAY, NEXT, NEXT + timedelta(days=1)]
    assert [len(account.grants_on(day)) for day in days] == [0, 1, 1, 0]
    [grant] = account.grants_on(DAY)
    assert (grant.role, grant.title, grant.areas) == ("tksk", "TKSK Telaga", ("75.01.02",))


def test_a_revoked_role_no_longer_holds_from_that_day_on() -> None:
    account = granted()
    account.revoke_role(on=NEXT, grant="g1")
    assert [len(account.grants_on(day)) for day in (DAY, NEXT)] == [1, 0]
    with pytest.raises(NoSuchGrant):
        account.revoke_role(on=NEXT, grant="g1")


def test_a_role_that_was_never_given_cannot_be_revoked() -> None:
    with pytest.raises(NoSuchGrant):
        opened().revoke_role(on=DAY, grant="g1")


def test_one_person_may_hold_several_roles_in_turn() -> None:
    account = granted()
    account.grant_role(on=DAY, grant="g2", role="supervisor", title="Plt. Kepala Bidang", valid_from=NEXT)
    assert [grant.role for grant in account.grants_on(NEXT)] == ["tksk", "supervisor"]


def test_a_grant_number_is_used_once() -> None:
    with pytest.raises(GrantTaken):
        granted().grant_role(on=DAY, grant="g1", role="auditor", title="Inspektorat", valid_from=DAY)


def test_nobody_gives_herself_a_role() -> None:
    role: dict[str, Any] = {"on": DAY, "role": "supervisor", "title": "Kepala Bidang", "valid_from": DAY}
    with pytest.raises(GrantToOneself):
        granted().grant_role(grant="g2", by="a1", **role)
    granted().grant_role(grant="g2", by="a2", **role)


def test_a_role_outside_the_list_is_refused() -> None:
    with pytest.raises(UnknownCode):
        granted(role="raja")


@pytest.mark.parametrize("code", ["7501", "7502010", "75.01", "75.01.02.3001", "Telaga", "75.01.02.2001 "])
def test_an_area_is_a_kecamatan_or_a_village_of_the_ministrys_list(code: str) -> None:
    with pytest.raises(NotAGrantArea):
        granted(areas=(VILLAGE, code))


@pytest.mark.parametrize("role", ["pengurus_wksbm", "kades", "psm", "tksk"])
def test_a_role_of_the_village_needs_its_area(role: str) -> None:
    with pytest.raises(AreaMissing):
        granted(role=role, areas=())


def test_a_role_of_the_office_may_hold_for_the_whole_kabupaten() -> None:
    [grant] = granted(role="peksos", title="Pekerja Sosial", areas=()).grants_on(DAY)
    assert grant.covers(VILLAGE)
    assert grant.covers(None)


def test_a_grant_covers_the_villages_of_its_kecamatan_and_no_other() -> None:
    [grant] = granted(areas=("75.01.02", "75.01.04.2003")).grants_on(DAY)
    villages = [VILLAGE, "75.01.02.1009", "75.01.04.2003", "75.01.04.2004", None]
    assert [grant.covers(village) for village in villages] == [True, True, True, False, False]


def test_a_role_cannot_end_before_it_begins() -> None:
    with pytest.raises(RoleEndsBeforeItBegins) as refusal:
        granted(valid_until=DAY - timedelta(days=1))
    assert refusal.value.sentence == "Hari terakhir peran (2025-02-28) mendahului hari pertamanya (2025-03-01)."


def test_a_closed_account_holds_no_role_and_refuses_new_ones() -> None:
    account = granted()
    account.close(on=NEXT, note=Sealed(part="x"))
    assert account.closed
    assert [len(account.grants_on(day)) for day in (DAY, NEXT)] == [1, 0]
    with pytest.raises(AccountIsClosed):
        account.grant_role(on=NEXT, grant="g2", role="auditor", title="Inspektorat", valid_from=NEXT)
    with pytest.raises(AccountIsClosed):
        account.close(on=NEXT)


def test_an_official_who_returns_finds_her_account_as_it_was() -> None:
    account = granted()
    account.close(on=DAY)
    account.reopen(on=NEXT)
    assert [grant.id for grant in account.grants_on(NEXT)] == ["g1"]
    with pytest.raises(AccountIsOpen):
        account.reopen(on=NEXT)


def test_a_grant_entered_in_error_is_withdrawn_even_after_it_was_revoked() -> None:
    account = granted()
    account.revoke_role(on=NEXT, grant="g1")
    events = written(account)
    retract(account, events[1], on=NEXT, reason=Sealed(part="x"), requested_by="supervisor")
    events += written(account)
    again = replay(None, events)
    assert isinstance(again, Account)
    assert again.grants_on(DAY) == ()


def test_a_misspelt_name_is_corrected_without_touching_what_was_recorded() -> None:
    account = opened()
    events = written(account)
    correct(
        account,
        events[0],
        on=NEXT,
        reason=Sealed(part="x"),
        requested_by="yang_bersangkutan",
        changes={"name": "Sitti Monoarfa"},
    )
    again = replay(None, events + written(account))
    assert isinstance(again, Account)
    assert again.name == "Sitti Monoarfa"
    assert isinstance(events[0], Account.Opened)
    assert events[0].name == "Siti Monoarfa"


class AccountLife(Life):
    """Random lives of one account."""

    @initialize(on=DAYS, login=st.sampled_from(["siti", "ab"]))
    def an_account_is_opened(self, on: date, login: str) -> None:
        if login == "ab":
            with pytest.raises(NotALogin):
                Account.open("a1", on=on, login=login, name="Siti")
        self.decide(lambda: Account.open("a1", on=on, login="siti", name="Siti"))

    @precondition(Life.has_begun)
    @rule(
        on=DAYS,
        grant=st.sampled_from(["g1", "g2", "g3"]),
        role=st.sampled_from([*ROLES.versions[0].codes, "raja"]),
        areas=st.sampled_from([(), ("75.01.02",), (VILLAGE,), ("7501",)]),
        begins=DAYS,
        until=st.none() | DAYS,
    )
    def a_role_is_granted(
        self, on: date, grant: str, role: str, areas: tuple[str, ...], begins: date, until: date | None
    ) -> None:
        self.decide(
            lambda: self.aggregate.grant_role(
                on=on, grant=grant, role=role, title=role, areas=areas, valid_from=begins, valid_until=until
            )
        )

    @precondition(Life.has_begun)
    @rule(on=DAYS, grant=st.sampled_from(["g1", "g2", "g3"]))
    def a_role_is_revoked(self, on: date, grant: str) -> None:
        self.decide(lambda: self.aggregate.revoke_role(on=on, grant=grant))

    @precondition(Life.has_begun)
    @rule(on=DAYS)
    def it_is_closed(self, on: date) -> None:
        self.decide(lambda: self.aggregate.close(on=on))

    @precondition(Life.has_begun)
    @rule(on=DAYS)
    def it_is_reopened(self, on: date) -> None:
        self.decide(lambda: self.aggregate.reopen(on=on))

    def was_allowed(self, event: Event, before: Any) -> None:
        if isinstance(event, Account.RoleGranted):
            assert not before.closed
            assert event.grant not in before.grants
        if isinstance(event, Account.RoleRevoked):
            assert event.grant in before.grants
        if isinstance(event, Account.Reopened):
            assert before.closed

    @precondition(Life.has_begun)
    @invariant()
    def a_right_rests_on_a_standing_grant(self) -> None:
        given = {event.grant for event in self.facts() if isinstance(event, Account.RoleGranted)}
        for day in (date(2014, 1, 1), DAY, date(2027, 12, 31)):
            in_force = self.aggregate.grants_on(day)
            assert {grant.id for grant in in_force} <= given
            assert all(grant.valid_from <= day for grant in in_force)
            assert not (self.aggregate.closed_on and self.aggregate.closed_on <= day and in_force)


@pytest.mark.trial
def test_random_lives_of_an_account(record_property: RecordProperty) -> None:
    trial(AccountLife, record_property)
