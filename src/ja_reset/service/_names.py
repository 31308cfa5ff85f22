"""How what comes from outside is named in the store: by its hash, so that no token and no stray text is kept."""

from __future__ import annotations

import hashlib

from ja_reset.secret import Secret


def digest(text: str) -> str:
    """The SHA-256 of *text* in hex; any str has one."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def session_id(token: Secret) -> str:
    """The public id of the session that *token* names (S1)."""
    return digest(token.reveal())


def tries_key(institution: str, name: str) -> str:
    """The row of an account's (or a login id's) identity failures at an institution (I5).

    By its hash: who types a password into the wrong box must not find it in the store.
    """
    return digest(f"{institution}\0{name}")


def activation_context(session: str) -> str:
    """What the activation password of a session is sealed for."""
    return f"activation:{session}"
