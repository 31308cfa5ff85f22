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
from ja_reset.chart.transitions import Guard, Handler, check
from ja_reset.fields.forms import PasswordForm, PhoneForm
from ja_reset.machines._bim import LOGIN_PASSWORD
from ja_reset.machines.assigns import own_value
from ja_reset.machines.common import cancel
from ja_reset.policies import LockoutPolicy, PhonePolicy
from ja_reset.screens import ScreenPlan
from ja_reset.screens.messages import render

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


def test_every_complaint_is_told_at_once() -> None:
    """A chart with several mistakes is mended in one go."""
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
