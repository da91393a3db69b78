"""Histories to fold, and what they fold to."""

from pathlib import Path
from typing import Any

from projections.engine import Views
from projections.sqlite import SqliteStore
from tests.projections.market import (
    MARKET,
    Ledger,
    corrected,
    emptied,
    everything,
    opened,
    retracted,
    stocked,
    visited_by,
)


def state(views: Views) -> dict[str, list[tuple[Any, ...]]]:
    """Every row and version of the live tables."""
    with views.store.reading() as session:
        own = views.own(session)
        return everything([views.tables(name, each.number) for name, each in own.items()], session)


def fresh(ledger: Ledger, path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row and version of tables folded at one go."""
    views = Views(SqliteStore(path), MARKET, ledger)
    views.prepare(small=len(ledger.events))
    views.catch_up(bounded=False)
    found = state(views)
    views.store.close()
    return found


def history(commands: int = 60, streams: int = 7) -> Ledger:
    ledger = Ledger()
    for number in range(commands):
        stream = f"s{number % streams}"
        ledger.write(opened(stream), stocked(stream, "ikan", number), visited_by(stream, f"v{number}"))
        if number % 5 == 4:
            ledger.write(corrected(stream, 2, count=number + 1))
        if number % 6 == 5:
            ledger.write(retracted(stream, 3), emptied(stream))
    return ledger
