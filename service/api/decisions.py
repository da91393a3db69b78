"""How much waits for whoever asks to decide as the second person: in counts, so that nothing is opened by it."""

from typing import Any

from flask_smorest import Blueprint

from projections import decision_lists
from projections.engine import View
from service.api import rights
from service.api.cases import day_of
from service.api.current import principal
from service.api.reads import read
from service.reach import Scope, scope

blueprint = Blueprint("decisions", __name__, url_prefix="/api/v1", description="What waits for a second person")
#: What is counted, by the right to decide on it.
COUNTED = {
    "emergency.review": ("emergencies", "late"),
    "account.reset": ("resets",),
    "destruction.decide": ("destructions",),
}


@read(blueprint, "/decisions", action="emergency.review")
def decisions(query: dict[str, Any], view: View, reach: Scope) -> dict[str, int | None]:
    """Of what whoever asks may decide on and did not begin herself: ``emergencies`` to review and how many of them are
    ``late``, ``resets`` to approve, ``destructions`` proposed. Null is what she does not decide on."""
    who = principal()
    seen = scope(who, "beneficiary.read").restricted
    found = decision_lists.waiting(view, who.account, reach.where("e.village"), day_of(view), restricted=seen)
    return {
        name: None if scope(who, action).empty else found[name] for action, names in COUNTED.items() for name in names
    }


rights.declare("GET", blueprint, "/decisions", *COUNTED)
