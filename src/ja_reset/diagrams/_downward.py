"""A picture from top to bottom: the main path straight down, what leads back on its left, endings on its right."""

from __future__ import annotations

from math import fsum

from ja_reset.diagrams._layout import (
    LANE,
    LINE,
    MARGIN,
    TOP,
    Box,
    Frame,
    Label,
    Picture,
    Plan,
    Row,
    Wire,
    group_rows,
    stacked,
)

_SPINE = 40.0
"""From a box's left side to the line of the main path."""

_INDENT = 72.0
"""By which a box that is not on the path stands to the right, so that the path goes by straight."""

_ENDING_GAP = 14.0
_LOOP = 18.0


def downward(plan: Plan) -> Picture:
    """The picture of a plan, its main path straight down."""
    return _Downward(plan).picture()


class _Downward:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.framed = plan.drawing.grouped
        arrivals = plan.arrivals()
        left = [row for node in plan.line for row in plan.aside(node.name)]
        zone = max([row.width + 30 for row in left] + [44.0 if arrivals else 12.0])
        self.lanes = {name: MARGIN + 16 + LANE * place for place, name in enumerate(arrivals)}
        self.left = MARGIN + 16 + LANE * len(arrivals) + zone
        self.spine = self.left + _SPINE
        widths = [plan.size(node)[0] + (0 if node.name in plan.path else _INDENT) for node in plan.line]
        spine_words = [line.width + _SPINE + 24 for edge in plan.spine for line in plan.words(edge)]
        self.right = self.left + max([*widths, 190.0, *spine_words])
        self.border = self.right + 22
        ends = [row for node in plan.line for row in plan.ends(node.name)] + group_rows(plan)
        self.words_at = self.border + 14
        self.buses_at = self.words_at + max([row.width for row in ends], default=0.0) + 20
        self.boxes: list[Box] = []
        self.labels: list[Label] = []
        self.wires: list[Wire] = []
        self.arrivals: dict[str, tuple[float, float]] = {}
        self.departures: list[tuple[Row, float, float]] = []
        self.exits: list[tuple[Row, float, float]] = []

    def picture(self) -> Picture:
        start = (self.spine, TOP + 8)
        y = TOP + (66 if self.framed else 34)
        frame_top, frame_foot = y - 40, y
        under_way = [node for node in self.plan.line if node.is_under_way]
        for row in map(self.plan.row, self.plan.drawing.shut):
            self.exits.append((row, *start))
            self._words(row, self.words_at, start[1], "start")
        for place, node in enumerate(self.plan.line):
            y = self._band(place, y)
            if self.framed and node is under_way[-1]:
                y, frame_foot = self._group(y)
        first = self.boxes[0]
        if first.node.name == self.plan.drawing.initial:
            self.wires.append(Wire((start, (self.spine, first.y)), None))
        self._spine()
        self._back()
        foot = max(box.foot for box in self.boxes)
        width = self._endings()
        foot = max([foot, *(box.foot for box in self.boxes)])
        frame = Frame(MARGIN, frame_top, self.border - MARGIN, frame_foot - frame_top) if self.framed else None
        return Picture(
            width=width + MARGIN,
            height=foot + MARGIN + 6,
            boxes=tuple(self.boxes),
            labels=tuple(self.labels),
            wires=tuple(self.wires),
            start=start,
            frame=frame,
        )

    def _band(self, place: int, y: float) -> float:
        """A node with its rows on both sides, and the gap beneath it with the words of the path."""
        node = self.plan.line[place]
        left = self.plan.aside(node.name)
        if node.name in self.lanes:
            left = [Row(None, ()), *left]
        right = self.plan.ends(node.name)
        height = max(self.plan.size(node)[1], *(fsum(row.height for row in rows) + 6 for rows in (left, right)))
        x = self.left if node.name in self.plan.path else self.left + _INDENT
        box = Box(node, x, y, self.right - x, height)
        self.boxes.append(box)
        for row, line in stacked(left, y):
            if row.edge is None:
                self.arrivals[node.name] = (x, line - 2)
            elif row.edge.target == node.name:
                self._loop(row, box, line)
            else:
                self.departures.append((row, x, line))
                self._words(row, self.left - 14, line, "end")
        for row, line in stacked(right, y):
            self.exits.append((row, box.right, line))
            self._words(row, self.words_at, line, "start")
        gap = 44.0
        for edge in self.plan.spine:
            if edge.source == node.name:
                words = self.plan.words(edge)
                gap = max(gap, len(words) * LINE + 24)
                self.labels.append(Label(self.spine + 14, box.foot + 21, words))
        return box.foot + gap

    def _words(self, row: Row, x: float, line: float, anchor: str) -> None:
        self.labels.append(Label(x, line - 5 - (len(row.lines) - 1) * LINE, row.lines, anchor))

    def _loop(self, row: Row, box: Box, line: float) -> None:
        top = line - min(row.height - 9, 14)
        corners = ((box.x, top), (box.x - _LOOP, top), (box.x - _LOOP, line), (box.x, line))
        self.wires.append(Wire(corners, row.edge))
        self._words(row, self.left - _LOOP - 8, line, "end")

    def _group(self, y: float) -> tuple[float, float]:
        """What every screen has, at the frame's side, where no screen's own rows are."""
        taken = sorted((line - row.height + 5, line + 5) for row, _, line in self.exits)
        top = foot = self.boxes[0].y
        apart = max((self.plan.size(node)[1] for node in self.plan.endings), default=0.0) + _ENDING_GAP
        for place, row in enumerate(group_rows(self.plan)):
            if place:  # as far apart as the endings are, so that the arrows there are straight
                top = max(top, self.exits[-1][2] + apart - row.height + 5)
            for begin, end in taken:
                if top + row.height > begin and top < end:
                    top = end
            line = top + row.height - 5
            self.exits.append((row, self.border, line))
            self._words(row, self.words_at, line, "start")
            top = foot = top + row.height + 8
        foot = max(foot + 4, y - 12)
        return foot + 28, foot

    def _spine(self) -> None:
        places = {box.node.name: box for box in self.boxes}
        for edge in self.plan.spine:
            source, target = places[edge.source], places[edge.target]
            self.wires.append(Wire(((self.spine, source.foot), (self.spine, target.y)), edge))

    def _back(self) -> None:
        for row, x, line in self.departures:
            assert row.edge is not None  # noqa: S101 - a departure is an edge's
            lane = self.lanes[row.edge.target]
            to_x, to_y = self.arrivals[row.edge.target]
            self.wires.append(Wire(((x, line), (lane, line), (lane, to_y), (to_x, to_y)), row.edge))

    def _endings(self) -> float:
        """The endings in the order of where they are left for, each on a bus of its own; gives the right side."""
        lines: dict[str, list[float]] = {}
        for row, _, line in self.exits:
            if row.edge is not None:
                lines.setdefault(row.edge.target, []).append(line)
        foot = max(box.foot for box in self.boxes)
        middles = {node.name: _mean(lines.get(node.name, [foot])) for node in self.plan.endings}
        wanted = sorted(self.plan.endings, key=lambda node: middles[node.name])
        x = self.buses_at + LANE * len(wanted) + 26
        width = max([self.plan.size(node)[0] for node in wanted], default=0.0)
        y = TOP
        buses: dict[str, tuple[float, float]] = {}
        for place, node in enumerate(wanted):
            height = self.plan.size(node)[1]
            y = max(y + _ENDING_GAP, middles[node.name] - height / 2)
            self.boxes.append(Box(node, x, y, width, height))
            buses[node.name] = (self.buses_at + LANE * (len(wanted) - 1 - place), y + height / 2)
            y += height
        for row, begin, line in self.exits:
            if row.edge is not None:
                bus, middle = buses[row.edge.target]
                self.wires.append(Wire(((begin, line), (bus, line), (bus, middle), (x, middle)), row.edge))
        return x + width


def _mean(values: list[float]) -> float:
    return fsum(values) / len(values)
