"""Signed JSON reports: proved, near in time, read once, and strict in their fields."""

from __future__ import annotations

import contextlib
import itertools
import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest

from ja_reset import (
    Call,
    CallResult,
    CallSource,
    CallStatus,
    InvalidArgument,
    Policies,
    Presentation,
    Procedure,
    Reason,
    ResetService,
    Secret,
)
from ja_reset.bank._script import Gather, HangUp, Reject, Say, SayDigits
from ja_reset.proofs.caller import evidence
from ja_reset.stores import MemoryStore
from ja_reset.telephony import Ended, Fault, Keys, UnreadableReport, Untrusted, generic
from ja_reset.testing import CAST, FakeBank, FakeClock, credentials
from ja_reset.testing.gateway_contract import GatewayContract, scripted
from ja_reset.testing.spellings import MOBILE, Spelling
from ja_reset.text import Text
from telephone_data import spellings_of

KEY = Secret("k" * 32)
NOW = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)
_NUMBERS = itertools.count()

CALL = {"kind": "call", "call_id": "c-1", "number": MOBILE, "presentation": "allowed", "source": "network"}
KEYS = {"kind": "keys", "call_id": "c-1", "digits": "123456"}
END = {"kind": "end", "call_id": "c-1"}


def sent(
    report: Any,  # noqa: ANN401 - whatever a sender may send
    *,
    at: datetime = NOW,
    nonce: str | None = None,
    key: Secret = KEY,
) -> dict[str, Any]:
    """The arguments of a report as its sender signs it; bytes are sent as they are."""
    body = report if isinstance(report, bytes) else json.dumps(report).encode()
    nonce = nonce or f"nonce-{next(_NUMBERS):012}"
    seconds = int(at.timestamp())
    return {
        "body": body,
        "signature": generic.sign(body, timestamp=seconds, nonce=nonce, key=key),
        "timestamp": str(seconds),
        "nonce": nonce,
    }


