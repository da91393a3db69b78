"""The demonstration's office: an account for every role, and who works where."""

import hashlib
from datetime import date
from random import Random
from typing import Any

import msgspec

from domain import compartments
from domain.account import ROLES, Account
from domain.account_means import TWO_FACTORS
from domain.villages import Village
from service.api.commands import COMMANDS, execute
from service.casebook import Command, Decision
from service.config import DEMO_SECRET
from service.demo import names
from service.identity import LOGIN
from service.log.ids import new_id
from service.office import Office
from service.reach import Principal
from service.second_factor import code_at, in_letters, step_of

#: One pass phrase for each role. They are printed and published: worth nothing outside a demonstration.
PHRASES = {
    "pengurus_wksbm": "rukun-tetangga-di-tepi-danau",
    "kades": "balai-desa-pagi-hari",
    "psm": "sepeda-tua-naik-bukit",
    "tksk": "jagung-milu-siram-hangat",
    "peksos": "payung-biru-musim-hujan",
    "supervisor": "meja-kayu-dekat-jendela",
    "kepala_dinas": "kopi-pahit-tanpa-gula",
    "mitra": "ruang-tunggu-lantai-dua",
    "auditor": "kacamata-baca-dan-pensil",
    "admin": "kunci-lemari-arsip-lama",
    "dpo": "surat-tertutup-amplop-cokelat",
}


#: For which compartments of the strictly restricted tier each role is cleared.
CLEARED = {"peksos": compartments.ALL, "supervisor": compartments.ALL}


def secret_of(login: str) -> bytes:
    """The secret of a demonstration account's authenticator: as well known as its pass phrase."""
    return hashlib.sha256(f"{DEMO_SECRET}:authenticator:{login}".encode()).digest()[:20]


def current_code(here: Office, login: str) -> str:
    """What the authenticator of a demonstration account shows, or shows next when this code was used already."""
    account = here.identity.account_of(login)
    rows = here.database.rows("SELECT last_step FROM second_factors WHERE account = :account", account=account or "")
    now = step_of(here.identity.means.milliseconds())
    return code_at(secret_of(login), max(now, rows[0][0] + 1 if rows else 0))


class Seat(msgspec.Struct, frozen=True):
    """One account: how it signs in, its role, the post in words, and its areas (none: the whole kabupaten)."""

    login: str
    role: str
    title: str
    areas: tuple[str, ...] = ()
    until: date | None = None  # the last day in the post
    begins: date | None = None  # the first day, when not that of the office


def seats(villages: list[Village]) -> list[Seat]:
    """Every account of the office: one of each role at least, social workers and TKSK by kecamatan."""
    kecamatan = sorted({village.kecamatan: village.kecamatan_name for village in villages}.items())
    made = [
        Seat("admin", "admin", "Pengelola sistem"),
        Seat("dpo", "dpo", "Pejabat Pelindungan Data Pribadi"),
        Seat("auditor", "auditor", "Auditor Inspektorat Kabupaten"),
        Seat("kepala.lama", "kepala_dinas", "Kepala Dinas Sosial", until=date(2021, 2, 28)),
        Seat("kepala", "kepala_dinas", "Kepala Dinas Sosial", begins=date(2021, 3, 1)),
        Seat("kabid", "supervisor", "Kepala Bidang Pemberdayaan Sosial"),
        Seat("supervisor", "supervisor", "Supervisor, Kepala Bidang Rehabilitasi Sosial"),
        Seat("mitra", "mitra", "Petugas Rujukan Puskesmas Limboto"),
    ]
    for number, first in enumerate(range(0, len(kecamatan), 4), 1):
        areas = tuple(code for code, _ in kecamatan[first : first + 4])
        made.append(Seat(f"peksos{number}", "peksos", "Pekerja Sosial", areas))
    made += [Seat(f"tksk{n}", "tksk", f"TKSK {name}", (code,)) for n, (code, name) in enumerate(kecamatan[1:8], 1)]
    chosen = villages[3::37][:6]
    for number, village in enumerate(chosen, 1):
        head = "Lurah" if village.kind == "kelurahan" else "Kepala Desa"
        made.append(Seat(f"psm{number}", "psm", f"PSM {village.name}", (village.code,)))
        if number <= 3:
            made.append(Seat(f"kades{number}", "kades", f"{head} {village.name}", (village.code,)))
        if number <= 2:
            title = f"Ketua WKSBM {village.name}"
            made.append(Seat(f"wksbm{number}", "pengurus_wksbm", title, (village.code,)))
    return made


