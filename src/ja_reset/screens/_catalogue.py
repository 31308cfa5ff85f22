"""Every text of every screen by its key: what a host may replace, for all or for one institution (S9).

The keys have nothing in common with those of `ja_reset.screens.messages.MESSAGES`, so that one mapping may hold a
host's words for both.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ja_reset.screens._field_texts import FIELDS, OPTIONS, SECTIONS
from ja_reset.screens._labels import APPLICATIONS, BUTTONS, STEPS
from ja_reset.screens._notices import BIM_NOTICES, BTR_NOTICES, ENTRY_NOTICES, OUTCOME_NOTICES, PHONE_NOTICES, TITLES
from ja_reset.text import Text

SCREEN_TEXTS: Mapping[str, Text] = MappingProxyType(
    {
        **TITLES,
        **STEPS,
        **APPLICATIONS,
        **SECTIONS,
        **FIELDS,
        **OPTIONS,
        **BUTTONS,
        **ENTRY_NOTICES,
        **BIM_NOTICES,
        **PHONE_NOTICES,
        **BTR_NOTICES,
        **OUTCOME_NOTICES,
    }
)
"""All texts of the screens; `ScreenPlan` names them by these keys."""
