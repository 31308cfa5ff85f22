# ruff: noqa: SIM300 - expected == actual (house style)
"""What every gateway's adapter must do, as a test class.

Subclass it with your own adapter::

    class TestOurGateway(GatewayContract):
        def read_call(self, number, *, call_id="call-1", received_at=None):
            return ours.read_call(our_report(number, call_id), received_at=received_at)

        def read_keys(self, digits, *, call_id="call-1", received_at=None): ...
        def read_end(self, *, call_id="call-1", received_at=None): ...
        def reply(self, result, *, language="ja"): ...

Each builds a genuine report of your gateway and reads it. An adapter that passes never makes a number of what proves
none, and shows neither numbers nor keys. Needs pytest.
"""

from __future__ import annotations

import random
import traceback
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Final

import attrs
import pytest

from ja_reset.bank._script import Gather, HangUp, Reject, Say, SayDigits
from ja_reset.bank._values import Call, CallResult, CallStatus
from ja_reset.errors import InvalidArgument
from ja_reset.proofs.caller import Evidence, evidence
from ja_reset.secret import Secret
from ja_reset.telephony import Ended, Keys, UnreadableReport
from ja_reset.testing.spellings import MOBILE, SHARED, Spelling
from ja_reset.text import Text

WHEN: Final = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)
CODE: Final = "472913"
_SPOILS: Final = "0123456789+-()*#;:@=%?&<>\"'\\/., \t\r\n\0\x7fabXE\u00e9\u3000０９\u0660\u200b\u202e"


