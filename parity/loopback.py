"""Which endpoints stay on this machine."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

__all__ = ["is_loopback"]


def is_loopback(url: str) -> bool:
    """Tell whether the host of ``url`` is this machine by its very name: ``localhost``, ``127.0.0.0/8`` or ``::1``.

    Other names are not looked up: where one points today says nothing about tomorrow.
    """
    try:
        host = urlsplit(url).hostname
        return host is not None and (host == "localhost" or ipaddress.ip_address(host).is_loopback)
    except ValueError:
        return False
