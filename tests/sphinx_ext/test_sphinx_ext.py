"""The directives, in sites that Sphinx builds: what a page shows, and where an error points."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import pytest

from ja_reset.machines import Procedure
from ja_reset.screens.messages import CODES
from ja_reset.screens.placeholders import STANDARD
from ja_reset.sphinx_ext import DIRECTIVES

OWN = """
from ja_reset import screens
from ja_reset.chart import Chart, Ending, Handler, State, StateKind
from ja_reset.fields.forms import IdentityForm
from ja_reset.machines.common import cancel, clock
from ja_reset.text import Text

OURS = Chart(
    "OWN",
    title=Text("当行の手続", "A procedure of our own"),
    initial="BIM015",
    states=(
        State(name="BIM015", kind=StateKind.FORM, screen=screens.LOGIN_BIM015),
        State(name="DONE", kind=StateKind.SUCCESS, screen=screens.LOGIN_DONE),
        State(name="CANCELLED", kind=StateKind.ENDING, screen=screens.CANCELLED, ending=Ending.CANCELLED),
        State(name="EXPIRED", kind=StateKind.ENDING, screen=screens.EXPIRED, ending=Ending.EXPIRED),
    ),
    handlers=(
        Handler(trigger="submit_identity", source="BIM015", to="DONE", form=IdentityForm),
        *cancel("BIM015"),
        *clock("BIM015"),
    ),
)
"""


POLICY = """
import attrs

@attrs.frozen
class OwnPolicy:
    most_yen: int = 4711  # our own choice

