"""The defaults of every policy, each with its source; the tables of policies in the documentation are made from it.

`STANDARD` is written out and not derived, so that a changed default is a deliberate decision; a test compares it with
the policies.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import Enum

import attrs

from ja_reset.policies._phone import CodeChannel
from ja_reset.secret import by_value, shown


class Origin(Enum):
    """Who chose a default: the bank's manual, or this library where the manual is silent."""

    MANUAL = "manual"
    OURS = "ours"


@by_value
@attrs.frozen(eq=False)
class Figure:
    """One default: `policy` and `name` are its path in `Policies`, `rules` the rule ids, `source` where it is said."""

    __repr__ = shown

    policy: str
    name: str
    value: object
    rules: tuple[str, ...]
    origin: Origin
    source: str


def _manual(path: str, value: object, rules: str, source: str) -> Figure:
    policy, name = path.split(".")
    return Figure(policy, name, value, tuple(rules.split()), Origin.MANUAL, source)


def _ours(path: str, value: object, rules: str, source: str) -> Figure:
    policy, name = path.split(".")
    return Figure(policy, name, value, tuple(rules.split()), Origin.OURS, source)


STANDARD: tuple[Figure, ...] = (
    _ours("fields.name_max", 50, "F1 F2", "the manual sets no limit"),
    _ours("fields.birth_date_from", date(1868, 1, 25), "F3", "the first day of 明治; nobody alive was born before"),
    _ours("fields.email_max", 254, "F5", "the longest address that RFC 5321 can carry"),
    _manual("fields.branch_digits", 3, "F6 F12", "BIM015, BTR002: 支店番号, 3桁"),
    _manual("fields.account_digits", 7, "F6 F12", "BIM015: 口座番号, 7桁"),
    _manual("fields.login_id_min", 4, "F8", "BTR002: ログインID, 4-12桁"),
    _manual("fields.login_id_max", 12, "F8", "BTR002: ログインID, 4-12桁"),
    _manual("fields.password_min", 4, "F9 F12", "BIM017, BTR002: ログインパスワード, 4-12桁"),
    _manual("fields.password_max", 12, "F9 F12", "BIM017, BTR002: ログインパスワード, 4-12桁"),
    _ours("fields.pin_digits", 4, "F10", "the manual names digits, not how many; cash cards in Japan have four"),
    _manual("fields.activation_min", 4, "F11", "BTR003: 利用開始パスワード, 4-8桁"),
    _manual("fields.activation_max", 8, "F11", "BTR003: 利用開始パスワード, 4-8桁"),
    _manual("fields.password_rule", None, "F9", "BIM017: the customer chooses the characters"),
    _ours("identity.identity_attempts", 5, "I5", "the manual sets no limit"),
    _ours("identity.identity_window", timedelta(hours=24), "I5", "the manual sets no limit"),
    _manual("identity.gaiji_until", date(2021, 2, 15), "I3", "BIM015: the note on names with 外字"),
    _ours("identity.fold_kana", value=True, rules="I2", source="core banking keeps kana without small letters and ヲ"),
    _ours(
        "caller_id.claimed_numbers",
        value=False,
        rules="P3",
        source="a number that the caller's side claims proves little",
    ),
    _ours("caller_id.attestation", None, "P3", "networks in Japan do not attest every call"),
    _ours("caller_id.relay", value=False, rules="P1 P3", source="the manual: no number that begins with 050"),
    _manual("phone.bim_window", timedelta(seconds=120), "P2", "電話番号認証: 120秒以内"),
    _manual("phone.btr_window", timedelta(seconds=300), "P2", "BTR004: 300秒以内"),
    _ours("phone.delivery_grace", timedelta(seconds=5), "P2", "a gateway's report takes time to arrive"),
    _ours("phone.clock_skew", timedelta(seconds=2), "P2 S3", "the clocks of two machines differ"),
    _ours("phone.code_length", 6, "P4", "the manual speaks of digits read out, not how many"),
    _ours("phone.code_attempts", 3, "P4", "the manual sets no limit"),
    _ours("phone.codes_per_session", 9, "P4", "three calls' worth of wrong codes"),
    _ours("phone.codes_per_number", 9, "P4", "as many as one session has; 3,285 guesses in a year at a million codes"),
    _ours("phone.codes_window", timedelta(hours=24), "P4", "as the window of identities"),
    _manual("phone.code_channel", CodeChannel.SPOKEN, "P4", "BTR004: 自動音声で読みあげられた数字"),
    _manual(
        "phone.bim_code", value=False, rules="P4", source="電話番号認証: hung up after 2-3 rings, nothing is announced"
    ),
    _manual(
        "phone.bim_announce",
        value=False,
        rules="P4",
        source="電話番号認証: hung up after 2-3 rings, nothing is announced",
    ),
    _ours("phone.not_me_key", "9", "P13", "the key that voice menus often end with"),
    _ours("phone.confirm_key", "1", "P4", "the first key"),
    _ours("phone.keys_silence", timedelta(seconds=8), "P12", "time to find the keys of a smartphone"),
    _ours("phone.phone_windows", 3, "P6", "the manual sets no limit"),
    _ours("phone.number_rest", timedelta(seconds=120), "P8", "as long as the shorter window"),
    _ours("phone.not_me_rest", timedelta(minutes=30), "P13", "as absolute_timeout: what was under way then is over"),
    _ours("phone.waits_per_number", 2, "P8", "a customer with two pages open; a third session is somebody else's"),
    _ours("phone.call_memory", timedelta(hours=24), "P3", "longer than any gateway retries a webhook"),
    _ours("lockout.pin_attempts", 3, "L2", "the manual: a number of times that the JA chooses"),
    _ours("lockout.unknown_lapse", timedelta(hours=1), "L5", "the manual is silent"),
    _ours("session.idle_timeout", timedelta(minutes=10), "S3", "the manual is silent"),
    _ours("session.absolute_timeout", timedelta(minutes=30), "S3", "the manual is silent"),
    _ours("session.effect_lease", timedelta(seconds=60), "C4", "longer than a bank's answer takes"),
    _ours("session.effect_backoff", timedelta(minutes=1), "C4", "a short outage costs one more try"),
    _ours("session.effect_backoff_most", timedelta(hours=1), "C4", "a long outage is over within the hour"),
    _ours("session.effect_deadline", timedelta(hours=24), "C4", "a day of tries is no outage: somebody has to look"),
    _ours("session.duplicate_wait", timedelta(seconds=10), "S2", "longer than a bank's answer takes, as a rule"),
    _ours("session.retention", timedelta(days=30), "S8", "the manual is silent"),
    _ours("session.retention_unproved", timedelta(hours=24), "S8", "nobody comes back to what proved nothing"),
    _ours("session.audit_retention", None, "S8", "the host decides how long to keep audit records"),
    _ours("session.result_shown", timedelta(minutes=30), "C3 S2", "long enough to write the ids down"),
    _ours("session.institution_refresh", timedelta(seconds=60), "L4", "so that not every event asks the bank"),
)
