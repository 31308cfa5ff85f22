"""Figures of an institution that lie over the service's, and policies as TOML and JSON have them (S11)."""

from __future__ import annotations

import json
import tomllib
from datetime import date, timedelta
from enum import Enum
from typing import Any

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ja_reset import InvalidArgument, Policies, PolicyOverride
from ja_reset.policies import FieldPolicy, PhonePolicy
from ja_reset.policies._bounds import LONGEST
from ja_reset.policies._parts import OF_THE_STORE, PARTS
from ja_reset.policies.standard import STANDARD

pytestmark = pytest.mark.rule("S11")


def _not_more_than_most(instance: Any, _: object, value: int) -> None:  # noqa: ANN401 - attrs' validator protocol
    if value > instance.most:
        msg = "least must not be more than most"
        raise ValueError(msg)


@attrs.frozen(kw_only=True)
class TransferPolicy:
    """A policy of a host's own, with a figure of each kind and attrs' own validators."""

    most: int = attrs.field(default=500, validator=attrs.validators.ge(1))
    least: int = attrs.field(default=1, validator=_not_more_than_most)
    pause: timedelta = timedelta(hours=1)
    since: date = date(2026, 1, 1)
    note: str = "none"
    extra: str | None = None
    share: float = 0.5


OWN = [TransferPolicy]
FIGURES = {f"{each.policy}.{each.name}": each.value for each in STANDARD}
SPANS = st.timedeltas(min_value=timedelta(microseconds=1), max_value=LONGEST)


KEYS: dict[str, tuple[str | None, ...]] = {
    "phone.not_me_key": (None, "8", "9"),
    "phone.confirm_key": ("0", "1"),
}


def _values(path: str, default: object) -> st.SearchStrategy[object]:
    match default:
        case bool():
            return st.booleans()
        case Enum():
            return st.sampled_from(type(default))
        case int():
            return st.integers(1, 3) if path.endswith("_min") else st.integers(4, 10**9)
        case timedelta():
            return SPANS
        case date():
            return st.dates()
    return st.sampled_from(KEYS.get(path, (None,) if path == "fields.password_rule" else (None, "A", "B", "C")))


VALUES = {path: _values(path, default) for path, default in FIGURES.items()}
WHOLE = st.fixed_dictionaries(VALUES).map(lambda figures: Policies().overridden(PolicyOverride(_of_one(figures))))
SOME = st.fixed_dictionaries({}, optional={path: each for path, each in VALUES.items() if path not in OF_THE_STORE})
TRANSFERS = st.builds(
    TransferPolicy,
    most=st.integers(10, 10**6),
    least=st.integers(1, 10),
    pause=SPANS,
    since=st.dates(),
    note=st.text(),
    extra=st.none() | st.text().filter(lambda text: text != "none"),
    share=st.floats(0, 1),
)


def _of_one(figures: dict[str, object]) -> dict[str, object]:
    return {path: value for path, value in figures.items() if path not in OF_THE_STORE}


# Over the service's ------------------------------------------------------------------------------------------


def test_the_parts_are_the_attributes_of_policies() -> None:
    """The classes by name are those of `Policies`, and the figures of the whole store are among theirs."""
    assert {each.name: type(each.default) for each in attrs.fields(Policies) if each.name != "own"} == PARTS
    assert OF_THE_STORE <= FIGURES.keys()


def test_an_override_changes_its_figures_and_no_other() -> None:
    """The service's own figures stay, those of the same policy too."""
    service = Policies(phone=PhonePolicy(phone_windows=7), fields=FieldPolicy(password_min=8))
    held = service.overridden(Policies.override({"phone.bim_window": timedelta(seconds=180)}))
    assert service.changed("phone", bim_window=timedelta(seconds=180)) == held