"""


def build(
    folder: Path, page: str, *, builder: str = "html", config: str = "", chart: str = OWN, processes: int = 0
) -> tuple[subprocess.CompletedProcess[str], str]:
    """What Sphinx says of a site with this one page, warnings being errors, and the page as built."""
    source, built = folder / "source", folder / "built"
    source.mkdir(exist_ok=True)
    write(source / "own_chart.py", chart)
    write(
        source / "conf.py",
        "import sys, pathlib\nsys.path.insert(0, str(pathlib.Path(__file__).parent))\n"
        f"extensions = ['myst_parser', 'ja_reset.sphinx_ext']\nroot_doc = 'index'\n{config}\n",
    )
    write(source / "index.md", page)
    how = ["-j", str(processes)] if processes else ["-q"]
    command = [sys.executable, "-m", "sphinx", "-b", builder, "-W", "--keep-going", *how, str(source), str(built)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)  # noqa: S603 - ours
    made = built / f"index.{'txt' if builder == 'text' else 'html'}"
    return done, made.read_text("utf-8") if made.exists() else ""


def write(path: Path, text: str) -> None:
    """The file is written where it does not say so already, as whoever writes a site would."""
    if not path.exists() or path.read_text("utf-8") != text:
        path.write_text(text, "utf-8")


def images_of(folder: Path, text: str) -> str:
    """The drawings that the built page shows."""
    names = [part.split('"')[0] for part in text.split('src="')[1:] if part.startswith("_images/ja-reset-")]
    return "".join((folder / "built" / name).read_text("utf-8") for name in names)


def directive(name: str, argument: str = "", /, **options: str) -> str:
    """A directive as a page writes it."""
    lines = "".join(f":{option}: {value}\n" for option, value in options.items())
    return f"```{{{name}}} {argument}\n{lines}```\n"


def test_every_table_is_made(tmp_path: Path) -> None:
    """One page holds them all, in the language asked for, and Sphinx has nothing to complain of."""
    page = "# A page\n\n" + "\n".join(
        [
            directive("ja-reset-screens", "TOKEN_REISSUE", lang="ja", caption="画面の一覧"),
            directive("ja-reset-fields", procedure="login-password"),
            directive("ja-reset-messages"),
            directive("ja-reset-policies"),
        ]
    )
    done, text = build(tmp_path, page)
    assert (0, "") == (done.returncode, done.stderr)
    assert [] == [code for code in CODES if f">{code}</span>" not in text]
    assert [] == [name for name in STANDARD.phone.__attrs_attrs__ if f">{name.name}</span>" not in text]
    assert "画面の一覧" in text
    assert "認証方法選択" in text
    assert ">name_kana</span>" in text


def test_a_charts_own_policies_are_told(tmp_path: Path) -> None:
    """`module:NAME` stands for the policies of that chart alone, each figure with the comment behind it."""
    chart = OWN.replace("OURS = ", POLICY + "OURS = ").replace(
        "    states=(", "    policies=(OwnPolicy,),\n    states=(", 1
    )
    done, text = build(tmp_path, "# A page\n\n" + directive("ja-reset-policies", "own_chart:OURS"), chart=chart)
    assert (0, "") == (done.returncode, done.stderr)
    assert [] == [
        each for each in (">OwnPolicy</span>", ">most_yen</span>", "4711", "our own choice") if each not in text
    ]
    assert ">phone_windows</span>" not in text


def test_a_diagram_is_an_image_of_the_site(tmp_path: Path) -> None:
    """The drawing is a file among the built images, with a text for those who do not see it, and no script."""
    done, text = build(
        tmp_path, "# A page\n\n" + directive("ja-reset-diagram", "RISK_BASED_AUTH", lang="en", caption="The way")
    )
    assert (0, "") == (done.returncode, done.stderr)
    images = list((tmp_path / "built" / "_images").glob("ja-reset-*.svg"))
    assert [f"_images/{image.name}" for image in images] == [
        part.split('"')[0] for part in text.split('src="')[1:] if part.startswith("_images/ja-reset-")
    ]
    assert 1 == len(images)
    assert f'alt="{Procedure.RISK_BASED_AUTH.chart.title.en}' in text
    assert "The way" in text
    assert "<script" not in images[0].read_text("utf-8")


def test_a_chart_of_ones_own_is_drawn_and_tabled(tmp_path: Path) -> None:
    """`module:NAME` names it; the next build draws a transition added to its module, with the page untouched."""
    page = "# A page\n\n" + directive(
        "ja-reset-diagram", "own_chart:OURS", detail="full", direction="LR", highlight="BIM015"
    )
    done, text = build(tmp_path, page)
    assert (0, "") == (done.returncode, done.stderr)
    assert "A procedure of our own" in text
    assert "walk_in" not in images_of(tmp_path, text)
    assert 'class="glow"' in images_of(tmp_path, text)
    done, text = build(
        tmp_path,
        page,
        chart=OWN.replace("handlers=(", 'handlers=(Handler(trigger="walk_in", source="BIM015", to="DONE"),'),
    )
    assert (0, "") == (done.returncode, done.stderr)
    assert ">walk_in<" in images_of(tmp_path, text)


GUARDS = """
from __future__ import annotations
from ja_reset.chart.transitions import Guard, check
from ja_reset.text import Text
from . import words
RUNG = check(Guard("it_is_so", lambda _: True, ("format",), says=Text(words.TOLD, words.TOLD)))
"""


@pytest.mark.parametrize("processes", [1, 2])
def test_a_page_is_as_new_as_what_its_chart_imports(processes: int, tmp_path: Path) -> None:
    """Every page of a chart is read again when a module that it imports changes or fails, and no page otherwise."""
    package = tmp_path / "source" / "own"
    package.mkdir(parents=True)
    chart = OWN.replace("import Text\n", "import Text\nfrom own.guards import RUNG\n", 1)
    files = {
        "__init__.py": "",
        "charts.py": chart.replace("form=IdentityForm)", "form=IdentityForm, checks=(RUNG,))"),
        "guards.py": GUARDS,
        "words.py": "TOLD = 'first'\n",
    }
    for name, text in files.items():
        (package / name).write_text(text, "utf-8")
    for number in range(12):  # Sphinx reads six and more in several processes
        argument = "own.charts:OURS" if number % 3 else "LOGIN_PASSWORD"
        page = f"---\norphan: true\n---\n# A page\n\n{directive('ja-reset-diagram', argument, detail='full')}"
        (package.parent / f"page{number}.md").write_text(page, "utf-8")

    def pages() -> tuple[int, str, list[str]]:
        """The exit code, how many pages were read, and what each page of the own chart says of the guard."""
        done, _ = build(tmp_path, "# An index\n", processes=processes)
        shown = [(tmp_path / "built" / f"page{number}.html").read_text("utf-8") for number in range(12) if number % 3]
        words = [word for text in shown for word in WORDS if word in images_of(tmp_path, text)]
        return done.returncode, re.findall(r"\d+ added, \d+ changed", done.stdout)[0], words

    assert (0, "13 added, 0 changed", ["first"] * 8) == pages()
    assert (0, "0 added, 0 changed", ["first"] * 8) == pages()
    (package / "words.py").write_text("TOLD = 'the second'\n", "utf-8")
    assert (0, "0 added, 8 changed", ["the second"] * 8) == pages()
    (package / "words.py").write_text("TOLD = 1 / 0\n", "utf-8")
    assert (1, "0 added, 8 changed", []) == pages()
    (package / "words.py").write_text("TOLD = 'the third one'\n", "utf-8")
    assert (0, "0 added, 8 changed", ["the third one"] * 8) == pages()
    assert (0, "0 added, 0 changed", ["the third one"] * 8) == pages()


WORDS = ("first", "the second", "the third one")


def test_the_language_is_the_sites_own(tmp_path: Path) -> None:
    """A site whose language is Japanese has Japanese tables without being asked."""
    done, text = build(
        tmp_path, "# A page\n\n" + directive("ja-reset-messages", "LOGIN_PASSWORD"), config="language='ja'"
    )
    assert (0, "") == (done.returncode, done.stderr)
    assert "コード" in text


def test_rules_are_told_with_the_tests_that_hold_them(tmp_path: Path) -> None:
    """A host's own specification and tests, relative to the page."""
    tests = tmp_path / "source" / "tests"
    tests.mkdir(parents=True)
    (tests.parent / "spec.md").write_text("---\norphan: true\n---\n# Rules\n\n- **X1** one\n- **X2** two\n", "utf-8")
    (tests / "test_x.py").write_text('@pytest.mark.rule("X2")\ndef test_two():\n    """Two holds."""\n', "utf-8")
    done, text = build(tmp_path, "# A page\n\n" + directive("ja-reset-rules", spec="spec.md", tests="tests"))
    assert (0, "") == (done.returncode, done.stderr)
    assert text.index("X1") < text.index("X2") < text.index("Two holds.") < text.index("test_x.py::test_two")


