"""Sealed secrets: open with the right key and context, and with nothing else."""

from __future__ import annotations

import copy
import pickle
import string
import subprocess
import sys

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from ja_reset.errors import SealError
from ja_reset.secret import Secret
from ja_reset.service._sealing import KEY_BYTES, Sealer

OLD, NEW, OTHER = (bytes([n]) * KEY_BYTES for n in (1, 2, 3))
SECRETS = st.text(max_size=200)
CONTEXTS = st.text(max_size=20)


@pytest.mark.rule("S5")
@given(secret=SECRETS, context=CONTEXTS)
@example(secret="", context="")
@example(secret="\0\x80\0", context="\ud800")
@example(secret="\ud800" + "x" * 63, context="a")
def test_what_was_sealed_opens_again(secret: str, context: str) -> None:
    """Any string comes back under the same key and context, as a Secret."""
    sealer = Sealer(NEW)
    assert Secret(secret) == sealer.open(sealer.seal(Secret(secret), context), context)


@pytest.mark.rule("S5")
@given(secret=SECRETS)
def test_sealed_text_is_plain_ascii_that_may_stand_in_a_url(secret: str) -> None:
    """Letters, digits, `-`, `_` and `.` are all there is."""
    assert set(Sealer(NEW).seal(Secret(secret), "c")) <= set(string.ascii_letters + string.digits + "-_.")


@pytest.mark.rule("S5")
@given(length=st.integers(0, 60))
def test_sealed_text_does_not_tell_the_length_of_a_password(length: int) -> None:
    """A PIN, a code and a password of any length are sealed in texts of one length."""
    sealer = Sealer(NEW)
    assert len(sealer.seal(Secret(""), "c")) == len(sealer.seal(Secret("x" * length), "c"))


@pytest.mark.rule("S5")
def test_the_same_secret_is_never_sealed_alike() -> None:
    """A hundred sealings of one secret are a hundred texts, so that equal secrets cannot be told."""
    sealer = Sealer(NEW)
    assert len({sealer.seal(Secret("4071"), "c") for _ in range(100)}) == 100


@pytest.mark.rule("S5")
@given(right=CONTEXTS, wrong=CONTEXTS)
def test_a_moved_record_does_not_open(right: str, wrong: str) -> None:
    """The context of another session or effect opens nothing, and the error says what may have happened."""
    assume(right != wrong)
    sealer = Sealer(NEW)
    with pytest.raises(SealError, match="cannot be opened"):
        sealer.open(sealer.seal(Secret("4071"), right), wrong)


@pytest.mark.rule("S5")
def test_another_key_opens_nothing() -> None:
    """A wrong key is a SealError that says so, names no content, and shows none in what it is chained to."""
    sealed = Sealer(NEW).seal(Secret("4071"), "c")
    with pytest.raises(SealError, match="cannot be opened") as caught:
        Sealer([OLD, OTHER]).open(sealed, "c")
    assert sealed not in str(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None


@pytest.mark.rule("S5")
def test_the_first_key_seals_and_all_open() -> None:
    """With a new key in front, the old one's secrets still open, and new ones need the new one."""
    old, both = Sealer(OLD), Sealer((NEW, OLD))
    assert Secret("a") == both.open(old.seal(Secret("a"), "c"), "c")
    assert Secret("b") == Sealer([NEW]).open(both.seal(Secret("b"), "c"), "c")
    with pytest.raises(SealError):
        old.open(both.seal(Secret("b"), "c"), "c")


@pytest.mark.rule("S5")
@given(place=st.integers(0), flip=st.integers(1, 127))
def test_one_changed_character_and_it_does_not_open(place: int, flip: int) -> None:
    """No change of a character, of the version, the nonce or the content, goes unseen or raises anything else."""
    sealer = Sealer(NEW)
    sealed = sealer.seal(Secret("4071"), "c")
    place %= len(sealed)
    with pytest.raises(SealError):
        sealer.open(sealed[:place] + chr(ord(sealed[place]) ^ flip) + sealed[place + 1 :], "c")


@pytest.mark.rule("S5", "A8")
@given(text=st.one_of(st.text(), st.text().map("v1.".__add__), st.text("AZaz09-_", max_size=90).map("v1.".__add__)))
@example(text="v1.")
@example(text="v1.====")
@example(text="v2.AAAA")
@example(text="v2.AAAAAAAA.")
@example(text="v2.AAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAA")
@example(text="v2.AAAAAAAA.v1.AAAAAAAAAAAAAAAAAAAAAAAA")
def test_whatever_is_no_sealed_secret_is_a_seal_error(text: str) -> None:
    """Any other text raises SealError and nothing else."""
    with pytest.raises(SealError):
        Sealer(NEW).open(text, "c")


@pytest.mark.parametrize("wrong", [None, 7, b"v1.AAAA", Secret("v1.AAAA")])
def test_what_is_no_text_is_a_seal_error(wrong: str) -> None:
    """A damaged record may hold anything in place of the text."""
    with pytest.raises(SealError):
        Sealer(NEW).open(wrong, "c")


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        NEW[:-1],
        NEW + b"x",
        "x" * KEY_BYTES,
        bytearray(NEW),
        [],
        [NEW, b""],
        [NEW, "x" * 32],
        [NEW, None],
        32,
        {NEW},
    ],
)
def test_what_is_no_key_is_refused(wrong: bytes) -> None:
    """A key has exactly 32 bytes, and there is at least one; the error shows nothing of what was given."""
    with pytest.raises(SealError, match=r"^key must be 32 bytes, or a sequence of such keys$"):
        Sealer(wrong)


