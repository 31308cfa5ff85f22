"""A picture from left to right: the main path straight along the top, all else beneath it, endings at the far right."""

from __future__ import annotations

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
from ja_reset.diagrams._model import DOT

_ARRIVAL = 12.0
_TRUNK = 30.0
_SINK = 46.0
"""By which a box that is not on the path stands lower, so that the path goes by straight."""


def rightward(plan: Plan) -> Picture:
    """The picture of a plan, its main path straight to the right."""
    return _Rightward(plan).picture()


class _Rightward:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.framed = plan.drawing.grouped
        self.tall = max(plan.size(node)[1] for node in plan.line)
        heads = [len(plan.words(edge)) for edge in plan.spine]
        self.top = TOP + (34 if self.framed else 8) + max(0.0, max(heads, default=0) * LINE - self.tall / 2 + 4)
        self.spine = self.top + self.tall / 2
        self.boxes: list[Box] = []
        self.labels: list[Label] = []
        self.wires: list[Wire] = []
        self.drops: list[tuple[Row, tuple[tuple[float, float], ...]]] = []
        self.floor = self.top + self.tall
        self.floor_right = 0.0

    def picture(self) -> Picture:
        start = (MARGIN + 18, self.spine)
        x = MARGIN + (64.0 if self.framed else 46.0)
        frame_left, frame_right = MARGIN + 36, x
        under_way = [node for node in self.plan.line if node.is_under_way]
        for place, node in enumerate(self.plan.line):
            x = self._column(place, x)
            if self.framed and node is under_way[-1]:
                frame_right = self.floor_right + 14
                x = self._group(frame_right, x)
        self.drops += [(row, (start,)) for row in map(self.plan.row, self.plan.drawing.shut)]
        first = self.boxes[0]
        if first.node.name == self.plan.drawing.initial:
            self.wires.insert(0, Wire((start, (first.x, self.spine)), None))
        self._spine()
        frame_foot = self.floor + 16
        foot, width = self._lanes(x, frame_foot + 10)
        frame = None
        if self.framed:
            top = TOP - 2
            frame = Frame(frame_left, top, frame_right - frame_left, frame_foot - top)
        return Picture(
            width=width + MARGIN,
            height=foot + MARGIN,
            boxes=tuple(self.boxes),
            labels=tuple(self.labels),
            wires=tuple(self.wires),
            start=start,
            frame=frame,
        )

    def _column(self, place: int, x: float) -> float:
        """A node, its rows beneath it, and the gap behind it with the words of the path."""
        node = self.plan.line[place]
        rows = [*self.plan.aside(node.name), *self.plan.ends(node.name)]
        wide = max(self.plan.size(node)[0], 120.0)
        y = self.top if node.name in self.plan.path else self.spine + _SINK / 2
        box = Box(node, x, y, wide, self.tall)
        self.boxes.append(box)
        right = self._rows(rows, x + _TRUNK, box.foot, own=box)
        self.floor_right = max(box.right, right)
        gap = 46.0
        for edge in self.plan.spine:
            if edge.source == node.name:
                words = self.plan.words(edge)
                gap = max(gap, max((line.width for line in words), default=0.0) + 44)
                self.labels.append(Label(box.right + 14, self.spine - 8 - (len(words) - 1) * LINE, words))
        return max(box.right + gap, self.floor_right + 26)

    def _rows(self, rows: list[Row], trunk: float, top: float, *, own: Box | None) -> float:
        """Labels beneath each other, each underlined by its arrow, which goes down on the right; gives the end."""
        width = max((row.width for row in rows), default=0.0)
        for place, (row, line) in enumerate(stacked(rows, top + 8)):
            self.labels.append(Label(trunk + 12, line - 5 - (len(row.lines) - 1) * LINE, row.lines))
            self.floor = max(self.floor, line)
            edge = row.edge
            if own is not None and edge is not None and edge.target == own.node.name:
                up = own.x + _ARRIVAL + 8
                self.wires.append(Wire(((trunk, own.foot), (trunk, line), (up, line), (up, own.foot)), edge))
                continue
            lane = trunk + 24 + width + LANE * (len(rows) - 1 - place)
            begin = (trunk, top) if own is not None else (trunk, line)
            self.drops.append((row, (begin, (trunk, line), (lane, line))))
        return trunk + 24 + width + LANE * len(rows) if rows else trunk

    def _group(self, border: float, x: float) -> float:
        """What every screen has, from the frame's right side."""
        right = self._rows(group_rows(self.plan), border, self.top + self.tall, own=None)
        return max(x + 24, right + 20)

    def _spine(self) -> None:
        places = {box.node.name: box for box in self.boxes}
        for edge in self.plan.spine:
            source, target = places[edge.source], places[edge.target]
            self.wires.append(Wire(((source.right, self.spine), (target.x, self.spine)), edge))

    def _lanes(self, x: float, top: float) -> tuple[float, float]:
        """A lane for each target, endings last, each of them at the end of its own; gives foot and right side."""
        places = {box.node.name: box for box in self.boxes}
        lanes: dict[str, float] = {}
        y = top
        for name in self.plan.arrivals():
            y += LANE
            lanes[name] = y
        width = max([self.plan.size(node)[0] for node in self.plan.endings], default=0.0)
        y += 14
        for node in self.plan.endings:
            height = self.plan.size(node)[1]
            self.boxes.append(Box(node, x, y, width, height))
            lanes[node.name] = y + height / 2
            y += height + 14
        for row, points in self.drops:
            if row.edge is None:
                continue
            lane = lanes[row.edge.target]
            if row.edge.source == DOT:
                self.labels.append(Label(points[-1][0] + 12, lane - 6 - (len(row.lines) - 1) * LINE, row.lines))
            target = places.get(row.edge.target)
            end = ((x, lane),) if target is None else ((target.x + _ARRIVAL, lane), (target.x + _ARRIVAL, target.foot))
            self.wires.append(Wire((*points, (points[-1][0], lane), *end), row.edge))
        right = max([x + width if self.plan.endings else 0.0, *(box.right for box in self.boxes)])
        return max(y, top), max(right, x - 26)
