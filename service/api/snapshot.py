"""One page, one state of the views: what it asks of the API is answered at one position, and read once."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from projections.engine import View, Views
from service.api.current import log_head, notes, office
from service.log.opened import Plain, plain


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
        """Let go of it."""
        self._open.close()


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
