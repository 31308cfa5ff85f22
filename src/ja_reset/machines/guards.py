"""The guards of the three procedures: statements that can be true of a turn, each with its reason (M7).

A guard reads the session, the clock, the policies and the facts that it declares, and nothing else. If a fact is
missing, it is resolved when the guard reads it, so the order of the checks in a handler is the order in which the bank
is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ja_reset.bank._kinds import CallSource, PinCheck
from ja_reset.chart.transitions import Guard
from ja_reset.chart.turn import Turn, refusal
from ja_reset.errors import PortError
from ja_reset.fields.specs import Role
from ja_reset.machines import facts
from ja_reset.secret import Secret
from ja_reset.text import Text

if TYPE_CHECKING:
    from ja_reset.bank._values import Contract
    from ja_reset.chart.session import Refusal


def _errors(turn: Turn) -> tuple[Refusal, ...]:
    return tuple(refusal(error.code, error.field) for error in turn.know(facts.READING).errors)


form_is_valid = Guard(
    "form_is_valid",
    lambda turn: turn.know(facts.READING).form is not None,
    ("required", "too_long", "format", "mismatch", "not_accepted"),
    says=Text(ja="入力内容に誤りがない", en="the form is valid"),
    reads=(facts.READING,),
    reasons=_errors,
    judges_form=True,
)


# Identity and login (specification, I) --------------------------------------------------------------------------------


def _tries_are_used_up(turn: Turn) -> bool:
    limit = turn.policies.identity.identity_attempts
    return turn.know(facts.SESSION_TRIES) >= limit or turn.know(facts.IDENTITY_ATTEMPTS).settled >= limit


tries_are_used_up = Guard(
    "tries_are_used_up",
    _tries_are_used_up,
    says=Text(ja="本人確認の回数が上限に達した", en="the tries at this identity are used up"),
    reads=(facts.SESSION_TRIES, facts.IDENTITY_ATTEMPTS),
)
identity_try_is_free = Guard(
    "identity_try_is_free",
    lambda turn: turn.know(facts.IDENTITY_ATTEMPT) is facts.AttemptState.TAKEN,
    ("in_progress",),
    says=Text(ja="本人確認の回数が残っている", en="a try at this identity is free"),
    reads=(facts.IDENTITY_ATTEMPT,),
)
identity_is_proved = Guard(
    "identity_is_proved",
    lambda turn: turn.know(facts.PROVED) is not None,
    ("identity_mismatch",),
    says=Text(ja="本人情報が契約と一致する", en="the identity matches the contract"),
    reads=(facts.PROVED,),
)
login_is_proved = Guard(
    "login_is_proved",
    lambda turn: turn.know(facts.PROVED) is not None,
    ("login_mismatch",),
    says=Text(ja="ログイン情報が正しい", en="the login is right"),
    reads=(facts.PROVED,),
)


# The contract -----------------------------------------------------------------------------------------------


def contract_of(turn: Turn) -> Contract:
    """The contract that the session is about: as it is now, or as it was just proved."""
    contract = turn.know(facts.CONTRACT)
    if contract is None:  # an earlier check has made sure that there is one
        msg = "a guard reads the contract, but none is known; check that it still exists first"
        raise LookupError(msg)
    return contract


def _locks(turn: Turn) -> tuple[bool, bool]:
    """Whether the service is locked, and whether the card is: by the bank, or both by our count (I6, L2)."""
    contract = contract_of(turn)
    counted = turn.know(facts.PIN_ATTEMPTS).is_locked(turn.policies.lockout.pin_attempts)
    return contract.service_locked or counted, contract.card_locked or counted


_OF_LOCKS = {(True, False): "service", (False, True): "card", (True, True): "both"}


contract_is_known = Guard(
    "contract_is_known",
    lambda turn: turn.know(facts.CONTRACT) is not None,
    ("contract_unknown",),
    says=Text(ja="契約が存続している", en="the bank still knows the contract"),
    reads=(facts.CONTRACT,),
)
nothing_is_locked = Guard(
    "nothing_is_locked",
    lambda turn: not any(_locks(turn)),
    ("locked",),
    says=Text(ja="サービスもカードも利用停止でない", en="neither service nor card is locked"),
    reads=(facts.CONTRACT, facts.PIN_ATTEMPTS),
    reasons=lambda turn: (refusal("locked", detail=_OF_LOCKS.get(_locks(turn))),),
)
customer_is_individual = Guard(
    "customer_is_individual",
    lambda turn: contract_of(turn).individual,
    ("not_individual",),
    says=Text(ja="個人の契約である", en="the contract is an individual's"),
    reads=(facts.CONTRACT,),
)
a_phone_is_offered = Guard(
    "a_phone_is_offered",
    lambda turn: bool(turn.know(facts.OFFERED)),
    ("no_phone",),
    says=Text(ja="認証に使える電話番号がある", en="a registered phone can be offered"),
    reads=(facts.OFFERED,),
)


# Choosing the phone (P1, P6, P8) ----------------------------------------------------------------------------


def _in_use(turn: Turn) -> tuple[Refusal, ...]:
    """Until when: the waits of others end with this turn, and the number rests (P8)."""
    waits = turn.know(facts.WAIT).contested(turn.now, turn.policies.phone.number_rest)
    return (refusal("number_in_use", until=waits.free_after(turn.session.id, turn.now)),)


def _a_line_is_free(turn: Turn) -> bool:
    most = turn.policies.phone.waits_per_number
    return bool(turn.know(facts.WAIT).free_for(turn.session.id, turn.now, most))


phone_is_offered = Guard(
    "phone_is_offered",
    lambda turn: turn.know(facts.READING).text(Role.PHONE_CHOICE) in {phone.id for phone in turn.session.kept.phones},
    ("format",),
    says=Text(ja="提示された番号を選んでいる", en="the phone chosen is one that was offered"),
    reads=(facts.READING,),
    roles=(Role.PHONE_CHOICE,),
    reasons=lambda turn: (refusal("format", turn.know(facts.READING).name(Role.PHONE_CHOICE)),),
)
windows_are_left = Guard(
    "windows_are_left",
    lambda turn: turn.know(facts.WINDOWS) < turn.policies.phone.phone_windows,
    ("timed_out",),
    says=Text(ja="電話番号認証の回数が残っている", en="a phone window is left"),
    reads=(facts.WINDOWS,),
    reasons=lambda _: (refusal("timed_out", detail="limit"),),
)
number_is_free = Guard(
    "number_is_free",
    _a_line_is_free,
    ("number_in_use",),
    says=Text(ja="その番号を待つセッションがほかにない", en="no other session waits for the number"),
    reads=(facts.WAIT,),
    reasons=_in_use,
)
number_is_waited_for = Guard(
    "number_is_waited_for",
    lambda turn: bool(turn.know(facts.WAIT).waiting(turn.now)),
    says=Text(ja="ほかのセッションがその番号を待っている", en="another session is waiting for the number"),
    reads=(facts.WAIT,),
)


def _codes_are_left(turn: Turn) -> bool:
    return turn.know(facts.NUMBER_CODES).left(turn.policies.phone.codes_per_number) > 0


def _codes_used_up(turn: Turn) -> tuple[Refusal, ...]:
    phone = turn.policies.phone
    until = turn.know(facts.NUMBER_CODES).free_after(phone.codes_per_number, phone.codes_window)
    return (refusal("codes_used_up", until=until),)


codes_of_number_are_left = Guard(
    "codes_of_number_are_left",
    _codes_are_left,
    ("codes_used_up",),
    says=Text(ja="その番号での確認番号の回数が残っている", en="a code may still be keyed in for the number"),
    reads=(facts.NUMBER_CODES,),
    reasons=_codes_used_up,
)
codes_are_left_where_asked = Guard(
    "codes_are_left_where_asked",
    lambda turn: not turn.policies.phone.bim_code or _codes_are_left(turn),
    ("codes_used_up",),
    says=Text(
        ja="確認番号を求めないか、その番号での回数が残っている",
        en="no code is asked for, or one may still be keyed in for the number",
    ),
    reads=(facts.NUMBER_CODES,),
    reasons=_codes_used_up,
)


# The call (P2-P4, P11) --------------------------------------------------------------------------------------


def _window_is_open(turn: Turn) -> bool:
    window = turn.session.kept.window
    return window is not None and turn.know(facts.RECEIVED_AT) >= window.opened_at


def _window_is_not_closed(turn: Turn) -> bool:
    window, received_at = turn.session.kept.window, turn.know(facts.RECEIVED_AT)
    ahead = turn.now + turn.policies.phone.clock_skew
    return window is not None and received_at <= window.closes_at and received_at <= ahead


def _is_vouched_for(turn: Turn) -> bool:
    return turn.know(facts.REPORT).call.source is CallSource.NETWORK or turn.policies.caller_id.claimed_numbers


def _attests(turn: Turn) -> bool:
    from ja_reset.proofs.caller import attestation_suffices  # noqa: PLC0415 - loaded when a service is made

    report = turn.know(facts.REPORT)
    suffices = attestation_suffices(report.call.attestation, turn.policies.caller_id.attestation)
    return suffices and not report.evidence.failed


def _is_chosen(turn: Turn) -> bool:
    phone = turn.session.phone
    return phone is not None and turn.know(facts.REPORT).evidence.number == phone.number


def _is_no_internet_phone(turn: Turn) -> bool:
    """A 050 number is offered only if it is a relay service's, so the chosen one is such a number (P1)."""
    if turn.know(facts.REPORT).evidence.refusal != "voip":
        return True
    return turn.policies.caller_id.relay and _is_chosen(turn)