def test_rules_are_told_with_the_arrows_that_carry_them(tmp_path: Path) -> None:
    """Asked for, the transitions stand beside the tests, by their names, each once for all procedures."""
    tests = tmp_path / "source" / "tests"
    tests.mkdir(parents=True)
    (tests.parent / "spec.md").write_text("---\norphan: true\n---\n# Rules\n\n- **P11** one\n", "utf-8")
    page = "# A page\n\n" + directive("ja-reset-rules", spec="spec.md", tests="tests", transitions="")
    done, text = build(tmp_path, page)
    assert (0, "") == (done.returncode, done.stderr)
    assert 1 == text.count("PHONE.call_received!line_is_the_institutions")
    assert 1 == text.count("BTR004.call_received!line_is_the_institutions")


MISUSES: tuple[tuple[str, str, dict[str, str], str], ...] = (
    ("ja-reset-diagram", "", {}, "name a procedure, or module:NAME of a chart of your own"),
    ("ja-reset-diagram", "NOPE", {}, "there is no procedure 'NOPE'; there are LOGIN_PASSWORD"),
    ("ja-reset-diagram", "LOGIN_PASSWORD", {"lang": "fr"}, "'lang'"),
    ("ja-reset-diagram", "LOGIN_PASSWORD", {"procedure": "LOGIN_PASSWORD"}, "name the procedure once"),
    ("ja-reset-screens", "no_such_module:X", {}, "cannot import 'no_such_module'"),
    ("ja-reset-fields", "own_chart:X", {}, "own_chart has no chart or machine 'X'"),
    ("ja-reset-policies", "telephone", {}, "there is no policy 'telephone'; there are fields, identity"),
    ("ja-reset-policies", "own_chart:OURS", {}, "has no policies of its own; name one of the library's, or leave"),
    ("ja-reset-rules", "", {"tests": "."}, "say where the spec is, with :spec:"),
    ("ja-reset-rules", "", {"spec": "nowhere.md", "tests": "."}, "no such file: "),
)


