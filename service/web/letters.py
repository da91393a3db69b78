"""The referral letter to print, with a code that leads to the page on which its destination answers without an account."""

from typing import Any

import marshmallow as ma
import segno
from flask import current_app, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _
from werkzeug.datastructures import MultiDict

from domain.beneficiary_consent import ConsentNotInForce
from domain.beneficiary_restriction import ProcessingRestricted
from domain.referral_steps import ReferralHasEnded, ReferralStepOutOfTurn
from domain.refusals import NotFound, Refused
from domain.subject import SubjectClosed, SubjectDestroyed
from service.api import guard, letter_links, tickets
from service.api.commands import COMMANDS, Denied
from service.api.current import office, principal
from service.log.ids import is_id, new_id
from service.reach import scope
from service.web import around, ask, forms, moment, words
from service.web.frame import blueprint, page
from service.web.referrals import STATES

OPEN = frozenset({"pages.answer"})
ANSWERS = {
    "terima": _("Kami terima"),
    "lengkapi": _("Kami kembalikan, belum lengkap"),
    "tolak": _("Kami tidak dapat menerima"),
    "selesai": _("Sudah selesai kami tangani"),
}
#: A link that opens nothing, any more or for now, does not say why: that would tell of the person.
_GONE = (ConsentNotInForce, ProcessingRestricted, SubjectClosed, SubjectDestroyed, NotFound)


@page("/rujukan/<id>/surat", "letter.html", "referral.read")
def letter(id: str) -> Any:
    """The letter of a referral. The code is printed for whoever may record about the referral, and while it is open."""
    row = ask.get(f"/referrals/{id}").data
    told: dict[str, Any] = {"row": row, "qr": "", "address_of_answer": "", "until": None}
    if row["sight"] != "full":  # a letter names the person
        raise NotFound
    base = office().config.base_url.rstrip("/")
    told |= {"ticket": tickets.printed(id), "address_of_status": base + url_for("pages.public_referral")}
    if row["open"] and not row["consent_withdrawn"] and not moment.past() and _may_record(row):
        secret, told["until"] = letter_links.made(id, principal().account)
        told["address_of_answer"] = base + url_for("pages.answer", token=secret)
        told["qr"] = segno.make_qr(told["address_of_answer"], error="m").svg_data_uri(scale=4, border=4)
    told["village"] = around.villages().get(row["village"] or "", row["village"])
    with words.kept():
        text = render_template("letter_text.html", **told)
    return {**told, "text": text}


def _may_record(row: dict[str, Any]) -> bool:
    reach = scope(principal(), "referral.record")
    return reach.includes(row["village"], row["worker"], restricted=row["restricted"])


@blueprint.route("/jawab/<token>", methods=["GET", "POST"])
def answer(token: str) -> Any:
    """What a destination without an account is asked, and its answer. Open to whoever holds the letter."""
    current_app.extensions["gate"].pass_through()
    link = letter_links.opened(token)
    letter = letter_links.shown(link) if link else None
    if link is None or letter is None:
        return _page(None, 404)
    word = request.values.get("jawaban", "")
    if request.method == "GET" or word not in ANSWERS:
        return _page(letter, 200, token=token, word=word if word in letter.answers else "")
    typed: MultiDict[str, str] = MultiDict(
        (guard.clean(name), guard.clean(value)) for name, value in request.form.items(multi=True)
    )
    said = forms.body_of(COMMANDS[letter_links.ANSWERS[word][0]].schema, typed)
    key = typed.get("kunci", "")
    try:
        if not said.get("informant"):
            raise ma.ValidationError({"informant": [str(_("Tulis nama dan jabatan Anda."))]})
        letter_links.answer(link, word, said, key=key if is_id(key) else "")
    except ma.ValidationError as error:
        problem = _("Belum tercatat. Periksa isian yang diberi tanda.")
        return _page(letter, 422, token=token, word=word, said=said, errors=error.messages, problem=problem, key=key)
    except (ReferralHasEnded, ReferralStepOutOfTurn) as error:
        return _page(letter, 409, token=token, problem=error.sentence)
    except (Denied, *_GONE):
        return _page(None, 404)
    except Refused as error:
        return _page(letter, 409, token=token, word=word, said=said, problem=error.sentence, key=key)
    return redirect(url_for("pages.answer", token=token, terkirim=word, kunci=key or None), 303)


def _page(
    letter: letter_links.Shown | None,
    status: int,
    *,
    token: str = "",
    word: str = "",
    said: dict[str, Any] | None = None,
    errors: Any = None,
    problem: Any = "",
    key: str = "",
) -> tuple[str, int]:
    told: dict[str, Any] = {"letter": letter, "token": token, "word": word, "problem": problem, "answers": ANSWERS}
    if word:
        command, wanted, _states = letter_links.ANSWERS[word]
        asked = forms.fields_of(
            command, COMMANDS[command].schema, said or {}, errors, only=(*wanted, *letter_links.SAID_BY)
        )
        for one in asked:
            if one.name == "informant":
                one.label, one.required, one.kind = _("Nama dan jabatan Anda"), True, "text"
        told |= {"form_fields": asked, "key": key or new_id()}
    told |= {"states": STATES, "sent": request.args.get("terkirim", "") in ANSWERS}
    return render_template("answer.html", **told), status
