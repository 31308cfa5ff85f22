"""What a report of a call proves, whatever a gateway puts into it."""

from __future__ import annotations

from datetime import UTC, datetime

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ja_reset.bank._values import Call, CallSource, Presentation
from ja_reset.proofs.caller import Evidence, attestation_suffices, evidence, line_fits, particulars


def _call(number: str | None, presentation: Presentation = Presentation.ALLOWED) -> Call:
    return Call(id="call-1", number=number, source=CallSource.NETWORK, presentation=presentation)


@pytest.mark.rule("P3", "P10")
@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("09012345678", Evidence("+819012345678")),
        ("+81(0)90-1234-5678", Evidence("+819012345678")),
        ("sip:+81312345678@gw.example;user=phone", Evidence("+81312345678")),
        ("sip:%2B819012345678;verstat=TN-Validation-Passed@gw.example", Evidence("+819012345678")),
        ("tel:+819012345678;npdi;rn=+81312345678", Evidence("+819012345678")),
        (
            "sip:+819012345678;verstat=TN-Validation-Failed@gw.example",
            Evidence("+819012345678", "attestation", failed=True),
        ),
        ("sip:+815012345678;verstat=TN-Validation-Failed@gw.example", Evidence("+815012345678", "voip", failed=True)),
        ("sip:+819012345678;cpc=payphone@gw.example", Evidence(None, "unavailable")),
        ("sip:+819012345678@gw.example;cpc=payphone", Evidence(None, "unavailable")),
        ("sip:+819012345678;ext=1@gw.example", Evidence(None, "wrong_number")),
        ("sip:+819012345678;isub=1@gw.example", Evidence(None, "wrong_number")),
        ("050-1234-5678", Evidence("+815012345678", "voip")),
        ("050-0000-0000", Evidence("+815000000000", "voip")),
        (None, Evidence(None, "unavailable")),
        ("", Evidence(None, "unavailable")),
        (" \u3000", Evidence(None, "unavailable")),
        ("anonymous", Evidence(None, "withheld")),
        ("+266696687", Evidence(None, "withheld")),
        ("sip:anonymous@anonymous.invalid", Evidence(None, "withheld")),
        ("unavailable", Evidence(None, "unavailable")),
        ("8109012345678", Evidence(None, "wrong_number")),
        ("09012345678a", Evidence(None, "wrong_number")),
        ("18409012345678", Evidence(None, "wrong_number")),
        ("\t", Evidence(None, "wrong_number")),
        ("0" * 1_000_000, Evidence(None, "wrong_number")),
        (" " * 1_000_000 + "0", Evidence(None, "unavailable")),
    ],
)
def test_the_evidence_of_a_presented_number(number: str | None, expected: Evidence) -> None:
    """A presented number is read, or it says why it proves nothing."""
    assert expected == evidence(_call(number))


@pytest.mark.rule("P3", "P10")
@given(st.none() | st.text(st.characters(), max_size=40))
@example("09012345678")
@example("anonymous")
def test_a_number_that_is_present_but_restricted_counts_as_withheld(number: str | None) -> None:
    """What the caller did not let be shown is dropped, whatever it was."""
    assert evidence(_call(number, Presentation.RESTRICTED)) == Evidence(None, "withheld")


@pytest.mark.rule("P3")
@given(st.none() | st.text(st.characters(), max_size=40))
@example("09012345678")
def test_an_unavailable_number_proves_nothing(number: str | None) -> None:
    """What the network calls unavailable is dropped, whatever came along."""
    assert evidence(_call(number, Presentation.UNAVAILABLE)) == Evidence(None, "unavailable")


@pytest.mark.rule("A2", "P3")
@given(st.none() | st.text(st.characters(), max_size=40) | st.from_regex(r"(tel:|sips?:)?[+0-9()-]{8,16}(@a\.jp)?"))
@example("sip:+819012345678;verstat=TN-Validation-Failed@gw.example")
@example("sip:+819012345678;cpc=payphone@gw.example")
def test_evidence_is_a_number_or_a_refusal(number: str | None) -> None:
    """Whatever a gateway reports, there is a readable number, or a reason, and both for 050 and a wrong signature."""
    found = evidence(_call(number))
    is_050 = found.number is not None and found.number.startswith("+8150")
    assert (found.refusal == "voip") == is_050
    assert (found.number is None) == (found.refusal not in {None, "voip", "attestation"})