def test_misuse_points_to_file_and_line(tmp_path: Path) -> None:
    """What is wrong is said once for each directive, where it stands, with what to do."""
    page, places = "# A page\n\n", []
    for name, argument, options, message in MISUSES:
        line = page.count("\n") + 1
        # MyST names the line of a wrong option, but for older docutils that of the directive
        places.append(({line, line + 1} if "lang" in options else {line}, message))
        page += directive(name, argument, **options) + "\n"
    done, _ = build(tmp_path, page)
    assert 1 == done.returncode
    told = [line for line in done.stderr.splitlines() if f"{tmp_path}/source/index.md:" in line]
    assert len(MISUSES) == len(told)
    assert [] == [
        (lines, message)
        for lines, message in places
        if not any(f"index.md:{line}: " in each and message in each for line in lines for each in told)
    ]


@pytest.mark.parametrize(
    "chart",
    [
        "1 / 0",
        "import sys\nsys.exit()",
        "def f(:",
        "from ja_reset.errors import ChartError\nraise ChartError('x')",
        "def __getattr__(name):\n    raise OSError",
    ],
)
def test_a_module_that_fails_is_the_directives_error(chart: str, tmp_path: Path) -> None:
    """Whatever a host's module raises, sys.exit() too, points to the page and line, and the page is built."""
    done, text = build(tmp_path, "# A page\n\n" + directive("ja-reset-diagram", "own_chart:OURS"), chart=chart)
    assert (1, 1) == (done.returncode, done.stderr.count("index.md:3: "))
    assert "'own_chart'" in done.stderr or "own_chart:OURS" in done.stderr
    assert "Traceback" not in done.stderr
    assert "A page" in text


ALL = "# A page\n\n" + "Between.\n\n".join(
    [
        directive("ja-reset-diagram", "RISK_BASED_AUTH", caption="From the first screen", name="way"),
        directive("ja-reset-diagram", "LOGIN_PASSWORD", detail="full", lang="ja"),
        directive("ja-reset-screens", "TOKEN_REISSUE", lang="ja", caption="All screens"),
        directive("ja-reset-fields", "LOGIN_PASSWORD"),
        directive("ja-reset-policies", caption="All figures"),
    ]
)
CONFIG = "project = author = 'Site'; version = release = copyright = epub_copyright = '1'; gettext_compact = False"


def built_by(builder: str, folder: Path, name: str) -> str:
    """A file that the builder makes of a page with drawings and tables; it has nothing to complain of."""
    config = f"{CONFIG}\nsuppress_warnings = ['epub.unknown_project_files']"
    done, _ = build(folder, ALL, builder=builder, config=config)
    assert (0, "") == (done.returncode, done.stderr)
    return (folder / "built" / name).read_text("utf-8")


def test_a_book_is_well_formed(tmp_path: Path) -> None:
    """In EPUB every page and picture is XML, the manifest names each picture, and a page shows them."""
    package = ET.fromstring(built_by("epub", tmp_path, "content.opf"))  # noqa: S314 - what we built
    listed = {item.attrib["href"] for item in package.iter("{http://www.idpf.org/2007/opf}item")}
    with ZipFile(tmp_path / "built" / "Site.epub") as book:
        files = {name: book.read(name) for name in book.namelist() if name.endswith((".xhtml", ".svg", ".ncx"))}
    trees = {name: ET.fromstring(text) for name, text in files.items()}  # noqa: S314 - what we built
    shown = [image.attrib["src"] for image in trees["index.xhtml"].iter("{http://www.w3.org/1999/xhtml}img")]
    assert 2 == len(shown)
    assert set(shown) <= listed & set(files)


