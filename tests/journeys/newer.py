"""The views of a newer program: one of them with a column more. ``python -m tests.journeys.newer`` is its `wahana`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import projections
from domain.kps import Kps
from projections import registers
from projections.projection import Projection


@dataclass(slots=True)
class KpsRow(registers.KpsRow):
    """One KPS, and how often it was resumed."""

    resumed: int = 0


kps = Projection("kps", row=KpsRow, indexes=[("village", "kind")])
kps.on(Kps.Registered)(registers.registered)  # type: ignore[arg-type]  # its row has more columns, not others
kps.on(Kps.Ended)(registers.ended)  # type: ignore[arg-type]  # likewise


@kps.on(Kps.Resumed)
def resumed(row: KpsRow, event: Kps.Resumed) -> None:
    registers.resumed(row, event)
    row.resumed += 1


ALL: tuple[Projection[Any], ...] = tuple(kps if each.name == "kps" else each for each in projections.ALL)

if __name__ == "__main__":
    from tests.journeys import newer

    projections.ALL = newer.ALL  # what every other module will take it from
    from service.cli import main

    main()
