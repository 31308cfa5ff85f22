"""What an operator does: each act with who does it and why, audited by the service, and told to the page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Final

import attrs
from starlette.responses import Response

from ja_reset import AsyncResetService, EffectLeased, InvalidArgument, ResetError, Text, UnlockRefused
from ja_reset.demo._backoffice import office
from ja_reset.demo._visits import Visit
from ja_reset.demo._words import WORDS

Form = Mapping[str, str]
Act = Callable[[Visit, AsyncResetService, Form], Awaitable[None]]


@attrs.frozen
class Trouble:
    """Why an act was refused: `detail` is the library's own word for the engineer; `until`, where waiting helps."""

    text: Text
    detail: str
    until: datetime | None = None
    field: str | None = None


_FIELDS: Final = {"by": "by", "reason": "why", "number": "whole_number", "results": "result"}
"""The arguments of the service that are fields of the page, and the words of those."""


def _field_of(error: InvalidArgument) -> str | None:
    return _FIELDS.get(str(error).partition(" ")[0])


async def _unlock(visit: Visit, service: AsyncResetService, form: Form) -> None:
    customer = visit.host.world.customer(form.get("ref", ""))
    await service.unlock(
        customer.institution,
        branch=customer.branch,
        subject=customer.subject,
        account=customer.account,
        login_id=customer.login_id,
        by=form.get("by", ""),
        reason=form.get("reason", ""),
    )
    visit.host.world.bank.unlock(customer.ref)


async def _end(_: Visit, service: AsyncResetService, form: Form) -> None:
    await service.operator.end(form.get("session", ""), by=form.get("by", ""), reason=form.get("reason", ""))


async def _retry(_: Visit, service: AsyncResetService, form: Form) -> None:
    await service.operator.retry(form.get("key", ""), by=form.get("by", ""), reason=form.get("reason", ""))


async def _settle(_: Visit, service: AsyncResetService, form: Form) -> None:
    results = {name: form[name] for name in ("service_id", "user_id") if form.get(name)}
    await service.operator.settle(
        form.get("confirmed") or form.get("refused") or "",
        confirmed="confirmed" in form,
        results=results or None,
        by=form.get("by", ""),
        reason=form.get("reason", ""),
    )


async def _lift(_: Visit, service: AsyncResetService, form: Form) -> None:
    await service.operator.lift(
        number=None if "effect" in form else form.get("number", ""),
        effect=form.get("effect"),
        by=form.get("by", ""),
        reason=form.get("reason", ""),
    )


def _acting(act: Act) -> Callable[[Visit], Awaitable[Response]]:
    """The act as a handler: afterwards the page, or the page with what was wrong and what was typed."""

    async def answer(visit: Visit) -> Response:
        form = await visit.form()
        try:
            await act(visit, visit.host.world.service, form)
        except (EffectLeased, UnlockRefused) as error:
            return await office(visit, 409, Trouble(WORDS["under_way"], str(error), error.until), form)
        except InvalidArgument as error:
            return await office(visit, 400, Trouble(WORDS["not_done"], str(error), field=_field_of(error)), form)
        except ResetError as error:
            return await office(visit, 409, Trouble(WORDS["not_done"], str(error)), form)
        visit.host.bell.notify()
        return visit.go("/operator")

    return answer


unlock, end, retry, settle, lift = map(_acting, (_unlock, _end, _retry, _settle, _lift))
