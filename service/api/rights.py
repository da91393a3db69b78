"""Which actions of the policy table each route asks for: declared where the route is, asked before it is entered.

A route that is not declared answers nobody. Whoever may do none of a route's actions, to nothing anywhere, is refused
before anything is looked at, so that the refusal says nothing about what there is. How far a right reaches, the route asks.
"""

from flask_smorest import Blueprint

from service.reach import Principal, scope

#: In place of an action: whoever is signed in may; the route itself asks whether it is about her; each item is asked.
SIGNED_IN, HERSELF, EACH = "signed in", "about oneself", "each command by its own"
WORDS = frozenset({SIGNED_IN, HERSELF, EACH})

#: Method and rule of a route: the actions of which one must reach something.
ROUTES: dict[str, tuple[str, ...]] = {
    "POST /api/v1/batch": (EACH,),
    "POST /api/v1/offline-devices": (HERSELF,),
    "POST /api/v1/offline-devices/<device>/secrets": (HERSELF,),
    "GET /api/v1/accounts/<stream>/offline-devices": (HERSELF, "account.read"),
    "DELETE /api/v1/accounts/<stream>/offline-devices/<device>": (HERSELF, "account.manage"),
    "GET /api/v1/codes": (SIGNED_IN,),
    "GET /api/v1/codes/<listing>": (SIGNED_IN,),
    "POST /api/v1/codes/ppks.types/meaning": (SIGNED_IN,),
    "GET /api/v1/instruments": (SIGNED_IN,),
    "GET /api/v1/sessions/current": (HERSELF,),
    "DELETE /api/v1/sessions/current": (HERSELF,),
    "GET /api/v1/commands/<command>/receipt": (HERSELF,),
    "GET /api/v1/commands/<command>/receipt.svg": (HERSELF,),
    "POST /api/v1/accounts/<stream>/password": (HERSELF,),
    "GET /api/v1/accounts/<stream>/sessions": (HERSELF, "account.read"),
    "DELETE /api/v1/accounts/<stream>/sessions": (HERSELF, "account.manage"),
    "DELETE /api/v1/accounts/<stream>/sessions/<device>": (HERSELF, "account.manage"),
    "GET /api/v1/accounts/<stream>/second-factor": (HERSELF,),
    "POST /api/v1/accounts/<stream>/second-factor": (HERSELF,),
    "POST /api/v1/accounts/<stream>/second-factor/confirmation": (HERSELF,),
    "POST /api/v1/accounts/<stream>/second-factor/removal": (HERSELF,),
    "POST /api/v1/accounts/<stream>/second-factor/recovery-codes": (HERSELF,),
    "POST /api/v1/accounts/<stream>/resets/<reset>/approval": ("account.reset",),
    "POST /api/v1/accounts/<stream>/resets/<reset>/refusal": (HERSELF, "account.reset"),
    "GET /api/v1/accounts/<stream>/tokens": (HERSELF, "account.read"),
    "POST /api/v1/accounts/<stream>/tokens": (HERSELF, "account.manage"),
    "DELETE /api/v1/tokens/<token>": (HERSELF, "account.manage"),
    "POST /api/v1/files": ("file.upload",),
    "POST /api/v1/files/uploads": ("file.upload",),
    "GET /api/v1/files/uploads/<upload_id>": ("file.upload",),
    "PATCH /api/v1/files/uploads/<upload_id>": ("file.upload",),
    "DELETE /api/v1/files/uploads/<upload_id>": ("file.upload",),
    "GET /api/v1/files/<file_id>": ("file.read", "file.upload"),
    "POST /api/v1/people/search": ("search.people",),
    "GET /api/v1/events": ("events.read",),
    "GET /api/v1/events/<int:position>": ("events.read",),
    "GET /api/v1/streams/<stream>/replay": ("replay.read",),
    "GET /api/v1/villages/<code>/replay": ("replay.read",),
}


def declare(method: str, blueprint: Blueprint, rule: str, *actions: str) -> None:
    """Say which actions a route asks for."""
    ROUTES[f"{method} {blueprint.url_prefix or ''}{rule}"] = actions


def may_enter(principal: Principal, method: str, rule: str) -> bool:
    """Whether somebody may do anything at all by way of a route; HEAD is a GET. False for a route without a row."""
    actions = ROUTES.get(f"{'GET' if method == 'HEAD' else method} {rule}", ())
    return any(action in WORDS or not scope(principal, action).empty for action in actions)
