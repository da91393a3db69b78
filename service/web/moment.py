"""The date control: the past day, or position of the log, that a page is put back to; and the emergency it is read in."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import marshmallow as ma
from flask import request

from service.api.current import notes, office

DAY, POSITION, EMERGENCY = "per", "posisi", "darurat"


def day() -> date | None:
    """The day the page is put back to, ``None`` for today. Raises ``ValidationError``."""
    text = request.args.get(DAY, "")
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise ma.ValidationError({DAY: ["Tulis tanggal seperti 2026-06-30."]}) from None
    return found if found < office().today() else None


def position() -> int | None:
    """The log position the page is put back to. Raises ``ValidationError``."""
    text = request.args.get(POSITION, "")
    if text and not (text.isdecimal() and len(text) < 16):
        raise ma.ValidationError({POSITION: ["Posisi catatan berupa angka."]})
    return int(text) if text else None


def past() -> bool:
    """Whether the page shows a past moment: then it records nothing."""
    here = notes()
    if "past" not in here:
        here.past = day() is not None or position() is not None
    return bool(here.past)


def query() -> dict[str, Any]:
    """The API's ``as_of`` for the moment: the end of the day in the office's time zone, or the position, judged on the
    day when both are there."""
    where, when = position(), day()
    if where is None:
        return {} if when is None else {"as_of": _end(when)}
    if not request.args.get(DAY):
        return {"as_of": where}
    return {"as_of": f"{where}@{_end(when or office().today())}"}


def _end(when: date) -> str:
    end = datetime.combine(when + timedelta(days=1), time(), office().zone) - timedelta(microseconds=1)
    return end.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def end_of(text: str) -> str:
    """The end of a day in the office's time zone, as the API takes a moment; what is no day as it is."""
    try:
        return _end(date.fromisoformat(text))
    except ValueError:
        return text


def emergency() -> str:
    """The emergency access that the page is read with; empty without one."""
    return notes().get("emergency") or ""


def kept() -> dict[str, str]:
    """What every link of the page carries on. An access that does not hold would make a dead end of every link."""
    here = notes()
    if "carried" not in here:
        here.carried = {name: request.args[name] for name in (DAY, POSITION) if request.args.get(name)}
    return {**here.carried, **({EMERGENCY: emergency()} if emergency() else {})}
