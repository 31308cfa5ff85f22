"""The command: what it prints, what it says when misused, and its exit codes."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from ja_reset import cli
from ja_reset.cli import _command_line as command_line
from ja_reset.cli._command_line import COMMANDS, Command
from ja_reset.diagrams import dot, json_text, mermaid, plantuml, scxml, svg, table
from ja_reset.machines import PROCEDURES, Procedure
from ja_reset.stores import PostgresStore
from ja_reset.testing.postgres import PostgresServer

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "diagrams"
CHART = Procedure.LOGIN_PASSWORD.chart
LOW = ["--policy", "identity.identity_attempts=1", "--policy", "phone.phone_windows=1"]
"""Little for `verify` to explore."""


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """The command in a process of its own."""
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "ja_reset", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
        timeout=60,
    )


def test_a_command_is_loaded_when_it_is_chosen() -> None:
    """`list` imports its own module and no other command's, nor what only those need."""
    program = "import sys; from ja_reset.cli import main; main(['list']); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603 - ours
    loaded = set(done.stderr.split())
    assert {"ja_reset.cli._list"} == {command.module for command in COMMANDS.values()} & loaded
    assert set() == {"ja_reset.diagrams", "ja_reset.play", "ja_reset.demo", "sqlite3"} & loaded


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_tells_of_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`ja-reset COMMAND --help` is there for each of the list, and ends with 0."""
    assert 0 == cli.main([name, "--help"])
    assert f"usage: ja-reset {name} " in capsys.readouterr().out


def test_a_missing_package_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A command whose extra is not installed says how to install it, and ends with 2."""
    missing = {"web": Command("pages", "package_that_is_not_there.web", extra="demo")}
    monkeypatch.setattr(command_line, "COMMANDS", missing)
    assert 2 == cli.main(["web", "--port", "1"])
    expected = "ja-reset: web needs package_that_is_not_there: pip install 'ja-reset[demo]'\n"
    assert ("", expected) == tuple(capsys.readouterr())