def received(**changed: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    """What the receiver has: its key, its clock, its memory of nonces."""
    return {"key": KEY, "now": NOW, "nonces": generic.Nonces(), **changed}


class TestGenericContract(GatewayContract):
    """The adapter for signed JSON behaves as every gateway's must."""

    own_spellings: ClassVar[tuple[Spelling, ...]] = spellings_of("generic")

    def read_call(self, number: str | None, *, call_id: str = "call-1", received_at: datetime | None = None) -> Call:
        """A number that is there may be shown; without one it is unavailable."""
        presentation = "allowed" if number else "unavailable"
        report = {**CALL, "call_id": call_id, "number": number, "presentation": presentation}
        return generic.read_call(**sent({**report, **_at(received_at)}), **received())

    def read_keys(self, digits: str, *, call_id: str = "call-1", received_at: datetime | None = None) -> Keys:
        """One entry."""
        report = {**KEYS, "call_id": call_id, "digits": digits, **_at(received_at)}
        return generic.read_keys(**sent(report), **received())

    def read_end(self, *, call_id: str = "call-1", received_at: datetime | None = None) -> Ended:
        """The end."""
        return generic.read_end(**sent({**END, "call_id": call_id, **_at(received_at)}), **received())

    def reply(self, result: CallResult, *, language: str = "ja") -> str:
        """JSON."""
        return generic.reply(result, language=language).decode()


def _at(received_at: datetime | None) -> dict[str, str]:
    return {} if received_at is None else {"received_at": received_at.isoformat()}


# What is reported ---------------------------------------------------------------------------------------------------


@pytest.mark.rule("P3")
def test_every_field_of_a_call_is_passed_on() -> None:
    """The evidence is what the sender says, in the values of the library."""
    report = {
        **CALL,
        "source": "claimed",
        "presentation": "restricted",
        "dialed": "0120-417-000",
        "received_at": "2026-04-01T12:00:00+09:00",
        "attestation": "B",
        "diverted": True,
    }
    expected = Call(
        id="c-1",
        number=MOBILE,
        source=CallSource.CLAIMED,
        presentation=Presentation.RESTRICTED,
        dialed="0120-417-000",
        received_at=NOW,
        attestation="B",
        diverted=True,
    )
    assert expected == generic.read_call(**sent(report), **received())


@pytest.mark.rule("P3")
def test_a_failed_validation_refuses_the_number() -> None:
    """It is worse than no attestation: the number proves nothing, whatever the policy demands."""
    call = generic.read_call(**sent({**CALL, "attestation": "failed"}), **received())
    assert (MOBILE, "attestation") == (evidence(call).number, evidence(call).refusal)
    assert call.attestation is None


def test_keys_have_their_id_and_their_time() -> None:
    """Both are passed on, so that an entry that is reported again counts once (P4)."""
    report = {**KEYS, "entry_id": "e-1", "received_at": "2026-04-01T03:00:00Z"}
    expected = Keys(call_id="c-1", digits=Secret("123456"), received_at=NOW, entry_id="e-1")
    assert expected == generic.read_keys(**sent(report), **received())


@pytest.mark.parametrize(
    ("changed", "fault", "field"),
    [
        ({"kind": "keys"}, Fault.WRONG_KIND, "kind"),
        ({"kind": None}, Fault.MISSING, "kind"),
        ({"call_id": None}, Fault.MISSING, "call_id"),
        ({"call_id": "c" * 201}, Fault.TOO_LONG, "call_id"),
        ({"call_id": 1}, Fault.MALFORMED, "call_id"),
        ({"call_id": "通話"}, Fault.NOT_ASCII, "call_id"),
        ({"call_id": "c\n1"}, Fault.NOT_ASCII, "call_id"),
        ({"number": 819012345678}, Fault.MALFORMED, "number"),
        ({"number": [MOBILE]}, Fault.MALFORMED, "number"),
        ({"number": {"e164": MOBILE}}, Fault.MALFORMED, "number"),
        ({"number": "9" * 513}, Fault.TOO_LONG, "number"),
        ({"number": "\ud800"}, Fault.NOT_ASCII, "number"),
        ({"presentation": "unavailable"}, Fault.CONTRADICTORY, "presentation"),
        ({"number": None}, Fault.CONTRADICTORY, "presentation"),
        ({"presentation": None}, Fault.MISSING, "presentation"),
        ({"presentation": "ALLOWED"}, Fault.MALFORMED, "presentation"),
        ({"source": None}, Fault.MISSING, "source"),
        ({"source": "trusted"}, Fault.MALFORMED, "source"),
        ({"attestation": "a"}, Fault.MALFORMED, "attestation"),
        ({"attestation": True}, Fault.MALFORMED, "attestation"),
        ({"diverted": "false"}, Fault.MALFORMED, "diverted"),
        ({"diverted": 0}, Fault.MALFORMED, "diverted"),
        ({"received_at": "2026-04-01T03:00:00"}, Fault.MALFORMED, "received_at"),
        ({"received_at": "yesterday"}, Fault.MALFORMED, "received_at"),
        ({"received_at": "0001-01-01T00:00:00+09:00"}, Fault.MALFORMED, "received_at"),
        ({"received_at": 1775012400}, Fault.MALFORMED, "received_at"),
        ({"digits": "1"}, Fault.UNKNOWN, "digits"),
        ({"Number": MOBILE}, Fault.UNKNOWN, "Number"),
    ],
)
def test_a_bad_field_is_refused_by_name(changed: dict[str, Any], fault: Fault, field: str) -> None:
    """Missing, doubled, overlong, not ASCII, contradictory, unknown, or of another type: never a call."""
    with pytest.raises(UnreadableReport) as refused:
        generic.read_call(**sent({**CALL, **changed}), **received())
    assert (fault, field, "generic") == (refused.value.fault, refused.value.field, refused.value.gateway)


def test_the_name_of_an_unknown_field_is_shown_only_if_it_is_a_name() -> None:
    """A sender that puts a number or a sentence in the place of a name does not get it into a log."""
    for name in (MOBILE, "number 090-1234-5678", "x" * 100, "番号"):
        with pytest.raises(UnreadableReport) as refused:
            generic.read_call(**sent({**CALL, name: "1"}), **received())
        assert (Fault.UNKNOWN, None) == (refused.value.fault, refused.value.field)
        assert name not in str(refused.value)


@pytest.mark.parametrize("name", list(CALL))
def test_a_doubled_field_is_refused(name: str) -> None:
    """JSON readers disagree about which of two counts; here neither does."""
    body = json.dumps(CALL)[:-1] + f', "{name}": {json.dumps(CALL[name])}}}'
    with pytest.raises(UnreadableReport) as refused:
        generic.read_call(**sent(body.encode()), **received())
    assert (Fault.DOUBLED, name) == (refused.value.fault, refused.value.field)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}{}",
        b"[]",
        b"null",
        b'"call"',
        b"[" * 4000,
        b'{"a":' * 800,
        b"\xff\xfe",
        b"{'kind': 'call'}",
        b'{"kind": NaN}',
        b'[["kind", "call"], ["call_id", "1"]]',
        b'{"x": ' + b"9" * 4000 + b"}",
        b"\xef\xbb\xbf{}",
    ],
    ids=range(13),
)
def test_what_is_no_object_is_refused(body: bytes) -> None:
    """Garbage that is signed is garbage: an UnreadableReport, and no accident."""
    for read in (generic.read_call, generic.read_keys, generic.read_end):
        with pytest.raises(UnreadableReport):
            read(**sent(body), **received())


