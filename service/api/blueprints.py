"""Every blueprint of the API: not listed means not served."""

from service.api import kps, sign_in
from service.api.problems import Api


def register(api: Api) -> None:
    """Register all of them."""
    for module in (sign_in, kps):
        api.register_blueprint(module.blueprint)
