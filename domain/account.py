"""Accounts: who may sign in, in which role, for which area, and from when until when.

An account belongs to an official or a partner acting in office; its name, login and posts are institutional facts and
stay open. Rights are grants with dates, because officials change often and a former village head stays the signatory of
an old decision. By what means the holder signs in, ``account_means`` and ``account_reset`` say.
"""

import re
from datetime import date

from domain.account_clearance import Clearing
from domain.account_reset import Resetting
from domain.account_state import AccountIsClosed, Grant
from domain.aggregate import Event
from domain.codes import CodeHistory, CodeList
from domain.refusals import Refused
from domain.sealed import Evidence, Sealed

__all__ = ["BOUND_TO_AREA", "ROLES", "Account", "AccountIsClosed", "AccountIsOpen", "Grant"]

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{2,39}")
_AREA = re.compile(r"\d{2}\.\d{2}\.\d{2}(\.[12]\d{3})?")
_STANDING = frozenset({"account.closed", "account.reopened"})

ROLES = CodeHistory(
    CodeList(
        name="peran",
        version="ID-PERAN-2019",
        valid_from=date(2019, 1, 1),
        source="Keputusan Kepala Dinas Sosial Kabupaten Gorontalo (daftar setempat)",
        codes={
            "pengurus_wksbm": "Pengurus WKSBM",
            "kades": "Kepala desa / lurah / operator desa",
            "psm": "PSM / fasilitator",
            "tksk": "TKSK",
            "peksos": "Pekerja sosial",
            "supervisor": "Supervisor / kepala bidang",
            "kepala_dinas": "Kepala dinas",
            "mitra": "Mitra penerima rujukan",
            "auditor": "Auditor (Inspektorat, BPK, BPKP)",
            "admin": "Admin sistem",
            "dpo": "Pejabat pelindungan data pribadi (DPO)",
        },
    )
)

#: Roles of the village and the kecamatan: a forgotten area must not open the whole kabupaten.
BOUND_TO_AREA = frozenset({"pengurus_wksbm", "kades", "psm", "tksk"})


class NotALogin(Refused):
    RULE = "not_a_login"
    SENTENCE = "Nama masuk terdiri atas 3 sampai 40 huruf kecil, angka, titik, garis bawah, atau tanda hubung."


class NotAGrantArea(Refused):
    RULE = "not_a_grant_area"
    SENTENCE = "“{code}” bukan kode desa/kelurahan atau kecamatan Kemendagri (bentuknya 75.01.02.2001 atau 75.01.02)."


class AreaMissing(Refused):
    RULE = "area_missing"
    SENTENCE = "Peran “{role}” harus dibatasi pada desa/kelurahan atau kecamatan tertentu."


class RoleEndsBeforeItBegins(Refused):
    RULE = "role_ends_before_it_begins"
    SENTENCE = "Hari terakhir peran ({until}) mendahului hari pertamanya ({begins})."


class GrantTaken(Refused):
    RULE = "grant_taken"
    SENTENCE = "Nomor pemberian peran ini sudah dipakai pada akun ini."


class NoSuchGrant(Refused):
    RULE = "no_such_grant"
    SENTENCE = "Pemberian peran ini tidak ada pada akun ini atau sudah dicabut."


class GrantToOneself(Refused):
    RULE = "grant_to_oneself"
    SENTENCE = "Peran untuk akun sendiri harus diberikan oleh orang lain."


class AccountIsOpen(Refused):
    RULE = "account_is_open"
    SENTENCE = "Akun ini masih terbuka."