def test_a_report_of_one_kind_is_never_read_as_another() -> None:
    """The kind is signed with the rest: keys cannot be sent to the address of calls."""
    readers = {"call": generic.read_call, "keys": generic.read_keys, "end": generic.read_end}
    for report in (CALL, KEYS, END):
        for kind, read in readers.items():
            if kind != report["kind"]:
                with pytest.raises(UnreadableReport) as refused:
                    read(**sent(report), **received())
                assert Fault.WRONG_KIND is refused.value.fault


# Whose report it is -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"signature": None}, Fault.MISSING),
        ({"signature": ""}, Fault.MISSING),
        ({"signature": "0" * 64}, Fault.SIGNATURE),
        ({"signature": "é"}, Fault.SIGNATURE),
        ({"signature": "\ud800"}, Fault.SIGNATURE),
        ({"timestamp": None}, Fault.MISSING),
        ({"timestamp": "now"}, Fault.MALFORMED),
        ({"timestamp": "1775012400.0"}, Fault.MALFORMED),
        ({"timestamp": "-1775012400"}, Fault.MALFORMED),
        ({"timestamp": "1775012400, 1775012400"}, Fault.MALFORMED),
        ({"timestamp": "１７７５０１２４００"}, Fault.MALFORMED),
        ({"timestamp": "9" * 5000}, Fault.MALFORMED),
        ({"timestamp": "1775012401"}, Fault.SIGNATURE),
        ({"nonce": None}, Fault.MISSING),
        ({"nonce": "short"}, Fault.MALFORMED),
        ({"nonce": "n" * 65}, Fault.MALFORMED),
        ({"nonce": "nonce-0000000000.1"}, Fault.MALFORMED),
        ({"nonce": "another-nonce-00001"}, Fault.SIGNATURE),
        ({"body": json.dumps({**CALL, "number": "+819087654321"}).encode()}, Fault.SIGNATURE),
        ({"body": b"x" * 5000}, Fault.TOO_LONG),
        ({"body": json.dumps(CALL)}, Fault.MALFORMED),
        ({"key": Secret("K" * 32)}, Fault.SIGNATURE),
    ],
)
def test_a_report_that_is_not_proved_is_untrusted(changed: dict[str, Any], fault: Fault) -> None:
    """Whatever is missing, doubled, wrong or changed: Untrusted, and nothing is remembered of it."""
    nonces = generic.Nonces()
    with pytest.raises(Untrusted) as refused:
        generic.read_call(**{**sent(CALL), **received(nonces=nonces), **changed})
    assert fault is refused.value.fault
    assert 0 == len(nonces)


def test_upper_case_is_another_signature() -> None:
    """There is one spelling of a signature."""
    report = sent(CALL)
    with pytest.raises(Untrusted):
        generic.read_call(**{**report, "signature": report["signature"].upper()}, **received())


@pytest.mark.parametrize("late", [-301, 301, 86_400, -86_400])
def test_a_report_of_another_time_is_untrusted(late: int) -> None:
    """Old ones are refused, and so are those of the future, which could be kept until their time."""
    with pytest.raises(Untrusted) as refused:
        generic.read_call(**sent(CALL, at=NOW + timedelta(seconds=late)), **received())
    assert Fault.AGE is refused.value.fault


@pytest.mark.parametrize("late", [-300, 0, 300])
def test_the_window_includes_its_ends(late: int) -> None:
    """Five minutes either way are allowed, the last second included."""
    assert "c-1" == generic.read_call(**sent(CALL, at=NOW + timedelta(seconds=late)), **received()).id


def test_while_a_key_is_replaced_both_are_right() -> None:
    """Any of several keys will do."""
    new = Secret("n" * 32)
    for key in (KEY, new):
        assert "c-1" == generic.read_call(**sent(CALL, key=key), **received(key=(new, KEY))).id


@pytest.mark.parametrize("key", [Secret(""), Secret("k" * 31), (), (KEY, Secret("")), "k" * 32, None])
def test_a_key_that_can_be_guessed_is_a_mistake(key: Any) -> None:  # noqa: ANN401 - also of a wrong type
    """A host that forgot to set it is told so, and accepts nothing."""
    with pytest.raises(InvalidArgument):
        generic.read_call(**sent(CALL), **received(key=key))
    with pytest.raises(InvalidArgument):
        generic.sign(b"", timestamp=1, nonce="n" * 16, key=key)


