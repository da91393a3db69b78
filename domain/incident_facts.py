"""What an incident's events say and why a fact about it may be refused."""

from datetime import date

import msgspec

from domain.refusals import Refused
from domain.sealed import Sealed


class IncidentIsClosed(Refused):
    RULE = "incident_is_closed"
    SENTENCE = "Bencana ini sudah ditutup pada {closed_on}; hanya kejadian sampai hari itu yang masih dapat dicatat."


class IncidentAlreadyClosed(Refused):
    RULE = "incident_already_closed"
    SENTENCE = "Bencana ini sudah ditutup."


class BeforeTheDisaster(Refused):
    RULE = "before_the_disaster"
    SENTENCE = "Tanggal ini mendahului hari bencana ({struck_on})."


class IncidentHasNoPlace(Refused):
    RULE = "incident_has_no_place"
    SENTENCE = "Sebutkan desa/kelurahan yang terkena, atau nyatakan sebagai bencana skala kabupaten."


class OutsideTheIncident(Refused):
    RULE = "outside_the_incident"
    SENTENCE = "Desa/kelurahan {village} belum termasuk wilayah bencana ini; tambahkan wilayahnya lebih dahulu."


class VillageAlreadyHit(Refused):
    RULE = "village_already_hit"
    SENTENCE = "Semua desa/kelurahan itu sudah termasuk wilayah bencana ini."


class VictimAlreadyRecorded(Refused):
    RULE = "victim_already_recorded"
    SENTENCE = "Warga ini sudah tercatat sebagai korban bencana ini."


class VictimNotRecorded(Refused):
    RULE = "victim_not_recorded"
    SENTENCE = "Warga ini belum tercatat sebagai korban bencana ini."


class VictimAlreadyVerified(Refused):
    RULE = "victim_already_verified"
    SENTENCE = "Korban ini sudah diverifikasi; bila keliru, koreksi hasil verifikasinya."


class NoLongerAVictim(Refused):
    RULE = "no_longer_a_victim"
    SENTENCE = "Penerima sudah diverifikasi bukan korban atau tercatat ganda."


class RecipientsUnclear(Refused):
    RULE = "recipients_unclear"
    SENTENCE = "Sebutkan para penerima, atau jumlahnya bila belum tercatat satu per satu."


class NumberTooSmall(Refused):
    RULE = "number_too_small"
    SENTENCE = "Isian “{field}” tidak boleh kurang dari {least}."


class NothingToReconcile(Refused):
    RULE = "nothing_to_reconcile"
    SENTENCE = "Belum ada angka “{figure}” yang dilaporkan untuk bencana ini."


class Victim(msgspec.Struct, frozen=True):
    """One victim of a list taken down in the field: a registered beneficiary, most often still without a NIK.

    ``household`` is the number of people she stands for, herself included; ``village`` is where she was hit.
    """

    victim: str
    village: str
    conditions: tuple[str, ...]
    household: int = 1
    nik_known: bool = False
    note: Sealed | None = None


def at_least(least: int, **numbers: int | None) -> None:
    """Raise `NumberTooSmall` for the first number below ``least``."""
    for field, number in numbers.items():
        if number is not None and number < least:
            raise NumberTooSmall(field=field, least=least)


def not_before(struck_on: date | None, on: date) -> None:
    """Raise `BeforeTheDisaster` for a day before the disaster."""
    if struck_on is not None and on < struck_on:
        raise BeforeTheDisaster(struck_on=struck_on)
