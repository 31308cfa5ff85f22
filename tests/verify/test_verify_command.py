"""The command `ja-reset verify`: what it prints, and its exit codes."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from ja_reset import cli
from ja_reset.verify import never
from ja_reset.verify._failures import ELSEWHERE

LOW = [
    *("--policy", "identity.identity_attempts=1", "--policy", "lockout.pin_attempts=1"),
    *(
        "--policy",
        "phone.phone_windows=1",
        "--policy",
        "phone.code_attempts=1",
        "--policy",
        "phone.codes_per_session=1",
    ),
]
"""The least to see."""

CHARTS = """
import sys
from ja_reset.chart.transitions import Guard, check
from ja_reset.machines import PROCEDURES, Procedure
from ja_reset.policies import PhonePolicy, Policies
from ja_reset.text import Text
from ja_reset.verify import never
from broken_charts import LOGIN, TOKEN, with_checks, with_state, without_check

WRONG = without_check(LOGIN, "call_received", "PHONE", "caller_is_chosen_number")
WRONG_CODE = without_check(TOKEN, "keys_received", "BTR004_KEYS", "code_is_right")
STRICT = Policies(phone=PhonePolicy(phone_windows=1))
NOTHING_DONE = never(lambda step: step.state == "DONE", name="nothing is done")
NO_CHART = 1
LEAVING = Guard("leaving", lambda draft: sys.exit(), ("format",), says=Text("終了", "left"))
LEFT = with_checks(LOGIN, "cancel", "BIM016", lambda ladder: (*ladder, check(LEAVING)))


