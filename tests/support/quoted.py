"""Whether a text quotes a secret: digits that stand inside a hash or a time do so by chance."""

from __future__ import annotations

import itertools


def quotes(text: str, secret: str) -> bool:
    """Whether the secret is in *text*; one of digits alone only as a word of its own.

    A hash in hex holds any four digits in one of a thousand texts, and a test with fifty hashes fails once in twenty.
    """
    if secret not in text:
        return False
    if not secret.isdigit():
        return True
    parts = itertools.pairwise(text.split(secret))
    return not all(before[-1:].isalnum() or after[:1].isalnum() for before, after in parts)
