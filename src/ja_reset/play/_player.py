"""The player: carries out commands on a session, and shows what comes of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from ja_reset import BankUnavailable, CallResult, Chart, EffectRefused, Field, Moment, Policies, Procedure, View
from ja_reset.diagrams._width import wrapped
from ja_reset.machines import chart_of, own_charts
from ja_reset.play._answers import HIDDEN, printable, shown
from ja_reset.play._handset import Handset, spoken
from ja_reset.play._page import WIDTH, page, told
from ja_reset.play._script import Command, ScriptError
from ja_reset.play._stage import Stage, customer_of, with_figure
from ja_reset.screens import FieldKind
from ja_reset.stores.rows import Store
from ja_reset.testing import CAST, Customer, answers
from ja_reset.testing._bank import METHODS
from ja_reset.text import Language

Tell = Callable[[str], object]
"""Where what is shown goes: text that ends with a newline."""


class UnexpectedError(Exception):
    """An expectation of the script that was not met; says what there was instead."""


class Player:
    """One walk through *procedure* on *store*.

    `fresh`: every customer is unlocked first, so that nothing is left of what was played on the store before.
    """

    def __init__(
        self, store: Store, procedure: Procedure | Chart, *, language: Language, tell: Tell, fresh: bool
    ) -> None:
        self.chart = chart_of(procedure)
        self.language: Language = language
        self.customer: Customer = CAST[0]
        self.typed: dict[str, str] = {}
        self._store = store
        self._tell = tell
        self._fresh = fresh
        self._policies = Policies().having(self.chart.policies)
        self._stage: Stage | None = None
        self._handset: Handset | None = None
        self._view: View | None = None
        self._heard: CallResult | None = None
        self._seen: set[tuple[str, Moment | None]] = set()
        self._verbs: Mapping[str, Callable[[tuple[str, ...]], None]] = MappingProxyType(
            {
                "customer": self._be,
                "policy": self._decide,
                "fill": self._fill,
                "set": self._set,
                "press": self._press,
                "call": self._call,
                "keys": self._keys,
                "hangup": self._hang_up,
                "wait": self._wait,
                "look": self._look,
                "bank": self._befall,
                "expect": self._expect,
                "heard": self._expect_heard,
            }
        )

    @property
    def stage(self) -> Stage:
        """The world, made when it is first needed."""
        if self._stage is None:
            self._stage = Stage(self._store, policies=self._policies, procedures=own_charts(self.chart))
            if self._fresh:
                self._stage.unlock_all()
        return self._stage

    @property
    def handset(self) -> Handset:
        """The customer's telephone."""
        if self._handset is None:
            self._handset = Handset(self.stage, self.customer)
        return self._handset

    @property
    def view(self) -> View:
        """The present screen; the session begins when it is first needed. Raises ScriptError where the bank is away."""
        if self._view is None:
            stage = self.stage
            try:
                self._take(stage.service.start(self.chart, institution=stage.institution.id))
            except BankUnavailable:
                msg = "the bank is down, so nothing can begin; `bank up` first"
                raise ScriptError(msg) from None
        if self._view is None:
            msg = "a session that began has a screen"
            raise LookupError(msg)
        return self._view

    def do(self, command: Command) -> None:
        """Carry out one command.

        Raises ScriptError where it makes no sense here, UnexpectedError where it expects something else.
        """
        self._verbs[command.verb](command.words)

    def spelled(self, command: Command) -> str:
        """The command as it may be shown: what is secret in it as stars."""
        words = list(command.words)
        if command.verb == "set":
            open_fields = {field.name for field in self.view.screen.fields if not field.kind.is_secret}
            words[1] = words[1] if words[0] in open_fields else HIDDEN
        if command.verb == "keys" and words[0] not in {"right", "wrong"}:
            words[0] = HIDDEN
        return printable(" ".join([command.verb, *words]))

    def field(self, name: str) -> Field:
        """The present screen's field of that name; raises ScriptError."""
        fields = {field.name: field for field in self.view.screen.fields}
        if name not in fields:
            there = f"it has {', '.join(fields)}" if fields else "it has none"
            msg = f"{self.view.state} has no such field; {there}"
            raise ScriptError(msg, field=printable(name))
        return fields[name]

    def enter(self, field: Field, value: str) -> None:
        """Type *value* into *field*; a phone goes by its number in the list, or as it is shown."""
        if field.kind is FieldKind.PHONE_CHOICE:
            listed = {str(number): phone.id for number, phone in enumerate(self.view.phones, 1)}
            listed |= {phone.masked: phone.id for phone in self.view.phones}
            value = listed.get(value, value)
        self.typed[field.name] = value

    def answer(self, field: Field) -> str | None:
        """What the customer types there when all is right, or None where nothing is known to be."""
        if field.kind is FieldKind.PHONE_CHOICE and not self.view.phones:
            return None
        typed = {name: value for name, value in self.typed.items() if name != field.name}
        charts = {self.chart.name: self.chart}
        known = answers(self.view, self.customer, typed=typed, procedures=charts, policies=self._policies)
        return known.get(field.name)

    def say(self, words: str) -> None:
        """Show a line, wrapped; what follows stands under its beginning."""
        indent = " " * (len(words) - len(words.lstrip(" ☎")))
        lines = wrapped(words, WIDTH - 2)
        self._tell("".join(f"{indent if number else ''}{line}\n" for number, line in enumerate(lines)))

    # what commands do

    def _be(self, words: tuple[str, ...]) -> None:
        self._needs_an_empty_stage("customer")
        try:
            self.customer = customer_of(words[0])
        except KeyError:
            msg = f"there is no such customer; there are {', '.join(customer.ref for customer in CAST)}"
            raise ScriptError(msg, field=printable(words[0])) from None

    def _decide(self, words: tuple[str, ...]) -> None:
        self._needs_an_empty_stage("policy")
        try:
            self._policies = with_figure(self._policies, *words)
        except ValueError as error:
            raise ScriptError(str(error), field=printable(words[0])) from None

    def _needs_an_empty_stage(self, verb: str) -> None:
        if self._stage is not None:
            msg = f"{verb} stands before all that happens"
            raise ScriptError(msg)

    def _fill(self, _words: tuple[str, ...]) -> None:
        for field in self.view.screen.fields:
            answer = None if field.name in self.typed else self.answer(field)
            if answer is not None:
                self.typed[field.name] = answer

    def _set(self, words: tuple[str, ...]) -> None:
        self.enter(self.field(words[0]), words[1])

    def _press(self, words: tuple[str, ...]) -> None:
        before, chart = self.view, self.chart
        buttons = {str(number): button.event for number, button in enumerate(before.screen.buttons, 1)}
        event = buttons.get(words[0]) or words[0]
        if event not in {name for state in chart.states for name in chart.events(state)}:
            msg = f"{self.chart.name} has no such event; here are {', '.join(before.events) or 'none'}"
            raise ScriptError(msg, field=printable(event))
        for field in before.screen.fields:
            if field.name in self.typed:
                self.say(f"    {field.label.get(self.language)}: {shown(field, self.typed[field.name], before)}")
        view = self.stage.service.send(before.token, event, dict(self.typed), version=before.version)
        if view.dial is not None and before.dial is None:
            self.handset.enter_phone_screen(before, self.typed)
        self._take(view)

    def _call(self, words: tuple[str, ...]) -> None:
        self._hear(self.handset.call(words, self.view))

    def _keys(self, words: tuple[str, ...]) -> None:
        self._hear(self.handset.press_keys(words[0], self.view))

    def _hang_up(self, _words: tuple[str, ...]) -> None:
        self._hear(self.handset.hang_up())

    def _hear(self, result: CallResult) -> None:
        self._heard = result
        self.say(f"    ☎ {result.status.value}")
        for words in spoken(result, self.language):
            self.say(f"    ☎ 「{words}」")
        for reason in result.reasons:
            self.say(f"    ☎ {told(reason, self.language)}")
        self._look(())

    def _wait(self, words: tuple[str, ...]) -> None:
        token = self.view.token  # the session begins before time passes
        self.stage.clock.advance(float(words[0]))
        self._take(self.stage.service.view(token))

    def _look(self, _words: tuple[str, ...]) -> None:
        self._take(self.stage.service.view(self.view.token))

    def _befall(self, words: tuple[str, ...]) -> None:
        bank = self.stage.bank
        match words:
            case ("down" | "up",):
                bank.down = words[0] == "down"
            case ("lock" | "unlock" | "forget",):
                self._befall_contract(words[0])
            case ("refuse",):
                refusal = EffectRefused(ja="このお申し込みはお受けできません。", en="The bank cannot accept this.")
                bank.fail("carry_out", refusal)
            case (_, method, *times):
                if method not in METHODS:
                    msg = f"the bank has no such method; it has {', '.join(METHODS)}"
                    raise ScriptError(msg, field=printable(method))
                bank.fail(method, BankUnavailable, times=int(times[0]) if times else 1)

    def _befall_contract(self, happening: str) -> None:
        bank, ref = self.stage.bank, self.customer.ref
        try:
            match happening:
                case "lock":
                    bank.change(ref, card_locked=True)
                case "unlock":
                    self.stage.unlock(self.customer)
                case _:
                    bank.forget(ref)
        except KeyError:
            msg = f"the bank no longer knows {ref}"
            raise ScriptError(msg, field=happening) from None
        except BankUnavailable:
            msg = "the bank is down; `bank up` first"
            raise ScriptError(msg, field=happening) from None

    def _expect(self, words: tuple[str, ...]) -> None:
        states = self.chart.states
        if words[0] not in states:
            msg = f"{self.chart.name} has no such state; it has {', '.join(states)}"
            raise ScriptError(msg, field=printable(words[0]))
        _compare(words, self.view.state, (reason.code for reason in self.view.reasons))

    def _expect_heard(self, words: tuple[str, ...]) -> None:
        if self._heard is None:
            msg = "nobody has called yet"
            raise ScriptError(msg)
        _compare(words, self._heard.status.value, (reason.code for reason in self._heard.reasons))

    def _take(self, view: View) -> None:
        """Make *view* the present one, and show it; what was typed stays while the screen does, secrets apart."""
        if self._view is None or view.state != self._view.state:
            self.typed.clear()
        for field in view.screen.fields:
            if field.kind.is_secret:
                self.typed.pop(field.name, None)
        self._view = view
        is_new = (view.state, view.moment) not in self._seen
        self._tell(page(view, self.language, now=self.stage.clock.now, notices=is_new))
        self._seen.add((view.state, view.moment))


def _compare(expected: tuple[str, ...], place: str, codes: Iterable[str]) -> None:
    there = [place, *codes]
    if expected[0] != place or not set(expected[1:]) <= set(there):
        msg = f"expected {' '.join(expected)}, but it is {' '.join(there)}"
        raise UnexpectedError(printable(msg))