@given(WHOLE, SOME)
def test_what_an_override_names_holds_and_all_else_stays(service: Policies, figures: dict[str, object]) -> None:
    """Figure by figure, for any policies and any override; and laid over twice is laid over once."""
    override = Policies.override(figures)
    held = service.overridden(override)
    for path in FIGURES:
        part, name = path.split(".")
        expected = figures[path] if path in figures else getattr(getattr(service, part), name)
        assert expected == getattr(getattr(held, part), name)
    assert held == held.overridden(override)


def test_an_override_is_a_frozen_value() -> None:
    """Equal to another of the same figures, hashable, not to be changed, and no later change of the mapping matters."""
    figures: dict[str, object] = {"lockout.pin_attempts": 2}
    override = Policies.override(figures)
    figures["lockout.pin_attempts"] = 9
    assert Policies.override({"lockout.pin_attempts": 2}) == override
    assert hash(Policies.override({"lockout.pin_attempts": 2})) == hash(override)
    with pytest.raises(TypeError):
        override.figures["lockout.pin_attempts"] = 9  # type: ignore[index]  # what is tried
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        override.figures = {}  # type: ignore[misc]  # what is tried


def test_a_plain_word_is_taken_as_the_class_takes_it() -> None:
    """`"displayed"` is the channel, as in `PhonePolicy`."""
    assert (
        PhonePolicy(code_channel="displayed").code_channel
        is Policies.override({"phone.code_channel": "displayed"}).figures["phone.code_channel"]
    )


@pytest.mark.parametrize("path", sorted(OF_THE_STORE))
def test_a_figure_of_the_whole_service_is_no_institutions(path: str) -> None:
    """No institution has its own; the words say where it is set."""
    with pytest.raises(InvalidArgument, match=f"{path} is a figure of the whole service: set it in the service's"):
        Policies.override({path: FIGURES[path]})


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ({"phone.bim_windw": 1}, r"there is no figure 'phone.bim_windw'; did you mean 'phone.bim_window'\?"),
        ({"bim_window": 1}, r"there is no figure 'bim_window'; did you mean 'phone.bim_window'\?"),
        ({"x" * 999: 1}, rf"there is no figure '{'x' * 60}'; all are in ja_reset.policies.standard"),
        ({"phone": PhonePolicy()}, "phone is a group of figures: name them one by one"),
        ({"own.TransferPolicy.most": 1}, "there is no class 'TransferPolicy' among the own policies"),
        ({5: 1}, "a figure is named by a str such as 'phone.bim_window', not int"),
        ({"phone.code_attempts": 0}, "phone.code_attempts must be an int of 1 or more"),
        ({"phone.bim_window": 180}, "phone.bim_window must be a timedelta of more than nothing"),
        ({"phone.code_channel": "shouted"}, "phone.code_channel: .* must be 'spoken' or 'displayed'"),
        ({"fields.password_max": 0}, "fields.password_max must be an int of 1 or more"),
        ({"fields.password_rule": 3}, "fields.password_rule must be callable or None"),
        ([("phone.bim_window", 1)], "an override is a mapping of figures, .* got list"),
        (None, "an override is a mapping of figures, .* got NoneType"),
    ],
)
def test_a_wrong_override_is_refused_in_words(figures: Any, words: str) -> None:  # noqa: ANN401 - whatever comes
    """An unknown name with the nearest one, a value that no policy has, what is no mapping."""
    with pytest.raises(InvalidArgument, match=words):
        Policies.override(figures)


def test_every_complaint_comes_at_once() -> None:
    """Two typing errors are one exception."""
    with pytest.raises(InvalidArgument, match=r"phone.bim_windw.*; lockout.pin_attempts must be an int"):
        Policies.override({"phone.bim_windw": 1, "lockout.pin_attempts": 0})


def test_how_figures_go_together_is_known_where_they_lie() -> None:
    """A maximum below the standard minimum is fine over a service with a smaller one, and refused over the standard."""
    override = Policies.override({"fields.password_max": 3})
    assert 3 == Policies(fields=FieldPolicy(password_min=2)).overridden(override).fields.password_max
    with pytest.raises(InvalidArgument, match="password_max must be at least password_min"):
        Policies().overridden(override)


