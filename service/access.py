"""Who may do and see what: one table for actions, one for people in need, read by everything and by the auditor.

Rights come from the grants that an account holds today (roles, posts and areas); what is not in the tables is refused.
"""

from collections.abc import Mapping
from enum import Enum, Flag, auto


class Reach(Flag):
    """How far a role's right to an action reaches. Reaches of one cell add up."""

    ALL = auto()  # everything
    AREA = auto()  # what lies in a village of the grant's areas
    ASSIGNED = auto()  # what this account works on, and in its areas what nobody works on yet
    OWN = auto()  # what this account recorded itself, in its areas
    ADDRESSED = auto()  # what was sent to this account
    RESTRICTED = auto()  # records whose processing is restricted (UU 27/2022 art. 11), which no other reach reaches


class Sight(Enum):
    """How a person in need is shown."""

    FULL = "full"
    MASKED = "masked"  # initials, no NIK, year of birth
    COUNTED = "counted"  # only in counts: nobody of them is shown, listed or found
    NONE = "none"


ALL, AREA, ASSIGNED, OWN, ADDRESSED = Reach.ALL, Reach.AREA, Reach.ASSIGNED, Reach.OWN, Reach.ADDRESSED
RESTRICTED = Reach.RESTRICTED

_BOARD: Mapping[str, Reach] = {
    "pengurus_wksbm": AREA,
    "kades": AREA,
    "psm": AREA,
    "tksk": AREA,
    "peksos": ALL,
    "supervisor": ALL,
    "kepala_dinas": ALL,
    "auditor": ALL,
}
# Monitoring and coaching days are the office's own steps: its division head records them.
_BODIES: Mapping[str, Reach] = {"pengurus_wksbm": AREA, "kades": AREA, "tksk": AREA, "supervisor": ALL}
_REGISTER: Mapping[str, Reach] = {"pengurus_wksbm": OWN, "psm": AREA, "tksk": AREA, "peksos": ASSIGNED | OWN}
_CASEWORK: Mapping[str, Reach] = {"psm": ASSIGNED, "tksk": ASSIGNED, "peksos": AREA | ASSIGNED}
#: Roles whose officers may be given a case, a task or a visit.
WORKERS = frozenset(_CASEWORK)
_TARGETS: Mapping[str, Reach] = {"supervisor": ALL, "kepala_dinas": ALL}
_BORDERS: Mapping[str, Reach] = {"supervisor": ALL, "admin": ALL}
_EVERYBODY: Mapping[str, Reach] = dict.fromkeys((*_BOARD, "mitra", "admin", "dpo"), ALL)

