"""Secrets that must be stored are sealed: without the host's key, the stored text is useless (S5).

AES-256-GCM with a random nonce. The context (the session, the effect) is authenticated too, so a sealed secret that was
moved to another record does not open. The length is padded, because the length of a password reveals something. To
rotate keys, put a new one in front: the first seals, all open. A sealed secret names its key by a digest of it, so an
operator can see when an old key is no longer needed.

A value that only has to be recognised again is kept as a fingerprint: HMAC-SHA256 under a key derived from the host's.
A plain digest of a phone number, or of six digits, could be found by trying all of them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
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
_NAME_BYTES: Final = 6
_NAMES: Final = b"ja_reset names of keys v1"
_VERSION: Final = "v2."
"""In front of a sealed secret: the name of its key follows, then nonce and box."""
_UNNAMED: Final = "v1."
"""The same as release 0.1 wrote it, without the name of the key."""
_SEALED: Final = re.compile(r"(?P<front>v1\.|v2\.[A-Za-z0-9_-]{8}\.)(?P<box>[A-Za-z0-9_-]+)")
_FINGERPRINT: Final = "f1."
"""In front of a fingerprint: it is no sealed secret, which would have to be dropped."""
_FINGERPRINTS: Final = b"ja_reset fingerprints v1"
_MARKS: Final = b"ja_reset marks v1"


class Sealer:
    """Seals and opens secrets with *key*: 32 bytes, or several such keys; None: a random key of this process.

    Raises SealError for an unusable key. Its repr shows no key, and it cannot be pickled.
    """

    __slots__ = ("__ciphers", "__keys", "__marking", "key_names")

    def __init__(self, key: bytes | Sequence[bytes] | None) -> None:
        self.__keys = _keys(key)
        self.__ciphers: tuple[AESGCM, ...] = ()
        self.__marking = tuple(hmac.digest(each, _MARKS, "sha256") for each in self.__keys)
        self.key_names: tuple[str, ...] = tuple(_name(each) for each in self.__keys)

    def seal(self, secret: Secret, context: str) -> str:
        """*secret* as URL-safe ASCII text that opens with the same key and the same *context* only."""
        front, nonce = f"{_VERSION}{self.key_names[0]}.", os.urandom(_NONCE_BYTES)
        box = self._cipher_of_each_key()[0].encrypt(nonce, _padded(secret), _associated(front, context))
        return front + base64.urlsafe_b64encode(nonce + box).rstrip(b"=").decode()

    def open(self, sealed: str, context: str) -> Secret:
        """The secret in *sealed*; raises SealError, which names the likely cause and no content."""
        return self._opened(sealed, context)[1]

    def key_of(self, sealed: str, context: str) -> str:
        """The name of the key that *sealed* was sealed with; "" if nobody can tell.

        It is damaged then, of a newer format, or of release 0.1 under a key that is not here.
        """
        try:
            front, _, _ = _parted(sealed)
            return _name_in(front) or self._opened(sealed, context)[0]
        except SealError:
            return ""

    def seal_again(self, sealed: str, context: str) -> str:
        """*sealed* itself if it names the first key; otherwise its secret, sealed with the first key."""
        front, _, _ = _parted(sealed)
        return sealed if _name_in(front) == self.key_names[0] else self.seal(self.open(sealed, context), context)

    def _opened(self, sealed: str, context: str) -> tuple[str, Secret]:
        """The name of the key that opens *sealed*, and the secret."""
        front, nonce, box = _parted(sealed)
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - loaded when first needed

        for name, cipher in zip(self.key_names, self._cipher_of_each_key(), strict=True):
            if front not in {_UNNAMED, f"{_VERSION}{name}."}:
                continue
            try:
                plain = cipher.decrypt(nonce, box, _associated(front, context))
            except InvalidTag:
                continue
            return name, _unpadded(plain)
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

    def marks(self, text: str) -> tuple[str, ...]:
        """What *text* is found by, under a subkey of each key: 128 bits in URL-safe ASCII, always the same."""
        plain = text.encode("utf-8", "surrogatepass")
        made = (hmac.digest(key, plain, "sha256")[:16] for key in self.__marking)
        return tuple(base64.urlsafe_b64encode(each).rstrip(b"=").decode() for each in made)

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


def _name(key: bytes) -> str:
    """What a key is called in the store: a digest that reveals nothing of it."""
    return base64.urlsafe_b64encode(hmac.digest(key, _NAMES, "sha256")[:_NAME_BYTES]).decode()


def _associated(front: str, context: str) -> bytes:
    # the format and the key's name too, so that neither can be changed, nor a later format be read as this one
    return (front + context).encode("utf-8", "surrogatepass")


def _fingerprint(key: bytes, secret: Secret, context: str) -> str:
    own = hmac.digest(key, _FINGERPRINTS, "sha256")
    # the context is hashed, so that its end and the secret's beginning cannot be moved
    place = hashlib.sha256(_associated(_UNNAMED, context)).digest()
    made = hmac.digest(own, place + secret.reveal().encode("utf-8", "surrogatepass"), "sha256")
    return _FINGERPRINT + base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def _padded(secret: Secret) -> bytes:
    plain = secret.reveal().encode("utf-8", "surrogatepass") + b"\x80"
    return plain + bytes(-len(plain) % _BLOCK)


def _unpadded(plain: bytes) -> Secret:
    return Secret(plain.rstrip(b"\0")[:-1].decode("utf-8", "surrogatepass"))


def _parted(sealed: object) -> tuple[str, bytes, bytes]:
    """What stands in front of the box (format, and the key's name where there is one), the nonce, the box."""
    if not isinstance(sealed, str) or not sealed.startswith((_VERSION, _UNNAMED)):
        msg = "a sealed secret has an unknown format: restore the record, or use the release that sealed it"
        raise SealError(msg)
    parts = _SEALED.fullmatch(sealed)
    text = parts["box"] if parts else ""
    try:
        whole = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        whole = b""
    one_spelling = base64.urlsafe_b64encode(whole).rstrip(b"=").decode() == text
    if parts is None or len(whole) <= _NONCE_BYTES or not one_spelling:
        msg = "a sealed secret is damaged: restore the record"
        raise SealError(msg)
    return parts["front"], whole[:_NONCE_BYTES], whole[_NONCE_BYTES:]


def _name_in(front: str) -> str:
    """The key's name in what stands in front of a box; "" where release 0.1 named none."""
    return front.removeprefix(_VERSION).rstrip(".") if front.startswith(_VERSION) else ""
