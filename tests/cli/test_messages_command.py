"""`ja-reset messages`: the list of texts, and what a translation lacks or has wrongly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ja_reset import InvalidArgument, cli
from ja_reset.screens import CALL_TEXTS, SCREEN_TEXTS
from ja_reset.screens._wording import own_texts
from ja_reset.screens.messages import MESSAGES

pytestmark = pytest.mark.rule("S9")

ALL = {**SCREEN_TEXTS, **CALL_TEXTS, **MESSAGES}


def _written(folder: Path, data: object) -> str:
    path = folder / "texts.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data), "utf-8")
    return str(path)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_text_is_a_line(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Its key, its words in that language, and its placeholders."""
    assert 0 == cli.main(["messages", "--lang", language])
    lines = dict(line.split(None, 1) for line in capsys.readouterr().out.splitlines())
    assert list(ALL) == list(lines)
    assert ALL["PHONE.title"].get(language) == lines["PHONE.title"]
    assert lines["PHONE.notice.window"].endswith("  [bim_window]")


def test_json_has_every_text_for_a_translator(capsys: pytest.CaptureFixture[str]) -> None:
    """In both languages, with the placeholders that a translation names too."""
    assert 0 == cli.main(["messages", "--json"])
    told = {each.pop("key"): each for each in json.loads(capsys.readouterr().out)}
    assert list(ALL) == list(told)
    lead = ALL["PHONE.notice.window"]
    assert {"ja": lead.ja, "en": lead.en, "placeholders": ["bim_window"]} == told["PHONE.notice.window"]


def test_a_whole_translation_is_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every key with words that name the same placeholders; a service takes what the command has found well."""
    data = {"vi": {key: text.en for key, text in ALL.items()}}
    assert 0 == cli.main(["messages", _written(tmp_path, data)])
    assert "vi: every text is there\n" == capsys.readouterr().out
    assert data["vi"]["locked"] == own_texts(data).by_language["vi"]["locked"]  # type: ignore[attr-defined]


def test_what_is_lacking_or_wrong_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each key that is not there, each that is none, each placeholder that is none or left out; exit code 1."""
    words = {key: text.en for key, text in ALL.items() if key not in {"PHONE.title", "locked"}}
    words |= {"PHONE.titl": "x", "stale": "{nix}", "PHONE.notice.window": "soon", "required.email": "x"}
    file = _written(tmp_path, {"vi": words})
    assert 1 == cli.main(["messages", file])
    assert capsys.readouterr().out.splitlines() == [
        "vi: 2 lacking, 3 wrong",
        "  lacks  PHONE.title",
        "  lacks  locked",
        "  wrong  'stale' names {nix}, which is not a placeholder",
        "  wrong  there is no text 'PHONE.titl'; did you mean 'PHONE.title'?",
        "  wrong  'PHONE.notice.window' leaves out {bim_window}",
    ]
    assert 1 == cli.main(["messages", file, "--json"])
    told = json.loads(capsys.readouterr().out)
    assert (["PHONE.title", "locked"], 3) == (told["vi"]["lacks"], len(told["vi"]["wrong"]))


def test_a_blank_text_is_lacking(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A translator's tool writes what is not translated yet as an empty text: customers would see an empty button."""
    words = {key: text.en for key, text in ALL.items()} | {"PHONE.title": "", "stale": " \u3000"}
    assert 1 == cli.main(["messages", _written(tmp_path, {"vi": words})])
    assert ["vi: 2 lacking, 0 wrong", "  lacks  PHONE.title", "  lacks  stale"] == capsys.readouterr().out.splitlines()


def test_our_own_languages_lack_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file may reword single texts in Japanese or English; `--lang` looks at one table alone."""
    file = _written(tmp_path, {"en": {"PHONE.title": "Ring us"}, "vi": {}})
    assert 0 == cli.main(["messages", file, "--lang", "en"])
    assert "en: every text is there\n" == capsys.readouterr().out
    assert 1 == cli.main(["messages", file])


def test_a_chart_has_texts_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With `--chart` they are listed, and lacking."""
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "docs" / "procedures")
    chart = ["--chart", "transfer_limit:TRANSFER_LIMIT"]
    assert 0 == cli.main(["messages", *chart])
    assert len(ALL) < capsys.readouterr().out.count("\n")
    file = _written(tmp_path, {"vi": {key: text.en for key, text in ALL.items()}})
    assert 0 == cli.main(["messages", file])
    assert 1 == cli.main(["messages", file, *chart])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"vi": "x"}, "'vi' must be a table of a language, such as [vi]"),
        ({"PHONE.title": "x"}, "'PHONE.title' must be a table of a language"),
        ({"vi_VN": {}}, "'vi_VN' is no language tag"),
        ({"vi": {"PHONE": {"title": "x"}}}, "vi: 'PHONE' must map a key such as 'PHONE.title', whole, to a str"),
        ("{", "is no JSON"),
        ("[]", "must hold one JSON object, not list"),
    ],
)
def test_what_is_no_translation_is_one_line(
    data: object, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, and where a service would be given it, InvalidArgument."""
    assert 2 == cli.main(["messages", _written(tmp_path, data)])
    out, err = capsys.readouterr()
    assert ("", 1) == (out, err.count("\n"))
    assert words in err
    if isinstance(data, dict):
        with pytest.raises(InvalidArgument):
            own_texts(data)


def test_a_language_that_is_not_there_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither in the library nor in the file; a file that is not there ends with 3."""
    assert 2 == cli.main(["messages", "--lang", "vi"])
    assert "there are texts in ja and en, none in vi" in capsys.readouterr().err
    assert 2 == cli.main(["messages", _written(tmp_path, {"vi": {}}), "--lang", "fr"])
    assert "has no table of the language fr; it has vi" in capsys.readouterr().err
    assert 3 == cli.main(["messages", str(tmp_path / "none.toml")])
