"""The empty state of a subject request, its events, and the refusals about it."""

from typing import Any

from domain.aggregate import Aggregate, Event
from domain.refusals import Refused
from domain.sealed import Sealed
from domain.subject_request_codes import HANDED_OVER


class HeirOnlyAfterDeath(Refused):
    RULE = "heir_only_after_death"
    SENTENCE = (
        "Ahli waris hanya dapat meminta setelah yang bersangkutan tercatat meninggal; yang hidup meminta sendiri."
    )


class IdentityNotConfirmed(Refused):
    RULE = "requester_not_confirmed"
    SENTENCE = "Identitas pemohon belum diperiksa; catat dahulu cara memeriksanya."


class IdentityAlreadyConfirmed(Refused):
    RULE = "requester_already_confirmed"
    SENTENCE = "Identitas pemohon sudah diperiksa."


class RequestDecided(Refused):
    RULE = "request_already_decided"
    SENTENCE = "Permintaan ini sudah diputuskan."


class RequestNotGranted(Refused):
    RULE = "request_not_granted"
    SENTENCE = "Permintaan ini tidak sedang dikabulkan."


class NotARequestForData(Refused):
    RULE = "not_a_request_for_data"
    SENTENCE = "Laporan data hanya dibuat untuk permintaan akses atau pemindahan yang tidak ditolak."


class RequestClosed(Refused):
    RULE = "request_closed"
    SENTENCE = "Permintaan ini sudah ditutup."


class RequestUnanswered(Refused):
    RULE = "request_unanswered"
    SENTENCE = "Permintaan belum dipenuhi dan belum ditolak; tutup hanya bila pemohon mencabutnya."


class ClockPaused(Refused):
    RULE = "request_clock_paused"
    SENTENCE = "Waktu permintaan ini sedang ditangguhkan."


class ClockRunning(Refused):
    RULE = "request_clock_running"
    SENTENCE = "Waktu permintaan ini tidak sedang ditangguhkan."


class GroundNotForThisRight(Refused):
    RULE = "ground_not_for_this_right"
    SENTENCE = (
        "Dasar ini (pasal {article}) tidak berlaku bagi permintaan “{kind}”. Pasal 15 ayat (1) UU 27/2022 tidak"
        " mengecualikan hak atas perbaikan (pasal 6) dan akses (pasal 7)."
    )


class NotHandedOver(Refused):
    RULE = "nothing_handed_over"
    SENTENCE = "Sebutkan sidik (SHA-256) dari berkas yang diserahkan kepada pemohon."


class NothingCorrected(Refused):
    RULE = "no_correction_made"
    SENTENCE = "Permintaan perbaikan dipenuhi dengan sedikitnya satu koreksi."


class DestructionNotNamed(Refused):
    RULE = "destruction_not_named"
    SENTENCE = "Penghapusan dipenuhi lewat pemusnahan arsip; sebutkan usul musnahnya."


class SubjectRequestState(Aggregate):
    """What a request remembers. It has no village: nobody there need know of it.

    ``state``: dibuka, dikabulkan, ditolak, dipenuhi, ditutup.
    """

    class Opened(Event):
        TOPIC = "subject_request.opened"
        subject: str  # the beneficiary's id
        tier: int
        kind: str
        kinds: str  # version of the list of kinds, which holds the time allowed
        asker: str | Sealed
        askers: str  # version of the list of askers
        channel: str
        channels: str
        requester: Sealed | None = None  # who asks, and how to reach them
        details: Sealed | None = None

        def apply(self, request: Any) -> None:
            request.subject, request.tier, request.kind, request.state = self.subject, self.tier, self.kind, "dibuka"

    class IdentityConfirmed(Event):
        TOPIC = "subject_request.identity_confirmed"
        how: str
        checks: str  # version of the list of ways
        note: Sealed | None = None

        def apply(self, request: Any) -> None:
            request.confirmed = True

    class Paused(Event):
        TOPIC = "subject_request.paused"
        CONFLICTS = frozenset({"subject_request.paused", "subject_request.resumed"})
        reason: str
        reasons: str
        note: Sealed | None = None

        def apply(self, request: Any) -> None:
            request.paused = True

    class Resumed(Event):
        TOPIC = "subject_request.resumed"
        CONFLICTS = frozenset({"subject_request.paused", "subject_request.resumed"})
        note: Sealed | None = None

        def apply(self, request: Any) -> None:
            request.paused = False

    class Granted(Event):
        TOPIC = "subject_request.granted"
        CONFLICTS = frozenset({"subject_request.granted", "subject_request.refused", "subject_request.closed"})
        destruction: str | None = None  # the proposal that an erasure led to
        note: Sealed | None = None

        def apply(self, request: Any) -> None:
            request.state, request.paused = "dikabulkan", False
            request.destruction = self.destruction or request.destruction

    class RequestRefused(Event):
        TOPIC = "subject_request.refused"
        CONFLICTS = frozenset({"subject_request.granted", "subject_request.refused", "subject_request.closed"})
        ground: str
        grounds: str  # version of the list of grounds
        article: str
        reason: Sealed

        def apply(self, request: Any) -> None:
            request.state, request.paused = "ditolak", False

    class Fulfilled(Event):
        """What was handed over or done, as counts and a hash: never the content."""

        TOPIC = "subject_request.fulfilled"
        sha256: str | None = None  # of the file handed over, lower-case hex
        entries: int = 0  # entries of the history in it
        files: int = 0
        corrections: int = 0
        destruction: str | None = None
        note: Sealed | None = None

        def apply(self, request: Any) -> None:
            request.state = "dipenuhi"
            request.destruction = self.destruction or request.destruction

    class Closed(Event):
        TOPIC = "subject_request.closed"
        outcome: str
        outcomes: str
        note: Sealed | None = None

        def apply(self, request: Any) -> None:
            request.state, request.paused = "ditutup", False

    def start(self) -> None:
        self.subject = ""
        self.kind = ""
        self.state = ""
        self.confirmed = False
        self.paused = False
        self.destruction: str | None = None

    def must_be_confirmed(self) -> None:
        """Refuse what needs to know who asks. Raises `IdentityNotConfirmed`."""
        if not self.confirmed:
            raise IdentityNotConfirmed

    def must_be_reportable(self) -> None:
        """Refuse to make a report unless access or portability is asked for by somebody whose identity was checked.
        Raises `NotARequestForData`, `RequestClosed`, `IdentityNotConfirmed`."""
        if self.kind not in HANDED_OVER or self.state == "ditolak":
            raise NotARequestForData
        if self.state == "ditutup":
            raise RequestClosed
        self.must_be_confirmed()

    def _undecided(self) -> None:
        if self.state == "ditutup":
            raise RequestClosed
        if self.state != "dibuka":
            raise RequestDecided
