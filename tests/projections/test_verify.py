"""Verifying says up to where it compared, and what it left out."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from projections.engine import LogReplaced, Views
from projections.rebuild import rebuild
from projections.store import Store
from projections.verified import keep, last_verified
from projections.verify import verify
from tests.projections.folded import history
from tests.projections.market import MARKET, Ledger, opened, stocked


def test_views_that_are_behind_catch_up_before_they_are_compared(views: Views, ledger: Ledger) -> None:
    for number in range(1_200):
        ledger.write(opened(f"s{number}"))
    found = verify(views)
    assert (found.position, found.head, found.differences, found.whole) == (1_200, 1_200, (), True)


def test_a_stream_that_is_aside_is_named_as_not_compared(views: Views, ledger: Ledger) -> None:
    ledger.write(opened("a"), opened("b"))
    bad = ledger.write(stocked("a"))
    ledger.spoil(bad)
    ledger.write(stocked("b"))
    found = verify(views)
    assert (found.position, found.head, found.differences) == (4, 4, ())
    assert [(event.position, event.stream) for event in found.set_aside] == [(bad, "a")]
    assert not found.whole


def test_what_a_newer_program_recorded_is_named_as_not_compared(store: Store) -> None:
    ledger = history(12)
    views = Views(store, MARKET, ledger)
    views.prepare()
    ledger.newer_from = 20
    found = verify(views)
    assert (found.position, found.head, found.stopped_before) == (19, len(ledger.events), 20)
    assert (found.differences, found.whole) == ((), False)


def test_what_only_a_newer_program_has_folded_is_named_as_not_compared(store: Store) -> None:
    ledger = history(12)
    views = Views(store, MARKET, ledger)
    views.prepare()
    views.catch_up()
    ledger.newer_from = 20
    found = verify(views)
    assert (found.position, found.head, found.stopped_before) == (19, len(ledger.events), 20)
    assert (found.differences, found.whole) == ((), False)


def test_views_that_others_keep_from_catching_up_are_compared_where_they_are(
    views: Views, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.write(opened("a"))
    views.catch_up()
    ledger.write(opened("b"))
    monkeypatch.setattr("projections.verify.PATIENCE", 0.01)
    with ThreadPoolExecutor(1) as other, views.store.writing(1):
        found = other.submit(verify, views, processes=1).result()
    assert (found.position, found.head, found.stopped_before, found.whole) == (1, 2, None, False)


def test_views_of_another_log_are_not_compared(views: Views, ledger: Ledger) -> None:
    ledger.write(opened("a"), opened("b"))
    views.catch_up()
    ledger.events.pop()
    with pytest.raises(LogReplaced):
        verify(views)


def test_what_was_left_out_is_kept_with_the_result(views: Views, ledger: Ledger) -> None:
    assert last_verified(views, views.status()) is None
    ledger.write(opened("a"), opened("b"))
    for stream in ("a", "b"):
        ledger.spoil(ledger.write(stocked(stream)))
    ledger.write(opened("c"))
    ledger.newer_from = 5
    keep(views, verify(views))
    kept = last_verified(views, views.status())
    assert kept is not None
    assert (kept.position, kept.head, kept.set_aside, kept.stopped_before) == (4, 5, (3, 4), 5)
    ledger.newer_from = None
    for _ in range(2):
        keep(views, verify(views))
    kept = last_verified(views, views.status())
    assert kept is not None
    assert (kept.position, kept.head, kept.set_aside, kept.stopped_before) == (5, 5, (3, 4), None)


def test_what_cannot_be_read_any_more_is_one_event_and_no_difference_of_each_view(store: Store) -> None:
    ledger = history(12)
    views = Views(store, MARKET, ledger)
    views.prepare()
    views.catch_up()
    stream = next(event.stream for event in ledger.events if event.version == 3)
    bad, after = [event.position for event in ledger.events if event.stream == stream][1:3]
    event = ledger.spoil(bad)
    found = verify(views)
    assert (found.differences, [(one.position, one.stream) for one in found.unread], found.whole) == (
        (),
        [(bad, stream)],
        False,
    )
    keep(views, found)
    kept = last_verified(views, views.status())
    assert kept is not None
    assert (kept.differences, kept.differing, kept.unread, kept.set_aside) == (0, (), (bad,), ())
    with store.writing(1) as session:  # of another stream: still found
        other = views.tables("stalls", 1).current
        session.run(f"UPDATE {other} SET pieces = 999 WHERE key <> '{stream}'")
    assert {one.projection for one in verify(views).differences} == {"stalls"}
    ledger.mend(event)
    rebuild(views)
    keep(views, verify(views))
    kept = last_verified(views, views.status())
    assert kept is not None
    assert (kept.unread, kept.differing) == ((), ())
    assert after > bad
