"""What a chart brings of its own is told apart from what the library has, and from each other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import attrs
import pytest

from ja_reset import ChartError, InvalidArgument, Policies, Secret, Text
from ja_reset.chart.chart import Chart
from ja_reset.chart.own_laws import LAWS, Own
from ja_reset.chart.states import State, StateKind
from ja_reset.chart.transitions import Assign, Guard, Handler, Otherwise, check
from ja_reset.fields.forms import PasswordForm, PhoneForm
from ja_reset.machines import common
from ja_reset.machines._bim import LOGIN_PASSWORD
from ja_reset.machines.assigns import own_value
from ja_reset.machines.common import cancel
from ja_reset.machines.effects import NOTIFY
from ja_reset.policies import LockoutPolicy, PhonePolicy
from ja_reset.screens import ScreenPlan
from ja_reset.screens.messages import render

LIMIT: Final = Text(ja="限度", en="limit")
WORDLESS: Final = Guard("wordless", lambda _: True, says="x")  # type: ignore[arg-type]  # a wrong one
OF_A_VALUE: Final = Text(ja="{limit}円", en="{limit} yen")
WORDS: Final = Text(ja="一日{most}円まで", en="{most} yen a day at most")


@attrs.frozen
class TransferPolicy:
    """A policy of a host's own."""

    most: int = 500
    pause: timedelta = timedelta(minutes=30)
    is_strict: bool = False


@attrs.frozen
class Demanding:
    """A policy that has no default."""

    most: int


@attrs.define(unsafe_hash=False)
class Changing:
    """A policy that is not frozen."""

    most: int = 1


@attrs.frozen
class Taken:
    """A policy with a figure of the library's."""

    pin_attempts: int = 3


@attrs.frozen
class Camel:
    """A policy with a figure that no text can name."""

    mostYen: int = 3  # noqa: N815 - the point


def _complaints(**own: object) -> list[str]:
    return [complaint for law in LAWS for complaint in law(Own(**own))]  # type: ignore[arg-type]  # fields by name


def _like_the_login_password(**own: object) -> Chart:
    """The chart of LOGIN_PASSWORD under another name, with more of its own."""
    ours = LOGIN_PASSWORD
    given: dict[str, object] = {"title": ours.title, "initial": ours.initial, "states": ours.states.values()}
    given |= {"handlers": ours.handlers, **own}
    return Chart("FOURTH", **given)  # type: ignore[arg-type]  # fields by name


def test_what_a_chart_brings_is_its_own() -> None:
    """Texts, words of codes and figures stand together in its catalogue."""
    chart = _like_the_login_password(
        version=3, texts={"limit.notice": WORDS}, codes={"limit_too_high": WORDS}, policies=[TransferPolicy]
    )
    assert (3, {"limit.notice", "limit_too_high"}) == (chart.version, set(chart.texts))
    assert Text("一日500円まで", "500 yen a day at most") == render("limit_too_high", texts=chart.texts)
    lower = Policies(own=(TransferPolicy(most=5),))
    assert "5 yen a day at most" == render("limit_too_high", texts=chart.texts, policies=lower).en


