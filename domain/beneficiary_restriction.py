"""Processing of a record restricted at the request of the person it is about, and the restriction lifted (UU 27/2022
art. 11 and 41). While it holds, the record is for the data protection officer alone."""

from datetime import date
from typing import Any

from domain.aggregate import Event
from domain.beneficiary_state import BeneficiaryState
from domain.codes import CodeHistory, CodeList
from domain.refusals import Refused
from domain.sealed import Evidence, Sealed

RESTRICTIONS = CodeHistory(
    CodeList(
        name="dasar pembatasan pemrosesan",
        version="ID-PEMBATASAN-2022",
        valid_from=date(2022, 10, 17),
        source="UU 27/2022 pasal 11 dan 41; alasannya daftar setempat",
        codes={
            "permintaan": "Permintaan yang bersangkutan",
            "ketepatan_diragukan": "Ketepatan data dipersoalkan",
            "keberatan": "Keberatan atas pemrosesan",
            "proses_hukum": "Diperlukan untuk proses hukum, tidak untuk pelayanan",
        },
    )
)


class ProcessingRestricted(Refused):
    RULE = "processing_restricted"
    SENTENCE = (
        "Pemrosesan data warga ini sedang dibatasi (UU 27/2022 pasal 11); hubungi petugas pelindungan data pribadi."
    )


class AlreadyRestricted(Refused):
    RULE = "already_restricted"
    SENTENCE = "Pemrosesan data warga ini sudah dibatasi."


class NotRestricted(Refused):
    RULE = "not_restricted"
    SENTENCE = "Pemrosesan data warga ini tidak sedang dibatasi."


class Restricting(BeneficiaryState):
    """The part of a beneficiary that knows whether it may be worked with."""

    class ProcessingRestricted(Event):
        TOPIC = "beneficiary.processing_restricted"
        CONFLICTS = frozenset({"beneficiary.processing_restricted", "beneficiary.restriction_lifted"})
        ground: str
        restrictions: str  # version of the list of grounds
        request: str | None = None  # the subject request that asked for it
        reason: Sealed | None = None

        def apply(self, beneficiary: Any) -> None:
            beneficiary.restricted = True

    class RestrictionLifted(Event):
        TOPIC = "beneficiary.restriction_lifted"
        CONFLICTS = frozenset({"beneficiary.processing_restricted", "beneficiary.restriction_lifted"})
        reason: Sealed
        request: str | None = None

        def apply(self, beneficiary: Any) -> None:
            beneficiary.restricted = False

    def restrict_processing(
        self,
        *,
        on: date,
        ground: str,
        request: str | None = None,
        reason: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Hide the record from all but the data protection officer; also one that is linked, or of somebody who died.
        Raises `AlreadyRestricted`, `UnknownCode`."""
        if self.restricted:
            raise AlreadyRestricted
        grounds = RESTRICTIONS.on(on)
        # Without its village: what was last recorded there is on a board that everybody sees.
        self.trigger(
            self.ProcessingRestricted,
            on=on,
            village=None,
            ground=grounds.check(ground),
            restrictions=grounds.version,
            request=request,
            reason=reason,
            evidence=evidence,
        )

    def lift_restriction(
        self, *, on: date, reason: Sealed, request: str | None = None, evidence: tuple[Evidence, ...] = ()
    ) -> None:
        """End the restriction: the person asked for it, or its ground is gone. Raises `NotRestricted`."""
        if not self.restricted:
            raise NotRestricted
        self.trigger(self.RestrictionLifted, on=on, village=None, reason=reason, request=request, evidence=evidence)

    def must_be_workable(self, *, entitled: bool) -> None:
        """Refuse anything done to a restricted record by somebody who is not ``entitled``: the data protection officer,
        or whoever carries out a correction that she ordered. Raises `ProcessingRestricted`."""
        if self.restricted and not entitled:
            raise ProcessingRestricted
