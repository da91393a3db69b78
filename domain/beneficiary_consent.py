"""What a person in need, or whoever decides for her, agreed to: each consent for one purpose and one recipient, given
in a way that can be shown, and withdrawn as easily (UU 27/2022 art. 9, 20 to 22, 25 and 26)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from domain.aggregate import Event
from domain.beneficiary_life import RELATIONS
from domain.beneficiary_state import CLOSING, BeneficiaryState, Consent
from domain.case_codes import plain_code
from domain.consent_codes import GIVERS, OUTWARD, PURPOSES, WAYS
from domain.destinations import DESTINATIONS
from domain.refusals import Refused
from domain.sealed import Evidence, Sealed

ADULT = 18  # years: below, a parent or guardian consents


class ConsentIdInUse(Refused):
    RULE = "consent_id_in_use"
    SENTENCE = "Nomor persetujuan ini sudah dipakai pada catatan ini."


class RecipientNeeded(Refused):
    RULE = "consent_recipient_needed"
    SENTENCE = "Sebutkan lembaga yang menerima: persetujuan ini untuk memberi tahu pihak di luar kantor."


class GuardianNeeded(Refused):
    RULE = "consent_guardian_needed"
    SENTENCE = "Tulis nama dan hubungan orang tua, wali, atau pengampu yang memutuskan."


class GuardianDecides(Refused):
    RULE = "consent_guardian_decides"
    SENTENCE = "Persetujuan anak diberikan oleh orang tua atau walinya (UU 27/2022 pasal 25)."


class WitnessNeeded(Refused):
    RULE = "consent_witness_needed"
    SENTENCE = "Persetujuan lisan memerlukan nama saksi."


class ConsentEndsBeforeItBegins(Refused):
    RULE = "consent_ends_before_it_begins"
    SENTENCE = "Batas berlaku persetujuan tidak boleh sebelum tanggal diberikan."


class NoSuchConsent(Refused):
    RULE = "no_such_consent"
    SENTENCE = "Persetujuan yang dimaksud tidak ada pada catatan ini atau sudah ditarik."


class ConsentNotInForce(Refused):
    RULE = "consent_not_in_force"
    SENTENCE = "Persetujuan yang dimaksud sudah ditarik, sudah lewat, atau belum berlaku pada tanggal itu."


class ConsentForSomethingElse(Refused):
    RULE = "consent_for_something_else"
    SENTENCE = "Persetujuan yang dimaksud bukan untuk rujukan kepada lembaga ini."


class Consenting(BeneficiaryState):
    """The part of a beneficiary that knows what was agreed to."""

    class ConsentGiven(Event):
        TOPIC = "beneficiary.consent_given"
        CONFLICTS = CLOSING | {"beneficiary.consent_given"}
        consent: str  # id, made by the client
        purpose: str | Sealed
        purposes: str  # version of the list of purposes
        how: str
        ways: str  # version of the list of ways
        giver: str | Sealed
        givers: str  # version of the list of givers
        recipient_kind: str | Sealed | None = None  # of the destinations of referrals; none: the office itself
        destinations: str = ""  # version of that list
        recipient: str | Sealed | None = None  # an institution's name; none: every one of the kind
        recipient_id: str | Sealed | None = None
        guardian: Sealed | None = None
        relation: str | Sealed | None = None
        relations: str = ""  # version of the list of relations
        witness: Sealed | None = None
        until: date | None = None
        note: Sealed | None = None

        def apply(self, beneficiary: Any) -> None:
            beneficiary.consents[self.consent] = Consent(
                self.purpose, self.recipient_kind, self.recipient, self.recipient_id, self.on, self.until
            )

    class ConsentWithdrawn(Event):
        TOPIC = "beneficiary.consent_withdrawn"
        consent: str
        how: str
        ways: str
        giver: str | Sealed  # who takes it back
        givers: str
        guardian: Sealed | None = None
        witness: Sealed | None = None
        request: str | None = None  # the subject request that asked for it
        note: Sealed | None = None

        def apply(self, beneficiary: Any) -> None:
            known = beneficiary.consents.get(self.consent)
            if known is not None:
                beneficiary.consents[self.consent] = replace(known, withdrawn=True)

    def give_consent(
        self,
        *,
        on: date,
        consent: str,
        purpose: str | Sealed,
        how: str,
        giver: str | Sealed,
        recipient_kind: str | Sealed | None = None,
        recipient: str | Sealed | None = None,
        recipient_id: str | Sealed | None = None,
        guardian: Sealed | None = None,
        relation: str | Sealed | None = None,
        witness: Sealed | None = None,
        until: date | None = None,
        note: Sealed | None = None,
        open_purpose: str | None = None,
        open_giver: str | None = None,
        age: int | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Record a consent for one purpose: to the office itself without a ``recipient_kind``, else to the institution
        named, or to every one of that kind.

        For a strict subject what tells of purpose, recipient and giver comes sealed; ``open_purpose`` and
        ``open_giver`` are the codes behind, which decide and are not stored. ``age`` is in completed years. Raises
        `ConsentIdInUse`, `GuardianDecides` (art. 25), `GuardianNeeded`, `WitnessNeeded`, `RecipientNeeded`,
        `ConsentEndsBeforeItBegins`, `MustBeSealed`, `UnknownCode`, `HasDied`, `LinkedToAnother`.
        """
        self._lives(on)
        self._seal(relation=relation)
        purposes, ways, givers, kinds = PURPOSES.on(on), WAYS.on(on), GIVERS.on(on), DESTINATIONS.on(on)
        relations = RELATIONS.on(on)
        if consent in self.consents:
            raise ConsentIdInUse
        what = plain_code(strict=self.strict, field="purpose", value=purpose, opened=open_purpose)
        purposes.check(what or "")
        who = plain_code(strict=self.strict, field="giver", value=giver, opened=open_giver)
        givers.check(who or "")
        for field, value in (("recipient", recipient), ("recipient_id", recipient_id)):
            if value is not None:
                plain_code(strict=self.strict, field=field, value=value)
        if recipient_kind is not None:
            kind = plain_code(strict=self.strict, field="recipient_kind", value=recipient_kind)
            if kind is not None:
                kinds.check(kind)
        if what in OUTWARD and recipient_kind is None:
            raise RecipientNeeded
        if who == "yang_bersangkutan":
            if age is not None and age < ADULT:
                raise GuardianDecides
        elif guardian is None or relation is None:
            raise GuardianNeeded
        if isinstance(relation, str):
            relations.check(relation)
        if ways.check(how) == "lisan_saksi" and witness is None:
            raise WitnessNeeded
        if until is not None and until < on:
            raise ConsentEndsBeforeItBegins
        self.trigger(
            self.ConsentGiven,
            on=on,
            consent=consent,
            purpose=purpose,
            purposes=purposes.version,
            how=how,
            ways=ways.version,
            giver=giver,
            givers=givers.version,
            recipient_kind=recipient_kind,
            destinations=kinds.version if recipient_kind is not None else "",
            recipient=recipient,
            recipient_id=recipient_id,
            guardian=guardian,
            relation=relation,
            relations=relations.version if relation is not None else "",
            witness=witness,
            until=until,
            note=note,
            evidence=evidence,
        )

    def withdraw_consent(
        self,
        *,
        on: date,
        consent: str,
        how: str,
        giver: str | Sealed,
        guardian: Sealed | None = None,
        witness: Sealed | None = None,
        request: str | None = None,
        note: Sealed | None = None,
        open_giver: str | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Take a consent back (art. 9), also after a death or on a linked record: sharing on its ground stops with this.

        Raises `NoSuchConsent`, `WitnessNeeded`, `MustBeSealed`, `UnknownCode`.
        """
        known = self.consents.get(consent)
        if known is None or known.withdrawn:
            raise NoSuchConsent
        ways, givers = WAYS.on(on), GIVERS.on(on)
        givers.check(plain_code(strict=self.strict, field="giver", value=giver, opened=open_giver) or "")
        if ways.check(how) == "lisan_saksi" and witness is None:
            raise WitnessNeeded
        self.trigger(
            self.ConsentWithdrawn,
            on=on,
            consent=consent,
            how=how,
            ways=ways.version,
            giver=giver,
            givers=givers.version,
            guardian=guardian,
            witness=witness,
            request=request,
            note=note,
            evidence=evidence,
        )

    def consents_in_force(self, on: date) -> list[str]:
        """The ids of the consents that hold on a day."""
        return [id for id, known in self.consents.items() if known.in_force(on)]

    def must_consent(self, consent: str, *, on: date) -> Consent:
        """The consent of that id, in force on the day. Raises `NoSuchConsent`, `ConsentNotInForce`."""
        known = self.consents.get(consent)
        if known is None:
            raise NoSuchConsent
        if not known.in_force(on):
            raise ConsentNotInForce
        return known

    def must_consent_to_referral(
        self,
        consent: str,
        *,
        on: date,
        kind: str,
        destination: str | None,
        destination_id: str | None = None,
        opened: Mapping[str, Any] | None = None,
    ) -> None:
        """Refuse a referral that the consent does not carry: it must be for referrals to that kind of destination and,
        when it names an institution, to that one. ``opened`` holds by name what is sealed of the consent.

        Raises `NoSuchConsent`, `ConsentNotInForce`, `ConsentForSomethingElse`.
        """
        known = self.must_consent(consent, on=on)

        def said(field: str) -> Any:
            value = getattr(known, field)
            return (opened or {}).get(field) if isinstance(value, Sealed) else value

        if said("purpose") != "rujukan" or said("recipient_kind") != kind:
            raise ConsentForSomethingElse
        if known.recipient_id is not None and said("recipient_id") == destination_id:
            return
        if known.recipient is not None and _words(said("recipient")) == _words(destination):
            return
        if known.recipient is not None or known.recipient_id is not None:
            raise ConsentForSomethingElse


def _words(name: Any) -> list[str]:
    return str(name or "").casefold().split()
