"""By what means an account is signed in to: what happened to them is on record, and nobody resets her own."""

from datetime import date, timedelta
from typing import Any

import pytest

from domain.account import Account, AccountIsClosed
from domain.account_means import (
    TWO_FACTORS,
    AlreadyLinked,
    NoSecondFactor,
    NoSuchReset,
    NotLinked,
    SecondFactorIsMandatory,
    needs_two_factors,
)
from domain.account_reset import NotAMeans, ResetForOneself, ResetNeedsAnother, ResetNotOpen, ResetTaken
from domain.correction import DoneByTheService, correct, retract
from domain.sealed import Sealed

DAY = date(2025, 3, 1)


def account(role: str = "tksk") -> Account:
    found = Account.open("a1", on=DAY, login="siti.m", name="Siti Monoarfa")
    found.grant_role(on=DAY, grant="g1", role=role, title="Jabatan", areas=("75.01.02",), valid_from=DAY)
    return found


def with_token(token: str = "t1") -> Account:
    found = account()
    found.issue_token(on=DAY, token=token, label="Laporan", actions=("read",), how="own", until=DAY)
    return found


def asked(means: str = "password", by: str = "admin") -> Account:
    found = account()
    found.enrol_second_factor(on=DAY, kind="totp", how="own")
    found.ask_reset(on=DAY, reset="r1", means=means, by=by)
    return found


def topics(found: Account) -> list[str]:
    return [event.topic for event in found.collect_events()]  # type: ignore[attr-defined]


def test_a_holder_who_changes_her_password_keeps_her_tokens() -> None:
    found = with_token()
    found.set_password(on=DAY, how="own")
    assert set(found.tokens) == {"t1"}


def test_a_reset_password_takes_every_token_with_it() -> None:
    found = with_token()
    found.ask_reset(on=DAY, reset="r1", means="password", by="admin")
    found.approve_reset(on=DAY, reset="r1", by="kabid")
    found.set_password(on=DAY, how="reset", reset="r1")
    assert found.tokens == {}
    assert topics(found)[-2:] == ["account.password_set", "account.token_revoked"]


def test_a_reset_counts_once_and_only_when_another_agreed() -> None:
    found = asked()
    with pytest.raises(NoSuchReset):
        found.set_password(on=DAY, how="reset", reset="r1")
    found.approve_reset(on=DAY, reset="r1", by="kabid")
    with pytest.raises(NoSuchReset):
        found.remove_second_factor(on=DAY, how="reset", reset="r1")
    found.set_password(on=DAY, how="reset", reset="r1")
    with pytest.raises(NoSuchReset):
        found.set_password(on=DAY, how="reset", reset="r1")


def test_nobody_asks_or_approves_a_reset_of_her_own_account_and_nobody_does_both() -> None:
    with pytest.raises(ResetForOneself):
        asked(by="a1")
    found = asked()
    with pytest.raises(ResetForOneself):
        found.approve_reset(on=DAY, reset="r1", by="a1")
    with pytest.raises(ResetNeedsAnother):
        found.approve_reset(on=DAY, reset="r1", by="admin")
    found.approve_reset(on=DAY, reset="r1", by="kabid")
    with pytest.raises(ResetNotOpen):
        found.approve_reset(on=DAY, reset="r1", by="dpo")


def test_what_was_asked_a_week_ago_is_asked_again() -> None:
    found = asked()
    with pytest.raises(ResetNotOpen):
        found.approve_reset(on=DAY + timedelta(days=8), reset="r1", by="kabid")
    found.approve_reset(on=DAY + timedelta(days=7), reset="r1", by="kabid")


def test_a_declined_reset_is_over() -> None:
    found = asked()
    found.decline_reset(on=DAY, reset="r1")
    for again in (
        lambda: found.approve_reset(on=DAY, reset="r1", by="kabid"),
        lambda: found.decline_reset(on=DAY, reset="r1"),
    ):
        with pytest.raises(ResetNotOpen):
            again()


def test_a_reset_is_of_a_means_that_there_is_and_has_a_number_of_its_own() -> None:
    with pytest.raises(NotAMeans):
        asked("sidik_jari")
    with pytest.raises(ResetTaken):
        asked().ask_reset(on=DAY, reset="r1", means="password", by="admin")
    with pytest.raises(NoSecondFactor):
        account().ask_reset(on=DAY, reset="r1", means="second_factor", by="admin")


@pytest.mark.parametrize("role", sorted(TWO_FACTORS))
def test_who_must_have_a_second_factor_cannot_take_it_away_herself(role: str) -> None:
    found = account(role)
    assert needs_two_factors(found.grants_on(DAY))
    found.enrol_second_factor(on=DAY, kind="totp", how="own")
    with pytest.raises(SecondFactorIsMandatory):
        found.remove_second_factor(on=DAY, how="own")
    found.remove_second_factor(on=DAY, how="operator")
    assert not found.second_factor


def test_who_need_not_have_one_takes_it_away_as_she_likes() -> None:
    found = account()
    with pytest.raises(NoSecondFactor):
        found.remove_second_factor(on=DAY, how="own")
    with pytest.raises(NoSecondFactor):
        found.renew_recovery_codes(on=DAY, number=10)
    found.enrol_second_factor(on=DAY, kind="totp", how="own")
    found.renew_recovery_codes(on=DAY, number=10)
    found.remove_second_factor(on=DAY, how="own")
    assert not found.second_factor


def test_an_identity_is_linked_once_and_unlinked_once() -> None:
    found = account()
    found.link_identity(on=DAY, issuer="https://sso", subject="42")
    with pytest.raises(AlreadyLinked):
        found.link_identity(on=DAY, issuer="https://sso", subject="42")
    found.unlink_identity(on=DAY, issuer="https://sso", subject="42")
    with pytest.raises(NotLinked):
        found.unlink_identity(on=DAY, issuer="https://sso", subject="42")


def test_a_closed_account_gets_no_means_of_signing_in() -> None:
    found = asked()
    found.close(on=DAY)
    attempts: list[Any] = [
        lambda: found.set_password(on=DAY, how="own"),
        lambda: found.issue_token(on=DAY, token="t", label="x", actions=("all",), how="own", until=DAY),
        lambda: found.enrol_second_factor(on=DAY, kind="totp", how="own"),
        lambda: found.renew_recovery_codes(on=DAY, number=10),
        lambda: found.remove_second_factor(on=DAY, how="own"),
        lambda: found.link_identity(on=DAY, issuer="https://sso", subject="42"),
        lambda: found.ask_reset(on=DAY, reset="r2", means="password", by="admin"),
        lambda: found.approve_reset(on=DAY, reset="r1", by="kabid"),
    ]
    for attempt in attempts:
        with pytest.raises(AccountIsClosed):
            attempt()


def test_what_the_service_did_cannot_have_been_entered_in_error() -> None:
    found = with_token()
    [*_, event] = found.collect_events()
    said: dict[str, Any] = {"on": DAY, "reason": Sealed("x"), "requested_by": "supervisor"}
    with pytest.raises(DoneByTheService):
        correct(found, event, **said, changes={"label": "Lain"})  # type: ignore[arg-type]
    with pytest.raises(DoneByTheService):
        retract(found, event, **said)  # type: ignore[arg-type]
