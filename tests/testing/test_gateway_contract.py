"""The contract of gateways finds what adapters written by hand do wrong; a careful one passes it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from ja_reset import Call, CallResult, CallSource, Gather, HangUp, Presentation, Reject, Say, SayDigits
from ja_reset.telephony import Ended, Fault, Keys, UnreadableReport
from ja_reset.telephony._callers import presented
from ja_reset.telephony._fields import LONGEST_ID, LONGEST_NUMBER, Fields
from ja_reset.testing.gateway_contract import GatewayContract, proof, spells
from ja_reset.testing.spellings import SHARED
from telephone_data import DATA, spellings_of


class Careful(GatewayContract):
    """An adapter of a gateway that reports three plain fields."""

    def read_call(self, number: str | None, *, call_id: str = "call-1", received_at: datetime | None = None) -> Call:
        """Read whole, with what a stand-in means."""
        fields = Fields("ours", {"id": call_id, "number": number})
        found = presented(fields.get("number", longest=LONGEST_NUMBER))
        return Call(
            id=fields.required("id", longest=LONGEST_ID),
            number=found.number,
            source=CallSource.NETWORK,
            received_at=received_at,
            presentation=found.presentation,
        )

    def read_keys(self, digits: str, *, call_id: str = "call-1", received_at: datetime | None = None) -> Keys:
        """As they were pressed."""
        fields = Fields("ours", {"id": call_id, "digits": digits})
        call = fields.required("id", longest=LONGEST_ID)
        return Keys(call_id=call, digits=fields.keys("digits"), received_at=received_at)

    def read_end(self, *, call_id: str = "call-1", received_at: datetime | None = None) -> Ended:
        """By its id."""
        call = Fields("ours", {"id": call_id}).required("id", longest=LONGEST_ID)
        return Ended(call_id=call, received_at=received_at)

    def reply(self, result: CallResult, *, language: str = "ja") -> str:
        """A line of words."""
        told = []
        for step in result.script or (HangUp(),):
            if isinstance(step, Say):
                told.append("".join(sign if sign.isprintable() else " " for sign in step.text.get(language)))
            elif isinstance(step, SayDigits):
                told.append(" ".join(step.digits.reveal()))
            elif isinstance(step, Gather):
                told.append(f"{'then ' * step.after_speech}Gather")
            else:
                told.append("reject" if isinstance(step, Reject) else type(step).__name__)
        return "; ".join(told)


class TestCareful(Careful):
    """A careful adapter passes."""


class AsItCame(Careful):
    """Passes on whatever stands in the place of the number."""

    def read_call(self, number: str | None, *, call_id: str = "call-1", received_at: datetime | None = None) -> Call:
        """Without looking at it."""
        return Call(id=call_id, number=number, source=CallSource.NETWORK, received_at=received_at)


class DigitsAlone(Careful):
    """Drops what is no digit, and takes what is left for a number of Japan's."""

    def read_call(self, number: str | None, *, call_id: str = "call-1", received_at: datetime | None = None) -> Call:
        """The last digits."""
        digits = "".join(sign for sign in number or "" if sign.isdecimal())[-10:]
        text = f"+81{digits}" if digits else None
        shown = Presentation.ALLOWED if digits else Presentation.UNAVAILABLE
        return Call(id=call_id, number=text, source=CallSource.NETWORK, received_at=received_at, presentation=shown)


class Refuses(Careful):
    """Refuses everything but E.164."""

    def read_call(self, number: str | None, *, call_id: str = "call-1", received_at: datetime | None = None) -> Call:
        """Too strict to be of use."""
        if number is not None and not number.startswith("+81"):
            raise Fields("ours", ()).refused(Fault.MALFORMED, "number")
        return super().read_call(number, call_id=call_id, received_at=received_at)


class KeysAsNumber(Careful):
    """Reads keys as a number."""

    def read_keys(self, digits: str, *, call_id: str = "call-1", received_at: datetime | None = None) -> Keys:
        """007 becomes 7."""
        keys = super().read_keys(digits, call_id=call_id, received_at=received_at)
        plain = keys.digits.reveal().strip("*#")
        return Keys(call_id=keys.call_id, digits=str(int(plain)) if plain else "", received_at=keys.received_at)


