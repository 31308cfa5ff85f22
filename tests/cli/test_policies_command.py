"""`ja-reset policies`: what holds for whom, and where it comes from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ja_reset import Policies, cli
from ja_reset.policies.standard import STANDARD

pytestmark = pytest.mark.rule("S11")

TOML = """
[phone]
bim_window = "150s"

[institutions.ja-0417]
phone.bim_window = 240
lockout.pin_attempts = 2

[institutions."ja 2"]
"""
ALIKE = {
    "phone": {"bim_window": 150},
    "institutions": {"ja-0417": {"phone.bim_window": "240s", "lockout": {"pin_attempts": 2}}, "ja 2": {}},
}


def _written(folder: Path, text: str, name: str = "policies.toml") -> str:
    path = folder / name
    path.write_text(text, "utf-8")
    return str(path)


def test_each_figure_tells_where_it_comes_from(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every figure of the service and of each institution is a line: its value, and whose it is."""
    assert 0 == cli.main(["policies", _written(tmp_path, TOML)])
    lines = capsys.readouterr().out.splitlines()
    assert 3 * len(STANDARD) == len(lines)
    given = [" ".join(line.split()) for line in lines if "default (" not in line]
    assert given == [
        "- phone.bim_window 150s service",
        "ja-0417 phone.bim_window 240s institution",
        "ja-0417 lockout.pin_attempts 2 institution",
        "ja 2 phone.bim_window 150s service",
    ]
    assert 3 == sum(
        "phone.btr_window" in line and "default (P2, the manual: BTR004: 300秒以内)" in line for line in lines
    )


def test_json_tells_the_same_of_a_json_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same file as JSON, told as JSON."""
    assert 0 == cli.main(["policies", "--json", _written(tmp_path, json.dumps(ALIKE), "policies.json")])
    told = json.loads(capsys.readouterr().out)
    assert ["ja-0417", "ja 2"] == list(told["institutions"])
    assert {"value": "150s", "from": "service", "source": ""} == told["service"]["phone.bim_window"]
    held = told["institutions"]["ja-0417"]
    assert {"value": "240s", "from": "institution", "source": ""} == held["phone.bim_window"]
    assert "default" == held["phone.btr_window"]["from"]
    figures = {path: each["value"] for path, each in held.items()}
    expected = Policies().overridden(Policies.override({"lockout.pin_attempts": 2}))
    assert expected.changed("phone", bim_window=Policies.from_dict(figures).phone.bim_window) == Policies.from_dict(
        figures
    )


def test_a_chart_brings_its_own_policies(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With `--chart` the figures of its classes are known too."""
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "docs" / "procedures")
    text = "[own.TransferPolicy]\nmost_yen = 5\n[institutions.x.own.TransferPolicy]\nmost_yen = 7\n"
    file = _written(tmp_path, text)
    assert 0 == cli.main(["policies", file, "--chart", "transfer_limit:TRANSFER_LIMIT"])
    shown = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines() if "most_yen" in line]
    assert ["- own.TransferPolicy.most_yen 5 service", "x own.TransferPolicy.most_yen 7 institution"] == shown
    assert 2 == cli.main(["policies", file])
    assert "no class 'TransferPolicy' among the own policies: give it (own=[…], or --chart)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[phone]\nbim_windw = 3", "there is no figure 'phone.bim_windw'; did you mean 'phone.bim_window'?"),
        ("[phone]\nbim_window = 0", "phone.bim_window must be a timedelta of more than nothing"),
        ("[institutions.a]\nlockout.pin_atempts = 3", "institutions.a: there is no figure 'lockout.pin_atempts'"),
        ("[institutions.a]\nfields.password_max = 3", "institutions.a: FieldPolicy.password_max must be at least"),
        (
            "[institutions.a.session]\ninstitution_refresh = 3",
            "institutions.a: session.institution_refresh is a figure",
        ),
        ("institutions = 3", "institutions must be a table of institutions, not int"),
        ("institutions.a = 3", "institutions.a: expected tables of figures"),
        ("[phone", "policies.toml is no TOML: "),
        ("a = " + "[" * 9999, "policies.toml is no TOML: "),
    ],
)
def test_a_typing_error_is_one_line(text: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is wrong and where, nothing printed, exit code 2."""
    assert 2 == cli.main(["policies", _written(tmp_path, text)])
    out, err = capsys.readouterr()
    assert "" == out
    assert 1 == err.count("\n")
    assert words in err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[1]", "must hold one JSON object, not list"),
        ('{"phone": {}, "phone": {}}', "'phone' is there twice in one object"),
        ("{", "is no JSON: "),
        ("[" * 99_999, "is no JSON: "),
    ],
)
def test_a_json_file_is_judged_too(text: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is no object, a name that comes twice, what is no JSON."""
    assert 2 == cli.main(["policies", _written(tmp_path, text, "policies.json")])
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(("text", "name"), [(TOML, "policies.toml"), (json.dumps(ALIKE), "policies.json")])
def test_a_byte_order_mark_is_no_mistake(
    text: str, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Editors under Windows put one in front of UTF-8."""
    files = [_written(tmp_path, text, name), _written(tmp_path, "\ufeff" + text, f"marked-{name}")]
    assert [0, 0] == [cli.main(["policies", file]) for file in files]
    told = capsys.readouterr().out.splitlines()
    assert told[: len(told) // 2] == told[len(told) // 2 :]


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One that is not there ends with 3, one that is not UTF-8 with 2."""
    assert 3 == cli.main(["policies", str(tmp_path / "none.toml")])
    assert "name a file that is there" in capsys.readouterr().err
    (tmp_path / "latin.toml").write_bytes(b"# \xff")
    assert 2 == cli.main(["policies", str(tmp_path / "latin.toml")])
    assert "octet 3 is not UTF-8" in capsys.readouterr().err
