"""The model's telephone: what a call and the keys in it come to, by the specification (P)."""

from __future__ import annotations

from datetime import datetime

import attrs

from ja_reset.bank._values import Contract, EffectKind
from ja_reset.testing._service_model import Model
from ja_reset.testing._service_runs import INTERNET, TOKEN, WAITING, Heard, Judged, Keyed, Run, Wait


@attrs.frozen(kw_only=True)
class Ringing:
    """A call: its number in E.164 where one is shown, what speaks against it, when it came, whom it names (P8a).

    `dialed`: the number that was dialled, if the gateway says.
    """

    id: str
    number: str | None
    against: str | None
    at: datetime
    names: Run | None = None
    dialed: str | None = None

    @property
    def refusal(self) -> str | None:
        """What its number is refused for wherever it calls, but for the relay number that was chosen (P3)."""
        if self.against in {"withheld", "unavailable"}:
            return self.against
        if self.number is not None and self.number.startswith(INTERNET):
            return "voip"
        return "attestation" if self.against == "attestation" else None

    @property
    def what(self) -> tuple[str | None, ...]:
        """What the call was: another one under the same id is refused (P3)."""
        return self.number, self.against, self.dialed


class Calls(Model):
    """The model, with what a gateway reports. Each gives what the gateway is told: a status and codes."""

    dial: str = ""
    """The institution's only number to call, or the first."""

    # the telephone (P)

    def ring(self, call: Ringing, contract: Contract | None) -> tuple[str, list[str]]:
        """A call, and what the gateway is told."""
        heard = self.known_call(call.id)
        if heard is not None:
            if heard.what == call.what:
                return self._rings_again(call.id, heard)
            heard.ambiguous = True
            return "REFUSED", ["call_id_reused"]
        wait, missed = self._waited_on(call)
        run = call.names
        if run is None and wait is not None and self.is_waiting(wait):
            run = wait.run
        if run is not None:
            self.pass_time(run)
        if run is None or run.gone or run.state not in WAITING:
            refusal = missed if call.refusal is None else [call.refusal]
            late = wait is not None and self._ran_out(wait) and call.names in {None, wait.run}
            if late and wait is not None:
                self.pass_time(wait.run)
            status, codes = ("REFUSED", ["late"]) if late else ("UNMATCHED", refusal)
            about = wait.run if late and wait is not None else run
            return self._heard(call, status, codes, None if about is None or about.gone else about)
        codes = self._rings_at(run, call, contract)
        if codes:
            self._befall(run, codes)
            return self._heard(call, "REFUSED", codes, run)
        if self.asks_code(run) or self.asks_key(run):
            run.state = "BTR004_KEYS" if run.procedure is TOKEN else "PHONE_KEYS"
            run.call, run.missed, run.over = call.id, 0, None
            self._befall(run, [])
            return self._heard(call, "ANNOUNCE", [], run)
        run.proofs.append("phone")
        self.leave(run, "BIM017", "proved", self.now)
        self._befall(run, [])
        answer = self._heard(call, "VERIFIED", [], run)
        self.calls[call.id].state = run.state
        return answer

    def _waited_on(self, call: Ringing) -> tuple[Wait | None, list[str]]:
        """The wait that a call is for, or why it is for none of those for its number."""
        if call.against in {"withheld", "unavailable"} or call.number is None:
            return None, []
        if call.names is not None:
            return self.waits.last_of(call.names, call.number), []
        wait = self.waits.called(call.number, call.dialed, self.now)
        if wait is not None or not self.waits.live(call.number, self.now):
            return wait, []
        return None, ["line_unknown" if call.dialed is None else "wrong_line"]

    def _ran_out(self, wait: Wait) -> bool:
        return self.now <= wait.rests and (wait.ended == "timed_out" or (wait.ended is None and self.now > wait.until))

    def _heard(self, call: Ringing, status: str, codes: list[str], run: Run | None) -> tuple[str, list[str]]:
        self.calls[call.id] = Heard(status, codes, run, self.now + self.policies.phone.call_memory, call.what)
        return status, codes

    def known_call(self, call: str) -> Heard | None:
        """The call, as long as it is remembered: after that its id may be another call's (P3)."""
        heard = self.calls.get(call)
        return heard if heard is not None and self.now <= heard.kept else None

    def _rings_again(self, call: str, heard: Heard) -> tuple[str, list[str]]:
        if heard.state is not None and heard.run is not None:
            beside = attrs.evolve(heard.run)  # asking again moves nothing
            self.pass_time(beside)
            return ("REFUSED", ["late"]) if beside.gone or beside.state != heard.state else ("VERIFIED", [])
        if heard.status != "ANNOUNCE" or heard.run is None:
            return heard.status, heard.codes
        self.pass_time(heard.run)
        if heard.run.call != call:
            return "REFUSED", ["late"]
        if heard.ambiguous:
            return "REFUSED", ["call_id_reused"]
        return ("ANNOUNCE", []) if heard.run.over is None else ("REFUSED", ["late"])

    def _rings_at(self, run: Run, call: Ringing, contract: Contract | None) -> list[str]:
        is_relayed = self.policies.caller_id.relay and call.number == run.number and call.refusal == "voip"
        if call.refusal is not None and call.refusal != "attestation" and not is_relayed:
            return [call.refusal]
        if call.dialed is not None and call.dialed != (run.dial or self.dial):
            return ["wrong_line"]
        if call.against is not None:
            return [call.against]
        if call.number != run.number:
            return ["wrong_number"]
        return self._in_time(run, call.at) or self._stands(run, contract)

    def _in_time(self, run: Run, at: datetime) -> list[str]:
        if at < run.opened:
            return ["early"]
        return ["late"] if at > run.closes or at > self.now + self.policies.phone.clock_skew else []

    def _befall(self, run: Run, codes: list[str]) -> None:
        run.standing = list(codes)
        run.active, run.seen = max(run.active, self.now), max(run.seen, self.now)

    def key_in(
        self, keyed: Keyed, *, right: bool, contract: Contract | None, trouble: str | None
    ) -> tuple[str, list[str]]:
        """Keys in a call, and what the gateway is told."""
        heard = self.known_call(keyed.call)
        run = heard.run if heard is not None else None
        if run is not None:
            self.pass_time(run)
        if heard is None or run is None or heard.status != "ANNOUNCE":
            return "UNMATCHED", []
        waits = run.call == keyed.call
        told = None if heard.ambiguous else self._keyed_before(heard, run, keyed, waits=waits)
        if told is not None:
            return told
        if not waits:
            return "REFUSED", ["late"]
        if heard.ambiguous:
            return "REFUSED", ["call_id_reused"]
        at, disowns = self.now if keyed.at is None else keyed.at, keyed.digits == self.policies.phone.not_me_key
        codes = [] if disowns else self._in_time(run, at) or (["late"] if self._is_over(run, at) else [])
        if codes:
            self._befall(run, codes)
            return "REFUSED", codes
        judged = self._disowned(run) if disowns else None
        led_to, told = judged or self._judges(run, right=right, contract=contract, trouble=trouble)
        if keyed.name is not None:
            heard.judged.append(Judged(keyed, *told, led_to))
        return told

    def _disowned(self, run: Run) -> tuple[str, tuple[str, list[str]]]:
        """The caller says that the application is not theirs (P13)."""
        self.leave(run, "REJECTED", "disowned", self.now)
        self._befall(run, ["not_me"])
        self.order(EffectKind.NOTIFY, run, None)
        return run.state, ("REFUSED", ["not_me"])

    def _is_over(self, run: Run, at: datetime) -> bool:
        """Whether the call was over at *at*, or has been for too long now (P4)."""
        return run.over is not None and (at > run.over or self.now > run.over + self.policies.phone.delivery_grace)

    def hang_up(self, call: str, at: datetime | None) -> tuple[str, list[str]]:
        """The end of a call, and what the gateway is told."""
        heard = self.known_call(call)
        if heard is None or heard.run is None:
            return "UNMATCHED", []
        if heard.ambiguous:
            return "REFUSED", ["call_id_reused"]
        run, over = heard.run, at or self.now
        if heard.status == "ANNOUNCE":
            self.pass_time(run)
        if over > self.now + self.policies.phone.clock_skew:
            return "REFUSED", ["late"]
        if run.call == call and run.over is None:
            run.over = over
            self._befall(run, [])
        return "ENDED", []

    def _keyed_before(self, heard: Heard, run: Run, keyed: Keyed, *, waits: bool) -> tuple[str, list[str]] | None:
        """What is told of an entry whose name was judged before: it counts no second time (P4)."""
        for before in heard.judged:
            if before.keyed.name != keyed.name:
                continue
            if before.keyed.digits == keyed.digits:
                confirmed = before.state == "COMPLETING" and run.state in {"DONE", "BTR005"}
                there = not run.gone and (run.state == before.state or confirmed)
                holds = {"RETRY": waits and run.over is None, "VERIFIED": there}.get(before.status, True)
                return (before.status, before.codes) if holds else ("REFUSED", ["late"])
            if keyed.entry is not None:
                return "REFUSED", ["entry_id_reused" if waits else "late"]
        return None

    def _judges(
        self, run: Run, *, right: bool, contract: Contract | None, trouble: str | None
    ) -> tuple[str, tuple[str, list[str]]]:
        """Where keys in time lead, and what is told of them."""
        if not right:
            is_over = run.over is not None  # nobody is there to be asked once more
            status, codes = self._misses(run)
            return run.state, ("REFUSED" if is_over else status, codes)
        codes = self._stands(run, contract)
        self._befall(run, codes)
        if codes:
            return run.state, ("REFUSED", codes)
        run.proofs.append("phone")
        if run.procedure is not TOKEN:
            self.leave(run, "BIM017", "proved", self.now)
            return run.state, ("VERIFIED", [])
        self.leave(run, "COMPLETING", "proved", self.now)
        self.order(EffectKind.ISSUE_TOKEN, run, trouble, head=True)
        return "COMPLETING", ("VERIFIED", [])

    def _misses(self, run: Run) -> tuple[str, list[str]]:
        phone, asks_key = self.policies.phone, self.asks_key(run)
        run.missed += 1
        status, codes = "RETRY", ["not_confirmed" if asks_key else "wrong_code"]
        if not asks_key:  # it is no guess of a code, so it counts for its call alone
            run.wrong_codes += 1
            self.code_is_wrong(run.number)
        if not asks_key and (run.wrong_codes >= phone.codes_per_session or not self.codes_left(run.number)):
            self.leave(run, "REJECTED", "left", self.now)
            status = "REFUSED"
        elif run.missed >= phone.code_attempts:
            run.state = "BTR004" if run.procedure is TOKEN else "PHONE"
            run.call, run.missed, run.over = None, 0, None
            status = "REFUSED"
        self._befall(run, codes)
        return status, codes