caller_is_not_withheld = Guard(
    "caller_is_not_withheld",
    lambda turn: turn.know(facts.REPORT).evidence.refusal != "withheld",
    ("withheld",),
    says=Text(ja="番号が通知されている", en="the caller does not withhold the number"),
    reads=(facts.REPORT,),
)
caller_is_available = Guard(
    "caller_is_available",
    lambda turn: turn.know(facts.REPORT).evidence.refusal != "unavailable",
    ("unavailable",),
    says=Text(ja="番号が通知可能である", en="the caller's number is available"),
    reads=(facts.REPORT,),
)
caller_is_no_internet_phone = Guard(
    "caller_is_no_internet_phone",
    _is_no_internet_phone,
    ("voip",),
    says=Text(
        ja="050番号ではないか、選択した電話リレーサービスの番号である",
        en="the number does not begin with 050, or is the relay number chosen",
    ),
    reads=(facts.REPORT,),
)
line_is_the_institutions = Guard(
    "line_is_the_institutions",
    lambda turn: turn.know(facts.REPORT).line_fits,
    ("wrong_line",),
    says=Text(ja="発信先が認証先電話番号である", en="the number dialled is the institution's"),
    reads=(facts.REPORT,),
)
call_is_not_diverted = Guard(
    "call_is_not_diverted",
    lambda turn: not turn.know(facts.REPORT).call.diverted,
    ("diverted",),
    says=Text(ja="転送された電話ではない", en="the call was not diverted"),
    reads=(facts.REPORT,),
)
number_is_vouched_for = Guard(
    "number_is_vouched_for",
    _is_vouched_for,
    ("claimed",),
    says=Text(ja="番号が網で確認されている", en="the network vouches for the number"),
    reads=(facts.REPORT,),
)
attestation_is_enough = Guard(
    "attestation_is_enough",
    _attests,
    ("attestation",),
    says=Text(ja="発信者の証明が求める水準にある", en="the attestation is of the level demanded"),
    reads=(facts.REPORT,),
)
caller_is_chosen_number = Guard(
    "caller_is_chosen_number",
    _is_chosen,
    ("wrong_number",),
    says=Text(ja="選択した番号からの発信である", en="the caller's number is the chosen one"),
    reads=(facts.REPORT,),
)
window_was_open = Guard(
    "window_was_open",
    _window_is_open,
    ("early",),
    says=Text(ja="受付開始後に届いた", en="it came after the window had opened"),
    reads=(facts.RECEIVED_AT,),
)
window_was_not_closed = Guard(
    "window_was_not_closed",
    _window_is_not_closed,
    ("late",),
    says=Text(ja="受付時間内に届いた", en="it came before the window closed"),
    reads=(facts.RECEIVED_AT,),
)
caller_is_no_relay = Guard(
    "caller_is_no_relay",
    lambda turn: turn.know(facts.REPORT).evidence.refusal != "voip",  # any other 050 number was refused before
    says=Text(ja="電話リレーサービスの番号ではない", en="the number is no relay service's"),
    reads=(facts.REPORT,),
)
call_is_enough = Guard(
    "call_is_enough",
    lambda turn: not turn.policies.phone.bim_code,
    says=Text(ja="確認番号を求めない", en="the call alone is enough"),
)


