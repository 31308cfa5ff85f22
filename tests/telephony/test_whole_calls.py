"""Calls from beginning to end: what a gateway reports reaches the service, and what it is told reaches the caller."""

from __future__ import annotations

import asyncio
import inspect
import itertools
import json
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar
from xml.etree import ElementTree as ET

import pytest

from ja_reset import AsyncResetService, CallResult, CallStatus, Procedure, ResetService, Secret, View
from ja_reset.stores import MemoryStore
from ja_reset.telephony import generic, twilio
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
        codes = []
        for prosody in ET.fromstring(self.told).iter("prosody"):  # noqa: S314 - our own
            said = [prosody.text or "", *(each.tail or "" for each in prosody)]
            if all(word in KANA for word in said):
                codes.append("".join(str(KANA.index(word)) for word in said))
        return codes

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


@pytest.fixture(params=["sync", "async"])
def flavour(request: pytest.FixtureRequest) -> str:
    """Both services."""
    return str(request.param)


@pytest.fixture(params=[TwilioLine, GenericLine], ids=["twilio", "generic"])
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
def test_a_recognised_call_is_rejected_unanswered(line: Any) -> None:  # noqa: ANN401 - either line
    """BIM: the call is enough, and costs nothing; a retry is told the same."""
    view = waiting_in_bim(line)
    for _ in range(2):
        assert CallStatus.VERIFIED is line.call(CUSTOMER.contract.phones[0]).status
        assert line.reject == line.does()
    assert "BIM017" == line.asked("view", view.token).state


@pytest.mark.rule("P3", "P9")
@pytest.mark.parametrize("number", ["+266696687", "anonymous", "+819087654399", "05012345678", "+15558675309"])
def test_another_call_proves_nothing(line: Any, number: str) -> None:  # noqa: ANN401 - either line
    """Whoever withholds the number, or has another, is told so, and the session goes on waiting."""
    view = waiting_in_bim(line)
    assert CallStatus.UNMATCHED is line.call(number).status
    assert line.gather not in line.does()
    assert view.state == line.asked("view", view.token).state


@pytest.mark.rule("P4")
def test_the_code_that_is_heard_is_the_one_that_is_right(line: Any) -> None:  # noqa: ANN401 - either line
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
def test_a_call_that_is_over_takes_no_more_keys(line: Any) -> None:  # noqa: ANN401 - either line
    """Who has hung up has to call again."""
    waiting_in_btr(line)
    line.call(CUSTOMER.contract.phones[0])
    code = line.heard()[0]
    line.end()
    line.clock.advance(30)
    assert CallStatus.REFUSED is line.keys(code, "e-1").status
    assert line.gather not in line.does()
