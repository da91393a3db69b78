"""Every blueprint of the API: not listed means not served."""

from service.api import (
    accounts,
    batch,
    beneficiaries,
    beneficiary_pages,
    beneficiary_types,
    boards,
    cases,
    codes,
    corrections,
    feed,
    figures,
    files,
    incidents,
    indicators,
    kps,
    log_proofs,
    periods,
    psks,
    receipts,
    referrals,
    replays,
    search,
    sign_in,
    territory,
    wksbm,
    wksbm_days,
)
from service.api.problems import Api


def register(api: Api) -> None:
    """Register all of them."""
    for module in (
        sign_in,
        batch,
        feed,
        files,
        corrections,
        cases,
        codes,
        kps,
        referrals,
        territory,
        wksbm,
        wksbm_days,
        psks,
        indicators,
        boards,
        figures,
        periods,
        beneficiaries,
        beneficiary_types,
        beneficiary_pages,
        search,
        incidents,
        accounts,
        replays,
        receipts,
        log_proofs,
    ):
        api.register_blueprint(module.blueprint)
