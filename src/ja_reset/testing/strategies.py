"""Hypothesis strategies for what customers type and gateways report; imported by its own name.

Forms are generated from the declarations of their fields, in order, by each field's reader: its example and wrong
entries, and more for the readers in `_spellings`. A new field or a new reader needs nothing here.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ja_reset.bank._values import Call, CallSource, Contract, Presentation
from ja_reset.chart import Chart
from ja_reset.fields import readers
from ja_reset.fields.readers import Acceptance, Reader
from ja_reset.fields.specs import FieldSpec, Form, fields_of
from ja_reset.machines import Procedure
from ja_reset.policies import FieldPolicy, IdentityPolicy, LockoutPolicy, PhonePolicy, Policies, SessionPolicy
from ja_reset.testing._texts import FULL_WIDTH, Texts, digit_strings, in_widths
from ja_reset.testing.cast import Customer
from ja_reset.testing.names import kept, kept_kana, registered_names, typed_names
from ja_reset.testing.path_steps import FIRST, BankDoes, Path, PathStep, Send, Start
from ja_reset.testing.paths import paths

_FIELDS: Final = FieldPolicy()
_STANDARD: Final = Policies()
_LONGEST_WORD: Final = 16  # the longest value of a closed set is shorter
_SEPARATORS: Final = ("-", "ー", "－", "−", "‐", "‑", "–", "—", "―", " ", "　")
_SYMBOLS: Final = "".join(map(chr, range(0x21, 0x7F)))
_ALNUM: Final = string.ascii_letters + string.digits
_LATEST_BIRTH: Final = date(2020, 12, 31)  # before any clock of a test


def phone_numbers(*, voip: bool = False) -> Texts:
    """Japanese numbers in E.164 that F4 reads: mobile ones and landlines, or 050 ones."""
    if voip:
        return digit_strings(6).map(lambda rest: f"+815031{rest}")
    mobile = st.builds(
        lambda head, first, rest: f"+81{head}{first}{rest}",
        st.sampled_from(("90", "80", "70", "60")),
        st.sampled_from("123456789"),
        digit_strings(7),
    )
    return st.one_of(mobile, digit_strings(4).map(lambda rest: f"+8126234{rest}"))


def _separated(digits: str, separator: str) -> str:
    return separator.join((digits[:3], digits[3:7], digits[7:]))


def typed_numbers(number: str) -> Texts:
    """Spellings of an E.164 number that a person types and F4 reads."""
    national = "0" + number.removeprefix("+81")
    separated = st.sampled_from(_SEPARATORS).map(lambda separator: _separated(national, separator))
    bracketed = st.just(f"({national[:3]}){national[3:]}")
    dialled = st.sampled_from(("184", "186")).map(lambda prefix: prefix + national)
    return st.one_of(in_widths(st.just(national)), separated, bracketed, dialled, st.just(number))


def presented_numbers(number: str) -> Texts:
    """Spellings of an E.164 number that a gateway reports and P3 reads."""
    national = "0" + number.removeprefix("+81")
    bare = st.sampled_from((national, number, "00" + number[1:], f"+81(0){national[1:]}"))
    uris = st.sampled_from(
        (
            f"tel:{number}",
            f"tel:{national}",
            f"sip:{number}@example.jp",
            f"sips:{national}@example.jp:5061;user=phone",
            f"sip:{number};verstat=TN-Validation-Passed@example.jp;user=phone",
            f"sip:%2B{number[1:]};npdi;rn=+81312340000@example.jp",
            f"tel:{number};cpc=ordinary",
        )
    )
    separated = st.sampled_from(_SEPARATORS).map(lambda separator: _separated(national, separator))
    return st.one_of(bare, uris, separated, bare.map(lambda text: text.translate(FULL_WIDTH)))


def numbers_not_read(number: str) -> Texts:
    """What looks like an E.164 number, and is not to be read as it (P3)."""
    digits = number[1:]
    return st.sampled_from(
        (
            digits,
            digits[2:],
            f"0{digits[2:]}a",
            f"0{digits[2:]}#1",
            f"184{digits[2:]}",
            f"tel:{number};ext=1",
            f"sip:{number};isub=1@example.jp",
            f"sip:{number};cpc=payphone@example.jp",
            f"sip:%25{number[1:]}@example.jp",
            f"sip:{number}%3Bext=1@example.jp",
            f"sip:x{number}@example.jp",
            f"{number} 0",
        )
    )


def _spellings(policies: Policies) -> Mapping[Reader[object], Texts]:
    """Of the library's readers: what they read."""
    policy = policies.fields
    kana = st.text([chr(code) for code in range(0x30A1, 0x30FB)] + ["ー"], min_size=1, max_size=policy.name_max)
    names = registered_names().filter(lambda name: max(map(len, name)) <= policy.name_max)
    days = st.dates(policy.birth_date_from, _LATEST_BIRTH).map(date.isoformat)
    mail = st.builds(lambda user, host: f"{user}@{host}.jp", st.text(_ALNUM, min_size=1, max_size=20), _hosts())
    logins = st.text(_ALNUM, min_size=policy.login_id_min, max_size=policy.login_id_max)
    return {
        readers.KANA_NAME: st.one_of(kana, names.flatmap(lambda name: typed_names(name[0]))),
        readers.KANJI_NAME: st.one_of(
            st.text("見本太郎花子髙橋森次ミホン〇", min_size=1, max_size=policy.name_max),
            names.flatmap(lambda name: typed_names(name[1])),
        ),
        readers.BIRTH_DATE: in_widths(days),
        readers.PHONE: phone_numbers().flatmap(typed_numbers),
        readers.EMAIL: mail,
        readers.BRANCH: in_widths(digit_strings(policy.branch_digits)),
        readers.SUBJECT: st.sampled_from(("普通", "当座", " 普通　")),
        readers.ACCOUNT: in_widths(digit_strings(policy.account_digits)),
        readers.ACCEPTED: st.sampled_from(("True", "on", "true", "1", "yes", "ＯＮ")),
        readers.LOGIN_ID: in_widths(logins),
        readers.PASSWORD: st.text(_SYMBOLS, min_size=policy.password_min, max_size=policy.password_max),
        readers.PIN: digit_strings(policy.pin_digits),
        readers.ACTIVATION_PASSWORD: digit_strings(policy.activation_min, policy.activation_max),
        readers.PHONE_ID: st.text(_ALNUM + "-_", min_size=1, max_size=64),
    }


