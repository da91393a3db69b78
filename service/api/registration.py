"""Registering one beneficiary, whoever enters it and however: with search tokens, findings on the NIK, and a look at who
is registered already."""

from typing import Any

from domain.beneficiary import Beneficiary
from domain.sealed import Sealed
from service import search
from service.access import Sight
from service.api.form import Form, fit, plain
from service.api.identity_fields import must_be_born, nik_findings
from service.api.known import must_see, who_has
from service.api.people_shown import exists, reveal
from service.api.restricted import unseen
from service.casebook import Decision
from service.log import names
from service.matching import GROUNDS, Probable, probable_duplicates


def findable(decision: Decision, sealed: Sealed, identity: dict[str, Any], village: str | None) -> None:
    """Let the part that holds an identity be found by it."""
    decision.find_by(sealed, search.token_texts(plain(identity), village))


def _grounds(match: Probable) -> list[dict[str, str]]:
    return [{"code": code, "label": GROUNDS[code][1]} for code in match.grounds]


def probable(
    form: Form, identity: dict[str, Any], village: str | None, kind: str, leave_out: str = ""
) -> list[dict[str, Any]]:
    """The records that may be the same, as the asker may see them: id, score, grounds, and ``person`` or null."""
    here = form.office
    with here.views.at() as view:
        found = search.duplicates(here, view, form.account, plain(identity), village, kind, leave_out)
        # Whoever does not exist for the asker is not found here either; the office links the two records later.
        gone = unseen(form.principal, view)
        found = [(match, row) for match, row in found if match.id not in gone and exists(form.principal, row["tier"])]
        shown = reveal(form.principal, [person for _, person in found], view)
    return [
        {
            "id": match.id,
            "score": match.score,
            "grounds": _grounds(match),
            "person": row["person"],
            "village": row["village"] if row["sight"] != Sight.NONE.value else None,
            "linked_to": row.get("linked_to"),
        }
        for (match, _), row in zip(found, shown, strict=True)
    ]


class Company:
    """Those whom one command registers together: somebody entered twice in one list is a probable duplicate too."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, dict[str, Any], str, set[str]]] = {}

    def probable(self, stream: str, identity: dict[str, Any], village: str, kind: str) -> list[dict[str, Any]]:
        """Those taken in before that may be the one given, as `probable` tells them; takes that one in too."""
        said = plain(identity)
        nik = names.token_for_nik_query(said.get("nik") or "")
        query = names.tokens_for_query(said.get("name") or "")
        alike = {
            id: search.comparable(other, place)
            for id, (unit, other, place, tokens) in self._known.items()
            if unit == kind and (nik in tokens or names.answers(query, tokens))
        }
        self._known[stream] = (kind, said, village, search.token_texts(said, village))
        return [
            {
                "id": match.id,
                "score": match.score,
                "grounds": _grounds(match),
                "person": self._known[match.id][1],
                "village": self._known[match.id][2],
                "linked_to": None,
            }
            for match in probable_duplicates(search.comparable(said, village), alike)
        ]


def holders_of_nik(form: Form, stream: str, identity: dict[str, Any], village: str | None) -> list[dict[str, Any]]:
    """The other records of a person that hold the same NIK, as `probable` tells them. Raises
    `search.ProbableDuplicates` when there are any and no reason to go on was given."""
    found = probable(form, identity, village, "person", stream) if identity.get("nik") else []
    found = [one for one in found if any(ground["code"] == "nik_sama" for ground in one["grounds"])]
    if found and not form.data.get("reason_to_go_on"):
        raise search.ProbableDuplicates(found)
    return found


def begin_beneficiary(form: Form, stream: str, company: Company | None = None) -> Beneficiary:
    """Begin the record that a form of `beneficiary_schemas.PersonRegistration` describes.

    ``company`` holds those whom the same command registers. Raises `search.ProbableDuplicates` when there may be one
    already and no reason to go on was given, and whatever `Beneficiary.register` raises. The caller has asked the
    policy table.
    """
    identity: dict[str, Any] = form.data["identity"]
    village, kind = form.data["village"], form.data["kind"]
    must_be_born(identity, form.today)
    found = probable(form, identity, village, kind)
    if company is not None:
        found += company.probable(stream, identity, village, kind)
    if found and not form.data.get("reason_to_go_on"):
        raise search.ProbableDuplicates(found)
    arguments = form.fill(stream)
    arguments |= {
        "nik_stated": bool(identity.get("nik")),
        "nik_findings": nik_findings(identity, form.on) if kind == "person" else (),
        "duplicates_seen": len(found),
        "evidence": form.evidence(stream),
        "on": form.on,
    }
    findable(form.decision, arguments["identity"], identity, village)
    return form.decision.begin(Beneficiary.register(stream, **fit(Beneficiary.register, arguments)))


def beneficiary_of(form: Form, stream: str, action: str = "beneficiary.record") -> Beneficiary:
    """A beneficiary, for somebody who may do ``action`` to it. Raises `NotFound` or `Denied`."""
    found = form.load(Beneficiary, stream, action)
    worker, by = who_has(form, stream)
    must_see(form, found, worker)
    form.require(action, village=found.village, worker=worker, by=by)
    return found
