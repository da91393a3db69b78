"""What a period's report counts: one row for each counted event, by the day it happened. Questions are asked in
`projections.periods`."""

from dataclasses import dataclass
from datetime import date

from domain.aggregate import Event
from domain.beneficiary import Beneficiary
from domain.case import Case
from domain.referral import Referral
from domain.wksbm import Wksbm
from projections.projection import Projection

#: event: the name under which a period counts it
COUNTED: dict[type[Event], str] = {
    Beneficiary.Registered: "registered",
    Case.Opened: "cases_opened",
    Case.Terminated: "cases_terminated",
    Referral.Submitted: "referrals_sent",
    Referral.Completed: "referrals_completed",
    Referral.Returned: "referrals_returned",
    Wksbm.Formed: "wksbm_formed",
    Wksbm.Ratified: "wksbm_ratified",
    Wksbm.ActivityReported: "activities",
}


@dataclass(slots=True)
class PeriodFactRow:
    """One event that counts for the period in which ``on_day`` lies. ``village`` is the one it was recorded for."""

    key: str
    stream: str = ""
    counted: str = ""
    on_day: date | None = None
    village: str | None = None


period_facts = Projection(
    "period_facts",
    row=PeriodFactRow,
    keys=lambda event: (f"{event.stream}:{event.version}",),
    indexes=[("counted", "on_day", "since")],
    once=True,
)


@period_facts.on(*COUNTED)
def counted(row: PeriodFactRow, event: Event) -> None:
    row.stream, row.counted, row.on_day, row.village = event.stream, COUNTED[type(event)], event.on, event.village
