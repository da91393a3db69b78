"""What has happened, told one question at a time. A projection that is not listed in ``ALL`` does not exist."""

from typing import Any

from projections import (
    accounts,
    case_work,
    caseload,
    coverage_facts,
    emergencies,
    history,
    incidents,
    people,
    period_facts,
    readings,
    referrals,
    registers,
    territory,
    wksbm,
)
from projections.projection import Projection

ALL: tuple[Projection[Any], ...] = (
    caseload.cases,
    case_work.tasks,
    case_work.plans,
    case_work.goals,
    referrals.referrals,
    referrals.referral_steps,
    territory.villages,
    territory.redrawings,
    wksbm.bodies,
    coverage_facts.coverage_facts,
    registers.kps,
    registers.memberships,
    registers.psks,
    registers.offers,
    registers.indicators,
    registers.figures,
    people.people,
    people.classifications,
    people.needs,
    history.history,
    incidents.incidents,
    incidents.victims,
    incidents.relief,
    incidents.figures,
    period_facts.period_facts,
    accounts.accounts,
    accounts.grants,
    readings.readings,
    emergencies.emergencies,
    accounts.resets,
)
