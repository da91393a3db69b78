"""Accounts and the roles they hold, from when until when. Which of them hold today is asked with a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.account import Account
from domain.aggregate import Event
from projections.projection import Projection


@dataclass(slots=True)
class AccountRow:
    """One account; ``closed_on`` is the day from which nobody signs in with it."""

    key: str
    login: str = ""
    name: str = ""
    opened_on: date | None = None
    closed_on: date | None = None
    second_factor: bool = False
    version: int = 0


@dataclass(slots=True)
class GrantRow:
    """One role given; ``areas`` are codes separated by commas, none means the whole kabupaten."""

    key: str
    account: str = ""
    grant_id: str = ""
    role: str = ""
    roles: str = ""
    title: str = ""
    areas: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    revoked_on: date | None = None


@dataclass(slots=True)
class ClearanceRow:
    """One clearance given, for a compartment of the strictly restricted tier."""

    key: str
    account: str = ""
    clearance_id: str = ""
    compartment: str = ""
    compartments: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    revoked_on: date | None = None


def _clearance_keys(event: Any) -> Iterable[str]:
    given = isinstance(event, Account.ClearanceGranted | Account.ClearanceRevoked)
    return (f"{event.stream}:{event.clearance}",) if given else ()


@dataclass(slots=True)
class ResetRow:
    """One reset of a means of signing in; ``asker`` and ``approver`` are accounts, ``outcome`` is how it ended."""

    key: str
    account: str = ""
    reset: str = ""
    means: str = ""
    asker: str = ""
    asked_on: date | None = None
    approver: str = ""
    approved_on: date | None = None
    outcome: str = ""  # used, declined
    ended_on: date | None = None


def _reset_keys(event: Any) -> Iterable[str]:
    reset = getattr(event, "reset", None) if isinstance(event, _RESETS) else None
    return (f"{event.stream}:{reset}",) if reset else ()


_RESETS = (
    Account.ResetAsked,
    Account.ResetApproved,
    Account.ResetDeclined,
    Account.PasswordSet,
    Account.SecondFactorRemoved,
)


def _grant_keys(event: Any) -> Iterable[str]:
    given = isinstance(event, Account.RoleGranted | Account.RoleRevoked)
    return (f"{event.stream}:{event.grant}",) if given else ()


accounts = Projection("accounts", row=AccountRow, indexes=[("login",)])
grants = Projection("grants", row=GrantRow, keys=_grant_keys, indexes=[("account",)])
resets = Projection("resets", row=ResetRow, keys=_reset_keys, indexes=[("reset",)])


clearances = Projection("clearances", row=ClearanceRow, keys=_clearance_keys, indexes=[("account",)])


@accounts.on(Account.Opened)
def opened(row: AccountRow, event: Account.Opened) -> None:
    row.login, row.name, row.opened_on, row.version = event.login, event.name, event.on, event.version


@accounts.on(Account.Closed, Account.Reopened)
def closed(row: AccountRow, event: Event) -> None:
    row.closed_on = event.on if isinstance(event, Account.Closed) else None
    row.version = event.version


@accounts.on(Account.SecondFactorEnrolled, Account.SecondFactorRemoved)
def secured(row: AccountRow, event: Event) -> None:
    row.second_factor = isinstance(event, Account.SecondFactorEnrolled)
    row.version = event.version


@accounts.on(
    Account.RoleGranted,
    Account.RoleRevoked,
    Account.ClearanceGranted,
    Account.ClearanceRevoked,
    Account.PasswordSet,
    Account.TokenIssued,
    Account.TokenRevoked,
    Account.DevicePrepared,
    Account.DeviceRevoked,
    Account.RecoveryCodesRenewed,
    Account.IdentityLinked,
    Account.IdentityUnlinked,
    Account.ResetAsked,
    Account.ResetApproved,
    Account.ResetDeclined,
)
def noted(row: AccountRow, event: Event) -> None:
    row.version = event.version


@grants.on(Account.RoleGranted)
def granted(row: GrantRow, event: Account.RoleGranted) -> None:
    row.account, row.grant_id, row.role, row.roles = event.stream, event.grant, event.role, event.roles
    row.title, row.areas = event.title, ",".join(event.areas)
    row.valid_from, row.valid_until = event.valid_from, event.valid_until


@grants.on(Account.RoleRevoked)
def revoked(row: GrantRow, event: Account.RoleRevoked) -> None:
    row.revoked_on = event.on


@clearances.on(Account.ClearanceGranted)
def clearance_granted(row: ClearanceRow, event: Account.ClearanceGranted) -> None:
    row.account, row.clearance_id = event.stream, event.clearance
    row.compartment, row.compartments = event.compartment, event.compartments
    row.valid_from, row.valid_until = event.valid_from, event.valid_until


@clearances.on(Account.ClearanceRevoked)
def clearance_revoked(row: ClearanceRow, event: Account.ClearanceRevoked) -> None:
    row.revoked_on = event.on


@resets.on(Account.ResetAsked)
def reset_asked(row: ResetRow, event: Account.ResetAsked) -> None:
    row.account, row.reset, row.means = event.stream, event.reset, event.means
    row.asker, row.asked_on = event.asker, event.on


@resets.on(Account.ResetApproved)
def reset_approved(row: ResetRow, event: Account.ResetApproved) -> None:
    row.approver, row.approved_on = event.approver, event.on


@resets.on(Account.PasswordSet, Account.SecondFactorRemoved, Account.ResetDeclined)
def reset_ended(row: ResetRow, event: Event) -> None:
    row.outcome = "declined" if isinstance(event, Account.ResetDeclined) else "used"
    row.ended_on = event.on
