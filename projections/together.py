"""Several small questions about one thing, put to the views in one statement."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from projections.projection import Projection
from projections.view import Rows, View


class Question(NamedTuple):
    """One of them, in the SQL of `View`: its columns, ``name`` or ``expression AS name``, and what follows them."""

    columns: tuple[str, ...]
    rest: str


def whole(projection: Projection[Any], rest: str) -> Question:
    """A question for all columns of a projection's rows, as ``SELECT *``."""
    return Question((*projection.names, "since"), f"FROM {{{projection.name}}} {rest}")


def several(view: View, questions: Mapping[str, Question], **parameters: object) -> dict[str, Rows]:
    """The rows of each question, in its order; they share their parameters. For few rows: they come as JSON."""
    asked = (f"{_gathered(question, view.dialect.name)} AS {name}" for name, question in questions.items())
    [row] = view.rows(f"SELECT {', '.join(asked)}", **parameters)
    return {name: msgspec.json.decode(row[name]) for name in questions}


def _gathered(question: Question, engine: str) -> str:
    sql = f"SELECT {', '.join(question.columns)} {question.rest}"
    if engine == "postgresql":
        return f"(SELECT COALESCE(json_agg(one), '[]')::text FROM ({sql}) AS one)"
    names = (column.rpartition(" ")[2] for column in question.columns)
    pairs = ", ".join(f"'{name}', one.{name}" for name in names)
    return f"(SELECT json_group_array(json_object({pairs})) FROM ({sql}) AS one)"
