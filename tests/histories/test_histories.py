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
from projections.sentences import tell
from projections.source import Malformed
from projections.sqlite import SqliteStore
from service.log.codec import canonical, decode
from service.replay import own_fields

HERE = Path(__file__).parent
RELEASES = sorted(path.stem for path in HERE.glob("*.ndjson"))


def history(release: str) -> list[str]:
    return (HERE / f"{release}.ndjson").read_text("utf-8").splitlines()


def read(release: str) -> list[Event]:
    return [decode(msgspec.json.decode(text)["topic"], text) for text in history(release)]


class Recorded:
    """A recorded history as a source of events."""

    def __init__(self, events: list[Event]) -> None:
        self.events = events

    def head(self) -> tuple[int, bytes]:
        return self.events[-1].position, self.leaf(self.events[-1].position)

    def read(self, after: int, limit: int) -> list[Event | Malformed]:
        return [event for event in self.events if after < event.position <= after + limit]

    def stream(self, stream: str, upto: int) -> list[Event]:
        return [event for event in self.events if event.stream == stream and event.position <= upto]

    def leaf(self, position: int) -> bytes:
        return hashlib.sha256(str(position).encode()).digest()

    def position_at(self, time: str) -> int:
        return self.events[-1].position

    def moment(self, position: int) -> tuple[int, str]:
        return position, self.events[position - 1].recorded


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
def test_every_view_folds_it_without_setting_anything_aside(release: str, tmp_path: Path) -> None:
    views = Views(SqliteStore(tmp_path / "views.db"), ALL, Recorded(read(release)))
    views.prepare()
    views.catch_up()
    assert [bad.reason for status in views.status() for bad in status.set_aside] == []


def test_every_event_of_today_is_in_a_recorded_history() -> None:
    """A new event needs a recorded history when it is released; until then the newest file may be made anew."""
    known = {msgspec.json.decode(text)["topic"] for release in RELEASES for text in history(release)}
    assert set(defined()) <= known
