"""Every route has its row of the policy table, and no row is without its route."""

from pathlib import Path

import pytest

from service import config
from service.access import ACTIONS
from service.api.commands import COMMANDS
from service.api.rights import ROUTES, WORDS
from service.app import OPEN, build
from tests.service.offices import settings_of


@pytest.fixture
def served(tmp_path: Path) -> set[str]:
    """Method and rule of every route that asks who somebody is."""
    rules = build(config.read(settings_of(tmp_path))).url_map.iter_rules()
    return {
        f"{method} {rule}"
        for rule in rules
        if rule.endpoint not in OPEN
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_every_route_has_a_row_and_every_row_a_route(served: set[str]) -> None:
    assert served - ROUTES.keys() == set(), "routes that nobody may enter: declare them in service/api/rights.py"
    assert ROUTES.keys() - served == set()
    assert len(served) > 160


def test_a_row_names_actions_of_the_table_or_says_who_else_may_enter() -> None:
    named = {action for actions in ROUTES.values() for action in actions}
    assert all(ROUTES.values())
    assert named - ACTIONS - WORDS == set()
    commands = {action for route in COMMANDS.values() for action in route.actions}
    assert commands - ACTIONS == set()
    assert ACTIONS - named == set(), "an action of the table that no route asks for"