class Account(Resetting, Clearing):
    """One account, its grants and their revocations. The login is held by a reservation, for ever."""

    NOUN = "account"

    class Opened(Event):
        TOPIC = "account.opened"
        login: str
        name: str

        def apply(self, account: "Account") -> None:
            account.login, account.name = self.login, self.name

    class RoleGranted(Event):
        TOPIC = "account.role_granted"
        CONFLICTS = _STANDING
        grant: str
        role: str
        roles: str  # version of the list of roles
        title: str
        areas: tuple[str, ...] = ()
        valid_from: date
        valid_until: date | None = None

        def apply(self, account: "Account") -> None:
            account.grants[self.grant] = Grant(
                self.grant, self.role, self.title, self.areas, self.valid_from, self.valid_until
            )

    class RoleRevoked(Event):
        TOPIC = "account.role_revoked"
        CONFLICTS = _STANDING
        grant: str
        note: Sealed | None = None

        def apply(self, account: "Account") -> None:
            account.revoked[self.grant] = self.on

    class Closed(Event):
        TOPIC = "account.closed"
        CONFLICTS = _STANDING
        note: Sealed | None = None

        def apply(self, account: "Account") -> None:
            account.closed_on = self.on

    class Reopened(Event):
        TOPIC = "account.reopened"
        CONFLICTS = _STANDING

        def apply(self, account: "Account") -> None:
            account.closed_on = None

    @classmethod
    def open(cls, id: str, *, on: date, login: str, name: str) -> "Account":
        """Open an account. The caller reserves ``login`` for it. Raises `NotALogin`."""
        if not _LOGIN.fullmatch(login):
            raise NotALogin
        account = cls.blank(id)
        account.trigger(cls.Opened, on=on, login=login, name=name)
        return account

    def grant_role(
        self,
        *,
        on: date,
        grant: str,
        role: str,
        title: str,
        areas: tuple[str, ...] = (),
        valid_from: date,
        valid_until: date | None = None,
        evidence: tuple[Evidence, ...] = (),
        by: str | None = None,
    ) -> None:
        """Give a role for some areas (none: the whole kabupaten), from a day until a last day. ``by`` is the account that
        gives it, none at the machine itself.

        Raises `AccountIsClosed`, `GrantToOneself`, `UnknownCode`, `GrantTaken`, `NotAGrantArea`, `AreaMissing` for a role
        of the village or kecamatan without areas, or `RoleEndsBeforeItBegins`.
        """
        self._must_be_open()
        if by == self.id:
            raise GrantToOneself
        roles = ROLES.on(on)
        roles.check(role)
        if grant in self.grants:
            raise GrantTaken
        for code in areas:
            if not _AREA.fullmatch(code):
                raise NotAGrantArea(code=code[:20])
        if role in BOUND_TO_AREA and not areas:
            raise AreaMissing(role=roles.codes[role])
        if valid_until is not None and valid_until < valid_from:
            raise RoleEndsBeforeItBegins(until=valid_until, begins=valid_from)
        self.trigger(
            self.RoleGranted,
            on=on,
            grant=grant,
            role=role,
            roles=roles.version,
            title=title,
            areas=areas,
            valid_from=valid_from,
            valid_until=valid_until,
            evidence=evidence,
        )

    def revoke_role(
        self, *, on: date, grant: str, note: Sealed | None = None, evidence: tuple[Evidence, ...] = ()
    ) -> None:
        """Take a role away: from ``on`` it no longer holds. Raises `NoSuchGrant`."""
        if grant not in self.grants or grant in self.revoked:
            raise NoSuchGrant
        self.trigger(self.RoleRevoked, on=on, grant=grant, note=note, evidence=evidence)

    def close(self, *, on: date, note: Sealed | None = None, evidence: tuple[Evidence, ...] = ()) -> None:
        """Close the account: nobody signs in with it and none of its grants holds. Raises `AccountIsClosed`."""
        self._must_be_open()
        self.trigger(self.Closed, on=on, note=note, evidence=evidence)

    def reopen(self, *, on: date, evidence: tuple[Evidence, ...] = ()) -> None:
        """Open a closed account again, with the grants it had. Raises `AccountIsOpen`."""
        if self.closed_on is None:
            raise AccountIsOpen
        self.trigger(self.Reopened, on=on, evidence=evidence)

    def clearances_on(self, day: date) -> frozenset[str]:
        """The compartments of the strictly restricted tier that the account may open on a day."""
        return frozenset() if self.closed_on is not None and day >= self.closed_on else super().clearances_on(day)
