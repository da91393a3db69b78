"""Whose case it is: assignment, and a transfer that one side asks for and the other accepts."""

from datetime import date

from domain.aggregate import Event
from domain.case_state import CaseState, NoSelfApproval
from domain.refusals import Refused
from domain.sealed import Evidence, Sealed


class AlreadyAssigned(Refused):
    RULE = "already_assigned_to_worker"
    SENTENCE = "Kasus ini sudah ditangani oleh petugas tersebut."


class CaseHasWorker(Refused):
    RULE = "case_has_worker"
    SENTENCE = "Kasus ini sudah mempunyai petugas; gunakan pengalihan kasus."


class CaseHasNoWorker(Refused):
    RULE = "case_has_no_worker"
    SENTENCE = "Kasus ini belum mempunyai petugas; tugaskan terlebih dahulu."


class TransferPending(Refused):
    RULE = "transfer_pending"
    SENTENCE = "Pengalihan kasus ini sudah diminta dan belum dijawab."


class NoTransferPending(Refused):
    RULE = "no_transfer_pending"
    SENTENCE = "Tidak ada permintaan pengalihan yang menunggu jawaban."


_WORKER = frozenset({"case.assigned", "case.transferred", "case.terminated"})
_TRANSFERS = _WORKER | {"case.transfer_requested", "case.transfer_declined"}


class Transfer(CaseState):
    """The worker of a case. Accounts are ids."""

    class Assigned(Event):
        TOPIC = "case.assigned"
        CONFLICTS = _WORKER
        worker: str
        note: Sealed | None = None

        def apply(self, case: CaseState) -> None:
            case.worker = self.worker

    class TransferRequested(Event):
        TOPIC = "case.transfer_requested"
        CONFLICTS = _TRANSFERS
        worker: str  # to whom
        requested_by: str
        reason: Sealed

        def apply(self, case: CaseState) -> None:
            case.transfer_to, case.transfer_requested_by = self.worker, self.requested_by

    class Transferred(Event):
        TOPIC = "case.transferred"
        CONFLICTS = _TRANSFERS
        worker: str
        from_worker: str
        note: Sealed | None = None

        def apply(self, case: CaseState) -> None:
            case.worker = self.worker
            case.transfer_to = case.transfer_requested_by = None

    class TransferDeclined(Event):
        TOPIC = "case.transfer_declined"
        CONFLICTS = _TRANSFERS
        worker: str  # who was to take it
        reason: Sealed

        def apply(self, case: CaseState) -> None:
            case.transfer_to = case.transfer_requested_by = None

    def assign(self, *, on: date, worker: str, note: Sealed | None = None, evidence: tuple[Evidence, ...] = ()) -> None:
        """Give a case without a worker to the account ``worker``.

        Raises `CaseIsTerminated`, `AlreadyAssigned`, `CaseHasWorker`.
        """
        self._must_be_running()
        if self.worker == worker:
            raise AlreadyAssigned
        if self.worker is not None:
            raise CaseHasWorker
        self.trigger(self.Assigned, on=on, worker=worker, note=note, evidence=evidence)

    def request_transfer(
        self, *, on: date, by: str, worker: str, reason: Sealed, evidence: tuple[Evidence, ...] = ()
    ) -> None:
        """Ask that ``worker`` take over the case. Raises `CaseIsTerminated`, `CaseHasNoWorker`, `AlreadyAssigned`,
        `TransferPending`."""
        self._must_be_running()
        if self.worker is None:
            raise CaseHasNoWorker
        if self.worker == worker:
            raise AlreadyAssigned
        if self.transfer_to is not None:
            raise TransferPending
        self.trigger(self.TransferRequested, on=on, worker=worker, requested_by=by, reason=reason, evidence=evidence)

    def transfer(
        self, *, on: date, by: str, worker: str, note: Sealed | None = None, evidence: tuple[Evidence, ...] = ()
    ) -> None:
        """Hand the case over to ``worker``: the answer to a request, or a supervisor's order without one.

        Raises `CaseIsTerminated`, `CaseHasNoWorker`, `AlreadyAssigned`, and `NoSelfApproval` when who asked for this
        transfer also grants it.
        """
        self._must_be_running()
        if self.worker is None:
            raise CaseHasNoWorker
        if self.worker == worker:
            raise AlreadyAssigned
        if self.transfer_to == worker and by == self.transfer_requested_by:
            raise NoSelfApproval
        self.trigger(self.Transferred, on=on, worker=worker, from_worker=self.worker, note=note, evidence=evidence)

    def decline_transfer(self, *, on: date, reason: Sealed) -> None:
        """Decline, or take back, the pending request. Raises `CaseIsTerminated`, `NoTransferPending`."""
        self._must_be_running()
        if self.transfer_to is None:
            raise NoTransferPending
        self.trigger(self.TransferDeclined, on=on, worker=self.transfer_to, reason=reason)
