"""A turn of a customer is read in one file, from top to bottom: how often what was submitted leaves that file.

Counted in the source, along the longest route: a call into another file of the service that is passed the event, the
form, the token or the request id. A turn that is tried again takes the same route again; what is put down in the unit
of work stays there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import attrs
import pytest

SERVICE = Path(__file__).parents[2] / "src" / "ja_reset" / "service"
FILE, ENTRY, GIVEN = "_customer", "_turn", "submitted"
STAGES = {
    "goes on": ("_arrive", "_admit", "_decide_and_commit", "_deliver", "_answer"),
    "is answered at once": ("_arrive", "_admit", "_commit_aside"),  # nothing is ordered, so nothing is delivered
}
MOST = 6
"""Calls into other files of the service on the longest route of a turn; it was 18 when the turn was in two files."""

Functions = dict[str, ast.FunctionDef]


@attrs.frozen
class Routes:
    """The calls on the longest route through some statements that goes on, returns, or raises; None: no such route."""

    on: int | None
    returned: int | None = None
    raised: int | None = None

    def then(self, following: Routes) -> Routes:
        """These statements, and then those."""
        on, returned, raised = (
            None if self.on is None or each is None else self.on + each
            for each in (following.on, following.returned, following.raised)
        )
        return Routes(on, _most(self.returned, returned), _most(self.raised, raised))

    def either(self, other: Routes) -> Routes:
        """These statements, or those."""
        return Routes(_most(self.on, other.on), _most(self.returned, other.returned), _most(self.raised, other.raised))

    @property
    def called(self) -> Routes:
        """What they are to the caller, as a function's body."""
        return Routes(_most(self.on, self.returned), None, self.raised)

    @property
    def longest(self) -> int:
        """Of all of them."""
        return max(self.on or 0, self.returned or 0, self.raised or 0)


def _most(*routes: int | None) -> int | None:
    return max((each for each in routes if each is not None), default=None)


@attrs.frozen
class Source:
    """A file of the service: its own functions, and the names by which it calls what stands in the others."""

    own: Functions
    imported: frozenset[str]
    methods: frozenset[str]

    def leaves(self, call: ast.Call) -> bool:
        """Whether it is of something that another file of the service defines."""
        if isinstance(call.func, ast.Name):
            return call.func.id in self.imported
        return isinstance(call.func, ast.Attribute) and call.func.attr in self.methods


def _source(text: str, others: Iterable[str]) -> Source:
    """*others*: the texts of the other files; what they define is called by a name imported or as a method."""
    module = ast.parse(text)
    own = {each.name: each for each in module.body if isinstance(each, ast.FunctionDef)}
    imported = {
        alias.asname or alias.name
        for each in ast.walk(module)
        if isinstance(each, ast.ImportFrom) and str(each.module).startswith("ja_reset.service.")
        for alias in each.names
    }
    methods = {
        each.name
        for other in others
        for holder in ast.walk(ast.parse(other))
        if isinstance(holder, ast.ClassDef)
        for each in holder.body
        if isinstance(each, ast.FunctionDef)
    }
    return Source(own, frozenset(imported), frozenset(methods))


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    """The calls of an expression, as they are evaluated: the arguments' own first."""
    for child in ast.iter_child_nodes(node):
        yield from _calls(child)
    if isinstance(node, ast.Call):
        yield node


def _names(node: ast.AST) -> set[str]:
    """The names that an expression hands on; what a call gives back is something else, unless it only converts."""
    if isinstance(node, ast.Name):
        return {node.id}
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") != "str":
        return set()
    return {name for child in ast.iter_child_nodes(node) for name in _names(child)}


def _given(call: ast.Call, known: set[str]) -> list[str | int]:
    """The arguments that carry what was submitted, by place or by name."""
    places: list[str | int] = [n for n, each in enumerate(call.args) if _names(each) & known]
    return [*places, *(str(each.arg) for each in call.keywords if _names(each.value) & known)]


def _expression(source: Source, node: ast.AST, known: set[str]) -> Routes:
    routes = Routes(0)
    for call in _calls(node):
        given = _given(call, known)
        called = source.own.get(call.func.id) if isinstance(call.func, ast.Name) else None
        if given and called is not None:
            parameters = [each.arg for each in (*called.args.args, *called.args.kwonlyargs)]
            within = {parameters[each] if isinstance(each, int) else each for each in given}
            routes = routes.then(_block(source, called.body, within).called)
        elif given and source.leaves(call):
            routes = routes.then(Routes(1))
    return routes


