"""How many running cases one worker may be given: a limit that the office sets (``WAHANA_CASELOAD_MOST``)."""

from contextlib import suppress

from domain.refusals import Refused
from projections import case_lists
from projections.engine import LogReplaced
from projections.generations import ViewsNotReady
from projections.store import StoreUnavailable
from service.api.form import Form


class CaseloadFull(Refused):
    """A worker already has as many running cases as the office lets one be given."""

    RULE = "caseload_full"
    SENTENCE = "Petugas ini sudah memegang kasus sebanyak batas yang ditetapkan dinas. Pilih petugas lain."

    def __init__(self, running: int, most: int) -> None:
        super().__init__()
        self.particulars = {"running": running, "most": most}


def worker_must_have_room(form: Form, worker: str) -> None:
    """Raise `CaseloadFull` when somebody is given one more case than the limit. Whoever takes one on herself is not held
    back by a number. It is a limit of steering, not of law: two that are given at the same moment may go one beyond it, and
    nothing is refused while views cannot be asked."""
    most = form.office.config.caseload_most
    if not most or worker == form.account:
        return
    running = 0
    with suppress(ViewsNotReady, LogReplaced, StoreUnavailable), form.office.views.at() as view:
        running = case_lists.carried(view, worker)
    if running >= most:
        raise CaseloadFull(running, most)