def test_evidence_shows_no_number() -> None:
    """The caller's number is in no repr."""
    assert "+8190" not in repr(Evidence("+819012345678"))


@pytest.mark.rule("P11")
@pytest.mark.parametrize(
    ("dialed", "dial", "expected"),
    [
        (None, "0120-417-000", True),
        ("", "0120-417-000", True),
        ("0120417000", "0120-417-000", True),
        ("+81120417000", "0120-417-000", True),
        ("sip:+81120417000@gw.example", "0120417000", True),
        ("7000", "7000", True),
        ("0120417001", "0120-417-000", False),
        ("nonsense", "0120-417-000", False),
        ("nonsense", "nonsense", False),
        ("0" * 1_000_000, "0120-417-000", False),
    ],
)
def test_the_dialled_line_must_fit_where_it_is_reported(dialed: str | None, dial: str, *, expected: bool) -> None:
    """A reported line is the institution's in any spelling; one that is not reported fits."""
    assert expected == line_fits(dialed, dial)


@pytest.mark.rule("P3")
def test_an_attestation_suffices_from_the_demanded_level_up() -> None:
    """A meets every demand, C only its own, none and nonsense meet none; where none is demanded all is well."""
    expected = {(given_, demanded) for demanded, met in {"A": "A", "B": "AB", "C": "ABC"}.items() for given_ in met} | {
        (given_, None) for given_ in ("A", "B", "C", None, "a", "")
    }
    levels = ("A", "B", "C", None, "a", "")
    demands = ("A", "B", "C", None)
    assert expected == {(g, d) for g in levels for d in demands if attestation_suffices(g, d)}


@pytest.mark.rule("P3")
def test_the_particulars_of_a_call_are_alike_in_every_spelling() -> None:
    """National or E.164, a URI or full width; no attestation is none; when it came does not matter."""
    spelled = ("09012345678", "+819012345678", "tel:+81-90-1234-5678", "０９０１２３４５６７８")
    lines = ("0120417000", "0120-417-000", "sip:0120417000@gw.example")
    calls = [attrs.evolve(_call(number), dialed=line, attestation=None) for number in spelled for line in lines]
    calls.append(attrs.evolve(calls[0], attestation="", received_at=datetime(2026, 4, 1, tzinfo=UTC), id="call-2"))
    assert 1 == len({particulars(call, evidence(call)) for call in calls})


@pytest.mark.rule("P3")
def test_the_particulars_of_two_calls_differ_where_their_numbers_prove_nothing() -> None:
    """A number abroad, a part of a number, no number at all: which it was is told apart, also where none can match."""
    numbers = ("+12025550123", "+12025550124", "0312", "184 090-1234-5678", "garbage", None)
    calls = [Call(id="c", number=number, source=CallSource.NETWORK) for number in numbers]
    assert not any(evidence(call).number for call in calls)
    assert len(calls) == len({particulars(call, evidence(call)) for call in calls})


@pytest.mark.rule("P3")
def test_the_particulars_of_two_calls_differ_in_each_of_their_parts() -> None:
    """Number, line, presentation, source, attestation and diversion, one at a time; nothing runs into the next."""
    first = attrs.evolve(_call("09012345678"), dialed="0120417000", attestation="A")
    changes: tuple[dict[str, object], ...] = (
        {"number": "09012345679"},
        {"number": None},
        {"dialed": "0120417001"},
        {"dialed": None},
        {"presentation": Presentation.RESTRICTED},
        {"presentation": Presentation.UNAVAILABLE},
        {"source": CallSource.CLAIMED},
        {"attestation": "B"},
        {"attestation": None},
        {"diverted": True},
    )
    calls = [first, *(attrs.evolve(first, **change) for change in changes)]  # type: ignore[arg-type]  # fields by name
    assert len(calls) == len({particulars(call, evidence(call)) for call in calls})
