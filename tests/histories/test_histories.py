"""What was ever stored by a released version is read, replayed and folded for ever."""

import hashlib
from pathlib import Path

import msgspec
import pytest

import domain  # noqa: F401 - registers every event
from domain.aggregate import Event
from domain.correction import replay
from domain.field_classes import events as defined
from projections import ALL
from projections.engine import Views
from projections.postgres import PostgresStore
from projections.rebuild import rebuild
from projections.sentences import tell
from projections.sqlite import SqliteStore
from projections.verify import verify
from service.log.codec import canonical, decode
from service.replay import own_fields
from tests.projections.folded import state
from tests.projections.market import Ledger

HERE = Path(__file__).parent
RELEASES = sorted(path.stem for path in HERE.glob("*.ndjson"))


def history(release: str) -> list[str]:
    return (HERE / f"{release}.ndjson").read_text("utf-8").splitlines()


def read(release: str) -> list[Event]:
    return [decode(msgspec.json.decode(text)["topic"], text) for text in history(release)]


def recorded(release: str) -> Ledger:
    """A recorded history as a log."""
    ledger = Ledger()
    ledger.events = list(read(release))
    ledger.ends = [event.position for event in ledger.events]
    return ledger


def test_a_recorded_history_stays_byte_for_byte_what_it_was() -> None:
    digests = dict(reversed(line.split()) for line in (HERE / "digests.txt").read_text().splitlines())
    assert RELEASES
    for release in RELEASES:
        name = f"{release}.ndjson"
        assert hashlib.sha256((HERE / name).read_bytes()).hexdigest() == digests[name]


@pytest.mark.parametrize("release", RELEASES)
def test_every_stored_text_is_read_and_written_the_same(release: str) -> None:
    for text, event in zip(history(release), read(release), strict=True):
        if msgspec.json.decode(text)["schema"] == type(event).SCHEMA:
            assert canonical(event) == text


@pytest.mark.parametrize("release", RELEASES)
def test_every_stream_replays_and_every_event_is_told(release: str) -> None:
    events = read(release)
    for stream in {event.stream for event in events}:
        own = [event for event in events if event.stream == stream]
        for upto in range(1, len(own) + 1):
            assert replay(None, own[:upto]) is not None
    for event in events:
        assert tell(event.topic, own_fields(event), None)


@pytest.mark.parametrize("release", RELEASES)
def test_every_view_folds_it_live_and_anew_to_the_same_bytes_on_either_engine(
    release: str, tmp_path: Path, postgres_url: str
) -> None:
    found = []
    for store in (SqliteStore(tmp_path / "views.db"), PostgresStore(postgres_url, spool=str(tmp_path / "spool"))):
        ledger = recorded(release)
        views = Views(store, ALL, ledger)
        store.prepare()
        views.prepare(small=len(ledger.events))
        while True:
            with store.writing(5) as session:
                if not views.advance(session, 40, {}).folded:
                    break
        assert [bad.reason for status in views.status() for bad in status.set_aside] == []
        live = state(views)
        rebuild(views, processes=1)
        assert state(views) == live
        with views.at(as_of=views.source.head()[0]) as view:
            for projection in ALL:
                columns = ", ".join(f'"{column}"' for column in (*projection.names, "since"))
                rows = view.rows(f"SELECT {columns} FROM {{{projection.name}}} ORDER BY key")
                assert [tuple(row.values()) for row in rows] == live[projection.name]
        found.append((live, verify(views)))
        assert found[-1][1].differences == ()
        store.close()
    assert found[0] == found[1]


def test_every_event_of_today_is_in_a_recorded_history() -> None:
    """A new event needs a recorded history when it is released; until then the newest file may be made anew."""
    known = {msgspec.json.decode(text)["topic"] for release in RELEASES for text in history(release)}
    assert set(defined()) <= known
