"""Emergency access: opening a record that one may not see, with a reason, for three hours, answered for afterwards.

Whoever must act for somebody in danger may not be stopped by a rule made for quiet days; everybody who opens a record so
is asked why, by somebody else, within two working days (Saturdays and Sundays are none; holidays are not left out).
"""

from datetime import date, datetime, timedelta

from domain.aggregate import Aggregate, Event
from domain.refusals import Refused
from domain.sealed import Sealed

HOURS = 3
REVIEW_DAYS = 2


class EmergencyAlreadyReviewed(Refused):
    RULE = "emergency_already_reviewed"
    SENTENCE = "Akses darurat ini sudah diperiksa."


class OwnEmergency(Refused):
    RULE = "own_emergency"
    SENTENCE = "Akses darurat diperiksa oleh orang lain, bukan oleh yang membukanya."


class EmergencyOver(Refused):
    RULE = "emergency_over"
    SENTENCE = "Akses darurat ini sudah berakhir; buka yang baru bila masih perlu."


class NotYourEmergency(Refused):
    RULE = "not_your_emergency"
    SENTENCE = "Akses darurat ini dibuka oleh orang lain."


def review_day(on: date) -> date:
    """The last day of the review: so many working days after ``on``."""
    day, left = on, REVIEW_DAYS
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return day


def until(recorded: str, hours: int) -> str:
    """When an access ends that was recorded at a time (both RFC 3339 UTC text with six digits)."""
    end = datetime.fromisoformat(recorded) + timedelta(hours=hours)
    return end.isoformat(timespec="microseconds").replace("+00:00", "Z")


class Emergency(Aggregate):
    """One emergency access of one account to the record of one beneficiary."""

    NOUN = "emergency"

    class Opened(Event):
        """``review_by`` is the last day for the review; the access ends ``hours`` after it was recorded."""

        TOPIC = "emergency.opened"
        LOOKS_AT_ENVELOPE = True
        holder: str
        beneficiary: str
        hours: int
        review_by: date
        reason: Sealed

        def apply(self, emergency: "Emergency") -> None:
            emergency.holder, emergency.beneficiary = self.holder, self.beneficiary
            emergency.recorded, emergency.hours = self.recorded, self.hours

    class Ended(Event):
        TOPIC = "emergency.ended"

        def apply(self, emergency: "Emergency") -> None:
            emergency.ended = True

    class Reviewed(Event):
        """``justified``: whether the reason held."""

        TOPIC = "emergency.reviewed"
        reviewer: str
        justified: bool
        note: Sealed | None = None

        def apply(self, emergency: "Emergency") -> None:
            emergency.reviewed = True

    def start(self) -> None:
        self.holder = ""
        self.beneficiary = ""
        self.recorded = ""
        self.hours = 0
        self.ended = False
        self.reviewed = False

    @classmethod
    def open(cls, id: str, *, on: date, by: str, beneficiary: str, village: str | None, reason: Sealed) -> "Emergency":
        """Open a beneficiary's record for ``by``, for three hours."""
        emergency = cls.blank(id)
        emergency.trigger(
            cls.Opened,
            on=on,
            village=village,
            holder=by,
            beneficiary=beneficiary,
            hours=HOURS,
            review_by=review_day(on),
            reason=reason,
        )
        return emergency

    def end(self, *, on: date, by: str) -> None:
        """End it before its time. Raises `NotYourEmergency` or `EmergencyOver`."""
        if by != self.holder:
            raise NotYourEmergency
        if self.ended:
            raise EmergencyOver
        self.trigger(self.Ended, on=on)

    def review(self, *, on: date, by: str, justified: bool, note: Sealed | None = None) -> None:
        """Say whether the reason held. Raises `OwnEmergency` or `EmergencyAlreadyReviewed`."""
        if by == self.holder:
            raise OwnEmergency
        if self.reviewed:
            raise EmergencyAlreadyReviewed
        self.trigger(self.Reviewed, on=on, reviewer=by, justified=justified, note=note)

    def must_hold(self, account: str, now: str) -> None:
        """Raises `NotYourEmergency` or `EmergencyOver` unless it opens the record for an account at a time."""
        if account != self.holder:
            raise NotYourEmergency
        if self.ended or now >= until(self.recorded, self.hours):
            raise EmergencyOver