@pytest.mark.parametrize(
    ("own", "complaint"),
    [
        ({"version": -1}, "version must be an int of 0 or more"),
        ({"version": True}, "version must be an int of 0 or more"),
        ({"texts": {"BIM015.title": WORDS}}, "text 'BIM015.title' is the library's: give it another key"),
        ({"texts": {"wrong_pin": WORDS}}, "text 'wrong_pin' is the library's"),
        ({"texts": {"x": "words"}}, "text 'x' must map a str to a Text"),
        ({"texts": {"x": WORDS}, "codes": {"x": WORDS}}, "text 'x' has the key of a reason code"),
        ({"texts": {"x": WORDS}}, "text 'x' names {most}, which is not a placeholder and no value"),
        ({"texts": {"x": Text("{", "{most")}}, "text 'x' names {most, which is not a placeholder and no value"),
        ({"codes": {"limit": WORDS}, "values": frozenset({"most"})}, "text 'limit' names {most}"),
        ({"codes": {"wrong_pin": WORDS}}, "reason code wrong_pin is the library's"),
        ({"codes": {"Too High": WORDS}}, "reason code 'Too High' must be a lower-case identifier"),
        ({"policies": (PhonePolicy,)}, "policies: PhonePolicy is the library's own"),
        ({"policies": (Demanding,)}, "policies: Demanding must be frozen, with a default for each figure"),
        ({"policies": (Changing,)}, "policies: Changing must be frozen"),
        ({"policies": (int,)}, "policies: int must be an attrs class"),
        ({"policies": (Taken,)}, "figure pin_attempts is there already"),
        ({"policies": (TransferPolicy, TransferPolicy)}, "figure most is there already"),
        ({"values": frozenset({"most"}), "policies": (TransferPolicy,)}, "value most has the name of a fact or figure"),
        ({"values": frozenset({"ref"})}, "value ref has the name of a fact or figure"),
        ({"values": frozenset({"label"})}, "value label has the name of a fact or figure"),
        ({"values": frozenset({"_limit"})}, "value '_limit' must have a lower-case identifier as its name: ASCII"),
        ({"values": frozenset({"限度"})}, "value '限度' must have a lower-case identifier as its name"),
        ({"policies": (Camel,)}, "figure 'mostYen' must have a lower-case identifier as its name: ASCII letters"),
        ({"texts": {"x": OF_A_VALUE}, "values": frozenset({"limit"})}, "text 'x' names {limit}, which no screen shows"),
        ({"texts": {"x": Text("{pin_attempts", "")}}, "text 'x' names {pin_attempts, which is not a placeholder"),
        ({"values": frozenset({"New Limit"})}, "value 'New Limit' must have a lower-case identifier as its name"),
    ],
)
def test_what_is_not_its_own_is_refused(own: Mapping[str, object], complaint: str) -> None:
    """Each law tells what is wrong and what to do."""
    assert any(each.startswith(complaint) for each in _complaints(**own)), _complaints(**own)


def test_a_text_that_names_a_value_is_shown_where_the_value_is_kept() -> None:
    """A screen of a state that does not keep the value would show the braces."""
    plan = ScreenPlan(id="X", title="limit.title")
    texts = {"limit.title": Text(ja="{limit}円", en="{limit} yen")}
    values = frozenset({"limit"})

    def complaints(*keeps: str) -> list[str]:
        state = State(name="X", kind=StateKind.FORM, screen=plan, keeps=frozenset(keeps))
        return _complaints(texts=texts, values=values, states=(state,))

    assert ["state X shows {limit} in 'limit.title' and does not keep it"] == complaints()
    assert [] == complaints("limit")


@pytest.mark.parametrize(
    ("own", "complaint"),
    [
        ({"title": "x"}, "title must be of type Text, not str"),
        ({"states": (1, 2)}, "states must be States, not int"),
        ({"states": 1}, "states must be an iterable of States, not int"),
        ({"texts": None}, "texts must be of type Mapping, not NoneType"),
        (
            {"codes": None, "policies": 1},
            "codes must be of type Mapping, not NoneType; policies must be of type Iterable, not int",
        ),
        (
            {"handlers": (cancel("BIM015"), 1)},
            (
                "handlers must be Handlers, not a generator: unpack it, as in *common.cancel(…); "
                "handlers must be Handlers, not int"
            ),
        ),
        (
            {"handlers": (Handler(trigger="go", source="A", to=None, checks=(check(WORDLESS),)),)},
            "says of guard wordless must be of type Text, not str",
        ),
    ],
)
def test_what_a_chart_is_not_made_of_is_told_in_words(own: Mapping[str, object], complaint: str) -> None:
    """A value of another type is a ChartError that says what was expected and what came."""
    with pytest.raises(ChartError) as refused:
        _like_the_login_password(**own)
    assert f"chart FOURTH: {complaint}" == str(refused.value)


