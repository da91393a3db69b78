"""Corrections and retractions over HTTP, for events of any stream: nothing is edited, nothing is deleted."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import marshmallow as ma
from flask_smorest import Blueprint

from domain.account import Account, GrantToOneself
from domain.aggregate import ENVELOPE, Aggregate, Event
from domain.beneficiary import Beneficiary
from domain.case import Case
from domain.correction import REQUESTERS, correct, retract
from domain.indicator import Indicator
from domain.referral import Referral
from domain.sealed import Sealed
from domain.subject import subject_of
from domain.subject_request import SubjectRequest
from domain.territory import Territory
from service.api import fields
from service.api.codes import LISTS
from service.api.commands import Form, Noun
from service.api.form import plain
from service.api.identity_fields import checked
from service.api.known import must_see, who_has
from service.api.registration import findable
from service.api.restricted import beneficiary_of
from service.api.taken import Path, codes_of, ever, free_field
from service.log.ids import is_id

blueprint = Blueprint("corrections", __name__, url_prefix="/api/v1/streams", description="Corrections")
noun = Noun(blueprint, Aggregate, "record.correct")


class Correction(fields.CommandSchema):
    """Which event of the stream (``target``, its version) was wrong, and its right values by field name."""

    target = fields.whole(1, 10**9, required=True)
    values = ma.fields.Dict(keys=ma.fields.String(validate=ma.validate.Length(1, 60)), required=True)
    reason = fields.sealed(required=True)
    requested_by = fields.code(REQUESTERS.versions[-1].codes, required=True)
    ordered_by = fields.identifier(
        metadata={"description": "The granted request to correct it, which is needed while processing is restricted"}
    )


class Retraction(fields.CommandSchema):
    target = fields.whole(1, 10**9, required=True)
    reason = fields.sealed(required=True)
    requested_by = fields.code(REQUESTERS.versions[-1].codes, required=True)


#: Where one event of a stream stands.
ENTRY = "/<stream>/events/<int:version>"
#: The steps that end a referral; the case notes each of them in the same command.
ENDS = frozenset(f"referral.{end}" for end in ("rejected", "completed", "withdrawn", "client_absent", "expired"))
#: Records of the office itself, and what one must be allowed in order to correct them.
OFFICE: dict[type[Aggregate], str] = {
    Account: "account.manage",
    Territory: "territory.amend",
    Indicator: "indicator.set",
    SubjectRequest: "subject_request.record",
}
_CODE = re.compile(r"[A-Za-z0-9_./-]{1,60}")


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Every text in a JSON value, with the names on the way to it."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one, path)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _texts(one, (*path, key))


def _unlisted(topic: str, before: list[tuple[Path, str]], path: Path, text: str) -> bool:
    """Whether a code is of none of the lists of its field: where no command tells these, of those that have the code there
    before."""
    if (codes := codes_of(topic, path)) is not None:
        return text not in codes
    lists = [ever(name) for where, code in before if where == path for name in LISTS if code in ever(name)]
    return bool(lists) and not any(text in codes for codes in lists)


def _must_fit(topic: str, name: str, before: Any, after: Any, today: date) -> None:
    """Refuse what may not take the place of ``before`` in an open field. Raises ``ValidationError``."""
    if name == "login":
        raise ma.ValidationError("Nama masuk tidak dapat dikoreksi; buka akun baru.")
    then, now = list(_texts(before, (name,))), list(_texts(after, (name,)))
    # A case that is about somebody else, or worked on by somebody else, would open what its author may not see.
    if {text for _, text in then if is_id(text)} != {text for _, text in now if is_id(text)}:
        raise ma.ValidationError("Rujukan ke catatan lain tidak dapat dikoreksi; tarik catatannya, lalu catat lagi.")
    if any(path[-1] == "part" for path, _ in now):
        raise ma.ValidationError("Isian tersegel tidak dapat dirujuk dari sini.")
    if name == "on" and isinstance(after, str) and after > today.isoformat():
        raise ma.ValidationError("Tanggal kejadian tidak boleh di masa depan.")
    named = isinstance(before, str) and before and not _CODE.fullmatch(before)  # a name or number of the office
    known = {text for _, text in then}
    for path, text in now:
        if field := free_field(topic, path):
            field.deserialize(text)
        elif named or text in known:
            continue
        elif not _CODE.fullmatch(text):
            raise ma.ValidationError("Di sini harus kode, bukan kalimat.")
        elif _unlisted(topic, then, path, text):
            raise ma.ValidationError("Kode ini tidak ada dalam daftarnya.")


def _must_stay_open(target: Event, changes: dict[str, Any], today: date) -> None:
    """Refuse what an open field must not hold: free text belongs in the vault. Raises ``ValidationError``."""
    for name, value in changes.items():
        try:
            _must_fit(target.topic, name, plain(getattr(target, name, None)), value, today)
        except ma.ValidationError as refusal:
            raise ma.ValidationError({"values": {name: refusal.messages}}) from None


def _sealed_now(event: Any, name: str) -> bool:
    return name not in ENVELOPE and isinstance(getattr(event, name, None), Sealed)


def must_be_theirs(form: Form, action: str, aggregate: Any, target: Event) -> None:
    """Whoever recorded something may say it was wrong; so may those who answer for it. Raises `Denied`.

    A correction must not reach further than the record: a grant is corrected only by whoever may grant, and not by its
    holder, who would give herself another one (`GrantToOneself`).
    """
    for noun, needed in OFFICE.items():
        if isinstance(aggregate, noun):
            grants = target.topic.startswith("account.role_")
            form.require("account.grant" if grants else needed)
            if grants and aggregate.id == form.account:
                raise GrantToOneself
            return
    worker: str | None = ""  # nobody is ever assigned a register's record: it is not "what nobody works on yet"
    if isinstance(aggregate, Beneficiary):
        worker = who_has(form, aggregate.id)[0]
    elif isinstance(aggregate, Case):
        worker = aggregate.worker
    elif isinstance(aggregate, Referral):
        worker = form.decision.load(Case, aggregate.case).worker
    form.require(action, village=aggregate.village, worker=worker, by=target.by)
    must_see(form, aggregate, worker)


def _ordered(form: Form, stream: str) -> bool:
    """Whether the data protection officer ordered to correct a record, by granting the request that is named."""
    if not form.data.get("ordered_by"):
        return False
    subject = beneficiary_of(form.decision.load(Aggregate, stream))
    request = form.decision.load(SubjectRequest, form.data["ordered_by"])
    return subject is not None and request.orders_correction_of(subject)


@noun.route("/<stream>/corrections", Correction, "record.correct", action=("record.correct", *OFFICE.values()))
def correction(form: Form, stream: str) -> str:
    """Correct an event that was recorded wrongly. The old value stays readable; who asked and why is kept."""
    form.ordered = _ordered(form, stream)
    aggregate = form.load(Aggregate, stream)
    target = form.decision.event(stream, form.data["target"])
    must_be_theirs(form, "record.correct", aggregate, target)
    values: dict[str, Any] = form.data["values"]
    hidden = {name: value for name, value in values.items() if _sealed_now(target, name)}
    if isinstance(aggregate, Beneficiary) and "identity" in hidden:
        hidden["identity"] = checked(hidden["identity"], form.today)
    changes = {name: value for name, value in values.items() if name not in hidden}
    _must_stay_open(target, changes, form.today)
    sealed = form.decision.seal(
        subject_of(aggregate), {**hidden, "reason": form.data["reason"]}, strict=aggregate.strict
    )
    correct(
        aggregate,
        target,
        on=form.on,
        reason=sealed,
        requested_by=form.data["requested_by"],
        changes=changes,
        fields=tuple(hidden),
        value=sealed if hidden else None,
    )
    if isinstance(aggregate, Beneficiary) and "identity" in hidden:
        findable(form.decision, sealed, hidden["identity"], aggregate.village)
    return stream


@noun.route("/<stream>/retractions", Retraction, "record.retract", action=("record.retract", *OFFICE.values()))
def retraction(form: Form, stream: str) -> str:
    """Withdraw an event that was entered in error. It stays in the log and counts as not having happened."""
    aggregate = form.load(Aggregate, stream)
    target = form.decision.event(stream, form.data["target"])
    must_be_theirs(form, "record.retract", aggregate, target)
    sealed = form.decision.seal(subject_of(aggregate), {"reason": form.data["reason"]}, strict=aggregate.strict)
    said = {"on": form.on, "reason": sealed, "requested_by": form.data["requested_by"]}
    retract(aggregate, target, **said)
    if isinstance(aggregate, Referral) and target.topic in ENDS:
        _open_again(form, aggregate, said)
    return stream


def _open_again(form: Form, referral: Referral, said: dict[str, Any]) -> None:
    """Withdraw with a referral's end what the case remembers of it, so that the case knows of an open referral again.

    The reason is sealed once more: a part belongs to one event.
    """
    case = form.decision.load(Case, referral.case)
    for event in reversed(form.decision.history(case.id)):
        if isinstance(event, Case.ReferralSettled) and event.referral == referral.id:
            reason = form.decision.seal(subject_of(case), {"reason": form.data["reason"]}, strict=case.strict)
            retract(case, event, **{**said, "reason": reason}, with_pair=True)
            return
