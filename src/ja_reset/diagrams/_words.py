"""The words of a drawing that no screen has: events that are no button's, kinds of states, headings."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ja_reset.chart.states import StateKind
from ja_reset.chart.transitions import EventRole
from ja_reset.text import Text

EVENTS: Mapping[EventRole | None, Text] = MappingProxyType(
    {
        EventRole.EXTEND: Text("時間の延長", "time extended"),
        EventRole.CALL: Text("着信", "call received"),
        EventRole.KEYS: Text("番号のプッシュ入力", "code keyed in"),
        EventRole.CALL_ENDED: Text("通話の終了", "call ended"),
        EventRole.WINDOW_CLOSED: Text("受付時間の終了", "window closed"),
        EventRole.CONTESTED: Text("同じ番号への別の申込", "number contested"),
        EventRole.TIME_RAN_OUT: Text("時間切れ", "time ran out"),
        EventRole.CLOCK_WENT_BACK: Text("時計の逆戻り", "clock went back"),
        EventRole.CONFIRMED: Text("処理の完了", "bank confirmed"),
        EventRole.REFUSED: Text("銀行側の拒否", "bank refused"),
    }
)
"""What an event that has no button is called, by its role; one without stands under its own name."""

KINDS: Mapping[StateKind, Text] = MappingProxyType(
    {
        StateKind.FORM: Text("入力", "form"),
        StateKind.WAITING: Text("電話待ち", "waiting for the phone"),
        StateKind.COMPLETING: Text("処理中", "being processed"),
        StateKind.SUCCESS: Text("完了", "success"),
        StateKind.ENDING: Text("終了", "ending"),
    }
)

STARTS = Text("開始", "start")
RUNNING = Text("手続き中", "under way")
MAIN_PATH = Text("通常の流れ", "Main path")
FULL_SIZE = Text("図を原寸で開く", "Open the drawing in full size")
ENDS = Text("ほかの終わり方", "Other endings")
ALL_HOLD = Text("すべて満たす", "all hold")
STAYS = Text("(同じ画面)", "(stays)")
WAITING_LIMIT = Text("{span}以内", "within {span}")
FORM_LIMIT = Text("無操作{idle}まで、全体{absolute}まで", "idle {idle}, {absolute} in all")

STATES = Text("状態", "State")
SCREEN = Text("画面", "Screen")
KIND = Text("種類", "Kind")
LIMIT = Text("制限時間", "Time limit")
KEEPS = Text("保持する事実", "Facts kept")
EVENT = Text("イベント", "Event")
CONDITION = Text(
    "条件 (✗ 満たさない最初のもの、✓ 満たすもの)", "Condition (✗ the first that does not hold, ✓ what holds)"
)
TO = Text("行き先", "To")
REASONS = Text("理由", "Reasons")
ORDERS = Text("銀行への指示", "Orders to the bank")
