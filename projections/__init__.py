"""What has happened, told one question at a time. A projection that is not listed in ``ALL`` does not exist."""

from typing import Any

from projections import case_work, caseload, history, incidents, people, referrals, registers
from projections.projection import Projection

ALL: tuple[Projection[Any], ...] = (
    caseload.cases,
    case_work.tasks,
    case_work.plans,
    case_work.goals,
    referrals.referrals,
    referrals.referral_steps,
    registers.kps,
    people.people,
    people.classifications,
    people.needs,
    history.history,
    incidents.incidents,
    incidents.victims,
    incidents.relief,
    incidents.figures,
)
