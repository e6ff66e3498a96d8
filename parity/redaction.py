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
_LONG_SECRET = 20
_RUN = 12  # characters of a long secret that stand in no text by chance


class Redactor:
    """Replaces secrets by tokens; equal secrets have equal tokens within one run."""

    def __init__(self, names: Iterable[str], key: bytes) -> None:
        self._names = frozenset(names)
        self._spellings = self._names | {json.dumps(name)[1:-1] for name in self._names}
        self._key = key
        self._seen: dict[str, str] = {}
        self._spelled: dict[str, str] = {}  # all ways in which a text may hold a secret seen, and its token
        self._runs: set[str] = set()

    def is_secret(self, name: object) -> bool:
        """Whether values under this name are secret."""
        return name in self._names

    def secret_names(self, mapping: Mapping[str, object]) -> frozenset[str]:
        """Those names of a mapping under which values are secret."""
        return self._names & mapping.keys()

    def may_hold_secrets(self, text: str) -> bool:
        """Whether a text, JSON too, names a secret or holds a hash; where secrets were seen already, any text may hold one of them."""
        return bool(self._seen) or "$2" in text or any(name in text for name in self._spellings)

    def token(self, secret: str, *, in_part: bool = True) -> str:
        """The token of a secret, which is remembered; also to be found in part, if it is long."""
        bcrypt = _BCRYPT.fullmatch(secret)
        if bcrypt:
            return f"<bcrypt {bcrypt[1]} {bcrypt[2]} {self._digest(secret)}>"
        if secret not in self._seen:
            self._seen[secret] = f"<secret {self._digest(secret)}>"
            self._remember(secret, self._seen[secret], in_part=in_part)
        return self._seen[secret]

    def _remember(self, secret: str, token: str, *, in_part: bool) -> None:
        """Every spelling of a secret that is to be found in texts: as a tool prints it, line by line, and long ones in part."""
        for line in {secret, *secret.splitlines()}:
            for spelling in {
                line,
                repr(line)[1:-1],
                json.dumps(line)[1:-1],
                json.dumps(line, ensure_ascii=False)[1:-1],
            }:
                if self._is_telling(spelling):
                    self._spelled.setdefault(spelling, token)
                    if in_part and len(spelling) > _LONG_SECRET:
                        self._runs.update(spelling[at : at + _RUN] for at in range(len(spelling) - _RUN + 1))
        # What holds another is replaced before it.
        self._spelled = dict(sorted(self._spelled.items(), key=lambda pair: -len(pair[0])))

    def text(self, text: str) -> str:
        """The text with every secret seen so far, and every bcrypt hash, replaced by its token."""
        if "$2" in text:
            text = _BCRYPT.sub(lambda match: self.token(match[0]), text)
        for spelling, token in self._spelled.items():
            if spelling in text:
                text = text.replace(spelling, token)
        return self._without_runs(text) if self._runs and len(text) >= _RUN else text

    def _without_runs(self, text: str) -> str:
        """The text with a token for each longest part of it that is part of a long secret."""
        runs, kept, at, copied = self._runs, list[str](), 0, 0
        last = len(text) - _RUN
        while at <= last:
            if text[at : at + _RUN] not in runs or not self._is_telling(text[at : at + _RUN]):
                at += 1
                continue
            end = at + 1
            while end <= last and text[end : end + _RUN] in runs:
                end += 1
            end += _RUN - 1
            kept += [text[copied:at], f"<secret {self._digest(text[at:end])}>"]
            at = copied = end
        return "".join([*kept, text[copied:]]) if kept else text

    def forget(self) -> None:
        """Forget the secrets of the test before."""
        self._seen.clear()
        self._spelled.clear()
        self._runs.clear()

    def _is_telling(self, secret: str) -> bool:
        """Whether a secret can be told from other text: `password` or `xxxxxxxx` may stand in any sentence."""
        return (
            len(secret) >= _SHORTEST_IN_TEXT
            and len(set(secret)) > _FEW_CHARACTERS
            and not any(secret in name for name in self._names)
        )

    def _digest(self, secret: str) -> str:
        return hmac.new(self._key, secret.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:12]
