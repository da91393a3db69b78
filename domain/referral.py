"""A referral: its own life beside the case, from the letter to the word that came back.

It ends once. Its end is not the end of the case, and after completion the loop is closed only when the feedback has
come. The command that submits, forwards or ends a referral also notes it on the case (`Case.note_referral_opened`,
`Case.note_referral_settled`), so that the case can refuse to end with a referral open.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from domain.aggregate import Event
from domain.beneficiary_consent import Consenting
from domain.case_codes import plain_code
from domain.consent_codes import LEGAL_BASES, VITAL
from domain.destinations import DESTINATIONS, DOCUMENTS, NEEDS, REPLY_CHANNELS, reply_due, rules_of
from domain.referral_ends import Ends
from domain.referral_steps import ReplyBeforeSubmission
from domain.refusals import Refused, UnknownCode
from domain.sealed import Evidence, Sealed


class ConsentNeeded(Refused):
    RULE = "consent_needed"
    SENTENCE = (
        "Rujukan ini memerlukan persetujuan yang berlaku untuk lembaga tujuan, dari yang bersangkutan atau walinya,"
        " atau dasar hukum lain."
    )


class BasisTooWeak(Refused):
    RULE = "basis_too_weak"
    SENTENCE = "Tanpa persetujuan, layanan kesehatan hanya dirujuk untuk melindungi kepentingan vital."


class AssessmentNeeded(Refused):
    RULE = "referral_needs_assessment"
    SENTENCE = "Tujuan ini hanya menerima rujukan setelah ada asesmen."


class LetterNeeded(Refused):
    RULE = "referral_needs_letter"
    SENTENCE = "Tujuan ini hanya menerima rujukan dengan nomor surat rujukan Dinas Sosial."


class Referral(Ends):
    """One subject sent to one destination for one need.

    ``state`` is one of diajukan, diterima, dikembalikan, dijadwalkan, ditangani, or an end: ditolak, selesai,
    dialihkan, dibatalkan, tidak_hadir, kedaluwarsa.
    """

    NOUN = "referral"

    class Submitted(Event):
        TOPIC = "referral.submitted"
        LOOKS_AT_ENVELOPE = True
        case: str
        beneficiary: str
        tier: int
        destination_kind: str | Sealed
        destinations: str  # version of the list of destination kinds
        destination: str | Sealed  # the institution's name
        need: str | Sealed
        needs: str  # version of the list of needs
        reply_by: date
        destination_id: str | Sealed | None = None  # its entry in a register, such as a PSKS
        letter_number: str | None = None
        letter_date: date | None = None
        consent: str | None = None  # id of the beneficiary's consent that it rests on
        basis: str | Sealed | None = None  # the ground of the law in its place
        bases: str = ""  # version of the list of grounds
        assessed: bool = False
        documents: tuple[str, ...] = ()
        forwarded_from: str | None = None
        channel: str | None = None  # how it was sent; of one that carries on, how the office heard
        note: Sealed | None = None

        def apply(self, referral: "Referral") -> None:
            referral.state = "diajukan"
            referral.tier = self.tier
            referral.case, referral.beneficiary, referral.reply_by = self.case, self.beneficiary, self.reply_by
            referral.submitted_by = self.by or None
            referral.addressed_to = self.destination_id if isinstance(self.destination_id, str) else None
            referral.consent = self.consent

    def start(self) -> None:
        super().start()
        self.case = ""
        self.beneficiary = ""
        self.submitted_by: str | None = None
        self.addressed_to: str | None = None  # the destination's entry in a register, or its account

    @classmethod
    def submit(
        cls,
        id: str,
        *,
        on: date,
        case: str,
        beneficiary: str,
        tier: int,
        destination_kind: str | Sealed,
        destination: str | Sealed,
        need: str | Sealed,
        village: str | None = None,
        open_destination_kind: str | None = None,
        destination_id: str | Sealed | None = None,
        letter_number: str | None = None,
        letter_date: date | None = None,
        reply_by: date | None = None,
        consent: str | None = None,
        consenting: Consenting | None = None,
        opened_consent: Mapping[str, Any] | None = None,
        basis: str | Sealed | None = None,
        open_basis: str | None = None,
        open_destination: str | None = None,
        open_destination_id: str | None = None,
        assessed: bool = False,
        documents: tuple[str, ...] = (),
        forwarded_from: str | None = None,
        channel: str | None = None,
        note: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> "Referral":
        """Send a subject of a case to a destination.

        ``open_destination_kind`` and the other open values are what stands behind the sealed ones: they decide, and are
        not stored. ``assessed`` says whether the case has an assessment, ``channel`` of `REPLY_CHANNELS` how it was
        sent. Without ``reply_by`` the list's reply time counts. ``consent`` is one of ``consenting``, the subject, with
        ``opened_consent`` what is sealed of it; a strictly restricted subject needs one, or a ``basis`` of `LEGAL_BASES`.
        Raises `MustBeSealed`, `UnknownCode`, `ConsentNeeded`, `BasisTooWeak`, `AssessmentNeeded`, `LetterNeeded`,
        `ReplyBeforeSubmission` and what `Consenting.must_consent_to_referral` raises.
        """
        referral = cls.blank(id)
        if channel is not None:
            REPLY_CHANNELS.on(on).check(channel)
        strict = tier >= cls.STRICT_TIER
        kinds, needs = DESTINATIONS.on(on), NEEDS.on(on)
        code = plain_code(strict=strict, field="destination_kind", value=destination_kind, opened=open_destination_kind)
        if code is None:
            raise UnknownCode(code="", listing="jenis tujuan rujukan")
        rules = rules_of(kinds.version, code)
        if (need_code := plain_code(strict=strict, field="need", value=need)) is not None:
            needs.check(need_code)
        plain_code(strict=strict, field="destination", value=destination)
        if destination_id is not None:
            plain_code(strict=strict, field="destination_id", value=destination_id)
        for document in documents:
            DOCUMENTS.on(on).check(document)
        basis_code = None if basis is None else plain_code(strict=strict, field="basis", value=basis, opened=open_basis)
        if basis is not None:
            LEGAL_BASES.on(on).check(basis_code or "")
        if consent is not None:
            if consenting is None:
                raise ConsentNeeded
            consenting.must_consent_to_referral(
                consent,
                on=on,
                kind=code,
                destination=destination if isinstance(destination, str) else open_destination,
                destination_id=destination_id if isinstance(destination_id, str) else open_destination_id,
                opened=opened_consent,
            )
        elif strict and basis is None:
            raise ConsentNeeded
        elif strict and rules.consent and basis_code != VITAL:
            raise BasisTooWeak
        if rules.assessment and not assessed:
            raise AssessmentNeeded
        if rules.letter and not letter_number:
            raise LetterNeeded
        reply_by = reply_by or reply_due(rules, on)
        if reply_by < on:
            raise ReplyBeforeSubmission
        referral.trigger(
            cls.Submitted,
            on=on,
            village=village,
            case=case,
            beneficiary=beneficiary,
            tier=tier,
            destination_kind=destination_kind,
            destinations=kinds.version,
            destination=destination,
            need=need,
            needs=needs.version,
            reply_by=reply_by,
            destination_id=destination_id,
            letter_number=letter_number,
            letter_date=letter_date,
            consent=consent,
            basis=basis,
            bases=LEGAL_BASES.on(on).version if basis is not None else "",
            assessed=assessed,
            documents=documents,
            forwarded_from=forwarded_from,
            channel=channel,
            note=note,
            evidence=evidence,
        )
        return referral
