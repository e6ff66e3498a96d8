"""DAOs that are wrong on purpose, in one way each, for `parity selfcheck`."""

from collections.abc import Sequence

from parity.selfcheck import WrongCandidate
from tests.selfcheck.asset_balances import ASSET_BALANCES
from tests.selfcheck.asset_transactions import ASSET_TRANSACTIONS
from tests.selfcheck.assets import ASSETS
from tests.selfcheck.balances import BALANCES
from tests.selfcheck.orders import ORDERS
from tests.selfcheck.users import USERS
from tests.selfcheck.users_under_faults import USERS_UNDER_FAULTS

__all__ = ["CANDIDATES"]

CANDIDATES: Sequence[WrongCandidate] = (
    *USERS,
    *USERS_UNDER_FAULTS,
    *BALANCES,
    *ORDERS,
    *ASSETS,
    *ASSET_BALANCES,
    *ASSET_TRANSACTIONS,
)
