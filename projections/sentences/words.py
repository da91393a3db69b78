"""How the values of an event read in an Indonesian sentence: days, numbers, rupiah, labels of codes, what is sealed."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from domain.codes import CodeHistory

SEALED = "[tersegel]"
DESTROYED = "[dimusnahkan]"
MONTHS = (
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
)

Opened = Mapping[str, Mapping[str, Any]] | None


def day(value: date | str) -> str:
    """A day in words, "3 Januari 2026", from a date or ISO text; any other text as it is."""
    try:
        found = value if isinstance(value, date) else date.fromisoformat(value)
    except ValueError:
        return str(value)
    return f"{found.day} {MONTHS[found.month - 1]} {found.year}"


def number(value: int) -> str:
    """A whole number with dots between thousands."""
    return f"{value:,}".replace(",", ".")


def rupiah(value: int) -> str:
    """An amount: "Rp1.250.000"."""
    return f"Rp{number(value)}"


def initials(name: str) -> str:
    """A name as its initials: "Siti Rahma" is "S. R."."""
    return " ".join(f"{word[0].upper()}." for word in name.split() if word[0].isalpha())


def joined(words: Iterable[str]) -> str:
    """Words as a list in a sentence: "a, b, dan c"."""
    found = [word for word in words if word]
    if len(found) < 3:
        return " dan ".join(found)
    return f"{', '.join(found[:-1])}, dan {found[-1]}"


def written(value: Any) -> str:
    """Any value as a sentence shows it; nothing for ``None``."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ya" if value else "tidak"
    if isinstance(value, int):
        return number(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, str):
        return day(value) if len(value) == 10 and value[4:5] == value[7:8] == "-" else value
    if isinstance(value, Mapping):
        return joined(written(one) for one in value.values())
    if isinstance(value, Iterable):
        return joined(written(one) for one in value)
    return str(value)


class Told:
    """One event's own fields, for writing its sentence. Nothing in here raises for a field that is missing.

    ``data`` holds the fields as stored, sealed ones as ``{"part": id}``. ``opened`` holds what the reader may see, by
    part id; a part that is not in it was destroyed. ``None`` says that the reader may see nothing sealed.
    """

    def __init__(self, data: Mapping[str, Any], opened: Opened = None) -> None:
        self.data = data
        self.opened = opened

    def has(self, name: str) -> bool:
        """Whether the field says anything: for a yes or no, whether it is yes."""
        return self.data.get(name) not in (None, "", (), [], {}, 0, False)

    def sealed(self, name: str) -> bool:
        """Whether the field is a reference to something sealed."""
        value = self.data.get(name)
        return isinstance(value, Mapping) and set(value) == {"part"}

    def value(self, name: str) -> Any:
        """The field's value, opened where it may be; else `SEALED` or `DESTROYED`."""
        value = self.data.get(name)
        if not self.sealed(name):
            return value
        if self.opened is None:
            return SEALED
        part = self.opened.get(value["part"])  # type: ignore[index]  # sealed() says it is a mapping
        return DESTROYED if part is None else part.get(name, SEALED)

    def __getitem__(self, name: str) -> str:
        """The field in words, empty when it says nothing. Lists are joined, days and numbers written out."""
        return written(self.value(name))

    def label(self, name: str, codes: CodeHistory | Mapping[str, str], version: str = "") -> str:
        """The label of a code, or of each code of a list, from the version of the list that the field ``version``
        names; the code itself when it is not in it."""
        value = self.value(name)

        def one(code: str) -> str:
            if isinstance(codes, CodeHistory):
                return codes.label(str(self.data.get(version, "")), code)
            return codes.get(code, code)

        if value is None:
            return ""
        if isinstance(value, str):
            return one(value)
        return joined(one(str(code)) for code in value)

    def rupiah(self, name: str) -> str:
        """The field as an amount of money."""
        value = self.value(name)
        return rupiah(value) if isinstance(value, int) else written(value)

    def rows(self, name: str) -> list["Told"]:
        """The objects of a list field, each to be told on its own; what is sealed of them stands in the one part of the
        list, in the same order, and reads as sealed or destroyed where it may not be seen."""
        value = self.data.get(name)
        if not isinstance(value, list | tuple):
            return []
        found = []
        for index, row in enumerate(value):
            if not isinstance(row, Mapping):
                continue
            opened: dict[str, Mapping[str, Any]] | None = None
            if self.opened is not None:
                opened = {}
                for part, fields in self.opened.items():
                    rows = fields.get(name)
                    own = rows[index] if isinstance(rows, list) and index < len(rows) else {}
                    opened[part] = own if isinstance(own, Mapping) else {}
            found.append(Told(row, opened))
        return found

    def tail(self, name: str = "note", lead: str = "Catatan") -> str:
        """A sentence of its own to follow the first, " Catatan: ….", or nothing when the field says nothing."""
        return f" {lead}: {self[name].rstrip('.')}." if self.has(name) else ""

    def also(self, name: str, text: str) -> str:
        """``text`` with the field's words in place of ``{}``, or nothing when the field says nothing."""
        return text.replace("{}", self[name]) if self.has(name) else ""
