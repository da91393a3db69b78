"""Every blueprint of the API: not listed means not served."""

from service.api import batch, cases, codes, kps, referrals, sign_in
from service.api.problems import Api


def register(api: Api) -> None:
    """Register all of them."""
    for module in (sign_in, batch, cases, codes, kps, referrals):
        api.register_blueprint(module.blueprint)