class GatewayContract:
    """The behaviour of a gateway's adapter; see the module for how to use it."""

    own_spellings: ClassVar[tuple[Spelling, ...]] = ()
    """What this gateway alone puts in the place of the number."""
    not_sent: ClassVar[frozenset[str]] = frozenset()
    """Shared spellings that this gateway can never send, and that its adapter may refuse."""
    digits_apart: ClassVar[bool] = True
    """Whether the digits of a code must stand apart in a reply; not where its form says that they are read singly."""

    def read_call(self, number: str | None, *, call_id: str = "call-1", received_at: datetime | None = None) -> Call:
        """Read a genuine report of a call; *number* stands in the place of the caller's number, None: it is missing."""
        raise NotImplementedError

    def read_keys(self, digits: str, *, call_id: str = "call-1", received_at: datetime | None = None) -> Keys:
        """Read a genuine report of one entry of keys."""
        raise NotImplementedError

    def read_end(self, *, call_id: str = "call-1", received_at: datetime | None = None) -> Ended:
        """Read a genuine report of a call's end."""
        raise NotImplementedError

    def reply(self, result: CallResult, *, language: str = "ja") -> str:
        """The answer to the gateway, as one text."""
        raise NotImplementedError

    # What a caller's number proves ----------------------------------------------------------------------------------

    @pytest.mark.rule("P3")
    def test_each_spelling_proves_what_it_proves(self) -> None:
        """A number is read as itself; what proves nothing proves nothing, for the right reason or refused."""
        wrong = []
        for spelling in (*SHARED, *self.own_spellings):
            expected = (spelling.number, spelling.refusal)
            found = self._evidence(spelling.text)
            if found is None:
                may_refuse = (
                    spelling.refusal is not None
                    or not (spelling.text or "").isascii()
                    or spelling.text in self.not_sent
                )
                if not may_refuse:
                    wrong.append(f"{spelling}: refused")
            elif expected != (found.number, found.refusal):
                wrong.append(f"{spelling}: {found.number!r}, {found.refusal!r}")
        assert [] == wrong

    @pytest.mark.rule("P3")
    def test_a_stand_in_is_never_passed_on_as_a_number(self) -> None:
        """What stands for a withheld or unavailable number leaves no number in the call."""
        passed = []
        for spelling in (*SHARED, *self.own_spellings):
            if spelling.refusal in {"withheld", "unavailable"} and "cpc=" not in (spelling.text or ""):
                try:
                    call = self.read_call(spelling.text)
                except UnreadableReport:
                    continue
                if call.number is not None:
                    passed.append(spelling.text)
        assert [] == passed

    @pytest.mark.rule("P3")
    def test_a_spoilt_number_is_never_read_as_another(self) -> None:
        """With characters dropped, doubled, swapped or put in, a number is read as what it spells, or not at all."""
        chance = random.Random(17)  # noqa: S311 - test data
        forms = [spelling.text for spelling in (*SHARED, *self.own_spellings) if spelling.text and spelling.number]
        wrong = []
        for _ in range(2000):
            text = spoilt(chance.choice(forms), chance)
            found = self._evidence(text)
            if found is not None and found.number is not None and not spells(text, found.number):
                wrong.append((text, found.number))
        assert [] == wrong

    @pytest.mark.rule("P3")
    @pytest.mark.parametrize("text", ["9" * 600, "+" * 5000, "0" * 100_000, "tel:" + ";a=b" * 2000])
    def test_an_overlong_number_is_refused(self, text: str) -> None:
        """What is longer than any number proves nothing, and takes no time."""
        found = self._evidence(text)
        assert found is None or found.number is None

    @pytest.mark.parametrize("text", ["0901234\x005678", "090\r\n12345678", "+8190\u0661\u0662345678", "\ud800"])
    def test_control_and_foreign_characters_prove_nothing(self, text: str) -> None:
        """A number with a control character, a foreign digit or half a character is refused or not read."""
        found = self._evidence(text)
        assert found is None or found.number is None

    # What is reported -----------------------------------------------------------------------------------------------

    def test_the_same_report_is_read_the_same(self) -> None:
        """Reading depends on the report alone."""
        assert self.read_call(MOBILE, received_at=WHEN) == self.read_call(MOBILE, received_at=WHEN)

    def test_a_call_its_keys_and_its_end_have_one_id(self) -> None:
        """The service finds the call again by its id; two calls have two."""
        first, second = self.read_call(MOBILE, call_id="call-1").id, self.read_call(MOBILE, call_id="call-2").id
        assert first != second
        assert first == self.read_keys(CODE, call_id="call-1").call_id
        assert first == self.read_end(call_id="call-1").call_id

    def test_a_call_without_an_id_is_refused(self) -> None:
        """Nobody could find it again, and a retry would be another call."""
        for read in (self.read_call, self.read_keys):
            with pytest.raises((UnreadableReport, InvalidArgument)):
                read(MOBILE, call_id="")
        with pytest.raises((UnreadableReport, InvalidArgument)):
            self.read_end(call_id="")

    @pytest.mark.rule("P2")
    def test_the_time_of_arrival_is_passed_on(self) -> None:
        """The time that counts is when the report reached the gateway, as the host says; it is never made up."""
        tokyo = WHEN.astimezone(tz=None)
        for read in (lambda at: self.read_call(MOBILE, received_at=at), lambda at: self.read_keys("1", received_at=at)):
            assert WHEN == read(tokyo).received_at
        assert WHEN == self.read_end(received_at=tokyo).received_at

    @pytest.mark.rule("P4")
    @pytest.mark.parametrize("digits", ["", "1", "000000", "*123456#", "9", "12", CODE])
    def test_keys_are_passed_on_as_they_were_pressed(self, digits: str) -> None:
        """No key is dropped, and an entry is never read as a number: 007 is not 7."""
        assert Secret(digits) == self.read_keys(digits).digits

    @pytest.mark.parametrize("digits", ["12 34", "１２３", "1\n2", "x", "1" * 500, "-1", "1e5"])
    def test_what_no_keypad_has_is_refused(self, digits: str) -> None:
        """Anything but keys is no entry."""
        with pytest.raises(UnreadableReport):
            self.read_keys(digits)

    @pytest.mark.rule("S5", "S7")
    def test_nothing_shows_a_number_or_keys(self) -> None:
        """Neither the values nor the errors quote the caller's number or what was pressed."""
        told = [repr(self.read_call(MOBILE)), repr(self.read_keys(CODE)), repr(self.read_end())]
        for make in (
            lambda: self.read_call(f"{MOBILE}\0"),
            lambda: self.read_call(f"{MOBILE}é"),
            lambda: self.read_call(MOBILE * 100),
            lambda: self.read_keys(f"{CODE}x"),
            lambda: self.read_keys(CODE * 100),
        ):
            try:
                told.append(repr(make()))
            except UnreadableReport as error:
                told.append("".join(traceback.format_exception(error)) + repr(vars(error)))
        digits = MOBILE.removeprefix("+81")
        assert [] == [each for each in told if digits in each or CODE in each]

    # What is answered -----------------------------------------------------------------------------------------------

    @pytest.mark.rule("P4")
    @pytest.mark.parametrize("language", ["ja", "en"])
    def test_the_script_is_rendered_in_the_language_that_is_asked_for(self, language: str) -> None:
        """Each text is there in that language alone, and each digit of the code in its order."""
        result = scripted(
            Say(Text("こちらは銀行です", "This is the bank")),
            SayDigits(Secret(CODE)),
            Gather(most=6, silence=timedelta(seconds=10)),
        )
        reply = self.reply(result, language=language)
        ours, others = ("こちらは銀行です", "This is the bank")[:: 1 if language == "ja" else -1]
        assert ours in reply
        assert others not in reply
        assert (CODE not in reply) is self.digits_apart

    @pytest.mark.rule("P4")
    def test_what_is_to_be_heard_to_its_end_is_rendered_as_such(self) -> None:
        """Keys are not gathered while it is said: the answer differs from the one where they are, and says the same."""
        said, silence = Say(Text("注意", "warning")), timedelta(seconds=10)
        during, after = (
            self.reply(scripted(said, Gather(most=6, silence=silence, after_speech=each))) for each in (False, True)
        )
        assert during != after
        assert 1 == during.count("注意") == after.count("注意")

    @pytest.mark.parametrize("status", list(CallStatus))
    def test_an_answer_without_a_script_is_rendered_too(self, status: CallStatus) -> None:
        """A host may make an answer of its own, and leave the script out."""
        assert self.reply(CallResult(status))

    @pytest.mark.parametrize("step", [HangUp(), Reject(2), Reject(3)])
    def test_a_call_is_ended(self, step: HangUp | Reject) -> None:
        """Each way to end a call is rendered, and not as the other."""
        assert self.reply(scripted(step)) != self.reply(scripted(Gather(most=6, silence=timedelta(seconds=5))))

    def test_what_is_said_has_no_control_characters(self) -> None:
        """A text of the host's own cannot end a line, or an element, of the gateway's language."""
        said = "あ\0い\x1b[0mう\r\nえ\u2028お\ud800"
        reply = self.reply(scripted(Say(Text(said, said)), HangUp()))
        plain = self.reply(scripted(Say(Text("あ", "a")), HangUp()))
        assert plain.count("\n") == reply.count("\n")
        assert "\x00" not in reply
        assert "\x1b" not in reply
        reply.encode()

    def _evidence(self, text: str | None) -> Evidence | None:
        """What the number of a report with that text proves; None if the report is refused."""
        try:
            return evidence(self.read_call(text))
        except UnreadableReport:
            return None


