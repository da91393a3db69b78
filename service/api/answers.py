"""What the API's description says of a route beside its own answer, without standing in the way of every request."""

from collections.abc import Callable, Iterable
from typing import Any

from flask_smorest import Blueprint

Decorator = Callable[[Any], Any]


def described(*decorators: Decorator) -> Decorator:
    """Describe a route as these decorators would, the first one innermost.

    Each of them wraps the route once more, on the way of every request; only its notes are kept.
    """

    def note(function: Any) -> Any:
        noted = function
        for decorator in decorators:
            noted = decorator(noted)
        function._apidoc = noted._apidoc
        return function

    return note


def may_refuse(blueprint: Blueprint, statuses: Iterable[int]) -> Decorator:
    """Describe that a route may answer a problem with these statuses."""
    kind = "application/problem+json"
    return described(*(blueprint.alt_response(one, schema="ProblemSchema", content_type=kind) for one in statuses))