def _statement(source: Source, node: ast.stmt, known: set[str]) -> Routes:
    match node:
        case ast.If():
            test = _expression(source, node.test, known)
            return test.then(_block(source, node.body, known).either(_block(source, node.orelse, known)))
        case ast.While() | ast.With():
            return _block(source, node.body, known)
        case ast.Try():
            return _tried(source, node, known)
        case ast.Return():
            ended = _expression(source, node, known)
            return Routes(None, ended.on, ended.raised)
        case ast.Raise():
            return Routes(None, None, _expression(source, node, known).longest)
        case ast.Assign():
            known |= _assigned(node, known)
    return _expression(source, node, known)


def _tried(source: Source, node: ast.Try, known: set[str]) -> Routes:
    """What is tried, or all of it and then what is done about a failure."""
    routes = body = _block(source, node.body, known)
    for handler in node.handlers:
        routes = routes.either(Routes(body.longest).then(_block(source, handler.body, known)))
    return routes


def _assigned(node: ast.Assign, known: set[str]) -> set[str]:
    """The names that stand for what was submitted from here on."""
    pairs = [(target, node.value) for target in node.targets]
    if isinstance(node.targets[0], ast.Tuple) and isinstance(node.value, ast.Tuple):
        pairs = list(zip(node.targets[0].elts, node.value.elts, strict=True))
    return {to.id for to, value in pairs if isinstance(to, ast.Name) and _names(value) & known}


def _block(source: Source, body: list[ast.stmt], known: set[str]) -> Routes:
    routes = Routes(0)
    for each in body:
        routes = routes.then(_statement(source, each, known))
    return routes


def _longest(source: Source, stages: Iterable[str], given: str) -> int:
    """Of a turn through these stages; each takes what is *given* by that name, or does not see it."""
    routes = Routes(0)
    for stage in stages:
        routes = routes.then(_block(source, source.own[stage].body, {given}).called)
    return routes.longest


def _customer() -> Source:
    others = [path.read_text("utf-8") for path in SERVICE.glob("*.py") if path.stem != FILE]
    return _source((SERVICE / f"{FILE}.py").read_text("utf-8"), others)


@pytest.mark.parametrize("stages", STAGES.values(), ids=list(STAGES))
def test_a_turn_seldom_leaves_its_file(stages: tuple[str, ...]) -> None:
    """On its longest route, a turn passes what was submitted to other files of the service at most six times."""
    found = _longest(_customer(), stages, GIVEN)
    assert 3 <= found <= MOST, f"what was submitted leaves {FILE}.py {found} times"


def test_the_stages_stand_in_the_order_in_which_they_are_called() -> None:
    """A reader who follows a turn from its first stage to its last goes down the page, never up."""
    source = _customer()
    called = [
        call.func.id
        for call in _calls(source.own[ENTRY])
        if isinstance(call.func, ast.Name) and call.func.id in source.own
    ]
    assert set(called) == {stage for stages in STAGES.values() for stage in stages}
    lines = [source.own[name].lineno for name in (ENTRY, *called)]
    assert sorted(lines) == lines


OTHER = "class Work:\n def take(self, what): ...\n def rest(self): ...\n"
HEAD = "from ja_reset.service._other import give\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("give(given)", 1),
        ("give(1)", 0),
        ("len(given)", 0),
        ("work.take(given.event); work.rest()", 1),
        ("name = str(given.event)\n work.take(name)", 1),
        ("answer = give(given)\n work.take(answer)", 1),
        ("_second(given); _second(1)", 2),
        ("if given: give(given)\n else: give(given); give(given)", 2),
        ("if given: return give(given)\n give(given); give(given)", 2),
        ("try:\n  give(given)\n except ValueError:\n  work.take(given)\n  raise\n give(given); give(given)", 3),
        (
            "try:\n  give(given)\n except ValueError:\n  work.take(given); work.take(given); work.take(given)\n  raise",
            4,
        ),
        ("while True:\n  give(given)\n  return give(given)", 2),
        ("give(work.take(given))", 1),
    ],
)
def test_the_count_knows_a_call_that_leaves_from_one_that_stays(body: str, expected: int) -> None:
    """Names that carry it, functions of the file itself, branches, failures and loops, each counted once."""
    text = f"{HEAD}def _turn(work, given):\n {body}\ndef _second(what):\n give(what)\n give(what)\n"
    assert expected == _longest(_source(text, [OTHER]), ["_turn"], "given")
