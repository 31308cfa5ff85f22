"""What the gateway says and gathers, as a script: from the answer to a call or to keys, in the catalogue's words (P12).

A call that is not answered is rejected in the same way whatever the reason, so that a stranger learns nothing from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import attrs

from ja_reset.bank._script import Gather, HangUp, Reject, Say, SayDigits, Step
from ja_reset.bank._values import CallStatus
from ja_reset.chart.session import Refusal
from ja_reset.policies import Policies
from ja_reset.screens._call_texts import DOES, spoken
from ja_reset.screens._named import NOTHING_TOLD
from ja_reset.secret import Secret
from ja_reset.service._config import Config
from ja_reset.service._institution import name_of
from ja_reset.service._resolver import FactResolver
from ja_reset.text import Text

RINGS: Final = 3
"""P4: the manual, 電話番号認証: 2～3コール, as the screen says too."""
_SWITCH: Final = 2
"""Keys beside the code: what a dial-pulse line's switch to tones leaves in front of it (P4)."""
_UNKNOWN: Final = 40
"""The keys gathered where the length of the code is not known, as the bank gives no answer."""


NOT_CONFIRMED: Final = Refusal("not_confirmed")
_ENDS: Final[Mapping[tuple[tuple[str, str | None], ...], str]] = {
    (("wrong_code", None),): "call.over",
    (("not_me", None),): "call.disowned",
}
"""What is said where keys end the call for these reasons."""


@attrs.frozen(eq=False, repr=False)
class _Voice:
    """Who speaks: the institution, in its words where it has some."""

    policies: Policies
    texts: Mapping[str, Text]
    told: Mapping[str, Text] = NOTHING_TOLD

    @classmethod
    def of(cls, config: Config, work: FactResolver | None) -> _Voice:
        """The voice of the session's institution; without a session, that of the service."""
        if work is None or work.institution is None:
            return cls(config.policies, config.texts)
        told = {"institution": name_of(work.institution), "procedure": work.chart.title}
        return cls(work.policies, work.texts, told)

    def say(self, *keys: str) -> Say:
        """Says the text of the first of *keys* that there is."""
        return Say(spoken(keys, self.policies, self.texts, self.told))

    def gather(self, most: int, *, after_speech: bool = False) -> Gather:
        """Gathers at most *most* keys."""
        return Gather(most=most, silence=self.policies.phone.keys_silence, after_speech=after_speech)


def at_call(config: Config, work: FactResolver | None, status: CallStatus, code: Secret | None) -> tuple[Step, ...]:
    """What is done with a call: it is answered and announced, or not answered at all.

    *code* is said if there is one; otherwise the customer reads it on the screen.
    """
    if status is not CallStatus.ANNOUNCE or work is None:
        return (Reject(RINGS),)
    voice = _Voice.of(config, work)
    most = work.policies.phone.code_length + _SWITCH
    gather = voice.gather(most)
    confirms, disowns = _confirms(work), work.policies.phone.not_me_key is not None
    asks = (voice.say("call.confirm"), gather) if confirms else (*_asks(voice, code), gather)
    warned = (*asks[:-1], voice.gather(most, after_speech=confirms))  # P4: the key proves nothing before the warning
    return (
        voice.say("call.greeting"),
        voice.say(f"{DOES}.{work.chart.name}", DOES),
        voice.say("call.pressure"),
        *((voice.say("call.not_me"),) if disowns else ()),
        voice.say("call.dial_line"),
        *warned,
        *asks,
        voice.say("call.no_key" if confirms else "call.no_keys"),
        HangUp(),
    )


def _confirms(work: FactResolver | None) -> bool:
    """Whether the call that was answered asks for no code, only to be confirmed (P4)."""
    answered = None if work is None else work.session.kept.answered
    return answered is not None and not answered.code


def _asks(voice: _Voice, code: Secret | None) -> Iterator[Step]:
    if code is None:
        yield voice.say("call.key_in_displayed")
        return
    yield from (voice.say("call.code"), SayDigits(code), voice.say("call.code_again"), SayDigits(code))
    yield voice.say("call.key_in")


def at_keys(
    config: Config, work: FactResolver | None, status: CallStatus, reasons: tuple[Refusal, ...], left: int | None
) -> tuple[Step, ...]:
    """What is said after an entry of keys; *left* are the tries left in this call after a wrong one."""
    voice = _Voice.of(config, work)
    match status:
        case CallStatus.VERIFIED:
            return voice.say("call.proved"), HangUp()
        case CallStatus.RETRY:
            count, confirms = str(left), _confirms(work)
            voice = attrs.evolve(voice, told={"tries_left": Text(count, count)})
            silent = "call.not_processed" if left is None else "call.wrong"
            said = voice.say("call.not_confirmed" if NOT_CONFIRMED in reasons else silent)
            most = _UNKNOWN if work is None else work.policies.phone.code_length + _SWITCH
            return said, voice.gather(most), voice.say("call.no_key" if confirms else "call.no_keys"), HangUp()
        case CallStatus.REFUSED:
            ends = _ENDS.get(tuple((each.code, each.detail) for each in reasons), "call.stopped")
            return voice.say(ends), HangUp()
        case _:
            return (HangUp(),)
