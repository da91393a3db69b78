"""What is looked at outside the screens when somebody was destroyed: exports, log lines, the chain, a backup put back."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from service import config
from service.log.kept import Kept
from service.log.sealer import Sealer
from service.office import Office
from service.restored import Again, Gate, shred_what_came_back
from tests.journeys.browser import served
from tests.journeys.calendar import Place
from tests.journeys.desks import Desks
from tests.service.destroyed import backed_up, restore
from tests.service.offices import application, settings_of
from tests.service.planting_field import Lines
from tests.service.test_destruction_trials import LOG, audited, exported, run


@contextmanager
def lines_written() -> Iterator[Lines]:
    """Every log line that is written meanwhile."""
    lines, root = Lines(), logging.getLogger()
    root.addHandler(lines)
    try:
        yield lines
    finally:
        root.removeHandler(lines)


class SetAside:
    """What was kept before a destruction: a backup, and an auditor's own checkpoint of the sealed log."""

    def __init__(self, place: Place) -> None:
        self._place, directory = place, place.folder / "sealer"
        directory.mkdir()
        self._sealer = Sealer(place.office.database, Kept(directory), LOG, place.calendar)
        sealed = self._sealer.seal()
        assert sealed
        own = place.office.checkpoints.at(sealed.size)
        assert own
        self._own = place.office.checkpoints.note(own)
        self._backup = backed_up(place.office, place.folder)

    def chain_verifies(self) -> bool:
        """Whether the verifier, alone with an export and the auditor's checkpoint, finds the whole log as it was, and one
        destruction that was decided."""
        assert self._sealer.seal()
        code, told = audited(self._place.office, self._place.folder, self._own)
        lawful = [notice for notice in told["notices"] if "dimusnahkan menurut catatan" in notice]
        return (code, told["differences"], len(lawful)) == (0, [], 1)

    @contextmanager
    def put_back(self, desks: Desks) -> Iterator[Desks]:
        """The screens of the people of the office, to each of whom an account is given anew, after log and keys were put
        back as they were; the destruction is carried out again before anything is answered."""
        place = self._place
        application.cache_clear()
        restore(place.office, self._backup, place.folder)
        place.office = Office(config.read(settings_of(place.folder, place.url)), now=place.calendar)
        place.office.initialise()
        Gate(place.office).pass_through()
        assert shred_what_came_back(place.office) == Again()
        run(place.folder, place.url, "project", "rebuild")
        place.begin_anew()
        with served(place.office) as address:
            yield desks.at(address)


def anything_exported(place: Place) -> str:
    """All that an export with opened parts holds."""
    return exported(place.office, place.folder).decode("utf-8", "replace")
