"""One page, one state of the views: what it asks of the API is answered at one position, and read once."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from projections import people_lists
from projections.engine import View, Views
from service.api.current import log_head, notes, office
from service.log.opened import Plain, opened, plain


class Snapshot:
    """One snapshot of the views for all that a page asks, opened by whatever it asks first."""

    def __init__(self, views: Views) -> None:
        self._views, self._open = views, ExitStack()
        self._first: View | None = None
        self._moments: dict[int | str | None, View] = {}

    def at(self, as_of: int | str | None, after: int | None) -> View | None:
        """The snapshot at a moment; ``None`` when it lacks the position ``after``, which has to be waited for. Raises as
        `Views.at` and `View`."""
        if self._first is None:
            view = self._views.at(as_of, after, once=True, head=log_head())
            self._first = self._moments[as_of] = self._open.enter_context(view)
        elif after is not None and self._first.beside(None).position < after:
            return None
        if as_of not in self._moments:
            self._moments[as_of] = self._first.beside(as_of)
        return self._moments[as_of]

    def close(self) -> None:
        """Note whom it knows of those about whom something was opened, and let go of it."""
        with self._open:
            if self._first is not None:
                note_tiers(self._first)


def note_tiers(view: View) -> None:
    """Note for the reading trail of which tier they are today about whom something was opened. The answer was made of this
    snapshot, which knows most of them already. Only inside ``with``."""
    here, who = notes(), notes().get("principal")
    subjects = set((opened.get() or {}).values())
    if who is None or not subjects:
        return
    people = people_lists.persons(view.today(), who.account, sorted(subjects))
    here.tiers = here.get("tiers", {}) | {id: people[id]["tier"] if id in people else None for id in subjects}


@contextmanager
def one_snapshot() -> Iterator[None]:
    """While this lasts, all answers that the request asks for share one snapshot, and what one of them opened in the vault
    is opened for the others. It is over before the page is handed out, and so before its reading is recorded."""
    here, snapshot = notes(), Snapshot(office().views)
    here.snapshot = snapshot
    try:
        with opened_once():
            yield
    finally:
        del here.snapshot
        snapshot.close()


@contextmanager
def opened_once() -> Iterator[None]:
    """While this lasts, nothing is opened twice in the vault."""
    kept = plain.set(plain.get() or Plain())
    try:
        yield
    finally:
        plain.reset(kept)
