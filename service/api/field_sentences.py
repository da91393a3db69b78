"""What is said of a field that is not filled in as it must be, in Indonesian like every answer of the API.

marshmallow says it in English; its sentences are replaced where it keeps them, once, when the first schema is made.
"""

from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

#: What a value is not, by the kind of field and marshmallow's name of the fault.
OF_FIELDS: Mapping[type[fields.Field[Any]], Mapping[str, str]] = {
    fields.Field: {
        "required": "Wajib diisi.",
        "null": "Tidak boleh kosong.",
        "validator_failed": "Nilai ini tidak sah.",
    },
    fields.Nested: {"type": "Bukan kelompok isian yang sah."},
    fields.List: {"invalid": "Bukan daftar."},
    fields.String: {"invalid": "Bukan teks.", "invalid_utf8": "Bukan teks yang sah."},
    fields.Number: {"invalid": "Bukan bilangan.", "too_large": "Angka ini terlalu besar."},
    fields.Integer: {"invalid": "Tulis bilangan bulat."},
    fields.Boolean: {"invalid": "Jawab ya atau tidak."},
    fields.DateTime: {
        "invalid": "Bukan waktu yang sah.",
        "invalid_awareness": "Tulis waktu dengan zonanya.",
        "format": "Bukan waktu yang sah.",
    },
    fields.Date: {"invalid": "Bukan tanggal yang sah.", "format": "Bukan tanggal yang sah."},
    fields.Mapping: {"invalid": "Bukan kelompok isian yang sah."},
}
OF_SCHEMAS = {"type": "Bukan kelompok isian yang sah.", "unknown": "Isian ini tidak dikenal."}
OF_LENGTHS = {
    "message_min": "Paling sedikit {min}.",
    "message_max": "Paling banyak {max}.",
    "message_all": "Panjangnya {min} sampai {max}.",
    "message_equal": "Panjangnya harus {equal}.",
}
#: marshmallow puts words into these before it puts numbers, hence the doubled braces.
OF_RANGES = {
    "message_min": "Paling kecil {{min}}.",
    "message_max": "Paling besar {{max}}.",
    "message_all": "Antara {{min}} dan {{max}}.",
}
ONE_OF = "Pilih salah satu: {choices}."
PATTERN = "Bentuknya tidak sesuai."
#: Of a file that is none of the kinds that are taken.
KINDS_TAKEN = "Berkas ini bukan jenis yang diterima: foto (JPG, PNG, WebP), PDF, atau teks."
#: Of a village in which whoever writes has no right to begin something.
OUTSIDE = "Pilih desa/kelurahan di wilayah tugas Anda."

#: Of an identity that says nothing, or is not there.
SOMEBODY = (
    "Isi sedikitnya satu keterangan tentang siapa ini, misalnya nama, NIK, nama kepala keluarga, atau ciri-cirinya."
)


def sentences() -> list[str]:
    """Every sentence, with ``{placeholders}``, once."""
    found = [one for told in OF_FIELDS.values() for one in told.values()]
    found += [*OF_SCHEMAS.values(), *OF_LENGTHS.values(), *(one.format() for one in OF_RANGES.values())]
    return list(dict.fromkeys([*found, ONE_OF, PATTERN, KINDS_TAKEN, OUTSIDE, SOMEBODY]))


def install() -> None:
    """Put the sentences in the place of marshmallow's own."""
    for kind, told in OF_FIELDS.items():
        kind.default_error_messages = {**kind.__dict__.get("default_error_messages", {}), **told}
    ma.Schema.error_messages = {**ma.Schema.error_messages, **OF_SCHEMAS}
    for validator, told in ((validate.Length, OF_LENGTHS), (validate.Range, OF_RANGES)):
        for name, sentence in told.items():
            setattr(validator, name, sentence)
    validate.OneOf.default_message = ONE_OF
    validate.Regexp.default_message = PATTERN