def test_plain_text_has_a_table_for_a_drawing(tmp_path: Path) -> None:
    """The transitions stand in a table as wide as its words ask for, no wider than a page, with the caption above."""
    text = built_by("text", tmp_path, "index.txt")
    assert "\n**From the first screen**\n\n+----" in text
    assert re.search(r"\| BIM015 Your details +\| Continue +\| BIM016 Choose a phone +\|", text)
    assert re.search(r"\| under way +\| locked; wrong_pin +\| LOCKED Locked +\|", text)
    assert f"**{Procedure.LOGIN_PASSWORD.chart.title.ja}**" in text  # where no caption is given
    assert "BTR001" in text
    assert "認証画面へ → " in text
    widths = {len(rule) for line in text.splitlines() if line.startswith("+-") for rule in line.strip("+").split("+")}
    assert (True, True) == (min(widths) >= 6, max(widths) <= 92)


def test_a_manual_page_has_a_table_for_a_drawing(tmp_path: Path) -> None:
    """No request of roff is left in a line of words, the caption is no heading, and cells are one paragraph each."""
    text = built_by("man", tmp_path, "site.1")
    assert [] == re.findall(r"[^\n]\.(?:UN)?INDENT", text)
    assert "From the first screen" in text
    assert '.TH "SITE" "1"' in text
    assert "All figures \\- " not in text  # in NAME, where the first title of a page once came to stand
    assert "T{\nBIM015 Your details\nT}" in text
    assert "認証画面へ → \\fBchoose_method\\fP; " in text or "認証画面へ → choose_method; " in text


def test_captions_can_be_translated(tmp_path: Path) -> None:
    """The catalogue for translators has the captions of drawings and tables, with their lines."""
    text = built_by("gettext", tmp_path, "index.pot")
    assert re.search(r'index\.md:3\nmsgid "From the first screen"', text)
    assert 'msgid "All screens"' in text
    assert 'msgid "All figures"' in text


def test_latex_has_a_table_for_a_drawing(tmp_path: Path) -> None:
    """Columns are as wide as their words ask for, pages may break between rows, and captions and labels are there."""
    text = built_by("latex", tmp_path, "site.tex")
    assert r"\caption{From the first screen\strut}\label{\detokenize{index:way}}" in text
    tables = re.findall(r"\\begin\{longtable\}\{(.*)\}", text)
    assert 5 == len(tables)
    assert [3, 3, 4, 6, 4] == [len(re.findall(r"\\X\{\d+\}", columns)) for columns in tables]
    assert "Your details" in text


@pytest.mark.parametrize("builder", ["texinfo", "xml", "pseudoxml"])
def test_every_other_builder_has_the_table(builder: str, tmp_path: Path) -> None:
    """A builder that nobody thought of shows the transitions too, and no markup of the picture."""
    ends = {"texinfo": "site.texi", "xml": "index.xml", "pseudoxml": "index.pseudoxml"}
    text = built_by(builder, tmp_path, ends[builder])
    assert "BIM015 Your details" in text
    assert "<svg" not in text
    assert "&lt;svg" not in text


def test_each_directive_is_tried_here() -> None:
    """A directive that is added is told of in this file."""
    here = Path(__file__).read_text("utf-8")
    assert [] == [name for name in DIRECTIVES if f'"{name}"' not in here]


def test_a_chart_of_a_hosts_own_is_told_of_in_its_own_words(tmp_path: Path) -> None:
    """The worked example: its drawing, tables, screens and reasons stand on a page as those of the three do."""
    example = Path(__file__).parents[2] / "docs" / "procedures" / "transfer_limit.py"
    kinds = ("diagram", "fields", "screens", "messages", "policies")
    page = "# A page\n\n" + "\n".join(directive(f"ja-reset-{kind}", "own_chart:TRANSFER_LIMIT") for kind in kinds)
    done, html = build(tmp_path, page, chart=example.read_text("utf-8"), config="language='en'")
    assert 0 == done.returncode, done.stderr
    assert "SET_TRANSFER_LIMIT" in images_of(tmp_path, html)
    for words in ("New limit", "Transfer limit a day (yen)", "Enter 1 to 10000000 yen.", "most_yen"):
        assert words in html
