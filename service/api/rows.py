"""Rows of views as JSON values: yes and no, which both databases store as 1 and 0."""

from collections.abc import Mapping
from typing import Any

from projections.projection import Projection


def truths(row: Mapping[str, Any], *projections: Projection[Any]) -> dict[str, Any]:
    """The row with the yes and no columns of these projections as true and false."""
    names = {column.name for projection in projections for column in projection.columns if column.kind is bool}
    return {name: bool(value) if name in names and value is not None else value for name, value in row.items()}
