"""What stays as it is once it is known, kept by a process between questions."""

from typing import TypeVar

from projections.source import NoSuchPosition, Source, moment_of, position_in

MOST = 500
K = TypeVar("K")
V = TypeVar("V")


class Kept(dict[K, V]):
    """Answers by what was asked, so many that they are worth it: then it begins anew."""

    def __setitem__(self, asked: K, answer: V) -> None:
        if len(self) >= MOST:
            self.clear()
        super().__setitem__(asked, answer)


class Moments:
    """The positions and times that were asked about, as `moment_of`."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._known: Kept[int | str, tuple[int, str]] = Kept()
        self._generations: set[int] = set()

    def of(self, as_of: int | str, head: int) -> tuple[int, str]:
        """The moment in a log that goes up to ``head`` at least; kept when it lies before, as nothing is inserted there.
        Raises `NoSuchPosition`."""
        if (named := position_in(as_of)) is not None and not 0 <= named <= head:
            raise NoSuchPosition(named, head)
        if (found := self._known.get(as_of)) is None:
            found = moment_of(self._source, as_of)
            if found[0] < head:
                self._known[as_of] = found
        return found

    def read_from(self, generations: set[int]) -> None:
        """Forgets all when the views are read from other generations than before: another process may have rebuilt them
        after the log was replaced."""
        if generations != self._generations:
            self._generations = generations
            self.forget()

    def forget(self) -> None:
        """Look all of them up anew: the log was replaced."""
        self._known.clear()
