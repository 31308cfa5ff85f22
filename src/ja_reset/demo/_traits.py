"""What is special about a customer of the bank, read off the contract."""

from __future__ import annotations

import re

from ja_reset import Text
from ja_reset.demo._words import TRAITS
from ja_reset.testing import Customer


def traits(customer: Customer) -> list[Text]:
    """In words; a customer about whom there is nothing to tell can complete every procedure."""
    contract = customer.contract
    found = {
        "gaiji": not _in_jis_x_0208(contract.name_kanji),
        "locked": contract.service_locked,
        "card_locked": contract.card_locked,
        "voip": all(re.sub(r"\D", "", phone).startswith("050") for phone in contract.phones),
        "not_individual": not contract.individual,
        "old_email": re.search(r"\.\.|\.@", contract.email) is not None,
        "displayed_code": customer.institution == "ja-0102",
    }
    return [TRAITS[name] for name, holds in found.items() if holds] or [TRAITS["ordinary"]]


def _in_jis_x_0208(name: str) -> bool:
    try:
        name.encode("iso2022_jp")
    except UnicodeEncodeError:
        return False
    return True