@pytest.mark.parametrize("language", ["ja", "en"])
def test_list_names_every_procedure(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One line a procedure, in the manual's order: its name and its title."""
    assert 0 == cli.main(["list", "--lang", language])
    expected = [(chart.name, chart.title.ja if language == "ja" else chart.title.en) for chart in PROCEDURES.values()]
    assert expected == [tuple(line.split(None, 1)) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("name", ["LOGIN_PASSWORD", "login-password", " Login_Password "])
def test_a_procedure_is_named_in_any_spelling(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Letters have no case and hyphens stand for underscores."""
    assert 0 == cli.main(["table", name])
    assert table(CHART) == capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], mermaid(CHART)),
        (["--format", "mermaid", "--detail", "full", "--lang", "en"], mermaid(CHART, language="en", detail="full")),
        (["--format", "dot"], dot(CHART)),
        (["--format", "svg"], svg(CHART)),
        (["--format", "svg", "--direction", "LR", "--lang", "en"], svg(CHART, direction="LR", language="en")),
        (["--format", "svg", "--highlight", "BIM016"], svg(CHART, highlight="BIM016")),
        (["--format", "plantuml", "--detail", "full"], plantuml(CHART, detail="full")),
        (["--format", "scxml"], scxml(CHART)),
        (["--format", "json"], json_text(CHART)),
    ],
)
def test_diagram_prints_the_drawing(options: list[str], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each format and detail is the renderer's text, and nothing else."""
    assert 0 == cli.main(["diagram", "LOGIN_PASSWORD", *options])
    assert expected == capsys.readouterr().out


def test_check_tells_fresh_from_stale(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A fresh file passes in silence; a stale and a missing one fail with name and the command that writes it."""
    arguments = ["diagram", "LOGIN_PASSWORD", "--lang", "en", "--check"]
    path = tmp_path / "login_password.en.mmd"
    assert 0 == cli.main([*arguments, str(FOLDER)])
    assert ("", "") == tuple(capsys.readouterr())
    assert 1 == cli.main([*arguments, str(tmp_path)])
    path.write_text("stateDiagram-v2\n", encoding="utf-8")
    assert 1 == cli.main([*arguments, str(tmp_path)])
    lines = capsys.readouterr().err.splitlines()
    command = f"diagram LOGIN_PASSWORD --format mermaid --lang en --detail overview --output {path}"
    assert [f"ja-reset: {path} is outdated or missing; write it with: ja-reset {command}"] * 2 == lines
    assert 0 == cli.main(command.split())
    assert 0 == cli.main([*arguments, str(tmp_path)])


def test_a_picture_is_compared_by_its_structure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An SVG that another tool has indented otherwise is fresh; one with a box moved is stale, and so is no XML."""
    drawn = ["diagram", "TOKEN_REISSUE", "--format", "svg", "--detail", "full", "--direction", "LR"]
    assert 0 == cli.main([*drawn, "--output", str(tmp_path)])
    path = tmp_path / "token_reissue.ja.full.lr.svg"
    text = path.read_text("utf-8")
    path.write_text(text.replace("\n  <", "\n\n      <"), "utf-8")
    assert 0 == cli.main([*drawn, "--check", str(tmp_path)])
    box = text.index('<rect class="box')
    path.write_text(text[:box] + text[box:].replace(' y="', ' y="1', 1), "utf-8")
    assert 1 == cli.main([*drawn, "--check", str(tmp_path)])
    path.write_text("no picture", "utf-8")
    assert 1 == cli.main([*drawn, "--check", str(tmp_path)])
    assert 2 == len(capsys.readouterr().err.splitlines())


def test_a_procedure_of_ones_own_is_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`module:NAME` in the present folder, here a plain Machine; a path of it is lit up."""
    machine = "Machine(None, ['A', 'B'], initial='A', transitions=[['go', 'A', 'B']])"
    source = f"from transitions import Machine\nMACHINE = {machine}\n"
    (tmp_path / "lamp_of_mine.py").write_text(source, "utf-8")
    monkeypatch.chdir(tmp_path)
    assert 0 == cli.main(["diagram", "lamp_of_mine:MACHINE", "--format", "plantuml", "--highlight", "A, B"])
    assert "A -[#f5a623,bold]-> B : go" in capsys.readouterr().out
    assert 0 == cli.main(["table", "lamp_of_mine:MACHINE", "--format", "rst", "--lang", "en"])
    assert "* - ``go``" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "the following arguments are required: COMMAND"),
        (["fly"], 2, "invalid choice"),
        (["table"], 2, "the following arguments are required: PROCEDURE"),
        (
            ["table", "NOPE"],
            2,
            "there is no procedure 'NOPE'; there are LOGIN_PASSWORD, RISK_BASED_AUTH, TOKEN_REISSUE",
        ),
        (["diagram", "LOGIN_PASSWORD", "--format", "png"], 2, "invalid choice: 'png'"),
        (["diagram", "LOGIN_PASSWORD", "--lang", "fr"], 2, "invalid choice: 'fr'"),
        (
            ["diagram", "LOGIN_PASSWORD", "--highlight", "NOWHERE"],
            2,
            "no state 'NOWHERE' to highlight; there are BIM015",
        ),
        (["diagram", "LOGIN_PASSWORD", "--output", "/nowhere/a.mmd"], 2, "name a file in a folder that is there"),
        (["diagram", "LOGIN_PASSWORD", "--check", "/dev/null"], 2, "name another folder with --check"),
        (["diagram", "LOGIN_PASSWORD", "--check", "a", "--output", "b"], 2, "not allowed with argument --check"),
        (["table", "LOGIN_PASSWORD", "--format", "html"], 2, "invalid choice: 'html'"),
        (["table", "LOGIN_PASSWORD", "--output", "/nowhere/a.md"], 2, "cannot write /nowhere/a.md"),
        (["diagram", "no_module:X"], 2, "cannot import 'no_module' (No module named 'no_module'); name a module"),
        (["diagram", "json:dumps"], 2, "json has no chart or machine 'dumps'"),
        (["play"], 2, "play needs a PROCEDURE, --all or --chart"),
        (["play", "LOGIN_PASSWORD", "--all"], 2, "give --all, or a PROCEDURE or --chart, not both"),
        (["play", "--chart", "ja_reset:PROCEDURES.LOGIN_PASSWORD", "--all"], 2, "a PROCEDURE or --chart, not both"),
        (["play", "--all", "--script", "x"], 2, "--all plays the packaged scripts"),
        (["play", "LOGIN_PASSWORD", "--script", "/nowhere/a.play"], 3, "cannot read /nowhere/a.play"),
        (["play", "LOGIN_PASSWORD", "--store", "/nowhere/a.db"], 3, "name another file with --store"),
    ],
)
def test_misuse_is_one_line(arguments: list[str], code: int, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What was wrong and what to do, on one line of stderr, with nothing on stdout and the exit code documented."""
    assert code == cli.main(arguments)
    out, err = capsys.readouterr()
    assert "" == out
    assert 1 == len(err.splitlines())
    assert message in err


OWN_MODULES = {
    "raises": "1 / 0",
    "leaves": "import sys\nsys.exit()",
    "leaves_well": "raise SystemExit(0)",
    "is_no_python": "def f(:",
    "says_nothing": "class Mute(Exception):\n    def __str__(self):\n        raise OSError\nraise Mute",
    "fails_later": "def __getattr__(name):\n    raise RuntimeError('two\\nlines')",
    "skips": "class Skipped(BaseException):\n    pass\nraise Skipped",
    "imports_itself_away": "import sys\nsys.path.remove('')\nraise ValueError('never')",
    "breaks_a_law": "from ja_reset.errors import ChartError\nraise ChartError('a state too many')",
}
"""Modules whose own code goes wrong, each in its way."""


@pytest.mark.parametrize("name", OWN_MODULES)
@pytest.mark.parametrize(
    "command",
    [
        *("diagram NAME", "diagram NAME --check .", "table NAME", "verify --chart NAME"),
        *("verify LOGIN_PASSWORD --policy NAME", "verify LOGIN_PASSWORD --property NAME"),
    ],
)
def test_a_module_that_fails_is_one_line(
    name: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever a host's module raises, sys.exit() too, is one line with the module's name, and the exit code 2."""
    module = f"own_{name}"
    (tmp_path / f"{module}.py").write_text(OWN_MODULES[name], "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    code = cli.main(command.replace("NAME", f"{module}:CHART").split())
    out, err = capsys.readouterr()
    refused = name == "breaks_a_law" and command.startswith("verify")  # a chart that cannot be made is wrong
    assert (1 if refused else 2, "", 1) == (code, out, err.count("\n"))
    assert "a state too many" in err if refused else module in err


def test_where_a_module_fails_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line is the last of the host's own code, though the library or Python raised."""
    (tmp_path / "own_figures.py").write_text("import json\n\n\nFIGURES = json.loads('{')\n", "utf-8")
    (tmp_path / "own_line.py").write_text("import own_figures\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    assert 2 == cli.main(["diagram", "own_line:CHART"])
    assert f"{tmp_path / 'own_figures.py'} line 4); fix the module" in capsys.readouterr().err


def test_code_that_ends_the_process_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """sys.exit() in a property, or wherever else a command calls a host's code, is not success."""
    source = "import sys\nfrom ja_reset.verify import never\nOUT = never(lambda step: sys.exit(), name='out')\n"
    (tmp_path / "own_way_out.py").write_text(source, "utf-8")
    monkeypatch.chdir(tmp_path)
    assert 2 == cli.main(["verify", "RISK_BASED_AUTH", *LOW, "--property", "own_way_out:OUT"])
    assert "called sys.exit(None)" in capsys.readouterr().err


OUTPUTS = {
    "list": "list",
    "table": "table LOGIN_PASSWORD",
    "diagram": "diagram LOGIN_PASSWORD",
    "diff": f"diff {FOLDER / 'login_password.json'} {FOLDER / 'login_password.json'}",
    "verify": f"verify RISK_BASED_AUTH {' '.join(LOW)}",
    "policies": f"policies {Path(__file__).parents[1] / 'data' / 'policies.toml'}",
    "messages": "messages",
    "store": "store none.db migrate",
    "operate": "operate --help",
    "play": "play --all",
    "walk": "play LOGIN_PASSWORD",
    "demo": "demo --port 0 --lang en",
    "help": "--help",
    "help of play": "play --help",
    "version": "--version",
}
"""Something that each command prints."""


def test_every_command_is_tried_without_an_output() -> None:
    """A command that is added is told of here."""
    assert set(COMMANDS) <= set(OUTPUTS)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is full is Linux's")
@pytest.mark.parametrize("command", OUTPUTS.values(), ids=OUTPUTS)
def test_a_full_device_is_one_line(command: str) -> None:
    """What cannot be written is told on one line of stderr, with 3, and the interpreter's last flush is silent."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "ja_reset", *command.split()],
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
    said = b"ja-reset: cannot write to standard output: No space left on device; send it elsewhere, or make room\n"
    assert (3, said) == (done.returncode, done.stderr)


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_full_device_for_errors_changes_no_exit_code(stream: str) -> None:
    """Where nobody can be told, the exit code is what it is otherwise."""
    program = f"import os; os.dup2(os.open('/dev/full', os.O_WRONLY), {1 if stream == 'stdout' else 2})"
    program += "; import runpy, sys; sys.argv = ['ja-reset', 'fly']; runpy.run_module('ja_reset', run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False, timeout=60)  # noqa: S603 - ours
    assert (2, b"") == (done.returncode, done.stdout)


@pytest.mark.parametrize("command", [text for name, text in OUTPUTS.items() if name != "demo"])
def test_no_standard_streams_are_no_trouble(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without streams (pythonw, a service) nothing is printed, and the command ends as it does otherwise."""
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    assert 0 == cli.main(command.split())
    assert 2 == cli.main(["fly"])
    assert [None, None, None] == [sys.stdin, sys.stdout, sys.stderr]


def test_a_closed_output_is_no_trouble() -> None:
    """A process that was started with its streams closed ends with 0."""
    program = f"exec {sys.executable} -m ja_reset list 0<&- 1>&- 2>&-"
    assert 0 == subprocess.run(["/bin/sh", "-c", program], check=False, timeout=60).returncode  # noqa: S603 - ours


def test_a_script_is_played_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As expected is 0, not as expected 1, and a line that makes no sense 2 with file, line and field."""
    path = tmp_path / "walk.play"
    path.write_text("press cancel\nexpect CANCELLED\n", encoding="utf-8")
    command = ["play", "LOGIN_PASSWORD", "--lang", "en", "--script", str(path)]
    assert 0 == cli.main(command)
    assert "as expected" in capsys.readouterr().out.splitlines()[-1]
    path.write_text("press cancel\nexpect DONE\n", encoding="utf-8")
    assert 1 == cli.main(command)
    assert "line 2: expected DONE, but it is CANCELLED" in capsys.readouterr().err
    path.write_text("fill\nset pinn 0\n", encoding="utf-8")
    assert 2 == cli.main(command)
    assert f"ja-reset: {path}: line 2, field pinn: BIM015 has no such field" in capsys.readouterr().err
    path.write_bytes(b"fill\xff\n")
    assert 2 == cli.main(command)
    assert "octet 5 is not UTF-8" in capsys.readouterr().err


def test_a_script_is_played_from_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--script -` reads it."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("press cancel\nexpect CANCELLED\n"))
    assert 0 == cli.main(["play", "TOKEN_REISSUE", "--script", "-"])
    assert "CANCELLED" in capsys.readouterr().out


def test_a_walk_without_more_input_ends(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The end of standard input leaves the walk where it is."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("1\n"))
    assert 0 == cli.main(["play", "RISK_BASED_AUTH", "--lang", "en"])
    assert "BIM015  Online application: password reset (your details)" in capsys.readouterr().out


def test_all_is_played_on_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`play --all --store` ends with the summary and 0, and its sessions are in the file."""
    path = tmp_path / "all.db"
    assert 0 == cli.main(["play", "--all", "--lang", "en", "--store", str(path)])
    assert capsys.readouterr().out.splitlines()[-1].endswith("as expected")
    assert path.stat().st_size > 0


def test_all_is_played_on_postgresql(
    postgres: PostgresServer, new_schema: Callable[[], str], capsys: pytest.CaptureFixture[str]
) -> None:
    """`play --all --store` takes a URL too."""
    database = new_schema()
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {database}".encode())
    url = postgres.url.replace("/postgres?", f"/{database}?")
    assert 0 == cli.main(["play", "--all", "--lang", "en", "--store", url])
    assert capsys.readouterr().out.splitlines()[-1].endswith("as expected")
    with PostgresStore(url, create=False) as store:
        assert store.scan("session", limit=1)


@pytest.mark.parametrize("url", ["postgresql://reset@127.0.0.1:1/reset", "postgres://reset:hidden@[::1/reset"])
def test_a_database_out_of_reach_is_no_traceback(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A server that is not there, or a URL that is none, ends with 3 and one line without the password."""
    assert 3 == cli.main(["play", "LOGIN_PASSWORD", "--store", url])
    told = capsys.readouterr().err
    assert 1 == len(told.splitlines())
    assert "hidden" not in told


def test_an_interruption_is_no_traceback(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Control-C at the prompt ends with 130 and an empty line."""

    class Interrupted(io.StringIO):
        def readline(self, *_: object) -> str:  # type: ignore[override]  # typed as a stream of bytes there
            raise KeyboardInterrupt

    monkeypatch.setattr(sys, "stdin", Interrupted())
    assert 130 == cli.main(["play", "LOGIN_PASSWORD"])
    assert "\n" == capsys.readouterr().err


def test_a_reader_who_leaves_is_no_traceback() -> None:
    """A closed pipe ends with 141 and without a word."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "ja_reset", "play", "--all"]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False, timeout=60)  # noqa: S603 - ours
    os.close(writing)
    assert (141, b"") == (done.returncode, done.stderr)


def test_output_is_utf8_whatever_the_locale() -> None:
    """In the C locale, and where Python was told another encoding, Japanese is written all the same."""
    for environment in ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"PYTHONIOENCODING": "ascii"}):
        done = run("list", **environment)
        assert (0, b"") == (done.returncode, done.stderr)
        assert CHART.title.ja in done.stdout.decode("utf-8")


def test_help_and_version_are_no_errors(capsys: pytest.CaptureFixture[str]) -> None:
    """Both exit with 0, and the help tells the exit codes and the commands of a script."""
    assert 0 == cli.main(["--version"])
    assert capsys.readouterr().out.startswith("ja-reset ")
    assert 0 == cli.main(["--help"])
    assert "exit codes:" in capsys.readouterr().out
    assert 0 == cli.main(["play", "--help"])
    assert "wait SECONDS" in capsys.readouterr().out


def test_the_package_does_not_load_its_command() -> None:
    """`import ja_reset` loads neither the command nor the drawings nor the walk."""
    program = "import ja_reset, sys; print(*(name for name in sys.modules if name.startswith('ja_reset.')))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)  # noqa: S603 - ours
    heads = {name.split(".")[1] for name in done.stdout.split()}
    assert set() == heads & {"cli", "diagrams", "play", "testing", "__main__"}


@pytest.mark.parametrize("command", ["diagram", "table"])
def test_a_machine_without_states_is_misuse(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is nothing to draw and nothing to list: both commands say so on one line, with 2."""
    source = "from transitions import Machine\nMACHINE = Machine(None, [], initial=None)\n"
    (tmp_path / f"bare_{command}.py").write_text(source, "utf-8")
    monkeypatch.chdir(tmp_path)
    assert 2 == cli.main([command, f"bare_{command}:MACHINE"])
    assert ("", "ja-reset: Machine has no states; a drawing needs at least one\n") == capsys.readouterr()
