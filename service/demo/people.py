"""Invented people in need: who they are, what they need, and when they are registered."""

from datetime import date, timedelta
from random import Random
from typing import Any

import msgspec

from domain.nik import FEMALE, MALE, synthetic_nik
from service.demo import names, texts
from service.demo.world import World

#: Type of need: share of the people, youngest and oldest age at registration, share of women, SPM service, instrument.
TYPES: dict[str, tuple[float, int, int, float, str, str]] = {
    "lanjut_usia_telantar": (18, 60, 91, 0.6, "c", "lansia"),
    "fakir_miskin": (17, 19, 70, 0.5, "", "umum"),
    "penyandang_disabilitas": (15, 19, 70, 0.45, "a", "disabilitas"),
    "perempuan_rawan_sosial_ekonomi": (11, 19, 58, 1.0, "", "umum"),
    "anak_telantar": (9, 7, 17, 0.5, "b", "anak"),
    "anak_balita_telantar": (4, 1, 4, 0.5, "b", "anak"),
    "anak_dengan_kedisabilitasan": (5, 4, 16, 0.45, "", "disabilitas"),
    "anak_korban_kekerasan": (3, 5, 16, 0.65, "", "perlindungan"),
    "korban_tindak_kekerasan": (3, 19, 55, 0.8, "", "perlindungan"),
    "anak_berhadapan_dengan_hukum": (2, 13, 16, 0.15, "", "anak"),
    "anak_memerlukan_perlindungan_khusus": (1.5, 8, 17, 0.5, "", "perlindungan"),
    "pemulung": (2, 20, 65, 0.3, "", "umum"),
    "pekerja_migran_bermasalah_sosial": (2, 20, 50, 0.5, "", "umum"),
    "pengemis": (1.5, 25, 75, 0.4, "d", "umum"),
    "bekas_warga_binaan": (1.5, 20, 55, 0.1, "", "umum"),
    "korban_napza": (1.5, 17, 45, 0.1, "", "umum"),
    "gelandangan": (1, 25, 75, 0.25, "d", "umum"),
    "anak_jalanan": (1, 8, 16, 0.3, "", "anak"),
    "tuna_susila": (0.5, 20, 45, 0.9, "", "perlindungan"),
    "orang_dengan_hiv": (0.5, 19, 55, 0.4, "", "umum"),
    "korban_perdagangan_orang": (0.4, 18, 40, 0.8, "", "perlindungan"),
}


class Person(msgspec.Struct):
    """One invented person; ``id`` is set when it is registered."""

    number: int
    village: str
    name: str
    sex: str
    born: date
    type: str
    registered: date
    nik: str | None
    id: str = ""

    def identity(self, rng: Random, *, name: str | None = None) -> dict[str, Any]:
        """What a form says of her: often not everything."""
        said: dict[str, Any] = {"name": name or self.name, "sex": self.sex}
        if rng.random() < 0.75:
            said["birth_date"] = self.born.isoformat()
        else:
            said["birth_year"] = self.born.year
        if self.nik:
            said["nik"] = self.nik
        if rng.random() < 0.4:
            said["mother"] = names.person(rng, FEMALE, names.clan_of(self.name))
        if rng.random() < 0.3:
            said["phone"] = texts.phone(rng)
        if rng.random() < 0.5:
            said["address"] = f"{texts.hamlet(rng)} RT {rng.randint(1, 6):03}"
        return said


class Family(msgspec.Struct):
    """A family around its head; ``id`` is set when it is registered."""

    head: Person
    id: str = ""

    def relation(self, member: Person) -> str:
        """What a member is to the head, as far as their ages go."""
        if member is self.head:
            return "kepala_keluarga"
        younger = member.born.year - self.head.born.year
        return "anak" if younger > 15 else "orang_tua" if younger < -15 else "famili_lain"


def born_at(rng: Random, day: date, youngest: int, oldest: int) -> date:
    """A birthday so that the age on ``day`` lies between two ages. Every twelfth is 1 January, as registers have it."""
    born = day - timedelta(days=int(rng.uniform(youngest + 0.1, oldest + 0.9) * 365.25))
    return born.replace(month=1, day=1) if rng.random() < 0.08 and youngest > 18 else born


def invent(world: World, rng: Random, number: int, day: date, village: str, type: str | None = None) -> Person:
    """A person registered on a day in a village; three in ten state no NIK."""
    if type is None:
        type = rng.choices(list(TYPES), [row[0] for row in TYPES.values()])[0]
    _, youngest, oldest, women, _, _ = TYPES.get(type, (0, 3, 80, 0.5, "", ""))
    sex = FEMALE if rng.random() < women else MALE
    born = born_at(rng, day, youngest, oldest)
    stated = rng.random() < (0.35 if type in ("gelandangan", "pengemis") else 0.7)
    nik = synthetic_nik(born, sex, number % 9999 + 1) if stated else None
    return Person(number, village, names.person(rng, sex), sex, born, type, day, nik)


def population(world: World) -> list[Person]:
    """Everybody who is registered one by one, in the order of registration."""
    rng = world.rng("population")
    # People come from some villages more often than from others.
    weights = [rng.choice((1, 1, 2, 2, 3, 5)) for _ in world.villages]
    days = sorted(world.some_day(rng) for _ in range(world.scale.people))
    return [
        invent(world, rng, number, day, rng.choices(world.villages, weights)[0].code) for number, day in enumerate(days)
    ]
