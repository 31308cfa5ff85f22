"""The customers of the fake bank: one for each special case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

import attrs

from ja_reset.bank._values import Contract
from ja_reset.service._institution import Institution

INSTITUTION: Final = Institution("ja-0417", prefecture="長野県", name="JAみほん", dial="0120-417-000")
"""The one institution of a FakeBank that was given none."""


def _mapping(typed: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(typed))


@attrs.frozen(kw_only=True)
class Customer:
    """A customer as the bank knows them: the contract and what proves it; `institution` is its id.

    `types`: by the field's name, what the customer types on BIM015 if it is not spelled as in the bank's record.
    """

    institution: str = INSTITUTION.id
    branch: str
    subject: str = "普通"
    account: str
    contract: Contract
    pin: str = attrs.field(repr=False)
    login_id: str
    password: str = attrs.field(repr=False)
    types: Mapping[str, str] = attrs.field(factory=dict, converter=_mapping, repr=False, hash=False)

    @property
    def ref(self) -> str:
        """The contract's reference."""
        return self.contract.ref


ORDINARY: Final = Customer(
    branch="001",
    account="0123456",
    contract=Contract(
        "C-0001",
        individual=True,
        name_kana="ミホンタロウ",
        name_kanji="見本太郎",
        birth_date=date(1980, 4, 1),
        phones=("090-1234-5601", "080-1234-5602", "026-234-5603"),
        email="taro@example.jp",
        service_started=date(2022, 6, 1),
    ),
    pin="4071",
    login_id="taro0001",
    password="kome-8931",  # noqa: S106 - of a customer that is not
)
"""Two mobile numbers and a landline; nothing else to tell."""

GAIJI: Final = Customer(
    branch="001",
    account="0200002",
    contract=Contract(
        "C-0002",
        individual=True,
        name_kana="タカハシハナコ",
        name_kanji="髙橋花子",
        birth_date=date(1955, 12, 31),
        phones=("090-1234-5611",),
        email="Hanako.T@example.jp",
        service_started=date(2019, 4, 1),
    ),
    pin="5182",
    login_id="hanako2",
    password="mugi#2640",  # noqa: S106 - of a customer that is not
)
"""A name with a character outside JIS X 0208, and a service that started before 2021-02-15 (I3)."""

LOCKED: Final = Customer(
    branch="002",
    subject="当座",
    account="0300003",
    contract=Contract(
        "C-0003",
        individual=True,
        name_kana="ジョウノマモル",
        name_kanji="城野守",
        birth_date=date(1990, 2, 28),
        phones=("070-1234-5621",),
        email="mamoru@example.jp",
        service_started=date(2023, 1, 10),
        service_locked=True,
    ),
    pin="6293",
    login_id="mamoru3",
    password="nasu-7752",  # noqa: S106 - of a customer that is not
)
"""The service is locked (I6)."""

VOIP_ONLY: Final = Customer(
    branch="002",
    account="0400004",
    contract=Contract(
        "C-0004",
        individual=True,
        name_kana="アミノソラ",
        name_kanji="網野そら",
        birth_date=date(2000, 2, 29),
        phones=("050-3123-4567",),
        email="sora@example.jp",
        service_started=date(2024, 3, 15),
        relay_phones=("050-3123-4568",),
    ),
    pin="7304",
    login_id="sora4",
    password="negi-1863",  # noqa: S106 - of a customer that is not
)
"""Only 050 numbers on file: none can be offered, but one of a relay service where the policy says so (P1)."""

NOT_INDIVIDUAL: Final = Customer(
    branch="003",
    subject="当座",
    account="0500005",
    contract=Contract(
        "C-0005",
        individual=False,
        name_kana="ミホンショウテン",
        name_kanji="見本商店",
        birth_date=date(1999, 10, 1),
        phones=("026-234-5641", "090-1234-5642"),
        email="office@example.jp",
        service_started=date(2020, 10, 1),
    ),
    pin="8415",
    login_id="shoten5",
    password="daizu-974",  # noqa: S106 - of a customer that is not
)
"""No individual (E3)."""

OLD_DOCOMO: Final = Customer(
    branch="003",
    account="0600006",
    contract=Contract(
        "C-0006",
        individual=True,
        name_kana="ﾓﾘ ｼﾞﾛｳ",
        name_kanji="森　次郎",
        birth_date=date(1948, 1, 1),
        phones=("09012345651",),
        email="a..b.@docomo.ne.jp",
        service_started=date(2015, 7, 7),
    ),
    pin="0526",
    login_id="JIRO6",
    password="tofu!5085",  # noqa: S106 - of a customer that is not
)
"""An e-mail address of the kind that RFC 5321 would refuse (F5); names with blanks, the kana at half width (I2)."""

CAST: Final = (ORDINARY, GAIJI, LOCKED, VOIP_ONLY, NOT_INDIVIDUAL, OLD_DOCOMO)
"""All of them, the customers of a FakeBank that was given none."""

KEPT: Final = Customer(
    branch="003",
    account="0700007",
    contract=Contract(
        "C-0007",
        individual=True,
        name_kana="ﾉｳﾁﾕｳ ﾏ-ｶﾂｦ\x00\x00",
        name_kanji="農中　マ－カツヲ\t",
        birth_date=date(1967, 7, 7),
        phones=("060-1234-5661\x00", "026-234-5662\r\n"),
        email="kept@example.jp\n",
        service_started=date(2022, 6, 1),
    ),
    pin="1637",
    login_id="kept7",
    password="goma-6194",  # noqa: S106 - of a customer that is not
    types={
        "name_kana": "ノウチュウ・マーカツオ",
        "name_kanji": "農中 マーカツヲ",
        "phone": "\u202a060‑1234‑5661\u202c",
        "email": "kept@example.jp",
        "email_confirm": "kept@example.jp",
    },
)
"""What core banking makes of a name, and fixed widths of every field (I2); a new mobile number, pasted (F4)."""

EVERYBODY: Final = (*CAST, KEPT)
"""The cast, and a customer whose record is not fit to be shown: those that the library's own suites play."""
