"""An institution, as the bank tells of it: its names, its telephone, and what it changes of policies and texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from ja_reset.bank._hours import Hours
from ja_reset.bank._values import any_name, row_name, text_up_to
from ja_reset.errors import InvalidArgument
from ja_reset.fields._phone_numbers import read_presented, same_line
from ja_reset.policies import Policies, PolicyOverride
from ja_reset.screens._wording import own_texts
from ja_reset.secret import shown
from ja_reset.text import Text


def _policies(_: object, __: attrs.Attribute[Policies | PolicyOverride | None], value: object) -> None:
    if value is not None and not isinstance(value, Policies | PolicyOverride):
        msg = f"Institution.policies must be a Policies, a PolicyOverride or None, not {type(value).__name__}"
        raise InvalidArgument(msg)


def _hours(_: object, __: attrs.Attribute[Hours | None], value: object) -> None:
    if value is not None and not isinstance(value, Hours):
        msg = f"Institution.hours must be Hours or None, not {type(value).__name__}"
        raise InvalidArgument(msg)


def _names(_: object, __: attrs.Attribute[Text | None], value: object) -> None:
    if value is None:
        return
    if not isinstance(value, Text) or not all(0 < len(name) <= _LONGEST_NAME for name in value.words):
        msg = f"Institution.names must be a Text of names of 1 to {_LONGEST_NAME} characters, or None"
        raise InvalidArgument(msg)


def _numbers(value: Any) -> Any:  # noqa: ANN401 - a converter before the validator
    return tuple(value) if isinstance(value, list) else value


def _several(_: object, __: attrs.Attribute[tuple[str, ...]], value: object) -> None:
    if not isinstance(value, tuple):
        msg = f"Institution.dials must be a sequence of numbers, not {type(value).__name__}"
        raise InvalidArgument(msg)
    lines = [read_presented(dial) for dial in value]
    if None in lines or any(len(dial) > _LONGEST for dial in value):
        msg = f"Institution.dials must each be a Japanese phone number of at most {_LONGEST} characters"
        raise InvalidArgument(msg)
    if len(set(lines)) < len(lines):
        msg = "Institution.dials must name different lines: one of them is there twice"
        raise InvalidArgument(msg)


_LONGEST = 40
_LONGEST_NAME = 200
"""As that of `name`."""


@attrs.frozen
class Institution:
    """One JA: `dial` is the toll-free number that a customer calls.

    `dials`: several such numbers, `dial` the first of them, which need not be given too. Then each wait for a call is
    given one, so that several sessions can wait for calls from one phone (P8). It is empty where there is only `dial`.

    `policies`: a whole `Policies` holds in place of the service's, all its figures; a `PolicyOverride` lies over the
    service's, figure by figure; with None the service's hold (S11).

    `messages` replaces texts of the catalogue for this institution only, or has them in other languages (S9). An
    unknown key or placeholder raises InvalidArgument: create the Institution when its texts are saved or loaded, before
    a customer comes.

    `names`: the name in Japanese, in English and in others, such as `Text("JAみほん", "JA Mihon")`. Calls and the
    screens of endings say it; with None they say `name` in every language, and an English voice reads that badly.

    `hours`: when an application can be started; None: always. They bind the start alone (E4).
    `contact`: the number to call with questions, which the screens of endings show; not `dial`, where nobody answers.
    """

    __repr__ = shown

    id: str = attrs.field(validator=row_name)
    prefecture: str = attrs.field(validator=any_name)
    name: str = attrs.field(validator=any_name)
    dial: str = attrs.field(default=None)
    policies: Policies | PolicyOverride | None = attrs.field(default=None, validator=_policies)
    messages: Mapping[str, Text] = attrs.field(default=None, converter=own_texts, hash=False)
    hours: Hours | None = attrs.field(default=None, validator=_hours)
    contact: str | None = attrs.field(default=None, validator=attrs.validators.optional(text_up_to(_LONGEST)))
    dials: tuple[str, ...] = attrs.field(default=(), converter=_numbers, validator=_several, kw_only=True)
    names: Text | None = attrs.field(default=None, validator=_names, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.dials and self.dial is None:
            object.__setattr__(self, "dial", self.dials[0])
        text_up_to(_LONGEST)(self, attrs.fields(Institution).dial, self.dial)
        if self.dials and not same_line(self.dial, self.dials[0]):
            msg = "Institution.dial must be the first of Institution.dials, or be left out"
            raise InvalidArgument(msg)
        if len(self.dials) == 1:
            object.__setattr__(self, "dials", ())


def name_of(institution: Institution) -> Text:
    """The institution's name in every language that it is there in."""
    return institution.names or Text(institution.name, institution.name)
