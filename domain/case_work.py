"""Emergency aid and services: what a subject received.

Services are free of charge: a fee that was asked is recorded as it was, and is an alarm for whoever reads it.
"""

from datetime import date

from domain.aggregate import Event
from domain.case_codes import AIDS, EMERGENCY_SERVICES, SERVICES, UNITS, plain_code
from domain.case_state import AFTER_ITS_END, CaseState, at_least
from domain.refusals import Refused
from domain.sealed import Evidence, Sealed


class NoApprovedPlan(Refused):
    RULE = "service_needs_plan"
    SENTENCE = "Layanan yang bukan darurat memerlukan rencana yang disetujui, atau pengecualian dengan alasan."


class Work(CaseState):
    """What a case gave."""

    class EmergencyAidGiven(Event):
        TOPIC = "case.emergency_aid_given"
        CONFLICTS = AFTER_ITS_END
        item: str | Sealed
        items: str  # version of the list of aid
        quantity: int
        unit: str
        value_rupiah: int = 0
        provider: str | Sealed | None = None
        recipient: Sealed | None = None
        note: Sealed | None = None

    class ServiceDelivered(Event):
        TOPIC = "case.service_delivered"
        CONFLICTS = AFTER_ITS_END
        kind: str | Sealed
        kinds: str  # version of the list of services
        quantity: int
        unit: str
        provider: str | Sealed
        plan: int | None = None  # number of the plan in force
        goal: str | None = None
        emergency: bool = False
        value_rupiah: int = 0
        fee_rupiah: int = 0  # anything above zero is an alarm
        item: str | Sealed | None = None
        items: str = ""  # version of the list of aid
        recipient: Sealed | None = None
        exception: Sealed | None = None
        note: Sealed | None = None

        def apply(self, case: CaseState) -> None:
            case.reached = "intervensi"

    def give_emergency_aid(
        self,
        *,
        on: date,
        item: str | Sealed,
        quantity: int,
        unit: str,
        value_rupiah: int = 0,
        open_item: str | None = None,
        provider: str | Sealed | None = None,
        recipient: Sealed | None = None,
        note: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Record first help, before any assessment or plan. Raises `CaseIsTerminated`, `AmountTooSmall`,
        `MustBeSealed`, `UnknownCode`."""
        self._must_be_running()
        at_least(1, quantity=quantity)
        at_least(0, value_rupiah=value_rupiah)
        if provider is not None:
            plain_code(strict=self.strict, field="provider", value=provider)
        self.trigger(
            self.EmergencyAidGiven,
            on=on,
            item=item,
            items=self._check_item(on, item, open_item),
            quantity=quantity,
            unit=UNITS.on(on).check(unit),
            value_rupiah=value_rupiah,
            provider=provider,
            recipient=recipient,
            note=note,
            evidence=evidence,
        )

    def _check_item(self, on: date, item: str | Sealed, opened: str | None) -> str:
        aids = AIDS.on(on)
        if (code := plain_code(strict=self.strict, field="item", value=item, opened=opened)) is not None:
            aids.check(code)
        return aids.version

    def deliver_service(
        self,
        *,
        on: date,
        kind: str | Sealed,
        quantity: int,
        unit: str,
        provider: str | Sealed,
        open_kind: str | None = None,
        value_rupiah: int = 0,
        fee_rupiah: int = 0,
        item: str | Sealed | None = None,
        open_item: str | None = None,
        goal: str | None = None,
        recipient: Sealed | None = None,
        exception: Sealed | None = None,
        note: Sealed | None = None,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Record a service given. ``open_kind`` and ``open_item`` are the codes behind sealed ones.

        A service that is not of `EMERGENCY_SERVICES` needs an approved plan, or ``exception``, a reason. Raises
        `CaseIsTerminated`, `NoApprovedPlan`, `MustBeSealed`, `UnknownCode`, `AmountTooSmall`.
        """
        self._must_be_running()
        at_least(1, quantity=quantity)
        at_least(0, value_rupiah=value_rupiah, fee_rupiah=fee_rupiah)
        kinds = SERVICES.on(on)
        code = plain_code(strict=self.strict, field="kind", value=kind, opened=open_kind)
        if code is not None:
            kinds.check(code)
        plain_code(strict=self.strict, field="provider", value=provider)
        emergency = code in EMERGENCY_SERVICES
        if not emergency and self.plan_in_force is None and exception is None:
            raise NoApprovedPlan
        self.trigger(
            self.ServiceDelivered,
            on=on,
            kind=kind,
            kinds=kinds.version,
            quantity=quantity,
            unit=UNITS.on(on).check(unit),
            provider=provider,
            plan=self.plan_in_force,
            goal=goal,
            emergency=emergency,
            value_rupiah=value_rupiah,
            fee_rupiah=fee_rupiah,
            item=item,
            items="" if item is None else self._check_item(on, item, open_item),
            recipient=recipient,
            exception=exception,
            note=note,
            evidence=evidence,
        )
