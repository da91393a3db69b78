"""A case on one or two sheets of paper, as whoever prints it may read it and as of the day of the page."""

from typing import Any

from service.web import ask, cases, printed
from service.web.frame import page

FEW = 6  # rows under each heading; what is earlier is on the page of the case


@page("/kasus/<id>/ringkasan", "case_summary.html", "case.read")
def case_summary(id: str) -> Any:
    """What the page of the case shows, for whoever must have it on paper."""
    told: dict[str, Any] = cases.case(id, papers=False)
    plans, in_force = told["row"]["plans"], told["row"]["plan_in_force"]
    return {
        **told,
        "plan": next((one for one in plans if one["number"] == in_force), plans[-1] if plans else None),
        "few": FEW,
        "foot": printed.foot(ask.get(f"/cases/{id}")),
    }
