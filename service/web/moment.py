"""The date control: the past day, or position of the log, that a page is put back to; and the emergency it is read in."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import marshmallow as ma
from flask import request
from flask_babel import gettext as _

from service.api.current import notes, office

DAY, POSITION, EMERGENCY = "per", "posisi", "darurat"
#: No office kept a casebook before; and the calendar of a machine begins with the year 1, so that no month comes before it.
OLDEST = 1900
#: A day as it is written by hand in Indonesia: 30/06/2026 or 30-6-2026.
_BY_HAND = re.compile(r"([0-9]{1,2})([/-])([0-9]{1,2})\2([0-9]{4})")


def day() -> date | None:
    """The day the page is put back to, ``None`` for today. Raises ``ValidationError``."""
    asked = _asked()
    return asked if asked is not None and asked < office().today() else None


def ahead() -> date | None:
    """The day that was asked for, when it is still to come: the page then shows today. Raises ``ValidationError``."""
    asked = _asked()
    return asked if asked is not None and asked > office().today() else None


def forget() -> None:
    """Whatever moment is asked for, take the page for one of today: the moment cannot be."""
    here = notes()
    here.asked_day, here.asked_position, here.past, here.carried = None, None, False, {}


def _asked() -> date | None:
    here = notes()
    if "asked_day" not in here:
        text = request.args.get(DAY, "").strip()
        try:
            here.asked_day = _read(text) if text else None
        except ValueError:
            raise ma.ValidationError({DAY: [_("Tidak ada tanggal seperti itu. Tulis seperti 30/06/2026.")]}) from None
    found: date | None = here.asked_day
    return found


def _read(text: str) -> date:
    written = _BY_HAND.fullmatch(text)
    read = date(int(written[4]), int(written[3]), int(written[1])) if written else date.fromisoformat(text)
    if read.year < OLDEST:
        raise ValueError(text)
    return read


def position() -> int | None:
    """The log position the page is put back to. Raises ``ValidationError``."""
    here = notes()
    if "asked_position" not in here:
        text = request.args.get(POSITION, "")
        if text and not (text.isdecimal() and len(text) < 16):
            raise ma.ValidationError({POSITION: [_("Posisi catatan berupa angka.")]})
        here.asked_position = int(text) if text else None
    found: int | None = here.asked_position
    return found


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
        return _end(_read(text))
    except (ValueError, OverflowError):
        return text


def last_day(month_end: str) -> date:
    """The last day of the month at whose end people were counted, of the API's moment at which the next one began."""
    return (datetime.fromisoformat(month_end).astimezone(office().zone) - timedelta(days=1)).date()


def emergency() -> str:
    """The emergency access that the page is read with; empty without one."""
    return notes().get("emergency") or ""


def kept() -> dict[str, str]:
    """What every link of the page carries on. An access that does not hold would make a dead end of every link."""
    here = notes()
    if "carried" not in here:
        here.carried = {name: request.args[name] for name in (DAY, POSITION) if request.args.get(name)}
    return {**here.carried, **({EMERGENCY: emergency()} if emergency() else {})}
