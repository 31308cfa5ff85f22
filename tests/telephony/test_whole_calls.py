"""Calls from beginning to end: what a gateway reports reaches the service, and what it is told reaches the caller."""

from __future__ import annotations

import asyncio
import inspect
import itertools
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar
from xml.etree import ElementTree as ET

import pytest

from ja_reset import AsyncResetService, CallResult, CallSource, CallStatus, Procedure, ResetService, Secret, View
from ja_reset.stores import MemoryStore
from ja_reset.telephony import amazon_connect, asterisk, generic, sip, twilio
from ja_reset.testing import CAST, AsyncFakeBank, FakeBank, FakeClock, credentials, identity

CUSTOMER = CAST[0]
KEY = Secret("k" * 32)
TOKEN = Secret("12345")
URL = "https://bank.example/voice"
KANA = ("ゼロ", "いち", "に", "さん", "よん", "ご", "ろく", "なな", "はち", "きゅう")


class Line(ABC):
    """A gateway between a caller and a service of either kind: it reports, and hears what it is to do."""

    def __init__(self, service: ResetService | AsyncResetService, clock: FakeClock, loop: asyncio.Runner) -> None:
        self._service, self.clock, self._loop = service, clock, loop
        self.told = ""
        """The last answer, as the gateway gets it."""

    def asked(self, name: str, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the service gives
        """What the service answers to that call, awaited if it has to be."""
        answer = getattr(self._service, name)(*given, **named)
        return self._loop.run(answer) if inspect.iscoroutine(answer) else answer

    @abstractmethod
    def call(self, number: str) -> CallResult:
        """Report a call."""

    @abstractmethod
    def keys(self, digits: str, entry: str) -> CallResult:
        """Report an entry of keys."""

    @abstractmethod
    def end(self) -> CallResult:
        """Report the end."""

    @abstractmethod
    def heard(self) -> list[str]:
        """Each code that the caller hears in the last answer, put together from its words."""

    @abstractmethod
    def does(self) -> list[str]:
        """What the gateway does last, in its own words."""


def codes_in(speech: str) -> list[str]:
    """Each code in a document of speech: the words between the breaks, put together."""
    codes = []
    for prosody in ET.fromstring(speech).iter():  # noqa: S314 - our own
        said = [prosody.text or "", *(each.tail or "" for each in prosody)]
        if prosody.tag.endswith("prosody") and all(word in KANA for word in said):
            codes.append("".join(str(KANA.index(word)) for word in said))
    return codes


class TwilioLine(Line):
    """Twilio."""

    reject: ClassVar = ["Reject"]
    hang_up: ClassVar = ["Hangup"]
    gather: ClassVar = "Gather"

    def _form(self, **more: str) -> list[tuple[str, str]]:
        form = {"CallSid": "CA1", "CallStatus": "in-progress", "Direction": "inbound", "To": "+81120417000", **more}
        return list(form.items())

    def _answered(self, result: CallResult) -> CallResult:
        self.told = twilio.reply(result, action=f"{URL}/keys")
        return result

    def call(self, number: str) -> CallResult:
        """A signed request to the voice address."""
        form = self._form(CallStatus="ringing", From=number)
        return self._answered(self.asked("report_call", twilio.read_call(form)))

    def keys(self, digits: str, entry: str) -> CallResult:
        """A request to the action of the Gather."""
        keys = twilio.read_keys(self._form(Digits=digits), idempotency_token=entry)
        told = self.asked("report_keys", keys.call_id, keys.digits.reveal(), entry_id=keys.entry_id)
        return self._answered(told)

    def end(self) -> CallResult:
        """A request to the status callback."""
        ended = twilio.read_end(self._form(CallStatus="completed"))
        return self._answered(self.asked("report_end", ended.call_id, received_at=ended.received_at))

    def heard(self) -> list[str]:
        """The words between the breaks."""
        return codes_in(self.told)

    def does(self) -> list[str]:
        """The verbs that are no speech."""
        return [each.tag for each in ET.fromstring(self.told) if each.tag != "Say"]  # noqa: S314 - our own


class GenericLine(Line):
    """Signed JSON."""

    reject: ClassVar = ["reject"]
    hang_up: ClassVar = ["hang_up"]
    gather: ClassVar = "gather"
    _numbers: ClassVar = itertools.count()
    _nonces: ClassVar = generic.Nonces()

    def _sent(self, **report: str) -> dict[str, Any]:
        body = json.dumps({"call_id": "c-1", **report}).encode()
        seconds, nonce = int(self.clock().timestamp()), f"nonce-{next(self._numbers):012}"
        signature = generic.sign(body, timestamp=seconds, nonce=nonce, key=KEY)
        given = {"body": body, "signature": signature, "timestamp": str(seconds), "nonce": nonce}
        return {**given, "key": KEY, "now": self.clock(), "nonces": self._nonces}

    def _answered(self, result: CallResult) -> CallResult:
        self.told = generic.reply(result).decode()
        return result

    def call(self, number: str) -> CallResult:
        """A report of kind call."""
        report = {"kind": "call", "number": number, "presentation": "allowed", "source": "network"}
        return self._answered(self.asked("report_call", generic.read_call(**self._sent(**report))))

    def keys(self, digits: str, entry: str) -> CallResult:
        """A report of kind keys."""
        keys = generic.read_keys(**self._sent(kind="keys", digits=digits, entry_id=entry))
        told = self.asked("report_keys", keys.call_id, keys.digits.reveal(), entry_id=keys.entry_id)
        return self._answered(told)

    def end(self) -> CallResult:
        """A report of kind end."""
        ended = generic.read_end(**self._sent(kind="end"))
        return self._answered(self.asked("report_end", ended.call_id, received_at=ended.received_at))

    def heard(self) -> list[str]:
        """The digits of the steps that say digits."""
        steps = json.loads(self.told)["steps"]
        return ["".join(step["digits"]) for step in steps if step["do"] == "say_digits"]

    def does(self) -> list[str]:
        """The steps that are no speech."""
        return [step["do"] for step in json.loads(self.told)["steps"] if not step["do"].startswith("say")]


class SipLine(Line):
    """One's own SIP trunk; the ACK came."""

    reject: ClassVar = ["486"]
    gather: ClassVar = "Gather"
    _numbers: ClassVar = itertools.count(1)

    def _fields(self, method: str, **more: str) -> dict[str, str]:
        return {"Call-ID": "c-1@a.jp", "CSeq": f"{next(self._numbers)} {method}", **more}

    def _answered(self, result: CallResult) -> CallResult:
        self.answer = sip.reply(result)
        return result

    def call(self, number: str) -> CallResult:
        """An INVITE of the carrier."""
        asserted = {"P-Asserted-Identity": f"<sip:{number}@a.jp;user=phone>", "From": f"<sip:{number}@a.jp>;tag=1"}
        fields = self._fields("INVITE", To="<sip:0120417000@bank.example>", **asserted)
        call = sip.read_call(fields, peer="203.0.113.9", trusted=("203.0.113.0/24",))
        return self._answered(self.asked("report_call", call))

    def keys(self, digits: str, entry: str) -> CallResult:
        """An INFO for each key; what comes again has the numbers of the first time."""
        infos = self.__dict__.setdefault(
            entry, [(self._fields("INFO", **{"Content-Type": "application/dtmf"}), key) for key in digits]
        )
        keys = sip.read_keys("c-1@a.jp", infos)
        told = self.asked("report_keys", keys.call_id, keys.digits.reveal(), entry_id=keys.entry_id)
        return self._answered(told)

    def end(self) -> CallResult:
        """A BYE."""
        return self._answered(self.asked("report_end", sip.read_end(self._fields("BYE")).call_id))

    def heard(self) -> list[str]:
        """The words of each document."""
        return [code for step in self.answer.steps if isinstance(step, str) for code in codes_in(step)]

    def does(self) -> list[str]:
        """The steps that are no speech, or the final response."""
        acts = [type(step).__name__ for step in self.answer.steps if not isinstance(step, str)]
        return acts or [str(self.answer.status)]


class AgiLine(Line):
    """Asterisk, by FastAGI."""

    reject: ClassVar = ['EXEC Ringing ""', 'EXEC Wait "9"', 'EXEC Hangup "17"']
    gather: ClassVar = "EXEC Read"

    def _answered(self, result: CallResult) -> CallResult:
        self.told = "\n".join(asterisk.reply(result, sound=lambda _: "text"))
        return result

    def call(self, number: str) -> CallResult:
        """The environment."""
        told = {"network": "yes", "uniqueid": "1.1", "callerid": number, "callingpres": "0", "rdnis": "unknown"}
        told |= {"dnid": "0120417000", "arg_1": TOKEN.reveal()}
        environment = "".join(f"agi_{name}: {value}\n" for name, value in told.items()) + "\n"
        call = asterisk.read_call(environment, source=CallSource.NETWORK, token=TOKEN)
        return self._answered(self.asked("report_call", call))

    def keys(self, digits: str, entry: str) -> CallResult:
        """The variable that was read; AGI has no retries, so the entry's id is ours."""
        keys = asterisk.read_keys("1.1", f"200 result=1 ({digits})\n")
        return self._answered(self.asked("report_keys", keys.call_id, keys.digits.reveal(), entry_id=entry))

    def end(self) -> CallResult:
        """The line that FastAGI sends."""
        return self._answered(self.asked("report_end", asterisk.read_end("HANGUP\n", call_id="1.1").call_id))

    def heard(self) -> list[str]:
        """The sound files of the digits, between those of the texts."""
        texts = self.told.replace('"', "&").replace(",", "&").split("&text&")
        return [code for text in texts if (code := "".join(re.findall(r"digits/([0-9])", text)))]

    def does(self) -> list[str]:
        """The commands; of one that reads keys, its name."""
        lines = self.told.split("\n")
        return [line if not line.startswith("EXEC Read") else "EXEC Read" for line in lines]


class ConnectLine(Line):
    """Amazon Connect."""

    reject: ClassVar = ["disconnect"]
    gather: ClassVar = "gather"
    _instance: ClassVar = "arn:aws:connect:ap-northeast-1:123456789012:instance/1"

    def _event(self, number: str = "", **parameters: str) -> dict[str, Any]:
        endpoints = {"CustomerEndpoint": number, "SystemEndpoint": "+81120417000"}
        contact = {name: {"Type": "TELEPHONE_NUMBER", "Address": value} for name, value in endpoints.items()}
        about = {"ContactId": "c-1", "Channel": "VOICE", "InitiationMethod": "INBOUND", "InstanceARN": self._instance}
        return {"Name": "ContactFlowEvent", "Details": {"ContactData": contact | about, "Parameters": parameters}}

    def _answered(self, result: CallResult) -> CallResult:
        self.answer = amazon_connect.reply(result, entry="r-1")
        return result

    def call(self, number: str) -> CallResult:
        """The flow's first invocation."""
        call = amazon_connect.read_call(self._event(number), instance=self._instance)
        return self._answered(self.asked("report_call", call))

    def keys(self, digits: str, entry: str) -> CallResult:
        """The invocation after the keys were stored."""
        keys = amazon_connect.read_keys(self._event(keys=digits, entry=entry), instance=self._instance)
        told = self.asked("report_keys", keys.call_id, keys.digits.reveal(), entry_id=keys.entry_id)
        return self._answered(told)

    def end(self) -> CallResult:
        """The disconnect flow's invocation."""
        ended = amazon_connect.read_end(self._event(), instance=self._instance)
        return self._answered(self.asked("report_end", ended.call_id))

    def heard(self) -> list[str]:
        """The words of each prompt."""
        prompts = [value for name, value in self.answer.items() if name.startswith("prompt")]
        return [code for prompt in prompts for code in codes_in(prompt)]

    def does(self) -> list[str]:
        """The action."""
        return [self.answer["action"]]


@pytest.fixture(params=["sync", "async"])
def flavour(request: pytest.FixtureRequest) -> str:
    """Both services."""
    return str(request.param)


LINES = {"twilio": TwilioLine, "generic": GenericLine, "sip": SipLine, "agi": AgiLine, "connect": ConnectLine}


@pytest.fixture(params=LINES.values(), ids=list(LINES))
def line(request: pytest.FixtureRequest, flavour: str) -> Iterator[Any]:
    """A gateway, and a service behind it."""
    clock = FakeClock()
    with asyncio.Runner() as loop:
        service: ResetService | AsyncResetService
        if flavour == "sync":
            service = ResetService(bank=FakeBank(), store=MemoryStore(), key=bytes(32), clock=clock)
        else:
            service = AsyncResetService(bank=AsyncFakeBank(), store=MemoryStore(), key=bytes(32), clock=clock)
        yield request.param(service, clock, loop)


def waiting_in_bim(line: Line) -> View:
    """A session that waits for the customer's call."""
    view = line.asked("start", Procedure.LOGIN_PASSWORD, institution=CUSTOMER.institution)
    view = line.asked("send", view.token, "submit_identity", identity(CUSTOMER))
    view = line.asked("send", view.token, "choose_phone", {"phone_id": view.phones[0].id})
    assert isinstance(view, View)
    return view


def waiting_in_btr(line: Line) -> View:
    """A session that waits for the customer's call, and then for a code."""
    view = line.asked("start", Procedure.TOKEN_REISSUE, institution=CUSTOMER.institution)
    view = line.asked("send", view.token, "choose_method", {"method": "ACCOUNT"})
    view = line.asked("send", view.token, "submit_credentials", credentials(CUSTOMER, "ACCOUNT"))
    details = {"email": "taro@example.jp", "email_confirm": "taro@example.jp"}
    details |= {"activation_password": "24681357", "activation_password_confirm": "24681357"}
    view = line.asked("send", view.token, "submit_details", {**details, "phone_id": view.phones[0].id})
    assert isinstance(view, View)
    return view


@pytest.mark.rule("P4")
def test_a_recognised_call_is_rejected_unanswered(line: Any) -> None:  # noqa: ANN401 - any line
    """BIM: the call is enough, and costs nothing; a retry is told the same."""
    view = waiting_in_bim(line)
    for _ in range(2):
        assert CallStatus.VERIFIED is line.call(CUSTOMER.contract.phones[0]).status
        assert line.reject == line.does()
    assert "BIM017" == line.asked("view", view.token).state


@pytest.mark.rule("P3", "P9")
@pytest.mark.parametrize("number", ["+266696687", "anonymous", "+819087654399", "05012345678", "+15558675309"])
def test_another_call_proves_nothing(line: Any, number: str) -> None:  # noqa: ANN401 - any line
    """Whoever withholds the number, or has another, is told so, and the session goes on waiting."""
    view = waiting_in_bim(line)
    assert CallStatus.UNMATCHED is line.call(number).status
    assert line.gather not in line.does()
    assert view.state == line.asked("view", view.token).state


@pytest.mark.rule("P4")
def test_the_code_that_is_heard_is_the_one_that_is_right(line: Any) -> None:  # noqa: ANN401 - any line
    """BTR: what the caller hears, put together again from its words, is accepted; a wrong code is asked for again."""
    view = waiting_in_btr(line)
    assert CallStatus.ANNOUNCE is line.call(CUSTOMER.contract.phones[0]).status
    assert line.gather in line.does()
    codes = set(line.heard())
    assert 1 == len(codes)
    (code,) = codes
    wrong = "".join(str((int(digit) + 1) % 10) for digit in code)
    for _ in range(3):  # the gateway's retries of one entry
        assert CallStatus.RETRY is line.keys(wrong, "e-1").status
        assert line.gather in line.does()
    assert CallStatus.VERIFIED is line.keys(f"*{code}#", "e-2").status
    assert line.gather not in line.does()
    assert "BTR005" == line.asked("view", view.token).state


@pytest.mark.rule("P4")
def test_a_call_that_is_over_takes_no_more_keys(line: Any) -> None:  # noqa: ANN401 - any line
    """Who has hung up has to call again."""
    waiting_in_btr(line)
    line.call(CUSTOMER.contract.phones[0])
    code = line.heard()[0]
    line.end()
    line.clock.advance(30)
    assert CallStatus.REFUSED is line.keys(code, "e-1").status
    assert line.gather not in line.does()


@pytest.mark.rule("P3")
def test_a_call_id_of_another_number_is_refused(line: Any) -> None:  # noqa: ANN401 - either line
    """What comes under an id that was another call's gets no code, and from then on nobody's keys count."""
    view = waiting_in_btr(line)
    line.call(CUSTOMER.contract.phones[0])
    code = line.heard()[0]
    told = line.call("+819087654399")
    assert (CallStatus.REFUSED, ["call_id_reused"]) == (told.status, [reason.code for reason in told.reasons])
    assert [] == line.heard()
    assert CallStatus.REFUSED is line.keys(code, "e-1").status
    assert line.asked("view", view.token).state.startswith("BTR004")
