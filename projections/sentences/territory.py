"""Sentences about the list of villages."""

from projections.sentences.words import Told, joined, number


def _by(told: Told) -> str:
    return f"berlaku mulai {told['valid_from']} menurut {told['decree']} (daftar {told['edition']})"


def _split(told: Told) -> str:
    parts = joined(f"{village['name']} ({village['code']})" for village in told.rows("villages"))
    return f"Desa/kelurahan {told['code']} dimekarkan menjadi {parts}, {_by(told)}."


def _merged(told: Told) -> str:
    into = told.data["into"]
    return f"Desa/kelurahan {told['codes']} digabung menjadi {into['name']} ({into['code']}), {_by(told)}."


SENTENCES = {
    "territory.list_published": lambda told: (
        f"Daftar wilayah dengan {number(len(told.data['villages']))} desa/kelurahan ditetapkan, {_by(told)}."
    ),
    "territory.village_renamed": lambda told: (
        f"Nama desa/kelurahan {told['code']} diubah menjadi {told['name']}, {_by(told)}."
    ),
    "territory.village_split": _split,
    "territory.village_merged": _merged,
}
