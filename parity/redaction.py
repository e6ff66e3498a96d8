"""Secrets stay out of transcripts and reports, and can still be compared.

A value under a secret name (an argument, a field, an attribute) becomes a token: a digest keyed with a random key of this run. Whatever was seen under such
a name is also replaced inside any other text, so that a password in a message or a log line is caught too.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping

__all__ = ["BCRYPT_TOKEN", "Redactor"]

_BCRYPT = re.compile(r"\$(2[abxy]?)\$(\d\d)\$[./A-Za-z0-9]{53}")
BCRYPT_TOKEN = re.compile(r"<bcrypt (2[abxy]? \d\d) [0-9a-f]{12}>")
_SHORTEST_IN_TEXT = 8
_FEW_CHARACTERS = 2


class Redactor:
    """Replaces secrets by tokens; equal secrets have equal tokens within one run."""

    def __init__(self, names: Iterable[str], key: bytes) -> None:
        self._names = frozenset(names)
        self._spellings = self._names | {json.dumps(name)[1:-1] for name in self._names}
        self._key = key
        self._seen: dict[str, str] = {}

    def is_secret(self, name: object) -> bool:
        """Whether values under this name are secret."""
        return name in self._names

    def secret_names(self, mapping: Mapping[str, object]) -> frozenset[str]:
        """Those names of a mapping under which values are secret."""
        return self._names & mapping.keys()

    def may_hold_secrets(self, text: str) -> bool:
        """Whether a text, JSON too, names a secret or holds a hash; where secrets were seen already, any text may hold one of them."""
        return bool(self._seen) or "$2" in text or any(name in text for name in self._spellings)

    def token(self, secret: str) -> str:
        """The token of a secret, which is remembered."""
        bcrypt = _BCRYPT.fullmatch(secret)
        if bcrypt:
            return f"<bcrypt {bcrypt[1]} {bcrypt[2]} {self._digest(secret)}>"
        if secret not in self._seen:
            self._seen[secret] = f"<secret {self._digest(secret)}>"
        return self._seen[secret]

    def text(self, text: str) -> str:
        """The text with every secret seen so far, and every bcrypt hash, replaced by its token."""
        if "$2" in text:
            text = _BCRYPT.sub(lambda match: self.token(match[0]), text)
        for secret, token in self._seen.items():
            if secret in text and self._is_telling(secret):
                text = text.replace(secret, token)
        return text

    def forget(self) -> None:
        """Forget the secrets of the test before."""
        self._seen.clear()

    def _is_telling(self, secret: str) -> bool:
        """Whether a secret can be told from other text: `password` or `xxxxxxxx` may stand in any sentence."""
        return (
            len(secret) >= _SHORTEST_IN_TEXT
            and len(set(secret)) > _FEW_CHARACTERS
            and not any(secret in name for name in self._names)
        )

    def _digest(self, secret: str) -> str:
        return hmac.new(self._key, secret.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:12]
