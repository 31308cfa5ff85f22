"""Secrets that must be stored are sealed: without the host's key, the stored text is useless (S5).

AES-256-GCM with a random nonce. The context (the session, the effect) is authenticated too, so a sealed secret that was
moved to another record does not open. The length is padded, because the length of a password reveals something. To
rotate keys, put a new one in front: the first seals, all open.

A value that only has to be recognised again is kept as a fingerprint: HMAC-SHA256 under a key derived from the host's.
A plain digest of a phone number, or of six digits, could be found by trying all of them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NoReturn

from ja_reset.errors import SealError
from ja_reset.secret import Secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 32
"""AES-256."""

_NONCE_BYTES: Final = 12
_BLOCK: Final = 64
_VERSION: Final = "v1."
_FINGERPRINT: Final = "f1."
"""In front of a fingerprint: it is no sealed secret, which would have to be dropped."""
_FINGERPRINTS: Final = b"ja_reset fingerprints v1"


class Sealer:
    """Seals and opens secrets with *key*: 32 bytes, or several such keys; None: a random key of this process.

    Raises SealError for an unusable key. Its repr shows no key, and it cannot be pickled.
    """

    __slots__ = ("__ciphers", "__keys")

    def __init__(self, key: bytes | Sequence[bytes] | None) -> None:
        self.__keys = _keys(key)
        self.__ciphers: tuple[AESGCM, ...] = ()

    def seal(self, secret: Secret, context: str) -> str:
        """*secret* as URL-safe ASCII text that opens with the same key and the same *context* only."""
        nonce = os.urandom(_NONCE_BYTES)
        box = self._cipher_of_each_key()[0].encrypt(nonce, _padded(secret), _associated(context))
        return _VERSION + base64.urlsafe_b64encode(nonce + box).rstrip(b"=").decode()

    def open(self, sealed: str, context: str) -> Secret:
        """The secret in *sealed*; raises SealError, which names the likely cause and no content."""
        nonce, box = _parted(sealed)
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - loaded when first needed

        for cipher in self._cipher_of_each_key():
            try:
                plain = cipher.decrypt(nonce, box, _associated(context))
            except InvalidTag:
                continue
            return _unpadded(plain)
        msg = "a sealed secret cannot be opened: pass the key that sealed it, or restore the record if it was changed"
        raise SealError(msg)

    def fingerprint(self, secret: Secret, context: str) -> str:
        """A fingerprint of *secret* in this *context*: URL-safe ASCII that reveals nothing without the key."""
        return _fingerprint(self.__keys[0], secret, context)

    def recognises(self, fingerprint: str, secret: Secret, context: str) -> bool:
        """Whether *fingerprint* was made, with any of the keys, of this secret in this context; in constant time."""
        given = fingerprint.encode("utf-8", "surrogatepass")
        made = [_fingerprint(key, secret, context).encode() for key in self.__keys]
        return any([hmac.compare_digest(given, each) for each in made])  # noqa: C419 - a list: each is compared

    def __repr__(self) -> str:
        return "Sealer(…)"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        msg = "a Sealer cannot be pickled or copied"
        raise TypeError(msg)

    def _cipher_of_each_key(self) -> tuple[AESGCM, ...]:
        if not self.__ciphers:
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - loaded when first needed

            self.__ciphers = tuple(AESGCM(key) for key in self.__keys)
        return self.__ciphers


def _keys(key: object) -> tuple[bytes, ...]:
    if key is None:
        return (os.urandom(KEY_BYTES),)
    several: Sequence[object] = (key,) if isinstance(key, bytes) or not isinstance(key, Sequence) else key
    keys = tuple(each for each in several if isinstance(each, bytes) and len(each) == KEY_BYTES)
    if not keys or len(keys) != len(several):
        msg = f"key must be {KEY_BYTES} bytes, or a sequence of such keys"
        raise SealError(msg)
    return keys


def _associated(context: str) -> bytes:
    # the version too, so that a later format can never be read as this one
    return (_VERSION + context).encode("utf-8", "surrogatepass")


def _fingerprint(key: bytes, secret: Secret, context: str) -> str:
    own = hmac.digest(key, _FINGERPRINTS, "sha256")
    # the context is hashed, so that its end and the secret's beginning cannot be moved
    place = hashlib.sha256(_associated(context)).digest()
    made = hmac.digest(own, place + secret.reveal().encode("utf-8", "surrogatepass"), "sha256")
    return _FINGERPRINT + base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def _padded(secret: Secret) -> bytes:
    plain = secret.reveal().encode("utf-8", "surrogatepass") + b"\x80"
    return plain + bytes(-len(plain) % _BLOCK)


def _unpadded(plain: bytes) -> Secret:
    return Secret(plain.rstrip(b"\0")[:-1].decode("utf-8", "surrogatepass"))


def _parted(sealed: object) -> tuple[bytes, bytes]:
    if not isinstance(sealed, str) or not sealed.startswith(_VERSION):
        msg = "a sealed secret has an unknown format: restore the record, or use the release that sealed it"
        raise SealError(msg)
    text = sealed.removeprefix(_VERSION)
    try:
        whole = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        whole = b""
    one_spelling = base64.urlsafe_b64encode(whole).rstrip(b"=").decode() == text
    if len(whole) <= _NONCE_BYTES or not one_spelling:
        msg = "a sealed secret is damaged: restore the record"
        raise SealError(msg)
    return whole[:_NONCE_BYTES], whole[_NONCE_BYTES:]