FINE: Final = Guard("fine", lambda _: True, ("late",), says=WORDS)


def _of_steps(*checks: object, **more: object) -> dict[str, object]:
    """A chart's handlers, of which one has these checks, or more that is wrong."""
    step = Handler(**{"trigger": "go", "source": "A", "to": None, "checks": checks, **more})  # type: ignore[arg-type]  # a wrong one
    return {"handlers": (step,)}


def _of_guard(**wrong: object) -> dict[str, object]:
    return _of_steps(check(attrs.evolve(FINE, **wrong)))  # type: ignore[arg-type]  # a wrong one


def _of_fall(**wrong: object) -> dict[str, object]:
    return _of_steps(check(FINE, Otherwise(**wrong)))  # type: ignore[arg-type]  # a wrong one


def _of_state(**wrong: object) -> dict[str, object]:
    given = {"name": "A", "kind": StateKind.FORM, "screen": ScreenPlan(id="X", title="DONE.title"), **wrong}
    return {"states": (State(**given),)}  # type: ignore[arg-type]  # a wrong one


UNCHANGING: Final = Assign("a", LIMIT)  # type: ignore[arg-type]  # a wrong one
DATALESS: Final = attrs.evolve(NOTIFY, data=5)  # type: ignore[arg-type]  # a wrong one
NO_BUTTON: Final = ScreenPlan(id="X", title="DONE.title", buttons=("cancel",))  # type: ignore[arg-type]  # a wrong one


@pytest.mark.parametrize(
    ("own", "complaint"),
    [
        (_of_steps(FINE), "checks of go from A must be Checks, not Guard"),
        (
            _of_steps(common.pin_is_proved),
            "checks of go from A must be Checks, not a tuple: unpack it, as in *common.pin_is_proved",
        ),
        (_of_steps(checks=check(FINE)), "checks of go from A must be a tuple of Checks, not Check"),
        (_of_steps(trigger=5), "trigger of 5 from A must be of type str, not int"),
        (_of_steps(to=5), "to of go from A must be of type str or None, not int"),
        (_of_steps(role="cancel"), "role of go from A must be of type EventRole or None, not str"),
        (_of_steps(effects=NOTIFY), "effects of go from A must be a tuple, not EffectSpec"),
        (_of_steps(effects=(DATALESS,)), "data of effect NOTIFY must be of type Callable, not int"),
        (_of_steps(assigns=("x",)), "assigns of go from A must be Assigns, not str"),
        (_of_steps(assigns=(UNCHANGING,)), "change of assignment a must be of type Callable, not Text"),
        (_of_steps(wait="open"), "wait of go from A must be of type WaitWrite or None, not str"),
        (_of_guard(codes="late"), "codes of guard fine must be a tuple of strs, not str"),
        (_of_guard(name=5), "name of guard 5 must be of type str, not int"),
        (_of_guard(holds=True), "holds of guard fine must be of type Callable, not bool"),
        (_of_guard(reasons=("late",)), "reasons of guard fine must be of type Callable or None, not tuple"),
        (_of_guard(reads=NOTIFY), "reads of guard fine must be a tuple, not EffectSpec"),
        (_of_guard(roles=("PIN",)), "roles of guard fine must be Roles, not str"),
        (_of_fall(to=LIMIT), "to of an outcome in go from A must be of type str or None, not Text"),
        (_of_fall(when="late"), "when of an outcome in go from A must be of type Guard or None, not str"),
        (_of_fall(when=WORDLESS), "says of guard wordless must be of type Text, not str"),
        (_of_fall(reasons="late"), "reasons of an outcome in go from A must be a tuple of strs, not str"),
        (_of_state(name=5), "name of state 5 must be of type str, not int"),
        (_of_state(kind="form"), "kind of state A must be of type StateKind, not str"),
        (_of_state(screen="X"), "screen of state A must be of type ScreenPlan, not str"),
        (_of_state(screen=NO_BUTTON), "buttons of the screen X of state A must be ButtonPlans, not str"),
        (_of_state(variants={"ACCOUNT": 5}), "variants of state A must be ScreenPlans, not int"),
        (_of_state(keeps="ref"), "keeps of state A must be a tuple of strs, not str"),
        (_of_state(tolerates="proceed"), "tolerates of state A must be a tuple of strs, not str"),
    ],
)
def test_what_a_step_or_a_state_is_not_made_of_is_told_in_words(own: Mapping[str, object], complaint: str) -> None:
    """A part of another type is named with the place where it stands."""
    with pytest.raises(ChartError) as refused:
        _like_the_login_password(**own)
    assert f"chart FOURTH: {complaint}" == str(refused.value)