def proof(call: Call) -> Evidence:
    """What the number of a call proves to the service: its E.164 number, and the reason code why not, if any (P3)."""
    return evidence(call)


def scripted(*steps: Say | SayDigits | Gather | HangUp | Reject) -> CallResult:
    """An answer with that script."""
    return attrs.evolve(CallResult(CallStatus.ANNOUNCE), script=steps)


def spoilt(text: str, chance: random.Random) -> str:
    """*text* with one to three characters dropped, doubled, swapped with their neighbour, replaced or put in."""
    signs = list(text)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(signs) + 1)
        act = chance.randrange(5)
        if act == 0:
            del signs[at : at + 1]
        elif act == 1:
            signs[at:at] = signs[at : at + 1]
        elif act == 2:  # noqa: PLR2004 - the third act
            signs[at : at + 2] = reversed(signs[at : at + 2])
        else:
            signs[at : at + (act == 3)] = chance.choice(_SPOILS)  # noqa: PLR2004 - the fourth replaces
    return "".join(signs)


def spells(text: str, number: str) -> bool:
    """Whether *text*, told by its digits alone, spells that E.164 number: another way to read than the library's own.

    Of a URI only what stands before the first parameter and the host counts.
    """
    user = text
    for scheme in ("tel:", "sips:", "sip:"):
        if user.strip().lower().startswith(scheme):
            user = user.strip()[len(scheme) :].partition("@")[0].partition(";")[0]
            user = user.replace("%2B", "+").replace("%2b", "+")
            for escape in (f"%3{n}" for n in range(10)):
                user = user.replace(escape, escape[-1])
    kept = "".join(sign for sign in user.replace("＋", "+") if sign == "+" or sign.isdecimal())
    if "+" in kept[1:]:
        return False
    digits = "".join(str(int(sign)) for sign in kept if sign != "+")
    national = number.removeprefix("+81")
    abroad = {f"81{national}", f"810{national}"}
    written = abroad if kept.startswith("+") else {f"0{national}", *(f"00{each}" for each in abroad)}
    return digits in written