class Talkative(Careful):
    """Quotes the number in its errors."""

    def read_call(self, number: str | None, *, call_id: str = "call-1", received_at: datetime | None = None) -> Call:
        """As many programs do."""
        try:
            return super().read_call(number, call_id=call_id, received_at=received_at)
        except UnreadableReport as error:
            error.add_note(f"the number was {number!r}")
            raise


class OneId(Careful):
    """Gives every call the same id."""

    def read_call(self, number: str | None, *, call_id: str = "call-1", received_at: datetime | None = None) -> Call:
        """That of the line."""
        return super().read_call(number, call_id=call_id and "line-1", received_at=received_at)


class Clockless(Careful):
    """Leaves the time of arrival out."""

    def read_keys(self, digits: str, *, call_id: str = "call-1", received_at: datetime | None = None) -> Keys:
        """As if it were now."""
        del received_at
        return super().read_keys(digits, call_id=call_id)


class Japanese(Careful):
    """Speaks Japanese alone, and a code as a number."""

    def reply(self, result: CallResult, *, language: str = "ja") -> str:
        """Whatever is asked for."""
        del language
        return super().reply(result).replace("4 7 2 9 1 3", "472913")


class AlwaysListens(Careful):
    """Takes keys whenever they come."""

    def reply(self, result: CallResult, *, language: str = "ja") -> str:
        """Whatever is to be heard first."""
        return super().reply(result, language=language).replace("then ", "")


class Raw(Careful):
    """Puts texts into its answer as they are."""

    def reply(self, result: CallResult, *, language: str = "ja") -> str:
        """Line ends included."""
        said = [step.text.get(language) for step in result.script if isinstance(step, Say)]
        return "\n".join([super().reply(result, language=language), *said])


C = GatewayContract


@pytest.mark.parametrize(
    ("adapter", "test"),
    [
        (AsItCame, C.test_a_stand_in_is_never_passed_on_as_a_number),
        (DigitsAlone, C.test_each_spelling_proves_what_it_proves),
        (DigitsAlone, C.test_a_spoilt_number_is_never_read_as_another),
        (Refuses, C.test_each_spelling_proves_what_it_proves),
        (KeysAsNumber, lambda suite: C.test_keys_are_passed_on_as_they_were_pressed(suite, "000000")),
        (Talkative, C.test_nothing_shows_a_number_or_keys),
        (OneId, C.test_a_call_its_keys_and_its_end_have_one_id),
        (Clockless, C.test_the_time_of_arrival_is_passed_on),
        (Japanese, lambda suite: C.test_the_script_is_rendered_in_the_language_that_is_asked_for(suite, "ja")),
        (Japanese, lambda suite: C.test_the_script_is_rendered_in_the_language_that_is_asked_for(suite, "en")),
        (AlwaysListens, C.test_what_is_to_be_heard_to_its_end_is_rendered_as_such),
        (Raw, C.test_what_is_said_has_no_control_characters),
    ],
    ids=range(12),
)
def test_a_careless_adapter_fails(adapter: type[GatewayContract], test: Callable[[Any], None]) -> None:
    """Each mistake is found by the test that is about it."""
    with pytest.raises(AssertionError):
        test(adapter())


def test_there_are_thirty_spellings_that_all_share() -> None:
    """Each once, each with the document that it is from; among them every kind of proof and of no proof."""
    assert len(SHARED) >= 30
    assert len({each.text for each in SHARED}) == len(SHARED)
    assert all(each.source for each in SHARED)
    refusals = {None, "withheld", "unavailable", "voip", "attestation", "wrong_number"}
    assert refusals == {each.refusal for each in SHARED}


@pytest.mark.parametrize("gateway", sorted(path.stem for path in DATA.glob("*.json")))
def test_each_gateway_has_ten_spellings_of_its_own(gateway: str) -> None:
    """Beside those that all share, each with the document that it is from."""
    own = spellings_of(gateway)
    assert len({each.text for each in own} - {each.text for each in SHARED}) >= 10
    assert all(each.source for each in own)


@pytest.mark.parametrize("text", [each.text for each in SHARED if each.text and each.number], ids=repr)
def test_the_other_way_to_read_a_number_agrees(text: str) -> None:
    """What the suite compares spoilt numbers with reads each shared spelling as the library does."""
    number = proof(Call(id="c", number=text, source=CallSource.NETWORK)).number
    assert number is not None
    assert spells(text, number)
    assert not spells(text, "+819000000000")