#: action: role: reach. A role that is not named may not.
POLICY: Mapping[str, Mapping[str, Reach]] = {
    "territory.read": _EVERYBODY,
    "territory.record": _BORDERS,
    "territory.amend": _BORDERS,
    "board.read": _BOARD,  # status of villages, coverage, caseload
    "figure.read": _EVERYBODY,  # what is counted; the count and its rows have rights of their own
    "wksbm.read": _BOARD,
    "wksbm.record": _BODIES,
    "wksbm.register": {"supervisor": ALL},  # in the register of the office, which the village does not keep
    "kps.read": _BOARD,
    "kps.record": _BODIES,
    "psks.read": _BOARD,
    "psks.record": _BODIES,
    "indicator.read": _BOARD,
    "indicator.record": _TARGETS,
    "indicator.set": _TARGETS,
    "beneficiary.read": {
        "pengurus_wksbm": AREA,
        "kades": AREA,
        "psm": AREA,
        "tksk": AREA,
        "peksos": ASSIGNED | OWN,
        "supervisor": ALL,
        "kepala_dinas": ALL,
        "auditor": ALL,
        "dpo": RESTRICTED,
    },
    "beneficiary.record": {**_REGISTER, "dpo": RESTRICTED},
    "report.submit": {"pengurus_wksbm": AREA, "psm": AREA},  # also of strict types, which they then never see again
    "beneficiary.restrict": {"dpo": ALL | RESTRICTED},
    "consent.record": {**_REGISTER, "supervisor": ALL, "dpo": ALL | RESTRICTED},
    "search.people": {
        "pengurus_wksbm": AREA,
        "kades": AREA,
        "psm": AREA,
        "tksk": AREA,
        "peksos": AREA | ASSIGNED | OWN,
        "supervisor": ALL,
        "kepala_dinas": ALL,
        "auditor": ALL,
        "dpo": RESTRICTED,
    },
    "case.read": {
        **_CASEWORK,
        "supervisor": ALL,
        "auditor": ALL,
        "dpo": RESTRICTED,
    },  # an auditor: that it exists, not its text
    "case.open": _CASEWORK,
    "case.record": {**_CASEWORK, "dpo": RESTRICTED},
    "case.approve": {"supervisor": ALL},
    "case.assign": {"supervisor": ALL},
    "referral.read": {
        "pengurus_wksbm": OWN,
        "kades": AREA,
        "psm": AREA,
        "tksk": AREA,
        "peksos": AREA | ASSIGNED,
        "supervisor": ALL,
        "kepala_dinas": ALL,
        "mitra": ADDRESSED,
        "auditor": ALL,
        "dpo": RESTRICTED,
    },
    "referral.record": {
        "pengurus_wksbm": OWN,
        "psm": AREA,
        "tksk": AREA,
        "peksos": AREA | ASSIGNED,
        "dpo": RESTRICTED,
    },
    "referral.answer": {"mitra": ADDRESSED},
    "incident.read": _BOARD,
    "incident.record": {"kades": AREA, "psm": AREA, "tksk": AREA, "peksos": AREA, "supervisor": ALL},
    "record.correct": {
        **dict.fromkeys(("pengurus_wksbm", "kades", "psm", "tksk"), OWN),
        "peksos": ASSIGNED | OWN,
        "supervisor": ALL,
        "dpo": RESTRICTED,
    },
    "record.retract": {**dict.fromkeys(("pengurus_wksbm", "kades", "psm", "tksk", "peksos"), OWN), "supervisor": ALL},
    "file.upload": {role: ALL for role in _EVERYBODY if role not in ("auditor", "dpo")},
    "file.read": {
        "pengurus_wksbm": OWN,
        "kades": AREA,
        "psm": ASSIGNED | OWN,
        "tksk": ASSIGNED | OWN,
        "peksos": AREA | ASSIGNED,
        "supervisor": ALL,
        "dpo": RESTRICTED,
    },
    "subject_request.open": {"psm": AREA, "tksk": AREA, "peksos": ALL, "supervisor": ALL, "dpo": ALL | RESTRICTED},
    "subject_request.read": {"dpo": ALL},
    "subject_request.record": {"dpo": ALL | RESTRICTED},
    "subject_request.report": {"dpo": ALL},
    "account.read": dict.fromkeys(("supervisor", "kepala_dinas", "auditor", "admin", "dpo"), ALL),
    "account.manage": {"admin": ALL},
    "account.grant": {"admin": ALL},
    "account.clear": {"admin": ALL},  # for compartments of the strictly restricted tier, on a paper
    "account.reset": {"admin": ALL, "supervisor": ALL},  # one asks, another approves
    "retention.read": dict.fromkeys(("supervisor", "kepala_dinas", "auditor", "dpo"), ALL),
    "retention.record": {"kepala_dinas": ALL, "dpo": ALL},  # the archive schedule
    "hold.record": dict.fromkeys(("supervisor", "kepala_dinas", "dpo"), ALL),
    "destruction.read": dict.fromkeys(("supervisor", "kepala_dinas", "auditor", "dpo"), ALL),
    "destruction.propose": {"supervisor": ALL, "dpo": ALL},
    "destruction.decide": dict.fromkeys(("supervisor", "kepala_dinas", "dpo"), ALL),
    "events.read": {"auditor": ALL, "admin": ALL, "dpo": ALL},
    "replay.read": {"auditor": ALL, "supervisor": ALL},
    "emergency.open": {"tksk": AREA, "peksos": ALL, "supervisor": ALL, "kepala_dinas": ALL},
    "emergency.review": {"supervisor": ALL, "kepala_dinas": ALL},
    "emergency.read": {
        **dict.fromkeys(("tksk", "peksos"), OWN),
        **dict.fromkeys(("supervisor", "kepala_dinas", "auditor", "dpo"), ALL),
    },
    "reading.read": dict.fromkeys(("auditor", "supervisor", "dpo"), ALL),  # who opened what
}
ACTIONS = frozenset(POLICY)

_FULL, _MASKED, _COUNTED, _NONE = Sight.FULL, Sight.MASKED, Sight.COUNTED, Sight.NONE

#: role: for tiers 1, 2 and 3, how a person is shown and of whom that holds. Tier 3 is the strictly restricted one: there a
#: clearance for every compartment she is in must come with it. Of whom "none" or "counted" holds everywhere, nobody exists
#: for the role: not in a list, a search, a history, nor, with "none", in a count.
PEOPLE: Mapping[str, tuple[tuple[Sight, Reach], tuple[Sight, Reach], tuple[Sight, Reach]]] = {
    "pengurus_wksbm": ((_MASKED, AREA), (_NONE, ALL), (_NONE, ALL)),
    "kades": ((_FULL, AREA), (_MASKED, AREA), (_NONE, ALL)),
    "psm": ((_FULL, AREA), (_FULL, ASSIGNED), (_NONE, ALL)),
    "tksk": ((_FULL, AREA), (_FULL, ASSIGNED), (_NONE, ALL)),
    "peksos": ((_FULL, ASSIGNED), (_FULL, ASSIGNED), (_FULL, ASSIGNED)),
    "supervisor": ((_FULL, ALL), (_FULL, ALL), (_FULL, ALL)),
    "kepala_dinas": ((_FULL, ALL), (_MASKED, ALL), (_COUNTED, ALL)),
    "auditor": ((_MASKED, ALL), (_MASKED, ALL), (_COUNTED, ALL)),
}