def test_what_is_no_form_is_told_in_words() -> None:
    """A form is an attrs class: a name, or any other class, is refused with all else."""
    for form, said in ((int, "int"), ("PhoneForm", "str"), ({"ACCOUNT": 5}, "int")):
        handlers = [
            attrs.evolve(each, form=form) if each.form is PhoneForm else each  # type: ignore[arg-type]  # a wrong one
            for each in LOGIN_PASSWORD.handlers
        ]
        with pytest.raises(ChartError, match=f"a form is an attrs class, and {said} is none"):
            _like_the_login_password(handlers=handlers)
    with pytest.raises(ChartError, match="a form is an attrs class, and int is none"):
        ScreenPlan(id="X", title="DONE.title", form=int)  # type: ignore[arg-type]  # a wrong one


def test_every_complaint_is_told_at_once() -> None:
    """A chart with several mistakes gets all complaints at once."""
    with pytest.raises(ChartError) as refused:
        _like_the_login_password(version=-1, codes={"wrong_pin": WORDS}, policies=[Taken])
    for part in ("chart FOURTH: ", "version must be", "wrong_pin is the library's", "pin_attempts is there already"):
        assert part in str(refused.value)


@pytest.mark.rule("S5")
def test_a_secret_is_no_value_that_a_session_keeps() -> None:
    """A PIN or password cannot be declared as one, nor a field that the form has not."""
    with pytest.raises(ChartError, match=r"value pin: PasswordForm.pin cannot be kept: the form has a secret there"):
        own_value("pin", PasswordForm, "pin")
    with pytest.raises(ChartError, match=r"PhoneForm.number cannot be kept: the form has no such field"):
        own_value("number", PhoneForm, "number")


def test_policies_of_a_hosts_own_go_by_their_class() -> None:
    """An institution's come first, then the service's, then the class's defaults; the library's are found alike."""
    service = Policies(own=(TransferPolicy(most=7),))
    assert 7 == Policies().above(service).of(TransferPolicy).most
    assert 9 == Policies(own=(TransferPolicy(most=9),)).above(service).of(TransferPolicy).most
    assert 500 == Policies().of(TransferPolicy).most
    assert LockoutPolicy() == service.of(LockoutPolicy)
    assert TransferPolicy(most=7) == service.parts["TransferPolicy"]
    assert 8 == service.changed("TransferPolicy", most=8).of(TransferPolicy).most
    assert 2 == service.changed("lockout", pin_attempts=2).lockout.pin_attempts
    assert TransferPolicy() == Policies().having([TransferPolicy]).parts["TransferPolicy"]
    assert service is service.having([TransferPolicy])


@pytest.mark.parametrize(
    ("own", "complaint"),
    [
        ((Changing(),), r"Policies.own: Changing must be frozen"),
        ((PhonePolicy(),), r"Policies.own: PhonePolicy is the library's own"),
        ((Secret("x"),), r"Policies.own: Secret must be an attrs class"),
        ((TransferPolicy(), TransferPolicy(most=1)), r"Policies.own has two policies of one class"),
    ],
)
def test_policies_that_are_none_are_refused(own: tuple[attrs.AttrsInstance, ...], complaint: str) -> None:
    """What a guard could not find, or a cache not hash, is found where the host writes it."""
    with pytest.raises(InvalidArgument, match=complaint):
        Policies(own=own)