call_is_unannounced = Guard(
    "call_is_unannounced",
    lambda turn: not turn.policies.phone.bim_announce,
    says=Text(ja="着信に応答しない", en="the call is not answered"),
)


# The keys (P4, P13) -----------------------------------------------------------------------------------------


def _is_not_disowned(turn: Turn) -> bool:
    key = turn.policies.phone.not_me_key
    return key is None or turn.know(facts.ENTRY) != Secret(key)


def _asks_code(turn: Turn) -> bool:
    """Whether the call that was answered asks for a code, as it did when it was."""
    answered = turn.session.kept.answered
    return answered is None or answered.code != ""


application_is_not_disowned = Guard(
    "application_is_not_disowned",
    _is_not_disowned,
    ("not_me",),
    says=Text(ja="「心当たりがない」のキーではない", en="the caller does not say that it is not theirs"),
    reads=(facts.ENTRY,),
)
call_is_confirmed = Guard(
    "call_is_confirmed",
    lambda turn: _asks_code(turn) or turn.know(facts.ENTRY) == Secret(turn.policies.phone.confirm_key),
    ("not_confirmed",),
    says=Text(ja="確認番号を求めるか、確認のキーである", en="a code is asked for, or the call is confirmed by the key"),
    reads=(facts.ENTRY,),
)
call_was_not_over = Guard(
    "call_was_not_over",
    lambda turn: not turn.know(facts.CALL_OVER),
    ("late",),
    says=Text(ja="通話の終了前に届いた", en="it came before the call was over"),
    reads=(facts.CALL_OVER,),
    reasons=lambda _: (refusal("late", detail="call_over"),),
)


