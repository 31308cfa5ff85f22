"""How networks and gateways spell a caller's number, and what each spelling proves (P3), with where it is from.

`SHARED` are those that any gateway may pass on. A gateway's own test data has those that only it sends.
"""

from __future__ import annotations

from typing import Final

import attrs

from ja_reset.proofs.caller import NoProof

MOBILE: Final = "+819012345678"
"""The number behind most spellings, in E.164."""
LANDLINE: Final = "+81312345678"


@attrs.frozen(kw_only=True)
class Spelling:
    """A text in the place of the caller's number. None as the text: the place is empty, or missing.

    `number`: the E.164 number that is read, or None. `refusal`: the reason code why it proves nothing, or None.
    `source`: the document that has this spelling.
    """

    text: str | None
    number: str | None = None
    refusal: NoProof | None = None
    source: str


def _number(source: str, *texts: str, number: str = MOBILE, refusal: NoProof | None = None) -> list[Spelling]:
    return [Spelling(text=text, number=number, refusal=refusal, source=source) for text in texts]


def _none(source: str, refusal: NoProof, *texts: str | None) -> list[Spelling]:
    return [Spelling(text=text, refusal=refusal, source=source) for text in texts]


_TELEPHONE: Final = (
    "ITU-T E.161: the letters of the keys; https://www.doorkeeper.jp/developer/blocking-phone-number-twilio"
)
_FOUND: Final = "3GPP TS 24.229, 7.2A.20: verstat"
_WHO: Final = "3GPP TS 24.229, 7.2A.12: cpc"

SHARED: Final[tuple[Spelling, ...]] = (
    *_number("ITU-T E.164", "+819012345678"),
    *_number("ITU-T E.164", "+81312345678", number=LANDLINE),
    *_number("Japan's numbering plan: national form with its prefix 0", "09012345678"),
    *_number("ITU-T E.123: national notation", "090-1234-5678"),
    *_number("ITU-T E.123: national notation", "(03) 1234 5678", number=LANDLINE),
    *_number("ITU-T E.123: international notation", "+81 90 1234 5678"),
    *_number("written in Japan: the prefix 0 in brackets", "+81(0)90-1234-5678"),
    *_number("ITU-T E.164: the international prefix 00", "00819012345678"),
    *_number("RFC 3966, 5.1.1: visual separators", "tel:+81-90-1234-5678"),
    *_number("RFC 3966, 5.1.5: a local number in its context", "tel:09012345678;phone-context=+81"),
    *_number("RFC 3261, 19.1.6", "sip:+819012345678@ims.example.jp;user=phone"),
    *_number("RFC 3261, 19.1.6", "sips:+819012345678@ims.example.jp:5061"),
    *_number("RFC 3986, 2.1: an escape in the user part", "sip:%2B819012345678@ims.example.jp"),
    *_number("RFC 4694: number portability", "sip:+819012345678;npdi;rn=+815011112222@ims.example.jp"),
    *_number(_FOUND, "sip:+819012345678;verstat=TN-Validation-Passed-A@ims.example.jp"),
    *_number(_FOUND, "sip:+819012345678;verstat=TN-Validation-Failed@ims.example.jp", refusal="attestation"),
    *_number(_WHO, "tel:+819012345678;cpc=ordinary"),
    *_none(_WHO, "unavailable", "tel:+819012345678;cpc=payphone"),
    *_none("RFC 3966, 5.3: an extension is another phone", "wrong_number", "tel:+819012345678;ext=5"),
    *_none("RFC 3323, 4.1.1.3", "withheld", "sip:anonymous@anonymous.invalid", "sip:+819012345678@anonymous.invalid"),
    *_none("shown by networks and gateways", "withheld", "anonymous", "Restricted", "PRIVATE"),
    *_none("shown by networks and gateways", "unavailable", "unavailable", "Unknown", "", None),
    *_none(_TELEPHONE, "withheld", "+266696687", "266696687", "+7378742833", "+2562533"),
    *_none(_TELEPHONE, "unavailable", "+86282452253", "+8656696"),
    *_number("Japan's numbering plan: 050 is an internet phone", "05012345678", number="+815012345678", refusal="voip"),
    *_none("ITU-T E.164: another country's", "wrong_number", "+15558675309"),
    *_none("digits without + or 0, which may be another country's", "wrong_number", "819012345678", "9012345678"),
    *_none("Japan's numbering plan: 184 and 186 are dialled in front", "wrong_number", "18409012345678"),
    *_none("https://www.doorkeeper.jp/developer/blocking-phone-number-twilio", "wrong_number", "+811045000"),
    *_number("JIS X 0208: full-width digits", "０９０１２３４５６７８"),
    *_none("shown by telephones in Japan", "withheld", "非通知"),
    *_none("shown by telephones in Japan", "unavailable", "公衆電話", "表示圏外"),
)
"""At least thirty, each from one document."""
