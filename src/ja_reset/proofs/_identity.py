"""Identity: what was typed against the bank's record, all of it, every time (I1-I4).

All comparisons are made whatever the first of them says, and against a decoy if the account does not exist. So neither
the answer nor the work distinguishes a wrong birth date from an unknown account.
"""

from __future__ import annotations

import hmac
from datetime import date

import attrs

from ja_reset.bank._values import Contract
from ja_reset.errors import ChartError
from ja_reset.fields import _email_addresses as email_addresses
from ja_reset.fields import _phone_numbers as phone_numbers
from ja_reset.fields._normalisation import ascii_lower, kana_key, name_key, plain, printed, without_blanks
from ja_reset.fields.specs import Role, entered
from ja_reset.policies._identity import IdentityPolicy

DECOY = Contract(
    ref="decoy",
    individual=True,
    name_kana="ノウキョウハナコ",
    name_kanji="農協花子",
    birth_date=date(1970, 1, 1),
    phones=("09000000000", "08000000000"),
    email="decoy@example.invalid",
    service_started=date(2010, 4, 1),
)
"""What an unknown account is compared with: no customer's data, and never a match."""


def matches(contract: Contract, form: attrs.AttrsInstance, *, policy: IdentityPolicy, relay: bool = False) -> bool:
    """Whether *form*, as `forms.read` gave it, is about *contract* (I1-I3); *relay*: its relay numbers count too.

    Its fields go by their roles. Branch, subject and account are not looked at: by them the bank found the contract.
    Raises ChartError if it lacks one of the five that are.
    """
    name_kana, name_kanji = _text(form, Role.NAME_KANA), _text(form, Role.NAME_KANJI)
    birth_date = _text(form, Role.BIRTH_DATE)
    phone, email = _text(form, Role.REGISTERED_PHONE), _text(form, Role.REGISTERED_EMAIL)
    kana = kana_key(contract.name_kana, fold=policy.fold_kana)
    kanji_fits = _same(name_key(contract.name_kanji), name_key(name_kanji))
    kana_stands_in = _same(kana, kana_key(name_kanji, fold=policy.fold_kana))
    may_stand_in = (contract.service_started <= policy.gaiji_until) & has_gaiji(contract.name_kanji)
    return bool(
        _same(kana, kana_key(name_kana, fold=policy.fold_kana))
        & (kanji_fits | (kana_stands_in & may_stand_in))
        & _same(contract.birth_date.isoformat(), birth_date)
        & _is_registered((*contract.phones, *(contract.relay_phones if relay else ())), phone)
        & email_addresses.same(printed(contract.email), email)
    )


def proved(
    contract: Contract | None, form: attrs.AttrsInstance, *, policy: IdentityPolicy, relay: bool = False
) -> bool:
    """As `matches`; for an account that does not exist (None) False, after the same work (I4)."""
    fits = matches(DECOY if contract is None else contract, form, policy=policy, relay=relay)
    return fits & (contract is not None)


def has_gaiji(registered: str) -> bool:
    """Whether a kanji name, as registered, has a character that JIS X 0208 cannot encode (I3).

    Judged before NFKC, which would make ordinary kanji of some of them. A variation selector counts: it asks for a
    glyph that the code has not. Blanks and control characters do not.
    """
    try:
        without_blanks(printed(registered)).encode("iso2022_jp")
    except UnicodeEncodeError:
        return True
    return False


def account_key(branch: str, subject: str, account: str) -> str:
    """The stable name that failures of an account are counted under, whether it exists or not (I5)."""
    return f"account:{plain(branch)}:{plain(subject)}:{plain(account)}"


def login_key(login_id: str) -> str:
    """The stable name that failures of a login id are counted under; letters have no case (I5)."""
    return f"login:{ascii_lower(plain(login_id))}"


def _text(form: attrs.AttrsInstance, role: Role) -> str:
    text = entered(form, role)
    if not isinstance(text, str):
        msg = f"{type(form).__name__} proves no identity: it has no text in the role {role.name}"
        raise ChartError(msg)
    return text


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))


def _is_registered(phones: tuple[str, ...], phone: str) -> bool:
    found = False
    for registered in phones:
        found |= _same(phone_numbers.read_registered(registered) or "", phone) & bool(phone)
    return found