class Staff:
    """The accounts of the demonstration and the people behind them."""

    def __init__(self, here: Office, villages: list[Village], seed: str) -> None:
        rng = Random(seed)  # noqa: S311 - invented officials, no secrets
        self._here = here
        self.seats = {seat.login: seat for seat in seats(villages)}
        self.names = {login: names.official(rng, rng.choice("LP")) for login in self.seats}
        self.accounts: dict[str, Account] = {}

    def open(self, on: date) -> None:
        """Open every account and give it its role: the first one, the administrator's, then she does the others."""
        for seat in self.seats.values():
            account = new_id()
            if seat.role == "admin":
                self._begin(account, seat, on)
            else:
                who = self.principal("admin", on)
                self._run("account.open", {}, {"id": account, "login": seat.login, "name": self.names[seat.login]}, who)
                granted: dict[str, Any] = {
                    "role": seat.role,
                    "title": seat.title,
                    "areas": list(seat.areas),
                    "valid_from": (seat.begins or on).isoformat(),
                }
                if seat.until:
                    granted["valid_until"] = seat.until.isoformat()
                self._run("account.grant_role", {"stream": account}, granted, who)
                for compartment in sorted(CLEARED.get(seat.role, ())):
                    paper = {"kind": "surat_tugas", "number": f"800/{seat.login}/2019", "dated": on.isoformat()}
                    cleared = {"compartment": compartment, "valid_from": on.isoformat(), "evidence": [paper]}
                    self._run("account.grant_clearance", {"stream": account}, cleared, who)
            self.accounts[seat.login] = self._here.log.load(Account, account)

    def _run(self, name: str, url: dict[str, str], body: dict[str, Any], who: Principal) -> None:
        route = COMMANDS[name]
        execute(route, route.schema.load(body), url, who, self._here)

    def _begin(self, id: str, seat: Seat, on: date) -> None:
        def decide(decision: Decision) -> None:
            account = decision.begin(Account.open(id, on=on, login=seat.login, name=self.names[seat.login]))
            account.grant_role(on=on, grant=new_id(), role=seat.role, title=seat.title, valid_from=on)
            decision.reserve(LOGIN, seat.login, id)

        command = Command(id=new_id(), name="account.open", account="wahana demo", post="instalasi", source="api")
        self._here.casebook.record(command, decide)

    def id(self, login: str) -> str:
        """The account id behind a sign-in name."""
        return str(self.accounts[login].id)

    def principal(self, login: str, day: date) -> Principal:
        """Whoever signs in under that name on a day, with the grants of that day."""
        account = self.accounts[login]
        return Principal(
            account.id, account.login, account.name, account.grants_on(day), day, account.clearances_on(day)
        )

    def for_village(self, role: str, village: str) -> str | None:
        """Somebody of a role whose area holds a village, or nobody."""
        for seat in self.seats.values():
            if seat.role == role and village.startswith(seat.areas):
                return seat.login
        return None

    def peksos(self, village: str) -> str:
        """The social worker of a village's kecamatan."""
        return self.for_village("peksos", village) or "supervisor"

    def set_passwords(self, here: Office) -> list[dict[str, str]]:
        """Give every account whose post still stands the pass phrase of its role, and an authenticator where the role
        demands one; returns what is to be printed."""
        labels = ROLES.on(here.today()).codes
        table = []
        for seat in self.seats.values():
            if seat.until is not None:
                continue
            here.identity.set_password(self.id(seat.login), PHRASES[seat.role])
            secret = secret_of(seat.login) if seat.role in TWO_FACTORS else b""
            if secret:
                step = step_of(here.identity.means.milliseconds()) - 1  # leaves the code of this moment unused
                here.identity.means.begin_factor(self.id(seat.login), secret)
                here.identity.means.enrol(self.id(seat.login), code_at(secret, step))
            area = ", ".join(seat.areas) or "kabupaten"
            table.append(
                {
                    "login": seat.login,
                    "password": PHRASES[seat.role],
                    "secret": in_letters(secret) or "-",
                    "role": seat.role,
                    "label": labels[seat.role],
                    "name": self.names[seat.login],
                    "post": seat.title,
                    "area": area,
                }
            )
        return table
