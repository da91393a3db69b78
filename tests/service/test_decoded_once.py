"""A rebuild of all projections reads and decodes each event once, whatever the number of projections that want it."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from projections.rebuild import rebuild
from service.log import reader
from tests.service.offices import Asking, make_office
from tests.service.test_api_boards import ratified
from tests.service.test_api_cases import opened


def test_each_event_is_decoded_once(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    here = make_office(tmp_path, database_url)
    ratified(Asking(here, "supervisor"))
    opened(here, Asking(here, "tksk"))
    here.views.catch_up(bounded=False)
    times: Counter[int] = Counter()
    decode = reader.decode

    def counted(topic: str, text: str, schema: int) -> Any:
        event = decode(topic, text, schema)
        times[event.position] += 1
        return event

    monkeypatch.setattr(reader, "decode", counted)
    done = rebuild(here.views, processes=1)
    assert len(done.projections) > 20
    assert times == Counter(range(1, here.reader.head()[0] + 1))
    here.close()