def refused():
    with_state(LOGIN, "BIM016", keeps=LOGIN.states["BIM016"].keeps | {"hope"})
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with charts of one's own, where the command is called."""
    (tmp_path / "own_charts.py").write_text(CHARTS, "utf-8")
    (tmp_path / "refused_charts.py").write_text("from own_charts import refused\nrefused()\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """The code, and what was printed."""
    code = cli.main(["verify", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_what_holds_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """States and transitions that were seen are printed, the exit code is 0."""
    code, out, _ = run(capsys, "token-reissue", "--lang", "en", *LOW)
    assert 0 == code
    assert out.startswith("TOKEN_REISSUE: ")
    assert "89 of 89 transitions alive" in out
    assert "✗" not in out
    without = [f"--without={name}" for name in ELSEWHERE]
    assert run(capsys, "token-reissue", *LOW, *without)[1].startswith("TOKEN_REISSUE: 状況 ")


def test_what_does_not_hold_ends_with_1(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A chart of one's own that is wrong is shown with the steps, and drawn where that is asked."""
    code, out, _ = run(capsys, "--chart", "own_charts:WRONG", "--lang", "en", "--diagram", *LOW)
    assert 1 == code
    assert "✗ A2: a withheld, 050 (but for the relay number chosen), other, early or late call never leads on" in out
    assert "PHONE → BIM017: call received (from a registered number that was not chosen" in out
    assert "stateDiagram-v2" in out


def test_json_says_the_same(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--json prints one object a chart, with the steps of each counterexample."""
    code, out, _ = run(capsys, "--chart", "own_charts:WRONG", "--json", *LOW)
    (seen,) = json.loads(out)
    assert (1, False, "LOGIN_PASSWORD") == (code, seen["holds"], seen["chart"])
    breach = next(failure for failure in seen["failures"] if failure["property"] == "A2")
    assert ["submit_identity", "choose_phone", "call_received"] == [step["event"] for step in breach["steps"]]


def test_a_property_of_one_s_own_is_held_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--property names a property; --policy a whole Policies."""
    arguments = ["risk-based-auth", "--property", "own_charts:NOTHING_DONE", "--policy", "own_charts:STRICT", *LOW]
    code, out, _ = run(capsys, *arguments, "--lang", "en")
    assert 1 == code
    assert "✗ nothing is done" in out


PAGE = Path(__file__).parents[2] / "docs" / "verification.md"
PICTURE = PAGE.parent / "pictures" / "counterexample.svg"


def test_the_counterexample_of_the_page_is_what_is_printed_and_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page's chart, given to the page's command, prints what the page shows, and draws its picture."""
    section = PAGE.read_text("utf-8").partition("## A counterexample")[2].partition("\n## ")[0]
    (code,), (shown,) = (re.findall(rf"```{kind}\n(.*?)```", section, re.DOTALL) for kind in ("python", "console"))
    command, _, expected = shown.partition("\n")
    (tmp_path / "careless.py").write_text(code, "utf-8")
    monkeypatch.chdir(tmp_path)
    program, verb, *arguments = command.removeprefix("$ ").split()
    assert ("ja-reset", "verify") == (program, verb)
    assert (1, expected) == run(capsys, *arguments)[:2]
    assert PICTURE.read_text("utf-8") == (tmp_path / "careless.1.en.svg").read_text("utf-8")


@pytest.mark.parametrize("form", ["mermaid", "dot", "plantuml", "svg", "json"])
def test_a_drawing_is_printed_or_written(form: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --output each drawing follows the text; with it each is a file, of which the name is printed."""
    arguments = ["--chart", "own_charts:WRONG_CODE", "--lang", "en", "--diagram", form, *LOW]
    code, printed, _ = run(capsys, *arguments)
    written = run(capsys, *arguments, "--output", ".")[1]
    files = sorted(path for path in folder.iterdir() if path.name.startswith("token_reissue."))
    assert (1, True) == (code, len(files) >= 1)
    for path in files:
        assert path.read_text("utf-8") in printed
        assert path.name in written


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--output", "."), "--output needs --diagram, and a folder that exists: ."),
        (("--diagram", "svg", "--output", "nowhere"), "--output needs --diagram, and a folder that exists: nowhere"),
        (("LOGIN_PASSWORD", "--chart", "own_charts:WRONG"), "verify takes a PROCEDURE or --chart, not both"),
        (("--chart", "own_charts"), "'own_charts' must be MODULE:NAME"),
        (("--chart", "own_charts:GONE"), "there is no own_charts:GONE: module 'own_charts' has no attribute 'GONE'"),
        (("--chart", "no_such_module:X"), "cannot import 'no_such_module' (No module named 'no_such_module'); name"),
        (("--chart", "own_charts:NO_CHART"), "own_charts:NO_CHART is no Chart"),
        (("--property", "own_charts:NO_CHART"), "own_charts:NO_CHART must be a property, or several"),
        (("--policy", "phone.hope=1"), "there is no policy value 'phone.hope'; one is phone.phone_windows"),
        (("--policy", "phone.phone_windows=0"), "phone.phone_windows: PhonePolicy.phone_windows must be an int of 1"),
        (("--policy", "phone.phone_windows=x"), "phone.phone_windows: invalid literal"),
        (("--policy", "phone.bim_code=perhaps"), "phone.bim_code: it must be true or false"),
        (("--policy", "fields.password_rule=x"), "fields.password_rule: it cannot be set here; name a Policies"),
        (("--without", "A9"), "there is no rule or law A9"),
    ],
)
def test_misuse_ends_with_2(
    arguments: tuple[str, ...], said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be understood is one line that says what to do."""
    code, out, err = run(capsys, *arguments)
    assert (2, "") == (code, out)
    assert err.startswith(f"ja-reset: {said}")
    assert 1 == err.count("\n")


def test_a_chart_that_a_law_refuses_ends_with_1(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A chart that cannot be made is wrong, not misuse."""
    code, _, err = run(capsys, "--chart", "refused_charts:X")
    said = "state BIM016 keeps hope, which is no session data, and no transition assigns it"
    assert (1, f"ja-reset: chart LOGIN_PASSWORD: {said}\n") == (code, err)


def test_a_guard_that_ends_the_process_is_a_finding(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """sys.exit() in a guard is found like any exception of it, and the command does not end with 0."""
    code, out, err = run(capsys, "--chart", "own_charts:LEFT", "--lang", "en", *LOW)
    assert (1, "") == (code, err)
    assert "SystemExit" in out


@pytest.mark.parametrize(
    "figure",
    [
        "phone.bim_window=60",
        "phone.bim_code=true",
        "phone.code_channel=displayed",
        "caller_id.attestation=B",
        "session.idle_timeout=60.5",
    ],
)
def test_figures_of_each_type_can_be_set(figure: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Durations in seconds, switches, levels and channels are read as they are written."""
    assert 0 == run(capsys, "token-reissue", *LOW, "--policy", figure)[0]


def test_a_charts_own_policies_can_be_set(capsys: pytest.CaptureFixture[str]) -> None:
    """A figure of a policy of a host's own is named by its class, also after a whole Policies; errors name one."""
    chart = ("--chart", "transfer_limit:TRANSFER_LIMIT", *LOW)
    for more in ((), ("--policy", "low_policies:LEAST")):
        assert 0 == run(capsys, *chart, *more, "--policy", "TransferPolicy.most_yen=5")[0]
    code, _, err = run(capsys, *chart, "--policy", "TransferPolicy.most=5")
    assert (2, "ja-reset: there is no policy value 'TransferPolicy.most'; one is TransferPolicy.most_yen\n") == (
        code,
        err,
    )
    assert 2 == run(capsys, *chart, "--policy", "TransferPolicy.most_yen=x")[0]


def test_the_library_does_not_load_the_verifier() -> None:
    """`import ja_reset` loads none of it."""
    program = "import sys, ja_reset; print(*[name for name in sys.modules if name.startswith('ja_reset.verify')])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603 - ours
    assert "" == done.stdout.strip()


# Side by side -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "more",
    [
        ["--json", "--property", "own_charts:NOTHING_DONE"],
        ["--property", "own_charts:NOTHING_DONE", "--policy", "own_charts:STRICT", "--diagram", "dot", "--output", "."],
        ["--without", "A9"],
    ],
    ids=["as JSON", "drawn", "misused"],
)
def test_processes_side_by_side_print_what_one_prints(
    more: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Output, errors, exit code and drawings are the same, byte by byte, in one process and in three."""

    def all_of(jobs: str) -> tuple[tuple[int, str, str], dict[str, bytes]]:
        ended = run(capsys, *LOW, *more, "--jobs", jobs)
        return ended, {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix == ".dot"}

    (code, out, err), drawn = all_of("1")
    for path in folder.glob("*.dot"):
        path.unlink()
    assert ((code, out, err), drawn) == all_of("3")
    assert ("--without" in more, "--output" in more) == (bool(err), bool(drawn))
    assert (2 if err else 1 if "--property" in more else 0) == code


def test_what_only_this_process_knows_is_verified_in_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A property of a module that is no file, which no child could import, is looked at all the same.

    No state of TOKEN_REISSUE is called DONE.
    """
    made = ModuleType("made_here")
    made.__dict__["NOTHING"] = never(lambda step: step.state == "DONE", name="nothing is done")
    monkeypatch.setitem(sys.modules, "made_here", made)
    code, out, _ = run(capsys, *LOW, "--property", "made_here:NOTHING", "--lang", "en", "--jobs", "3")
    assert (1, 2) == (code, out.count("✗ nothing is done"))


@pytest.mark.parametrize("jobs", ["0", "-1", "many"])
def test_jobs_are_one_or_more(jobs: str, capsys: pytest.CaptureFixture[str]) -> None:
    """No number of processes, or none at all, is refused."""
    code, out, err = run(capsys, f"--jobs={jobs}")
    assert (2, "") == (code, out)
    assert "argument --jobs: " in err


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="asks Linux for the children of a process")
def test_ctrl_c_ends_the_children() -> None:
    """An interrupt of the command alone ends it with 130, and the processes that it has started."""
    command = [sys.executable, "-m", "ja_reset", "verify", "--jobs", "3", "--policy", "phone.phone_windows=9"]
    parent = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)  # noqa: S603 - ours
    assert parent.stderr is not None
    assert "so far" in parent.stderr.readline()
    tasks = Path(f"/proc/{parent.pid}/task").iterdir()
    children = [child for task in tasks for child in (task / "children").read_text().split()]
    assert 3 == len(children)
    parent.send_signal(signal.SIGINT)
    assert ("\n", 130) == (parent.communicate(timeout=60)[1][-1:], parent.returncode)
    assert [] == [child for child in children if Path(f"/proc/{child}").exists()]
