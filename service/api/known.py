"""Which records exist for whoever sends a command: what she could not read about, she cannot tell from what is not there.

And of what is strictly restricted: whether she, and whoever is to work on it, is cleared for its compartments.
"""

from collections.abc import Iterable
from typing import Any

import marshmallow as ma

from domain.account import Account
from domain.aggregate import Aggregate
from domain.beneficiary import Beneficiary
from domain.case import Case
from domain.referral import Referral
from domain.refusals import NotFound
from domain.subject import subject_of
from projections import people_lists
from service.access import Sight
from service.api.form import Denied, Form
from service.api.people_shown import counted_below, exists
from service.reach import Principal, allowed, scope, sees

ACCOUNT_FIELDS = ("worker", "visitor", "owner")
#: The action that reads the records of a noun; what is about somebody in need is asked below.
READS = {
    "wksbm": "wksbm.read",
    "kps": "kps.read",
    "psks": "psks.read",
    "indicator": "indicator.read",
    "account": "account.read",
    "territory": "territory.read",
}


def who_has(form: Form, stream: str) -> tuple[str | None, str | None]:
    """Who works with a beneficiary, and who registered it."""
    if stream not in form.holders:
        here = form.office
        with here.views.at() as view:
            row = people_lists.persons(view, form.account, [stream]).get(stream)
        first = [] if row else here.log.history(stream)[:1]
        form.holders[stream] = (row["worker"], row["registered_by"]) if row else (None, first[0].by if first else None)
    return form.holders[stream]


def _answers_for_all(who: Principal) -> bool:
    """The data protection officer, to whom everybody may turn (UU 27/2022 art. 53)."""
    return not scope(who, "beneficiary.restrict").empty


def is_known(form: Form, aggregate: Aggregate, *also: str) -> bool:
    """Whether a record exists for whoever decides; ``also`` are actions that make somebody in need known as well."""
    who = form.principal
    if isinstance(aggregate, Beneficiary):
        if _answers_for_all(who) and any(scope(who, action).everything for action in also):
            return True
        worker, by = who_has(form, aggregate.id)
        seen = any(
            allowed(who, action, village=aggregate.village, worker=worker, by=by)
            for action in ("beneficiary.read", *also)
        )
        return seen and exists(who, aggregate.tier)
    if isinstance(aggregate, Case):
        asked = who.account in (aggregate.transfer_to, aggregate.transfer_requested_by)
        seen = asked or allowed(who, "case.read", village=aggregate.village, worker=aggregate.worker)
        return seen and aggregate.tier < counted_below(who)
    if isinstance(aggregate, Referral):
        return _referral(form, who, aggregate)
    if aggregate.NOUN not in READS:  # a disaster is known to everybody who may read of any
        return not scope(who, f"{aggregate.NOUN}.read").empty
    place = aggregate.village or getattr(aggregate, "area", None)
    return allowed(who, READS[aggregate.NOUN], village=place)


def _referral(form: Form, who: Principal, referral: Referral) -> bool:
    if who.letter:  # known by the letter in hand, and no other is
        return who.letter == referral.id
    case = form.decision.load(Case, referral.case)
    seen = allowed(
        who,
        "referral.read",
        village=referral.village,
        worker=case.worker,
        by=referral.submitted_by,
        to=referral.addressed_to,
    )
    return seen and max(referral.tier, case.tier) < counted_below(who)


def must_see(form: Form, aggregate: Aggregate, worker: str | None) -> None:
    """Raise `Denied` when somebody strictly restricted is concerned whom whoever decides would not see in full: for want of
    a clearance, or because somebody else, ``worker``, works with her. Who has nobody yet may be taken on."""
    if aggregate.strict and not (form.restricted or _answers_for_all(form.principal)):
        mine, held = worker in (None, form.account), form.decision.compartments(subject_of(aggregate))
        if sees(form.principal, aggregate.tier, aggregate.village, mine, held) is not Sight.FULL:
            raise Denied


def worker_must_be_cleared(form: Form, case: Case, worker: str) -> None:
    """Raise `domain.account_clearance.WorkerNotCleared` when a case is strictly restricted and the account that is to work
    on it is not cleared for its subject; `Denied` when whoever gives it to another is not."""
    if case.strict and worker != form.account:
        must_see(form, case, case.worker)
    if case.strict:
        form.decision.load(Account, worker).must_be_cleared(form.decision.compartments(case.beneficiary), form.today)


def accounts_must_be_open(form: Form, rows: Iterable[dict[str, Any]]) -> None:
    """Work is given to accounts that exist and are not closed. Raises ``ValidationError``."""
    for row in rows:
        for name in ACCOUNT_FIELDS:
            if row.get(name) and _closed(form, row[name]):
                raise ma.ValidationError({name: ["Akun ini tidak ada atau sudah ditutup."]})


def _closed(form: Form, account: str) -> bool:
    try:
        return form.decision.load(Account, account).closed
    except NotFound:
        return True
