"""The territory: which villages exist on which day, and by which decree. One stream for the whole office."""

from datetime import date

import msgspec

from domain.aggregate import Aggregate, Event
from domain.refusals import Refused
from domain.sealed import Evidence
from domain.villages import DECREE, VERSION, Village, kind_of, published_list, village_code

TERRITORY_ID = "00000000-0000-7000-8000-000000007501"
_REDRAWN = frozenset(
    {
        "territory.list_published",
        "territory.village_renamed",
        "territory.village_split",
        "territory.village_merged",
    }
)


class VillageNotInForce(Refused):
    RULE = "village_not_in_force"
    SENTENCE = "Desa/kelurahan {code} tidak ada dalam daftar wilayah pada tanggal {day}."


class VillageAlreadyInForce(Refused):
    RULE = "village_already_in_force"
    SENTENCE = "Kode {code} sudah dipakai desa/kelurahan lain pada tanggal {day}."


class VillageInconsistent(Refused):
    RULE = "village_inconsistent"
    SENTENCE = (
        "Data desa/kelurahan {code} tidak cocok dengan kodenya (jenis atau kecamatan), atau kodenya tercatat ganda."
    )


class EditionTaken(Refused):
    RULE = "edition_taken"
    SENTENCE = "Versi daftar wilayah “{edition}” sudah ada; pakai nama versi yang baru."


class DecreeMissing(Refused):
    RULE = "decree_missing"
    SENTENCE = "Perubahan wilayah harus menyebut versi daftar dan keputusan yang mendasarinya."


class TooFewVillages(Refused):
    RULE = "too_few_villages"
    SENTENCE = "Daftar wilayah tidak boleh kosong; pemekaran dan penggabungan menyangkut sedikitnya dua desa/kelurahan."


class Redrawn(Event):
    """A dated change of the list: it holds from ``valid_from`` and makes the version ``edition``."""

    CONFLICTS = _REDRAWN
    LOOKS_AT_ENVELOPE = True
    edition: str
    decree: str
    valid_from: date

    def apply(self, territory: "Territory") -> None:
        territory.changes.append(self)

    def redraw(self, villages: dict[str, Village]) -> None:
        """Change ``villages`` (by code) from what held before to what holds after."""


