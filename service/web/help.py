"""Help: two pages for each role, to read or to print. Texts are templates of their own in each language; the names of
buttons in them are those of the catalogue, so that they are always what stands on the pages."""

from typing import Any

from flask_babel import get_locale

from domain.refusals import NotFound
from service.api.current import principal
from service.api.rights import SIGNED_IN
from service.web import words
from service.web.frame import page

#: In the order of the work: from the village to the office.
WRITTEN = (
    *("pengurus_wksbm", "kades", "psm", "tksk", "peksos", "supervisor"),
    *("kepala_dinas", "auditor", "admin", "dpo", "mitra"),
)
IN_THE_FIELD = frozenset({"pengurus_wksbm", "kades", "psm", "tksk", "peksos", "supervisor"})


def _titles() -> dict[str, str]:
    own = principal().roles
    return {role: words.word(role, "account.roles") for role in sorted(WRITTEN, key=lambda role: role not in own)}


@page("/bantuan", "help_index.html", SIGNED_IN)
def help_index() -> Any:
    """The help of every role, one's own first."""
    return {"titles": _titles(), "own": principal().roles}


@page("/bantuan/<role>", "help.html", SIGNED_IN)
def help_page(role: str) -> Any:
    """The help of one role: a day's work, without signal, what one does not see, and what to do when refused."""
    if role not in WRITTEN:
        raise NotFound
    titles = _titles()
    folder = f"help/{get_locale()}"
    parts = [role, "begin", *(["signal"] if role in IN_THE_FIELD else []), "end"]
    return {"role": role, "title_of": titles, "parts": [f"{folder}/{part}.html" for part in parts]}
