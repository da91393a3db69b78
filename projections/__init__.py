"""What has happened, told one question at a time. A projection that is not listed in ``ALL`` does not exist."""

from typing import Any

from projections import case_work, caseload, referrals, registers
from projections.projection import Projection

ALL: tuple[Projection[Any], ...] = (
    caseload.cases,
    case_work.tasks,
    case_work.plans,
    case_work.goals,
    referrals.referrals,
    referrals.referral_steps,
    registers.kps,
)
