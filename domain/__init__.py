"""What may happen in the field of a district social affairs office, and when it may not.

Every aggregate is imported here: a stored event is readable only when its class is known.
"""

from domain import (
    account,
    beneficiary,
    case,
    correction,
    destruction,
    emergency,
    incident,
    indicator,
    kps,
    psks,
    reading,
    referral,
    retention,
    subject,
    subject_request,
    territory,
    wksbm,
)

__all__ = [
    "account",
    "beneficiary",
    "case",
    "correction",
    "destruction",
    "emergency",
    "incident",
    "indicator",
    "kps",
    "psks",
    "reading",
    "referral",
    "retention",
    "subject",
    "subject_request",
    "territory",
    "wksbm",
]
