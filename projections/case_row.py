"""What the caseload keeps of one case; `projections.caseload` folds it."""

from dataclasses import dataclass
from datetime import date


@dataclass(slots=True)
class CaseRow:
    """One case. ``story`` is a part id; ``reason`` the code of its end, empty when sealed. ``next_due_on`` is the first
    day on which something is due while the case runs, ``next_kind`` what: respons, tugas, kunjungan or tinjauan.
    ``answers`` are the standing answers about the risk, ``scores`` the scores of the standing assessments: the gravest
    counts, and ``disputed`` says that they name several levels. ``gravest`` is the gravest that counted since somebody
    else last agreed, ``undecided`` that nobody else has decided on an assessment: where it is grave, this waits
    (``assessment_pending``). Entries made side by side give the same row whichever came first, but for versions and what
    is the last of its kind (``stage``)."""

    key: str
    village: str | None = None
    beneficiary: str = ""
    subject_kind: str = ""
    tier: int = 1
    stage: str = "diterima"
    open: bool = True
    worker: str | None = None
    transfer_to: str | None = None
    opened_by: str | None = None
    risk: str | None = None
    answers: str = ""  # version, risk and interval, one a line
    disputed: bool = False
    gravest: str | None = None
    assessed: bool = False  # and not returned
    undecided: bool = False
    assessment_pending: bool = False
    closure_pending: bool = False
    ends_by_two: bool = False  # its end is asked for by one and decided by another
    score: int | None = None
    scores: str = ""  # version and score, one a line
    urgency: str | None = None
    channel: str | None = None
    story: str | None = None
    opened_on: date | None = None
    respond_by: date | None = None
    reviewed_on: date | None = None
    review_days: int | None = None
    review_due_on: date | None = None
    next_due_on: date | None = None
    next_kind: str | None = None
    next_task: str | None = None
    dues: str = ""  # open tasks and visits: day, kind, id and the version that named the day, one a line
    plan_in_force: int | None = None
    plan_pending: int | None = None
    open_referrals: int = 0
    services: int = 0
    last_on: date | None = None
    terminated_on: date | None = None
    reason: str | None = None
    reasons: str | None = None
    outcome: str | None = None
    reopened: int = 0
    reached: str = "diterima"
    version: int = 0
