"""Devices on which somebody works without signal: who made one ready and who revoked it is on record."""

from datetime import date
from typing import Any

import pytest

from domain.account import Account, AccountIsClosed
from domain.account_devices import NoSuchDevice
from domain.correction import DoneByTheService, correct, retract
from domain.sealed import Sealed

DAY = date(2025, 3, 1)


def with_devices(*devices: str) -> Account:
    found = Account.open("a1", on=DAY, login="siti.m", name="Siti Monoarfa")
    for one in devices:
        found.prepare_device(on=DAY, device=one, label="HP lapangan")
    return found


def told(found: Account, events: int) -> list[tuple[str, str, str]]:
    latest: list[Any] = list(found.collect_events())[-events:]
    return [(event.topic, event.handset, getattr(event, "how", "")) for event in latest]


def test_a_device_is_revoked_once_and_the_others_hold() -> None:
    found = with_devices("d1", "d2")
    found.revoke_device(on=DAY, device="d1", how="operator")
    assert set(found.devices) == {"d2"}
    for gone in ("d1", "d3"):
        with pytest.raises(NoSuchDevice):
            found.revoke_device(on=DAY, device=gone, how="own")
    assert told(found, 2) == [("account.device_prepared", "d2", ""), ("account.device_revoked", "d1", "operator")]


def test_a_reset_password_takes_every_device_with_it_and_a_changed_one_none() -> None:
    found = with_devices("d1", "d2")
    found.set_password(on=DAY, how="own")
    assert set(found.devices) == {"d1", "d2"}
    found.ask_reset(on=DAY, reset="r1", means="password", by="admin")
    found.approve_reset(on=DAY, reset="r1", by="kabid")
    found.set_password(on=DAY, how="reset", reset="r1")
    assert found.devices == {}
    assert told(found, 2) == [
        ("account.device_revoked", "d1", "reset"),
        ("account.device_revoked", "d2", "reset"),
    ]


def test_a_closed_account_prepares_no_device_and_a_lost_one_is_revoked_all_the_same() -> None:
    found = with_devices("d1")
    found.close(on=DAY)
    with pytest.raises(AccountIsClosed):
        found.prepare_device(on=DAY, device="d2", label="HP")
    found.revoke_device(on=DAY, device="d1", how="operator")
    assert found.devices == {}


def test_what_became_of_a_device_cannot_have_been_entered_in_error() -> None:
    found = with_devices("d1")
    [*_, event] = found.collect_events()
    said: dict[str, Any] = {"on": DAY, "reason": Sealed("x"), "requested_by": "supervisor"}
    with pytest.raises(DoneByTheService):
        correct(found, event, **said, changes={"label": "Lain"})  # type: ignore[arg-type]
    with pytest.raises(DoneByTheService):
        retract(found, event, **said)  # type: ignore[arg-type]