@pytest.mark.parametrize(
    ("timestamp", "nonce"), [(1.5, "n" * 16), (-1, "n" * 16), (1, "short"), (1, "n.n" * 8), (True, "n" * 16)]
)
def test_a_sender_is_told_what_no_receiver_takes(timestamp: Any, nonce: str) -> None:  # noqa: ANN401 - also wrong types
    """`sign` refuses a time or a nonce that would be refused."""
    with pytest.raises(InvalidArgument):
        generic.sign(b"", timestamp=timestamp, nonce=nonce, key=KEY)


def test_a_naive_clock_is_a_mistake() -> None:
    """Times are aware."""
    with pytest.raises(InvalidArgument):
        generic.read_call(**sent(CALL), **received(now=NOW.replace(tzinfo=None)))


# Replays ------------------------------------------------------------------------------------------------------------


def test_a_nonce_is_used_once() -> None:
    """The same report again, and another report under the same nonce, are replays."""
    memory = received()
    report = sent(CALL, nonce="n" * 16)
    generic.read_call(**report, **memory)
    for again in (report, sent(KEYS, nonce="n" * 16), sent(CALL, nonce="n" * 16, at=NOW + timedelta(seconds=200))):
        with pytest.raises(Untrusted) as refused:
            generic.read_call(**again, **memory)
        assert Fault.REPLAYED is refused.value.fault


def test_an_empty_memory_is_one() -> None:
    """`nonces or Nonces()` in a host's code does not take an empty memory for none, and lets no replay through."""
    memory = generic.Nonces()
    assert memory is (memory or generic.Nonces())


def test_a_replay_is_refused_for_as_long_as_its_report_is_young() -> None:
    """Whenever within its window a report is replayed, it is refused: by its nonce, afterwards by its age."""
    memory = generic.Nonces()
    report = sent(CALL, at=NOW + timedelta(seconds=300))
    generic.read_call(**report, **received(nonces=memory))
    faults = []
    for seconds in range(0, 1300, 7):
        with pytest.raises(Untrusted) as refused:
            generic.read_call(**report, **received(nonces=memory, now=NOW + timedelta(seconds=seconds)))
        faults.append(refused.value.fault)
    assert {Fault.REPLAYED, Fault.AGE} == set(faults)
    assert sorted(faults, key=Fault.AGE.__eq__) == faults


def test_a_full_memory_refuses_rather_than_forgets() -> None:
    """A flood keeps out what comes next, and opens the way for no replay; when it is over there is room again."""
    memory = generic.Nonces(limit=3)
    reports = [sent(CALL) for _ in range(3)]
    for report in reports:
        generic.read_call(**report, **received(nonces=memory))
    with pytest.raises(Untrusted) as refused:
        generic.read_call(**sent(CALL), **received(nonces=memory))
    assert Fault.FLOODED is refused.value.fault
    for report in reports:
        with pytest.raises(Untrusted) as refused:
            generic.read_call(**report, **received(nonces=memory))
        assert Fault.REPLAYED is refused.value.fault
    later = NOW + timedelta(seconds=400)
    assert "c-1" == generic.read_call(**sent(CALL, at=later), **received(nonces=memory, now=later)).id
    assert 1 == len(memory)


def test_a_clock_that_goes_back_brings_nothing_back() -> None:
    """What was forgotten because its time was over is not accepted again when the clock is set back."""
    memory = generic.Nonces()
    report = sent(CALL)
    generic.read_call(**report, **received(nonces=memory))
    later = NOW + timedelta(hours=1)
    generic.read_call(**sent(CALL, at=later), **received(nonces=memory, now=later))
    assert 1 == len(memory)
    with pytest.raises(Untrusted) as refused:
        generic.read_call(**report, **received(nonces=memory))
    assert Fault.AGE is refused.value.fault


