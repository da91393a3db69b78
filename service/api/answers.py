"""The answers that every route may give besides its own, for the API's description."""

from collections.abc import Callable, Iterable
from typing import Any

from flask_smorest import Blueprint


def may_refuse(blueprint: Blueprint, statuses: Iterable[int]) -> Callable[[Any], Any]:
    """Describe that a route may answer a problem with these statuses.

    ``alt_response`` wraps the route once for each status, on the way of every request; only its notes are kept.
    """

    def note(function: Any) -> Any:
        noted = function
        for status in statuses:
            noted = blueprint.alt_response(status, schema="ProblemSchema", content_type="application/problem+json")(
                noted
            )
        function._apidoc = noted._apidoc
        return function

    return note