def test_no_key_means_one_of_this_sealer_alone() -> None:
    """Without a key a random one is taken: it opens its own, and another sealer does not."""
    sealer = Sealer(None)
    sealed = sealer.seal(Secret("4071"), "c")
    assert Secret("4071") == sealer.open(sealed, "c")
    with pytest.raises(SealError):
        Sealer(None).open(sealed, "c")


@pytest.mark.rule("S5", "A7")
def test_a_sealer_shows_nothing_of_its_keys() -> None:
    """Neither repr, nor format, nor pickling, nor copying lets a key out."""
    sealer = Sealer(b"0123456789abcdef" * 2)
    assert "Sealer(…)" == repr(sealer) == str(sealer) == f"{sealer}"
    for take in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            take(sealer)
    with pytest.raises(TypeError):
        vars(sealer)


def test_cryptography_is_imported_when_the_first_secret_is_sealed() -> None:
    """Making a Sealer checks its keys and loads nothing."""
    script = (
        "import sys; from ja_reset.service._sealing import Sealer; from ja_reset.secret import Secret\n"
        "sealer = Sealer(None); before = 'cryptography' in sys.modules\n"
        "sealer.seal(Secret('x'), 'c'); print(before, 'cryptography' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)  # noqa: S603 - ourselves
    assert done.stdout.split() == ["False", "True"]


# Fingerprints -----------------------------------------------------------------------------------------------


@pytest.mark.rule("S5", "P3")
@given(st.text(), st.text(), st.text(), st.text())
def test_a_fingerprint_is_that_of_one_secret_in_one_context(one: str, other: str, here: str, there: str) -> None:
    """The same secret in the same context is recognised, and nothing else is; it is the same each time."""
    sealer = Sealer(bytes(32))
    made = sealer.fingerprint(Secret(one), here)
    assert made == sealer.fingerprint(Secret(one), here)
    assert (one == other) == sealer.recognises(made, Secret(other), here)
    assert (here == there) == sealer.recognises(made, Secret(one), there)


@pytest.mark.rule("S5", "P3")
def test_every_key_recognises_and_the_first_makes_fingerprints() -> None:
    """After a rotation what the old key made is still recognised; another key recognises nothing."""
    old, new, other = bytes(32), bytes([1]) * 32, bytes([2]) * 32
    made = Sealer(old).fingerprint(Secret("090"), "call")
    rotated = Sealer((new, old))
    assert [True, False] == [each.recognises(made, Secret("090"), "call") for each in (rotated, Sealer((new, other)))]
    assert Sealer(new).fingerprint(Secret("090"), "call") == rotated.fingerprint(Secret("090"), "call") != made


@pytest.mark.rule("S5")
@pytest.mark.parametrize("text", ["", "v1.", "v2.abc", "é", "\ud800", "A" * 1000])
def test_what_is_no_fingerprint_recognises_nothing(text: str) -> None:
    """A damaged one is that of no secret, and raises nothing."""
    assert not Sealer(bytes(32)).recognises(text, Secret("090"), "call")


@pytest.mark.rule("S5")
def test_the_end_of_a_context_is_not_the_beginning_of_a_secret() -> None:
    """What is moved from one to the other makes another fingerprint."""
    sealer = Sealer(bytes(32))
    assert sealer.fingerprint(Secret("bc"), "a") != sealer.fingerprint(Secret("c"), "ab")


OF_0_1 = (
    "v1.IKIEggiZYWXr5yEJQQZLHrdrfiU1scsAckRBa5esO8j8G7mI6FwEn1_vT_2zo1gYSiYA-oecqcKky5uaX94HfzOVw-rrBjd0QrgVHdHJ6aWKrJ"
    "JJbcH0y5xddMw"
)
"""What release 0.1 made of the secret 4071 in the context c, with the key OLD."""


@pytest.mark.rule("S5", "S4")
def test_what_0_1_sealed_opens_and_is_sealed_again() -> None:
    """It names no key, so every key is tried; sealed again it names the first, and needs it."""
    both = Sealer([NEW, OLD])
    again = both.seal_again(OF_0_1, "c")
    assert Secret("4071") == both.open(OF_0_1, "c") == Sealer(NEW).open(again, "c")
    assert (both.key_names[1], both.key_names[0]) == (both.key_of(OF_0_1, "c"), both.key_of(again, "c"))
    assert "" == Sealer(NEW).key_of(OF_0_1, "c")  # nobody knows whose it is


@pytest.mark.rule("S5")
def test_a_sealed_secret_says_which_key_it_needs() -> None:
    """The name is the same for whoever has the key or has not, differs from key to key, and is none of its bytes."""
    sealed = Sealer(OLD).seal(Secret("4071"), "c")
    names = {Sealer(key).key_of(sealed, "c") for key in (OLD, NEW, (NEW, OTHER))}
    assert {Sealer(OLD).key_names[0]} == names
    assert 3 == len({Sealer(key).key_names for key in (OLD, NEW, OTHER)})
    assert Sealer(OLD).seal_again(sealed, "c") == sealed


@pytest.mark.rule("S5")
def test_the_name_of_a_key_cannot_be_changed() -> None:
    """A secret that says it was sealed by another key of the same host does not open: the name is authenticated."""
    both = Sealer([NEW, OLD])
    sealed = Sealer(OLD).seal(Secret("4071"), "c")
    with pytest.raises(SealError, match="cannot be opened"):
        both.open(sealed.replace(both.key_names[1], both.key_names[0]), "c")
