"""Why is this number 37? Every figure that an answer shows, its definition in words, and the rows it counts.

The name of a figure is the answer it stands in and its path in a row of it: ``board.people.tier_1``,
``coverage.sah.proven``.
"""

from collections.abc import Mapping

from projections.figures import board, bodies, coverage, incidents, periods, work
from projections.figures.figure import Asked, Figure, Row

__all__ = ["FIGURES", "Asked", "Figure", "Row"]

FIGURES: Mapping[str, Figure] = {
    figure.name: figure for module in (board, bodies, coverage, work, incidents, periods) for figure in module.figures()
}
