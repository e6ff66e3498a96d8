"""Fills the inventory from a JSON file: a list of assets, numbers with all their digits."""

import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from common.data import Asset, AssetAlreadyExistsError
from services.shared.context import Daos

__all__ = ["ASSETS", "SeedError", "read_assets", "seed"]

ASSETS: Final = Path(__file__).with_name("assets.json")
"""The assets that come with the service."""


class SeedError(Exception):
    """A file that holds no assets; says what is wrong with it."""


def read_assets(path: Path) -> list[Asset]:
    """The assets of a file.

    Raises:
        SeedError: it cannot be read, or holds anything else.
    """
    try:
        rows = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal, parse_constant=_refuse)
    except (OSError, ValueError) as error:
        raise SeedError(f"{path} cannot be read: {error}") from error
    if not isinstance(rows, list):
        raise SeedError(f"{path} holds no list of assets")
    assets = []
    for at, row in enumerate(rows, start=1):
        try:
            assets.append(Asset.model_validate(row))
        except ValidationError as error:
            fault = error.errors(include_input=False)[0]
            place = ".".join(map(str, fault["loc"]))
            raise SeedError(f"{path}: asset {at}: {place}: {fault['msg']}") from error
    return assets


def _refuse(name: str) -> object:
    raise ValueError(f"{name} is no number")


def seed(daos: Daos, assets: Sequence[Asset]) -> list[str]:
    """Create the assets that are not there; those that are stay as they are.

    Returns:
        The ids of those created.

    Raises:
        DataError: as from `create_asset`.
    """
    created = []
    for asset in assets:
        try:
            created.append(daos.assets.create_asset(asset).asset_id)
        except AssetAlreadyExistsError:
            continue
    return created