def test_figures_of_a_hosts_own_policies_lie_over_too() -> None:
    """By the class's name; a service without that class gets its defaults below the figure."""
    override = Policies.override({"own.TransferPolicy.most": 7}, own=OWN)
    assert 7 == Policies().overridden(override).of(TransferPolicy).most
    service = Policies(own=(TransferPolicy(most=9, least=3),))
    assert TransferPolicy(most=7, least=3) == service.overridden(override).of(TransferPolicy)
    with pytest.raises(InvalidArgument, match=r"own.TransferPolicy.most: 'most' must be >= 1"):
        Policies.override({"own.TransferPolicy.most": 0}, own=OWN)
    with pytest.raises(InvalidArgument, match=r"TransferPolicy: least must not be more than most"):
        Policies().overridden(Policies.override({"own.TransferPolicy.least": 501}, own=OWN))


@pytest.mark.parametrize(
    ("own", "words"),
    [
        (TransferPolicy, "own must be several classes"),
        ([PhonePolicy], "own: PhonePolicy is the library's own"),
        ([TransferPolicy, TransferPolicy], "own has two classes of one name"),
        ([3], "own: int must be an attrs class"),
    ],
)
def test_what_is_no_class_of_policies_is_refused(own: Any, words: str) -> None:  # noqa: ANN401 - whatever comes
    """In an override, and where policies are read."""
    for make in (Policies.override, Policies.from_dict, PolicyOverride.from_dict):
        with pytest.raises(InvalidArgument, match=words):
            make({}, own=own)


# As files have them ------------------------------------------------------------------------------------------


@given(WHOLE, TRANSFERS)
@example(Policies(), TransferPolicy())
def test_policies_come_back_as_they_were_written(policies: Policies, transfers: TransferPolicy) -> None:
    """Through JSON, whatever the figures, those of a host's own policies among them."""
    policies = attrs.evolve(policies, own=(transfers,))
    assert policies == Policies.from_dict(json.loads(json.dumps(policies.to_dict())), own=OWN)


@given(SOME, st.none() | TRANSFERS)
def test_an_override_comes_back_as_it_was_written(figures: dict[str, object], transfers: TransferPolicy | None) -> None:
    """The same of an override, which holds no figure that was not there."""
    ours = {} if transfers is None else attrs.asdict(transfers)
    override = Policies.override(figures | {f"own.TransferPolicy.{name}": ours[name] for name in ours}, own=OWN)
    assert override == PolicyOverride.from_dict(json.loads(json.dumps(override.to_dict())), own=OWN)


def test_a_file_of_toml_is_read() -> None:
    """Durations as seconds or with a unit, dates, words; what the file lacks has its default."""
    data = tomllib.loads("""
        [phone]
        bim_window = 180
        btr_window = "5m"
        delivery_grace = 0.5
        code_channel = "displayed"
        [identity]
        gaiji_until = 2021-02-16
        [caller_id]
        attestation = "A"
    """)
    expected = Policies.override(
        {
            "phone.bim_window": timedelta(seconds=180),
            "phone.btr_window": timedelta(minutes=5),
            "phone.delivery_grace": timedelta(milliseconds=500),
            "phone.code_channel": "displayed",
            "identity.gaiji_until": date(2021, 2, 16),
            "caller_id.attestation": "A",
        }
    )
    assert expected == PolicyOverride.from_dict(data)
    assert Policies().overridden(expected) == Policies.from_dict(data)


def test_a_dotted_name_is_the_table_it_leads_to() -> None:
    """`{"phone.bim_window": 180}` reads as `{"phone": {"bim_window": 180}}`; both at once are one too many."""
    assert Policies.from_dict({"phone": {"bim_window": 9}}) == Policies.from_dict({"phone.bim_window": 9})
    with pytest.raises(InvalidArgument, match=r"phone.bim_window is there twice"):
        Policies.from_dict({"phone.bim_window": 9, "phone": {"bim_window": 9}})


