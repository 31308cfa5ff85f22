"""Every text of every screen by its key, for a host to replace, for all institutions or for one (S9).

These keys and those of `ja_reset.screens.messages.MESSAGES` do not overlap, so one mapping may hold a host's texts for
both.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ja_reset.screens._bim_notices import BIM_NOTICES
from ja_reset.screens._entry_notices import ENTRY_NOTICES
from ja_reset.screens._field_texts import FIELDS, OPTIONS, SECTIONS
from ja_reset.screens._labels import APPLICATIONS, BUTTONS, STEPS
from ja_reset.screens._moment_notices import MOMENT_NOTICES
from ja_reset.screens._notices import BTR_NOTICES, OUTCOME_NOTICES, PHONE_NOTICES, TITLES
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
        **MOMENT_NOTICES,
    }
)
"""All texts of the screens; `ScreenPlan` names them by these keys."""