def _codes_of_call_are_used_up(turn: Turn) -> bool:
    wrong = turn.know(facts.WRONG_IN_CALL)
    return wrong is not None and wrong + 1 >= turn.policies.phone.code_attempts


def _codes_are_used_up(turn: Turn) -> bool:
    phone = turn.policies.phone
    if turn.know(facts.WRONG_CODES) + 1 >= phone.codes_per_session:
        return True
    return turn.know(facts.NUMBER_CODES).left(phone.codes_per_number) <= 1


code_is_right = Guard(
    "code_is_right",
    lambda turn: turn.know(facts.ENTRY) == turn.know(facts.CODE),
    ("wrong_code",),
    says=Text(ja="確認番号が正しい", en="the code keyed in is right"),
    reads=(facts.ENTRY, facts.CODE),
)
code_is_right_where_asked = Guard(
    "code_is_right_where_asked",
    lambda turn: not _asks_code(turn) or turn.know(facts.ENTRY) == turn.know(facts.CODE),
    ("wrong_code",),
    says=Text(ja="確認番号を求めないか、確認番号が正しい", en="no code is asked for, or the code keyed in is right"),
    reads=(facts.ENTRY, facts.CODE),
)
codes_are_used_up = Guard(
    "codes_are_used_up",
    _codes_are_used_up,
    says=Text(
        ja="セッションまたは番号での確認番号の回数が上限に達した", en="the codes of this session or number are used up"
    ),
    reads=(facts.WRONG_CODES, facts.NUMBER_CODES),
)
codes_of_call_are_used_up = Guard(
    "codes_of_call_are_used_up",
    _codes_of_call_are_used_up,
    says=Text(ja="この電話での確認番号の回数が上限に達した", en="the codes of this call are used up"),
    reads=(facts.WRONG_IN_CALL,),
)


