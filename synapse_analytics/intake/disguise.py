"""De-identification: ids become surrogates that keep neither order nor meaning; the link back is written only where the operator says."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from synapse_analytics.errors import IntakeRefused
from synapse_analytics.intake.columns import BETWEEN_PARTS

SECRET_BYTES = 32
_LETTERS = np.frombuffer(b"bcdfghjkmnpqrstv", np.uint8)  # no vowel and no digit: never a word, a name or a number
_LINKED = frozenset({"patient", "episode"})  # a treatment is found through its episode
_ID_BYTES, _UNIT_BYTES = 7, 3  # 14 letters (2**56), 6 letters for the few sites and clinicians


class Surrogates:
    """Gives each id of a kind the same surrogate whenever it is asked with one secret, and remembers the link."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self.links: dict[tuple[str, str], str] = {}

    def ids(self, kind: str, keys: Sequence[str]) -> list[str]:
        """The surrogates of these patients, episodes or treatments: the first letter of the kind and fourteen random letters."""
        found = [f"{kind[0].upper()}{letters}" for letters in self._letters(kind, keys, _ID_BYTES)]
        if kind in _LINKED:
            self.links.update(zip(((kind, key) for key in keys), found, strict=True))
        return found

    def unit(self, kind: str, key: str) -> str:
        """The surrogate of a site or clinician, which is short."""
        return self.links.setdefault((kind, key), f"{kind[0].upper()}-{self._letters(kind, [key], _UNIT_BYTES)[0]}")

    def _letters(self, kind: str, keys: Sequence[str], size: int) -> list[str]:
        """Random letters for each key, always the same with one secret (keyed BLAKE2b, RFC 7693)."""
        digests = b"".join(hashlib.blake2b(f"{kind}\0{key}".encode(), key=self._secret, digest_size=size).digest() for key in keys)
        halves = np.frombuffer(digests, np.uint8).reshape(-1, size)
        letters = _LETTERS[np.stack([halves >> 4, halves & 15], axis=2).reshape(-1, 2 * size)]
        return [row.tobytes().decode() for row in letters]

    def rows(self) -> Iterator[tuple[str, str, str]]:
        """The link table: kind, surrogate, and the id of the clinic."""
        for (kind, key), surrogate in sorted(self.links.items(), key=lambda link: (link[0][0], link[1])):
            yield kind, surrogate, key.replace(BETWEEN_PARTS, " | ")


def fresh_secret() -> bytes:
    """A secret that nobody has: its surrogates cannot be made again."""
    return secrets.token_bytes(SECRET_BYTES)


def stored_secret(path: Path) -> bytes:
    """The secret in this file, which only its owner can read; made at the first use, so that next month's surrogates are the same."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(path, fresh_secret())
    secret = path.read_bytes()
    if len(secret) != SECRET_BYTES:
        raise IntakeRefused(f"The file {path.name} does not hold a secret of {SECRET_BYTES} bytes. Move it away, and a new one is made.")
    return secret


def write_link_table(path: Path, surrogates: Surrogates) -> None:
    """Write the link table, which only its owner can read. Whoever has it knows who the patients are."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("kind", "surrogate", "id_of_the_clinic"))
    writer.writerows(surrogates.rows())
    write_private(path, text.getvalue().encode())


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    beside = path.with_name(f"{path.name}.part")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
        handle.write(content)
    beside.replace(path)