def test_one_of_many_threads_uses_a_nonce() -> None:
    """Of a report that reaches eight threads at once, one is read."""
    memory, report, read = generic.Nonces(), sent(CALL), list[str]()
    start = threading.Barrier(8)

    def reads() -> None:
        start.wait()
        with contextlib.suppress(Untrusted):
            read.append(generic.read_call(**report, **received(nonces=memory)).id)

    threads = [threading.Thread(target=reads) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ["c-1"] == read


def test_what_another_thread_drops_meanwhile_is_too_old() -> None:
    """A part of time that is dropped while a nonce of it is looked up: the nonce is not taken, now or later."""
    memory, late = generic.Nonces(), NOW + timedelta(hours=1)
    assert memory.use("first", until=NOW, now=NOW) is None

    class Looked(str):
        """A nonce; the first time that it is looked up, another thread is an hour ahead."""

        __slots__ = ()
        times = 0

        def __hash__(self) -> int:
            Looked.times += 1
            if Looked.times == 1:
                assert memory.use("other", until=late, now=late) is None
            return super().__hash__()

    assert [Fault.AGE, Fault.AGE] == [memory.use(Looked("second"), until=NOW, now=NOW) for _ in range(2)]
    assert Looked.times > 1
    assert Fault.AGE is memory.use("first", until=NOW, now=NOW)


@pytest.mark.parametrize(
    ("limit", "window"),
    [(0, timedelta(seconds=1)), (1, timedelta(0)), (1, timedelta(days=2)), (True, timedelta(seconds=1))],
)
def test_a_memory_of_nothing_is_a_mistake(limit: int, window: timedelta) -> None:
    """A limit or window that would refuse or accept everything is told."""
    with pytest.raises(InvalidArgument):
        generic.Nonces(limit, window)


@pytest.mark.rule("P3", "P4")
def test_a_replay_to_another_process_does_nothing() -> None:
    """Where processes share no memory, the service knows the call and the entry: each counts once."""
    clock = FakeClock()
    bank = FakeBank()
    service = ResetService(bank=bank, store=MemoryStore(), key=bytes(32), clock=clock, policies=Policies())
    customer = CAST[0]
    view = service.start(Procedure.TOKEN_REISSUE, institution=customer.institution)
    view = service.send(view.token, "choose_method", {"method": "ACCOUNT"})
    view = service.send(view.token, "submit_credentials", credentials(customer, "ACCOUNT"))
    details = {"email": "taro@example.jp", "email_confirm": "taro@example.jp"}
    details |= {"activation_password": "24681357", "activation_password_confirm": "24681357"}
    view = service.send(view.token, "submit_details", {**details, "phone_id": view.phones[0].id})
    now = clock()
    call = sent({**CALL, "number": customer.contract.phones[0]}, at=now)
    first, second = (
        service.report_call(generic.read_call(**call, **received(now=now, nonces=generic.Nonces()))) for _ in range(2)
    )
    assert CallStatus.ANNOUNCE is first.status
    assert (first.status, first.code) == (second.status, second.code)
    keys = sent({**KEYS, "digits": "000000", "received_at": now.isoformat()}, at=now)
    for _ in range(5):
        entry = generic.read_keys(**keys, **received(now=now, nonces=generic.Nonces()))
        told = service.report_keys(
            entry.call_id, entry.digits.reveal(), received_at=entry.received_at, entry_id=entry.entry_id
        )
        assert CallStatus.RETRY is told.status
    tries = service.view(view.token).tries_left
    assert Policies().phone.code_attempts - 1 == tries


# What is answered ---------------------------------------------------------------------------------------------------


def test_an_answer_is_json_with_its_steps_in_order() -> None:
    """Status, codes of reasons, and what to do, one step after another."""
    result = scripted(
        Say(Text("番号です", "The code")),
        SayDigits(Secret("47")),
        Gather(most=6, silence=timedelta(seconds=7.5)),
        Reject(2),
        HangUp(),
    )
    expected = {
        "status": "ANNOUNCE",
        "reasons": [],
        "steps": [
            {"do": "say", "text": "The code"},
            {"do": "say_digits", "digits": ["4", "7"]},
            {"do": "gather", "most": 6, "silence": 7.5, "after_speech": False},
            {"do": "reject", "rings": 2},
            {"do": "hang_up"},
        ],
    }
    assert expected == json.loads(generic.reply(result, language="en"))


@pytest.mark.rule("P4")
def test_an_answer_tells_what_has_to_be_heard_first() -> None:
    """A gateway that takes no keys while it speaks is told so for that step."""
    told = json.loads(generic.reply(scripted(Gather(most=8, silence=timedelta(seconds=8), after_speech=True))))
    assert [{"do": "gather", "most": 8, "silence": 8.0, "after_speech": True}] == told["steps"]


def test_without_a_script_the_call_ends() -> None:
    """The reasons are told by their codes; the gateway hangs up."""
    told = json.loads(generic.reply(CallResult(CallStatus.REFUSED, reasons=(Reason("withheld"),))))
    assert {"status": "REFUSED", "reasons": ["withheld"], "steps": [{"do": "hang_up"}]} == told