def _right(reader: Reader[object], policies: Policies) -> Texts:
    """What a reader reads: one of its choices, or its example, in spellings that we know of."""
    known = _spellings(policies).get(reader)
    return st.sampled_from(reader.choices or (reader.example(policies),)) if known is None else known


def _hosts() -> Texts:
    return st.text(string.ascii_lowercase, min_size=2, max_size=20)


def _policies(policy: Policies | FieldPolicy) -> Policies:
    return Policies(fields=policy) if isinstance(policy, FieldPolicy) else policy


def _confirmed(spec: FieldSpec, form: Mapping[str, str]) -> str:
    """A second entry: the same, in another case where letters have none."""
    first = form[spec.confirms or ""]
    return first.swapcase() if spec.reader.same("a", "A") else first


def valid_values(form: Form, *, policy: Policies | FieldPolicy = _STANDARD) -> SearchStrategy[dict[str, str]]:
    """Mappings that `forms.read` reads as *form* without an error, in the spellings that normalisation allows."""
    policies, fields = _policies(policy), fields_of(form)
    first = {spec.name: _right(spec.reader, policies) for spec in fields if spec.confirms is None}

    def whole(typed: dict[str, str]) -> dict[str, str]:
        return {spec.name: typed[spec.name] if spec.name in typed else _confirmed(spec, typed) for spec in fields}

    return st.fixed_dictionaries(first).map(whole)


@st.composite
def near_misses(
    draw: st.DrawFn, form: Form, *, policy: Policies | FieldPolicy = _STANDARD
) -> tuple[dict[str, str], tuple[str, str]]:
    """Mappings that are right but for one field, with that field and the code of its error (specification, F)."""
    policies = _policies(policy)
    typed = draw(valid_values(form, policy=policies))
    boxes = [spec for spec in fields_of(form) if isinstance(spec.reader, Acceptance)]
    spec: FieldSpec = draw(st.sampled_from([each for each in fields_of(form) if each.required or each not in boxes]))
    longest = spec.reader.longest(policies)
    faults = {"format": st.sampled_from([wrong for wrong in spec.reader.wrong if len(wrong) <= longest])}
    if spec.required:
        faults["required"] = st.just("")
    if longest > _LONGEST_WORD or spec.secret:  # shorter: words, unknown and not too long
        faults["too_long"] = st.integers(1, 9).map(lambda more: "1" * (longest + more))
    if spec.confirms is not None and spec.reader in _spellings(policies):
        first = typed[spec.confirms]
        faults["mismatch"] = _right(spec.reader, policies).filter(lambda text: text.lower() != first.lower())
    code = draw(st.sampled_from(sorted(faults)))
    return {**typed, spec.name: draw(faults[code])}, (spec.name, "not_accepted" if spec in boxes else code)


