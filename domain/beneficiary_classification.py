"""Which PPKS types a beneficiary has: begun, exchanged, ended. Each classification has an id of its own, so that it can
be ended, and counted once, without its type being readable."""

from datetime import date
from typing import Any

from domain import ppks
from domain.aggregate import Event
from domain.beneficiary_state import CLOSING, BeneficiaryState, Classification
from domain.codes import CodeHistory, CodeList
from domain.refusals import MustBeSealed, Refused
from domain.sealed import Evidence, Sealed

END_REASONS = CodeHistory(
    CodeList(
        name="alasan berakhirnya status PPKS",
        version="ID-PPKS-AKHIR-2019",
        valid_from=date(2019, 7, 1),
        source="Tiga alasan pertama dari praktik dinas sosial (dengan dokumen pendukung); selebihnya daftar setempat",
        codes={
            "meninggal": "Meninggal dunia",
            "pindah": "Pindah / tidak di tempat",
            "mampu": "Mampu",
            "lewat_umur": "Lewat batas umur",
            "tidak_memenuhi_kriteria": "Tidak lagi memenuhi kriteria",
            "salah_data": "Salah data",
            "lainnya": "Lainnya",
        },
    )
)


class ClassificationIdInUse(Refused):
    RULE = "classification_id_in_use"
    SENTENCE = "Nomor klasifikasi ini sudah dipakai pada catatan ini."


class SameTypeStillOpen(Refused):
    RULE = "same_type_still_open"
    SENTENCE = "Jenis PPKS yang sama masih berlaku; akhiri dahulu sebelum mencatatnya lagi."


class NoOpenClassification(Refused):
    RULE = "no_open_classification"
    SENTENCE = "Klasifikasi yang dimaksud tidak ada atau sudah berakhir."


class OverrideReasonNeeded(Refused):
    RULE = "override_reason_needed"
    SENTENCE = "Umur atau jenis kelamin di luar ketentuan jenis ini; tulis alasannya untuk melanjutkan."


class TierTooLow(Refused):
    RULE = "tier_too_low"
    SENTENCE = "Tingkat kerahasiaan harus 1 sampai 3 dan tidak boleh di bawah tingkat jenis PPKS ini."


class _Begun(Event):
    """What is recorded whenever a classification begins."""

    classification: str  # id, made by the client
    type: str | Sealed
    types: str  # version of the list of types
    tier: int
    assessor: str  # account
    subtypes: tuple[str, ...] | Sealed = ()
    findings: tuple[str, ...] | Sealed = ()
    override_reason: Sealed | None = None
    criteria: Sealed | None = None

    def apply(self, beneficiary: Any) -> None:
        beneficiary.classifications[self.classification] = Classification(self.type, open=True)
        beneficiary.tier = max(beneficiary.tier, self.tier)


