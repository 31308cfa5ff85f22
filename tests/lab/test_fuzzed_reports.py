"""Spoilt reports match no number that they do not have; `make fuzz` tries a million."""

from __future__ import annotations

import json
import random

import pytest

import fuzzed_reports
from fuzzed_callers import Gateway, Pairs
from fuzzed_gateways import GATEWAYS
from fuzzed_reports import fuzzed
from fuzzed_webhooks import Generic, Twilio
from ja_reset import Call, CallSource
from ja_reset.telephony import twilio


@pytest.mark.rule("P3")
@pytest.mark.parametrize("kind", GATEWAYS, ids=lambda kind: kind.name)
def test_no_spoilt_report_matches_wrongly(kind: type[Gateway]) -> None:
    """Of some thousand reports none proves a number that it does not have exactly; many prove their own."""
    counts, wrong = fuzzed(kind(), 4000, random.Random(17))  # noqa: S311 - test data
    assert [] == wrong
    assert counts["matched"] > 200
    assert counts["no match"] > 200
    assert counts["refused"] > 200


class LastOfTwo(Twilio):
    """What a form library does that keeps one value of a name."""

    def read(self, pairs: Pairs, chance: random.Random) -> Call:
        """As a plain dict has it."""
        del chance
        return twilio.read_call(dict(pairs))


class DigitsOnly(Twilio):
    """What a host does by hand: whatever is no digit is dropped."""

    def read(self, pairs: Pairs, chance: random.Random) -> Call:
        """The digits of From, with a + before them."""
        call = super().read(pairs, chance)
        digits = "".join(sign for sign in call.number or "" if sign.isdecimal())
        return Call(id=call.id, number=f"+{digits}", source=CallSource.NETWORK)


class PlainJson(Generic):
    """What a plain reader of JSON does: of two members of a name the last wins, and what is unknown is ignored."""

    def read(self, pairs: Pairs, chance: random.Random) -> Call:
        """As `json.loads` has it."""
        del chance
        message = json.loads("{" + ", ".join(f"{json.dumps(name)}: {json.dumps(each)}" for name, each in pairs) + "}")
        return Call(id="c-1", number=str(message.get("number")), source=CallSource.NETWORK)


@pytest.mark.parametrize("kind", [LastOfTwo, DigitsOnly, PlainJson], ids=lambda kind: kind.__name__)
def test_a_careless_adapter_is_found(kind: type[Gateway]) -> None:
    """Spoiling reports tells a careful reader from one that drops what it does not expect."""
    counts, wrong = fuzzed(kind(), 4000, random.Random(17))  # noqa: S311 - test data
    assert counts["wrong"] > 5
    assert len(wrong) == counts["wrong"]


def test_the_program_prints_its_figure(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """One line for each gateway, one for all; the status tells whether a report matched wrongly."""
    monkeypatch.setattr("sys.argv", ["fuzzed_reports.py", "300", "1"])
    with pytest.raises(SystemExit) as done:
        fuzzed_reports.main()
    lines = capsys.readouterr().out.splitlines()
    assert 0 == done.value.code
    assert ["300", *(kind.name for kind in GATEWAYS), "all"] == [line.split()[0] for line in lines]
    assert lines[-1].split()[1:3] == ["0", "wrong,"]