def calls(number: str | None = None) -> SearchStrategy[Call]:
    """Calls as gateways report them: from *number* (E.164) in every spelling, or from anybody, proof or not."""
    callers = phone_numbers() if number is None else st.just(number)
    shown = callers.flatmap(lambda each: st.one_of(presented_numbers(each), numbers_not_read(each)))
    return st.builds(
        Call,
        id=st.uuids().map(str),
        number=st.one_of(shown, st.sampled_from((None, "", "anonymous", "+266696687", "unavailable"))),
        source=st.sampled_from(CallSource),
        presentation=st.sampled_from(Presentation),
        attestation=st.sampled_from((None, "A", "B", "C")),
        diverted=st.booleans(),
    )


@st.composite
def customers(draw: st.DrawFn, *, institution: str = "ja-0417") -> Customer:
    """Individuals without locks, whose fields a form can hold: what they type is read as what the bank has.

    The bank has it as core banking keeps it: names at half width and filled up, phones and e-mail filled up (I2).
    """
    phones = draw(st.lists(phone_numbers(), min_size=1, max_size=3, unique=True))
    number = draw(digit_strings(_FIELDS.account_digits))
    kana, kanji = draw(registered_names())
    email = f"c{number}@example.jp"
    contract = Contract(
        f"C-{number}",
        individual=True,
        name_kana=draw(kept_kana(kana)),
        name_kanji=draw(kept(kanji)),
        birth_date=draw(st.dates(_FIELDS.birth_date_from, _LATEST_BIRTH)),
        phones=tuple(draw(kept(phone)) for phone in phones),
        email=draw(kept(email)),
        service_started=draw(st.dates(date(2010, 1, 1), _LATEST_BIRTH)),
        relay_phones=tuple(draw(st.lists(phone_numbers(voip=True), max_size=1))),
    )
    return Customer(
        institution=institution,
        branch=draw(digit_strings(_FIELDS.branch_digits)),
        account=number,
        contract=contract,
        pin=draw(digit_strings(_FIELDS.pin_digits)),
        login_id=f"id{number}",
        password=draw(_spellings(_STANDARD)[readers.PASSWORD]),
        types={
            "name_kana": draw(typed_names(kana)),
            "name_kanji": draw(typed_names(kanji)),
            "phone": draw(typed_numbers(phones[0])),
            "email": email,
            "email_confirm": email,
        },
    )


def _seconds(least: int, most: int) -> SearchStrategy[timedelta]:
    return st.integers(least, most).map(lambda seconds: timedelta(seconds=seconds))


def policies() -> SearchStrategy[Policies]:
    """Policies with small limits, so that every limit is reached within a few steps."""
    few = st.integers(1, 3)
    return st.builds(
        Policies,
        identity=st.builds(IdentityPolicy, identity_attempts=few, identity_window=_seconds(60, 600)),
        phone=st.builds(
            PhonePolicy,
            bim_window=_seconds(10, 60),
            btr_window=_seconds(10, 90),
            delivery_grace=_seconds(0, 5),
            clock_skew=_seconds(0, 3),
            code_attempts=few,
            codes_per_session=st.integers(1, 5),
            codes_per_number=st.integers(1, 6),
            codes_window=_seconds(60, 600),
            code_channel=st.sampled_from(("spoken", "displayed")),
            bim_code=st.booleans(),
            phone_windows=few,
            number_rest=_seconds(0, 60),
            waits_per_number=few,
            call_memory=_seconds(60, 300),
        ),
        lockout=st.builds(LockoutPolicy, pin_attempts=few, unknown_lapse=_seconds(30, 300)),
        session=st.builds(
            SessionPolicy,
            idle_timeout=_seconds(60, 300),
            absolute_timeout=_seconds(240, 900),
            retention=_seconds(300, 3600),
        ),
    )


@st.composite
def histories(draw: st.DrawFn, procedure: Procedure | Chart, *, most: int = 8) -> Path:
    """What happens to one session of *procedure*, as a path that `path_player.play` plays.

    It begins along the path to some state; then up to *most* events follow, each of some transition of the chart,
    whether they fit the state or not. It names no state, because nobody can say where it leads.
    """
    found = paths(procedure)
    way: Path = draw(st.sampled_from(tuple(found.states.values())))
    steps = [step for path in found.all for step in path.steps if _is_anybodys(step)]
    more = draw(st.lists(st.sampled_from(steps), max_size=most))
    kept = draw(st.integers(1, len(way.steps)))
    return attrs.evolve(way, state="", takes="", steps=(*way.steps[:kept], *more))


def _is_anybodys(step: PathStep) -> bool:
    """Whether the step makes sense at any time, with no second session."""
    if step.who != FIRST or isinstance(step, Start) or (isinstance(step, Send) and step.meanwhile):
        return False
    return not isinstance(step, BankDoes) or step.what in {"silent", "not_checked", "refuse"}