class Classifying(BeneficiaryState):
    """The part of a beneficiary that carries its types. Its tier rises with them and does not fall when they end."""

    class Classified(_Begun):
        TOPIC = "beneficiary.ppks_classified"
        CONFLICTS = CLOSING | {"beneficiary.ppks_classified", "beneficiary.ppks_reclassified"}

    class Reclassified(_Begun):
        TOPIC = "beneficiary.ppks_reclassified"
        CONFLICTS = CLOSING | {
            "beneficiary.ppks_classified",
            "beneficiary.ppks_reclassified",
            "beneficiary.ppks_ended",
        }
        ends: str  # id of the classification that this one replaces
        reason: Sealed

        def apply(self, beneficiary: Any) -> None:
            beneficiary.end_known(self.ends)
            super().apply(beneficiary)

    class PpksEnded(Event):
        TOPIC = "beneficiary.ppks_ended"
        CONFLICTS = frozenset({"beneficiary.ppks_ended", "beneficiary.ppks_reclassified"})
        classification: str
        reason: str | Sealed
        reasons: str  # version of the list of reasons
        note: Sealed | None = None

        def apply(self, beneficiary: Any) -> None:
            beneficiary.end_known(self.classification)

    def end_known(self, classification: str) -> None:
        """Remember that a classification ended; nothing when its beginning has been retracted."""
        known = self.classifications.get(classification)
        if known is not None:
            self.classifications[classification] = Classification(known.type, open=False)

    def open_types(self) -> dict[str, str | Sealed]:
        """The types that hold now, by classification id."""
        return {id: known.type for id, known in self.classifications.items() if known.open}

    def classify(
        self,
        *,
        on: date,
        classification: str,
        type: str | Sealed,
        tier: int,
        assessor: str,
        age: int | None = None,
        sex: str | None = None,
        subtypes: tuple[str, ...] | Sealed = (),
        findings: Sealed | None = None,
        override_reason: Sealed | None = None,
        criteria: Sealed | None = None,
        unit_ok: bool = True,
        already_active: bool = False,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Record that a type applies from a day on.

        ``age`` (completed years that day) and ``sex`` (``L`` or ``P``) come from whoever opened the identity; only the
        findings are stored. A type of tier 3, and every type of a strict subject, comes sealed: then the caller has
        run `ppks.check` (``unit_ok``) and `ppks.rule_findings` (sealed ``findings`` when there are any) and says
        whether the subject has the type already. Raises `HasDied`, `LinkedToAnother`, `MustBeSealed`,
        `ClassificationIdInUse`, `TierTooLow`, `SameTypeStillOpen`, `OverrideReasonNeeded` and what `ppks.check` raises.
        """
        begun = self._begin(on, classification, type, tier, age, sex, subtypes, findings, override_reason, criteria)
        if not unit_ok:
            raise ppks.UnitNotAllowed
        if already_active or type in self.open_types().values():
            raise SameTypeStillOpen
        self.trigger(self.Classified, on=on, assessor=assessor, evidence=evidence, **begun)

    def reclassify(
        self,
        *,
        on: date,
        ends: str,
        reason: Sealed,
        classification: str,
        type: str | Sealed,
        tier: int,
        assessor: str,
        age: int | None = None,
        sex: str | None = None,
        subtypes: tuple[str, ...] | Sealed = (),
        findings: Sealed | None = None,
        override_reason: Sealed | None = None,
        criteria: Sealed | None = None,
        unit_ok: bool = True,
        already_active: bool = False,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Replace one classification, ``ends``, by another: a child grew up, the first judgement was refined.

        Otherwise as `classify`; ``already_active`` leaves the ended classification out of account. Also raises
        `NoOpenClassification`.
        """
        begun = self._begin(on, classification, type, tier, age, sex, subtypes, findings, override_reason, criteria)
        others = self.open_types()
        if others.pop(ends, None) is None:
            raise NoOpenClassification
        if not unit_ok:
            raise ppks.UnitNotAllowed
        if already_active or type in others.values():
            raise SameTypeStillOpen
        self.trigger(self.Reclassified, on=on, ends=ends, reason=reason, assessor=assessor, evidence=evidence, **begun)

    def end_ppks(
        self,
        *,
        on: date,
        classification: str,
        reason: str | Sealed,
        note: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Record that a type no longer applies; also after a death. Raises `NoOpenClassification`, `LinkedToAnother`,
        `MustBeSealed` or `UnknownCode`."""
        self._stands()
        self._seal(reason=reason)
        if classification not in self.open_types():
            raise NoOpenClassification
        reasons = END_REASONS.on(on)
        if isinstance(reason, str):
            reasons.check(reason)
        self.trigger(
            self.PpksEnded,
            on=on,
            classification=classification,
            reason=reason,
            reasons=reasons.version,
            note=note,
            evidence=evidence,
        )

    def _begin(
        self,
        on: date,
        classification: str,
        type: str | Sealed,
        tier: int,
        age: int | None,
        sex: str | None,
        subtypes: tuple[str, ...] | Sealed,
        findings: Sealed | None,
        override_reason: Sealed | None,
        criteria: Sealed | None,
    ) -> dict[str, Any]:
        self._lives(on)
        if classification in self.classifications:
            raise ClassificationIdInUse
        if tier not in (1, 2, 3):
            raise TierTooLow
        found: tuple[str, ...] | Sealed = findings or ()
        version = ppks.TYPES.on(on).version
        if isinstance(type, str):
            open_subtypes = subtypes if isinstance(subtypes, tuple) else ("sealed",)
            data = ppks.check(type, kind=self.kind, on=on, subtypes=open_subtypes, criteria=criteria is not None)
            if self.strict or max(tier, data.tier) >= self.STRICT_TIER:
                raise MustBeSealed(field="type")
            if tier < data.tier:
                raise TierTooLow
            if self.kind == "person":
                found = ppks.rule_findings(type, version, age=age, sex=sex)
        elif isinstance(subtypes, tuple) and subtypes:
            raise MustBeSealed(field="subtypes")
        if found and override_reason is None:
            raise OverrideReasonNeeded
        return {
            "classification": classification,
            "type": type,
            "types": version,
            "tier": tier,
            "subtypes": subtypes,
            "findings": found,
            "override_reason": override_reason,
            "criteria": criteria,
        }