@pytest.mark.parametrize(
    ("span", "words"),
    [(120, "120s"), (300, "300s"), (600, "10m"), (1800, "30m"), (86_400, "24h"), (2_592_000, "30d"), (0, "0s")],
)
def test_a_duration_is_written_so_that_it_can_be_read(span: int, words: str) -> None:
    """In the largest unit of which it is ten or more."""
    override = Policies.override({"phone.number_rest": timedelta(seconds=span)})
    assert {"phone": {"number_rest": words}} == override.to_dict()


@pytest.mark.parametrize(
    "raw",
    ["12", "12 s", "1h30m", "-5s", "٣s", "1e3s", "0.0000001s", "", "s", True, [], None, float("nan"), 1e300, 10**400],
)
def test_what_is_no_duration_is_refused(raw: object) -> None:
    """The words say what would be one."""
    with pytest.raises(
        InvalidArgument, match=r'phone.bim_window must be a duration: a number of seconds, or .* "120s"'
    ):
        Policies.from_dict({"phone": {"bim_window": raw}})


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"phone": {"bim_windw": 1}}, r"there is no figure 'phone.bim_windw'; did you mean 'phone.bim_window'\?"),
        ({"phnoe": {}}, r"there is no figure 'phnoe'; did you mean 'phone'\?"),
        ({"phone": 5}, "phone must be a table of figures, not int"),
        ({"own": {"Nobody": {"x": 1}}}, "there is no class 'Nobody' among the own policies"),
        ({"lockout": {"pin_attempts": "3"}}, "lockout.pin_attempts must be a whole number"),
        ({"lockout": {"pin_attempts": True}}, "lockout.pin_attempts must be a whole number"),
        ({"phone": {"bim_code": 1}}, "phone.bim_code must be true or false"),
        ({"phone": {"code_channel": "shouted"}}, "phone.code_channel must be 'spoken' or 'displayed'"),
        ({"caller_id": {"attestation": "D"}}, "caller_id.attestation must be 'A', 'B', 'C' or None"),
        ({"identity": {"gaiji_until": "yesterday"}}, "identity.gaiji_until must be a date, as YYYY-MM-DD"),
        ({"identity": {"gaiji_until": 5}}, "identity.gaiji_until must be a date, as YYYY-MM-DD"),
        ({"fields": {"password_rule": "os.system"}}, "fields.password_rule must be callable or None"),
        ({"lockout": {3: 3}}, "a figure is named by a str"),
        ([], "expected tables of figures, as tomllib and json give them; got list"),
        (None, "expected tables of figures"),
    ],
)
@pytest.mark.parametrize("kind", [Policies, PolicyOverride])
def test_a_wrong_table_is_refused_in_words(
    kind: type[Policies | PolicyOverride],
    data: Any,  # noqa: ANN401 - whatever comes
    words: str,
) -> None:
    """The same of policies and of an override."""
    with pytest.raises(InvalidArgument, match=words):
        kind.from_dict(data)


def test_figures_that_do_not_go_together_are_refused_where_all_are_known() -> None:
    """Of policies at once; of an override where it lies over others."""
    data = {"fields": {"password_max": 3}}
    with pytest.raises(InvalidArgument, match=r"password_max must be at least password_min"):
        Policies.from_dict(data)
    assert PolicyOverride({"fields.password_max": 3}) == PolicyOverride.from_dict(data)


def test_a_function_is_written_in_no_file() -> None:
    """Policies with a password rule say so instead of losing it."""
    policies = Policies(fields=FieldPolicy(password_rule=lambda _password, _contract: None))
    with pytest.raises(InvalidArgument, match=r"fields.password_rule is a function, .* set it in Python"):
        policies.to_dict()
    assert Policies().to_dict() == policies.changed("fields", password_rule=None).to_dict()
