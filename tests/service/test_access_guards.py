"""Each guard of the code in turn is taken away, and the access matrix notices: or its finding nothing would say nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from copy import copy
from typing import Any

import pytest

from service import reach
from service.access import Sight
from service.api import known, rights
from service.reach import Scope
from tests.service.situations import Situations
from tests.service.test_access_matrix import commanding, entering, here, listing, reading_one, searching
from tests.trials.plugin import Trial

__all__ = ["here"]
Check = Callable[[Situations], Any]
#: Where each guard stands, what it is replaced by, and who notices. The last one lets things be recorded.
GUARDS: tuple[tuple[object, str, Any, Check], ...] = (
    (Scope, "includes", lambda self, *thing, **more: True, reading_one),
    (Scope, "where", lambda self, *columns, **more: ("1 = 1", {}), listing),
    (reach, "hidden_from", lambda principal, *counted: 4, reading_one),
    (reach, "hidden_from", lambda principal, *counted: 4, listing),
    (reach, "sees", lambda *someone, **more: Sight.FULL, reading_one),
    (reach, "sees", lambda *someone, **more: Sight.FULL, searching),
    (reach, "cleared", lambda principal, compartments: True, reading_one),
    (rights, "may_enter", lambda principal, method, rule: True, entering),
    (known, "is_known", lambda form, aggregate, *also: True, commanding),
)


def replaced(patch: pytest.MonkeyPatch, owner: object, name: str, other: Any) -> int:
    """Put something else in the place of a guard, wherever it was imported to; says in how many places."""
    real = getattr(owner, name)
    if isinstance(owner, type):
        patch.setattr(owner, name, other)
        return 1
    ours = [module for key, module in sys.modules.items() if key.startswith("service.")]
    places = [module for module in ours if getattr(module, name, None) is real]
    for module in places:
        patch.setattr(module, name, other)
    return len(places)


@pytest.mark.trial
def test_a_guard_that_is_taken_away_is_noticed(here: Situations, trial: Trial) -> None:
    some = copy(here)
    some.actors = {name: here.actors[name] for name in ("kades", "worker", "uncleared")}
    some.targets = [target for target in here.targets if target.kind in ("poor", "child")]
    for check in dict.fromkeys(check for *_, check in GUARDS):
        check(some)
    for owner, name, other, check in GUARDS:
        with pytest.MonkeyPatch.context() as patch:
            assert replaced(patch, owner, name, other) > 0
            with pytest.raises(AssertionError):
                check(some)
    trial.count(guards_taken_away=len(GUARDS), noticed=len(GUARDS))