# The PIN (specification, L) and the new password (F9) -----------------------------------------------------------------


def _password_refusal(turn: Turn) -> tuple[Refusal, ...]:
    rule, reading = turn.policies.fields.password_rule, turn.know(facts.READING)
    if rule is None:
        return ()
    password = reading.secret(Role.NEW_PASSWORD)
    words = None if password is None else rule(password, contract_of(turn))
    if words is None:
        return ()
    if not isinstance(words, Text):
        msg = f"the password_rule must return a Text or None, not {type(words).__name__}"
        raise PortError(msg)
    return (refusal("password_rule", reading.name(Role.NEW_PASSWORD), words=words),)  # told unless they quote (S5)


password_is_allowed = Guard(
    "password_is_allowed",
    lambda turn: not _password_refusal(turn),
    ("password_rule",),
    says=Text(ja="金融機関のパスワード規則を満たす", en="the host's rule allows the password"),
    reads=(facts.READING, facts.CONTRACT),
    roles=(Role.NEW_PASSWORD,),
    reasons=_password_refusal,
)


def _no_pin_try(turn: Turn) -> tuple[Refusal, ...]:
    """Somebody's attempt is being settled; or all that hinders are attempts in doubt, until the first lapses (L5)."""
    lapses = turn.know(facts.SETTLED).in_doubt_until(
        turn.now, lease=turn.policies.session.effect_lease, lapse=turn.policies.lockout.unknown_lapse
    )
    return (refusal("in_progress"),) if lapses is None else (refusal("temporarily_unavailable", until=lapses),)


pin_try_is_free = Guard(
    "pin_try_is_free",
    lambda turn: turn.know(facts.PIN_ATTEMPT),
    ("in_progress", "temporarily_unavailable"),
    says=Text(ja="暗証番号の照合枠が空いている", en="an attempt at the PIN is free"),
    reads=(facts.PIN_ATTEMPT, facts.SETTLED),
    reasons=_no_pin_try,
)
pin_was_checked = Guard(
    "pin_was_checked",
    lambda turn: turn.know(facts.PIN_CHECK) is not PinCheck.NOT_CHECKED,
    ("temporarily_unavailable",),
    says=Text(ja="暗証番号が照合された", en="the bank checked the PIN"),
    reads=(facts.PIN_CHECK,),
)
pin_is_right = Guard(
    "pin_is_right",
    lambda turn: turn.know(facts.PIN_CHECK) is PinCheck.RIGHT,
    ("wrong_pin",),
    says=Text(ja="暗証番号が正しい", en="the PIN is right"),
    reads=(facts.PIN_CHECK, facts.READING),
    roles=(Role.PIN,),
    reasons=lambda turn: (refusal("wrong_pin", turn.know(facts.READING).name(Role.PIN)),),
)
pins_are_used_up = Guard(
    "pins_are_used_up",
    lambda turn: turn.know(facts.SETTLED).is_locked(turn.policies.lockout.pin_attempts),
    says=Text(ja="暗証番号の連続誤りが上限に達した", en="that was the last wrong PIN allowed"),
    reads=(facts.SETTLED,),
)