class Territory(Aggregate):
    """The published list of villages and its later changes.

    A village is known by its Kemendagri code, never by its name: ten names occur twice. Changes may be entered late, in
    any order; they count from their ``valid_from``. Before the first of these days the first list counts, because the
    office's history is older than the decree now in force.
    """

    NOUN = "territory"

    class ListPublished(Redrawn):
        TOPIC = "territory.list_published"
        villages: tuple[Village, ...]

        def redraw(self, villages: dict[str, Village]) -> None:
            villages.clear()
            villages.update((village.code, village) for village in self.villages)

    class VillageRenamed(Redrawn):
        TOPIC = "territory.village_renamed"
        code: str
        name: str

        def redraw(self, villages: dict[str, Village]) -> None:
            if known := villages.get(self.code):
                villages[self.code] = msgspec.structs.replace(known, name=self.name)

    class VillageSplit(Redrawn):
        TOPIC = "territory.village_split"
        code: str
        villages: tuple[Village, ...]  # all that stand afterwards, the mother village too if it remains

        def redraw(self, villages: dict[str, Village]) -> None:
            villages.pop(self.code, None)
            villages.update((village.code, village) for village in self.villages)

    class VillageMerged(Redrawn):
        TOPIC = "territory.village_merged"
        codes: tuple[str, ...]
        into: Village

        def redraw(self, villages: dict[str, Village]) -> None:
            for code in self.codes:
                villages.pop(code, None)
            villages[self.into.code] = self.into

    def start(self) -> None:
        self.changes: list[Redrawn] = []

    @classmethod
    def publish(
        cls,
        id: str = TERRITORY_ID,
        *,
        on: date,
        valid_from: date,
        edition: str = VERSION,
        decree: str = DECREE,
        villages: tuple[Village, ...] | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> "Territory":
        """Publish the first list; without ``villages``, the 205 of `domain.villages`. Raises as `republish` does."""
        territory = cls.blank(id)
        territory.republish(
            on=on, valid_from=valid_from, edition=edition, decree=decree, villages=villages, evidence=evidence
        )
        return territory

    def republish(
        self,
        *,
        on: date,
        valid_from: date,
        edition: str,
        decree: str,
        villages: tuple[Village, ...] | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Publish a whole new list that replaces the earlier one from ``valid_from``.

        Raises `EditionTaken`, `DecreeMissing`, `TooFewVillages`, `NotAVillageCode` or `VillageInconsistent`.
        """
        listed = _consistent(published_list() if villages is None else villages)
        if not listed:
            raise TooFewVillages
        self._redraw(self.ListPublished, on, valid_from, edition, decree, evidence, villages=listed)

    def rename(
        self,
        *,
        on: date,
        valid_from: date,
        edition: str,
        decree: str,
        code: str,
        name: str,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """A village takes another name and keeps its code."""
        self._in_force(code, valid_from)
        self._redraw(self.VillageRenamed, on, valid_from, edition, decree, evidence, code=code, name=name)

    def split(
        self,
        *,
        on: date,
        valid_from: date,
        edition: str,
        decree: str,
        code: str,
        villages: tuple[Village, ...],
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """A village becomes several (pemekaran). ``villages`` are all that stand afterwards; the mother village is among
        them if it remains. Raises `VillageAlreadyInForce` when a new code is in use."""
        self._in_force(code, valid_from)
        parts = _consistent(villages)
        if len(parts) < 2:
            raise TooFewVillages
        for part in parts:
            self._free(part.code, valid_from, besides=(code,))
        self._redraw(self.VillageSplit, on, valid_from, edition, decree, evidence, code=code, villages=parts)

    def merge(
        self,
        *,
        on: date,
        valid_from: date,
        edition: str,
        decree: str,
        codes: tuple[str, ...],
        into: Village,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Several villages become one (penggabungan), which may keep the code of one of them."""
        if len(set(codes)) < 2:
            raise TooFewVillages
        for code in codes:
            self._in_force(code, valid_from)
        _consistent((into,))
        self._free(into.code, valid_from, besides=codes)
        self._redraw(self.VillageMerged, on, valid_from, edition, decree, evidence, codes=codes, into=into)

    def villages_on(self, day: date) -> dict[str, Village]:
        """The villages in force on ``day``, by code, in order of code."""
        villages: dict[str, Village] = {}
        for change in self._until(day):
            change.redraw(villages)
        return dict(sorted(villages.items()))

    def has(self, code: str, day: date) -> bool:
        """Whether the village was in force on ``day``."""
        return code in self.villages_on(day)

    def successors_on(self, day: date) -> dict[str, str]:
        """Villages no longer in force because they were merged, and what they went into; a split one has no single heir."""
        standing = self.villages_on(day)
        merged: dict[str, str] = {}
        for change in self._until(day):
            if isinstance(change, self.VillageMerged):
                merged.update((code, change.into.code) for code in change.codes if code != change.into.code)
        found = {}
        for code in merged.keys() - standing.keys():
            into = code
            for _ in merged:  # a village may have gone into one that went into another
                into = merged.get(into, into) if into not in standing else into
            if into in standing:
                found[code] = into
        return found

    def edition_on(self, day: date) -> str:
        """The version of the list in force on ``day``: what other events carry as ``territory``."""
        return next((change.edition for change in reversed(self._until(day))), "")

    @property
    def current(self) -> str:
        """The version of the list that holds after every change known so far."""
        return self.edition_on(date.max)

    def _until(self, day: date) -> list[Redrawn]:
        ordered = sorted(self.changes, key=lambda change: (change.valid_from, change.version))
        return [change for change in ordered if change.valid_from <= day] or ordered[:1]

    def _in_force(self, code: str, day: date) -> None:
        if not self.has(village_code(code), day):
            raise VillageNotInForce(code=code, day=day)

    def _free(self, code: str, day: date, *, besides: tuple[str, ...]) -> None:
        if code not in besides and self.has(code, day):
            raise VillageAlreadyInForce(code=code, day=day)

    def _redraw(
        self,
        change: type[Redrawn],
        on: date,
        valid_from: date,
        edition: str,
        decree: str,
        evidence: tuple[Evidence, ...],
        **fields: object,
    ) -> None:
        if not edition.strip() or not decree.strip():
            raise DecreeMissing
        if any(known.edition == edition for known in self.changes):
            raise EditionTaken(edition=edition)
        self.trigger(
            change,
            on=on,
            valid_from=valid_from,
            edition=edition,
            decree=decree,
            territory=edition,
            evidence=evidence,
            **fields,
        )


def kecamatan_of(code: str) -> str:
    """The kecamatan's code, the first three parts of a village code."""
    return code[:8]


def _consistent(villages: tuple[Village, ...]) -> tuple[Village, ...]:
    seen: set[str] = set()
    for village in villages:
        code = village_code(village.code)
        if code in seen or village.kind != kind_of(code) or village.kecamatan != kecamatan_of(code):
            raise VillageInconsistent(code=code)
        seen.add(code)
    return villages
