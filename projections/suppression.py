"""Small counts that would tell of somebody are not told, and neither is what they could be worked out from.

A count of one to four people is suppressed, with the smallest larger one beside it, so that the sum of the group does not
give it away (primary and complementary suppression of statistical disclosure control; `n < 5` is the office's own
threshold). Where no larger one stands beside it, the sum of the group is suppressed too. Nobody is told, so 0 is.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LEAST = 5
Told = dict[str, int | None]


def hidden(cells: Mapping[str, int], forced: Iterable[str] = ()) -> tuple[frozenset[str], bool]:
    """Which cells of a group may not be told, ``forced`` among them, and whether its sum may not either."""
    small = {name for name, count in cells.items() if 0 < count < LEAST} | set(forced)
    others = sorted((count, name) for name, count in cells.items() if count >= LEAST and name not in small)
    if not small:
        return frozenset(), False
    if not others:
        return frozenset(small), True
    return frozenset(small | {others[0][1]}), False


@dataclass(frozen=True, slots=True)
class Suppressed:
    """Counts of villages, kecamatan and the whole; ``None`` is one that is not told."""

    villages: Told
    kecamatan: Told
    whole: int | None


def suppress(villages: Mapping[str, int], kecamatan_of: Mapping[str, str]) -> Suppressed:
    """Counts by village and where each village lies, as they may be told at every level at once."""
    groups: dict[str, dict[str, int]] = defaultdict(dict)
    for village, count in villages.items():
        groups[kecamatan_of[village]][village] = count
    told: Told = {}
    sums = {name: sum(cells.values()) for name, cells in groups.items()}
    forced = set()
    for name, cells in groups.items():
        away, whole_too = hidden(cells)
        told |= {village: None if village in away else count for village, count in cells.items()}
        if whole_too:
            forced.add(name)
    away, whole_too = hidden(sums, forced)
    for name in away:  # a sum that is not told must not be the sum of what is
        if not any(told[village] is None for village in groups[name]):
            least = min((count, village) for village, count in groups[name].items() if count)
            told[least[1]] = None
    return Suppressed(
        told,
        {name: None if name in away else count for name, count in sums.items()},
        None if whole_too else sum(sums.values()),
    )
