"""The steps of a path as data: to be played, printed in both languages, or exported as JSON.

Each step belongs to one of two sessions of the same customer, the `first` or its `rival`. In typed data, `{phone}` is
the first phone that the session was offered, because its id is random.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Final

import attrs

from ja_reset.text import Text

FIRST: Final = "first"
RIVAL: Final = "rival"
PHONE: Final = "{phone}"
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_WHO: Final = {FIRST: Text("", ""), RIVAL: Text("（別のセッションで）", "(in a second session) ")}


def _frozen(mapping: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(mapping))


@attrs.frozen(kw_only=True)
class PathStep(ABC):
    """Something that somebody does. `who`: in which of the two sessions."""

    kind: ClassVar[str]
    who: str = FIRST

    @abstractmethod
    def words(self) -> Text:
        """What is done, in both languages, without secrets."""

    def says(self) -> Text:
        """The same, with whose session it is."""
        who, words = _WHO[self.who], self.words()
        return Text(who.ja + words.ja, who.en + words.en)

    def to_dict(self) -> dict[str, object]:
        """Plain JSON."""
        return {"kind": self.kind, **attrs.asdict(self, value_serializer=_plain)}


def _plain(_instance: object, _attribute: object, value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, tuple):
        return [step.to_dict() if isinstance(step, PathStep) else step for step in value]
    return value


@attrs.frozen(kw_only=True)
class Start(PathStep):
    """A session begins."""

    kind: ClassVar[str] = "start"

    def words(self) -> Text:
        """See `PathStep.words`."""
        return Text("手続きを始める", "start the procedure")


@attrs.frozen(kw_only=True)
class Send(PathStep):
    """A form or a button. `meanwhile`: what happens while the bank is asked by it."""

    kind: ClassVar[str] = "send"
    event: str
    data: Mapping[str, str] = attrs.field(default=_NOTHING, converter=_frozen, repr=False, hash=False)
    wrong: tuple[str, ...] = ()
    meanwhile: tuple[PathStep, ...] = ()

    def words(self) -> Text:
        """See `PathStep.words`."""
        ja, en = f"{self.event} を送る", f"send {self.event}"
        if self.wrong:
            names = ", ".join(self.wrong)
            ja, en = f"{ja}（誤り: {names}）", f"{en} ({names} being wrong)"
        if self.meanwhile:
            inner = [step.says() for step in self.meanwhile]
            ja += "。その照会中に " + "、".join(text.ja for text in inner)
            en += "; while the bank is asked: " + ", ".join(text.en for text in inner)
        return Text(ja, en)


@attrs.frozen(kw_only=True)
class Dial(PathStep):
    """A call. `caller`: a value of `telephone.Caller`; `seconds`: when it reached the gateway, from now."""

    kind: ClassVar[str] = "dial"
    caller: str = "chosen"
    seconds: float = 0
    right_line: bool = True
    attestation: str | None = "A"
    named: bool = False

    def words(self) -> Text:
        """See `PathStep.words`."""
        ja, en = f"電話をかける（{self.caller}）", f"call ({self.caller})"
        if not self.right_line:
            ja, en = ja + "、別の番号あて", en + " on another line"
        if self.attestation is None:
            ja, en = ja + "、証明なし", en + " without attestation"
        if self.seconds:
            ja, en = ja + f"、{self.seconds:g} 秒", en + f", {self.seconds:+g} s"
        return Text(ja, en)


@attrs.frozen(kw_only=True)
class Press(PathStep):
    """Keys in the last call: the code that was told, or another; or `keys`."""

    kind: ClassVar[str] = "press"
    right: bool = True
    seconds: float = 0
    keys: str = ""

    def words(self) -> Text:
        """See `PathStep.words`."""
        ja, en = ("確認番号を押す", "key in the code") if self.right else ("違う番号を押す", "key in another code")
        if self.keys:
            ja, en = f"{self.keys} を押す", f"press {self.keys}"
        if self.seconds:
            ja, en = ja + f"、{self.seconds:g} 秒", en + f", {self.seconds:+g} s"
        return Text(ja, en)


@attrs.frozen(kw_only=True)
class HangUp(PathStep):
    """The last call ends."""

    kind: ClassVar[str] = "hang_up"

    def words(self) -> Text:
        """See `PathStep.words`."""
        return Text("電話を切る", "hang up")


@attrs.frozen(kw_only=True)
class Wait(PathStep):
    """The clock goes on by `seconds`, or back, and the page looks."""

    kind: ClassVar[str] = "wait"
    seconds: float

    def words(self) -> Text:
        """See `PathStep.words`."""
        if self.seconds < 0:
            return Text(f"時計が {-self.seconds:g} 秒戻る", f"the clock goes back by {-self.seconds:g} s")
        return Text(f"{self.seconds:g} 秒待つ", f"wait {self.seconds:g} s")


@attrs.frozen(kw_only=True)
class BankDoes(PathStep):
    """Something happens to the bank: `lock`, `forget`, `refuse`, `not_checked`, `policy` (see `figures`), or silence.

    `silent` with a `method`: that gives no answer the next time. `tells` with a `fact` of the chart's own and the name
    of one of its `values`: that is what the bank tells from then on.
    """

    kind: ClassVar[str] = "bank"
    what: str
    method: str = ""
    figures: Mapping[str, object] = attrs.field(factory=dict, hash=False)
    fact: str = ""
    value: str = ""

    def words(self) -> Text:
        """See `PathStep.words`."""
        return {
            "tells": Text(f"銀行の {self.fact} が {self.value} になる", f"the bank tells {self.fact}: {self.value}"),
            "lock": Text("銀行がカードを利用停止にする", "the bank locks the card"),
            "forget": Text("銀行の契約がなくなる", "the contract ends at the bank"),
            "refuse": Text("銀行が次の申し込みを断る", "the bank will refuse the next order"),
            "not_checked": Text("銀行が次の暗証番号を照合しない", "the bank will not check the next PIN"),
            "policy": Text(f"方針が変わる: {dict(self.figures)}", f"the policy changes: {dict(self.figures)}"),
            "silent": Text(f"銀行が次の {self.method} に答えない", f"the bank will give no answer to {self.method}"),
        }[self.what]


@attrs.frozen(kw_only=True)
class Path:
    """The steps from the start to one transition or state of a procedure.

    `figures`: figures of the policies that the path needs to be others than the ones it was made for. `customer`: the
    reference of the customer who walks it. `state`: where the first session then is. `takes`: the transition that the
    path was made for; others lie on the way.
    """

    procedure: str
    state: str
    takes: str
    customer: str
    figures: Mapping[str, object] = attrs.field(factory=dict, hash=False)
    steps: tuple[PathStep, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Plain JSON."""
        return {
            "procedure": self.procedure,
            "state": self.state,
            "takes": self.takes,
            "customer": self.customer,
            "figures": dict(self.figures),
            "steps": [step.to_dict() for step in self.steps],
        }

    def tell(self, language: str = "en") -> str:
        """The path as a numbered list, `ja` or `en`, without secrets; ends with a newline."""
        lines = [f"{self.procedure}: {self.takes or self.state}"]
        lines += [f"  {name} = {value}" for name, value in self.figures.items()]
        for number, step in enumerate(self.steps, 1):
            words = step.says()
            lines.append(f"{number:3}. {words.ja if language == 'ja' else words.en}")
        return "\n".join([*lines, f"  => {self.state}", ""])
