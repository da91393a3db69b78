"""How much waits for a second person to decide: emergency accesses, resets of means of signing in, destructions."""

from datetime import date

from domain.destruction_state import PROPOSED
from projections.consent_lists import RESTRICTED
from projections.view import Reached, Row, View


def waiting(view: View, me: str, reach: Reached, day: date, *, restricted: bool = False) -> Row:
    """The counts of what ``me`` neither began nor answered: ``emergencies`` within reach that nobody reviewed, and those of
    them that are ``late`` on ``day``; ``resets`` that nobody approved; ``destructions`` that were proposed.
    ``restricted``: also accesses to people whose processing is restricted."""
    where, values = reach
    hers = "" if restricted else f" AND e.beneficiary NOT IN {RESTRICTED}"
    opened = f"FROM {{emergencies}} e WHERE {where} AND e.reviewed_on IS NULL AND e.holder <> :me{hers}"
    [row] = view.rows(
        f"SELECT (SELECT COUNT(*) {opened}) AS emergencies, "
        f"(SELECT COUNT(*) {opened} AND e.review_by < :day) AS late, "
        "(SELECT COUNT(*) FROM {resets} r WHERE r.outcome = '' AND r.approver = '' AND r.asker <> :me "
        "AND r.account <> :me) AS resets, "
        "(SELECT COUNT(*) FROM {destructions} d WHERE d.state = :proposed AND d.proposed_by <> :me "
        "AND d.approvers NOT LIKE :mine) AS destructions",
        **values,
        me=me,
        mine=f"%{me}%",
        day=day.isoformat(),
        proposed=PROPOSED,
    )
    return row
