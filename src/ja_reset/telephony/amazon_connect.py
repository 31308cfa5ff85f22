"""Amazon Connect: the event of a flow's AWS Lambda block in, attributes for the flow out.

*What it tells.* `Details.ContactData` has the caller's and the dialled number (`CustomerEndpoint`, `SystemEndpoint`),
the contact's id, its channel, how it was initiated, and the instance ("Using Lambda with Amazon Connect",
https://docs.aws.amazon.com/lambda/latest/dg/services-connect.html; "Contact attributes",
https://docs.aws.amazon.com/connect/latest/adminguide/connect-attrib-list.html).

*What it does not tell.* There is no field for a withheld number: a word stands in its place, or there is no
`CustomerEndpoint`. Nor is there one for an attestation. A number from the telephone network is read as NETWORK, because
it is the one that the last carrier passed on; calls from the web or an app are refused. A contact that an agent or a
flow transferred is a diverted call. A call that was forwarded before it reached Connect looks like any other, unless
the flow passes what the carrier says of it, as the parameter `diversion` of the Lambda block.

*Whose report it is.* A Lambda function has no address that a stranger could call: AWS checks who invokes it (IAM). So
let its resource policy name Connect alone (`connect.amazonaws.com`, with your instance as `AWS:SourceArn`), and give it
no function URL; `instance` compares the instance once more. All others who may invoke it can report any call.

*The flow.* It invokes the function, which calls `report_call`, and looks at `action` of the answer:

- `gather`: a *Store customer input* block says `$.External.prompt1` (as SSML); the function is invoked again with the
  parameters `keys` = `$.StoredCustomerInput` and `entry` = `$.External.entry`, and calls `report_keys`. Where nothing
  was keyed in, the input is `Timeout`: do the same with `prompt2` if `gathers` is `2`, then say `goodbye`. Play nothing
  before the block in a block of its own, because Connect drops keys that are pressed there ("Best practices",
  https://repost.aws/knowledge-center/connect-store-get-customer-input-blocks). Only where `after_speech1` is `true` do
  exactly that: say `prompt1` in *Play prompt*, and nothing in the block, so that nobody confirms before the warning is
  over. Touchtone buffering would keep those keys: leave it off in that flow, or *Stop and Clear* it behind the prompt
  (https://docs.aws.amazon.com/connect/latest/adminguide/set-touchtone-buffer-behavior.html).
- `say`: it says `goodbye` and disconnects.
- `disconnect`: it disconnects without a word. Connect has answered by then: it cannot reject a call after two rings.

Do not turn on flow logs in that flow, and do not store the answer as contact attributes: the code is in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from ja_reset.bank._script import Gather
from ja_reset.bank._values import Call, CallResult, CallSource
from ja_reset.errors import InvalidArgument
from ja_reset.telephony import _scripts as scripts
from ja_reset.telephony._callers import presented
from ja_reset.telephony._errors import Fault, Untrusted
from ja_reset.telephony._fields import LONGEST_ID, LONGEST_NUMBER, Fields
from ja_reset.telephony._speech import parts
from ja_reset.telephony._values import Ended, Keys

__all__ = ["read_call", "read_end", "read_keys", "reply"]

_GATEWAY: Final = "amazon_connect"
_LONGEST_WORD: Final = 64
_INITIATED: Final = {"INBOUND": False, "TRANSFER": True}
_NOTHING: Final = "Timeout"  # Store customer input: what it stores where nothing was keyed in


def read_call(event: Mapping[str, Any], *, instance: str, received_at: datetime | None = None) -> Call:
    """The call of an event that a flow sends at its beginning (P3).

    `instance`: the ARN of your Connect instance. `received_at`: when the function was invoked (aware; None: now); the
    event has no time. Raises UnreadableReport, also for a contact that is no incoming call from the telephone network,
    and Untrusted for one of another instance.
    """
    details = _details(event)
    contact = _contact(details, instance)
    if contact.required("Channel", longest=_LONGEST_WORD) != "VOICE":
        raise contact.refused(Fault.WRONG_KIND, "Channel")
    transferred = _INITIATED.get(contact.required("InitiationMethod", longest=_LONGEST_WORD))
    if transferred is None:
        raise contact.refused(Fault.WRONG_KIND, "InitiationMethod")
    found = presented(_number(contact, "CustomerEndpoint"))
    return Call(
        id=contact.required("ContactId", longest=LONGEST_ID),
        number=found.number,
        source=CallSource.NETWORK,
        dialed=_number(contact, "SystemEndpoint"),
        received_at=received_at,
        presentation=found.presentation,
        diverted=transferred or _parameters(details).get("diversion", longest=LONGEST_NUMBER) is not None,
    )


def read_keys(event: Mapping[str, Any], *, instance: str, received_at: datetime | None = None) -> Keys:
    """The entry of keys of an event with the parameters `keys` and `entry`; `Timeout` is an entry of no keys (P4).

    Connect invokes a function again if it failed: with `entry`, such an entry counts once.
    """
    details = _details(event)
    parameters = _parameters(details)
    nothing = parameters.value("keys") == _NOTHING
    return Keys(
        call_id=_contact(details, instance).required("ContactId", longest=LONGEST_ID),
        digits="" if nothing else parameters.keys("keys"),
        received_at=received_at,
        entry_id=parameters.get("entry", longest=LONGEST_ID),
    )


def read_end(event: Mapping[str, Any], *, instance: str, received_at: datetime | None = None) -> Ended:
    """The end of the call, of an event that the flow sends from its *Set disconnect flow*."""
    contact = _contact(_details(event), instance)
    return Ended(call_id=contact.required("ContactId", longest=LONGEST_ID), received_at=received_at)


def reply(result: CallResult, *, language: str = "ja", entry: str | None = None) -> dict[str, str]:
    """The answer as the function returns it: a flat mapping of texts, which the flow finds under `$.External`.

    `action`, and with it `prompt1` to `prompt9`, `after_speech1` (`true`, or not there) and so on, `gathers`, `most`
    (keys), `silence` (seconds), `goodbye`; what is said is SSML. `entry`: what the flow passes back with the keys, an
    id of this answer such as the request id of the invocation, and nothing that tells of the code.
    """
    prompts: list[str] = []
    after: dict[str, str] = {}
    said = ""
    gather: Gather | None = None
    for part in parts(scripts.steps(result), language):
        if isinstance(part, str):
            said = f"<speak>{part.partition('>')[2]}"  # Connect documents the element alone: the flow sets the voice
        elif isinstance(part, Gather):
            prompts.append(said)
            if part.after_speech:
                after[f"after_speech{len(prompts)}"] = "true"
            said, gather = "", gather or part
        else:
            break
    if gather is None:
        return {"action": "say", "goodbye": said} if said else {"action": "disconnect"}
    if len(prompts) > 9:  # noqa: PLR2004 - names of one digit
        msg = "a script for Amazon Connect gathers keys nine times at most"
        raise InvalidArgument(msg)
    answer = {f"prompt{number}": prompt for number, prompt in enumerate(prompts, 1)}
    about = {"most": str(gather.most), "silence": str(scripts.whole_seconds(gather)), "gathers": str(len(prompts))}
    return {"action": "gather", **answer, **after, **about, "goodbye": said, "entry": entry or ""}


def _details(event: Mapping[str, Any]) -> Fields:
    if not isinstance(event, Mapping):
        raise Fields(_GATEWAY, ()).refused(Fault.MALFORMED)
    fields = Fields(_GATEWAY, event)
    if fields.required("Name", longest=_LONGEST_WORD) != "ContactFlowEvent":
        raise fields.refused(Fault.WRONG_KIND, "Name")
    return fields.inside("Details")


def _contact(details: Fields, instance: str) -> Fields:
    if not isinstance(instance, str) or not instance.startswith("arn:"):
        msg = "instance must be the ARN of the Amazon Connect instance"
        raise InvalidArgument(msg)
    contact = details.inside("ContactData")
    if contact.required("InstanceARN", longest=LONGEST_NUMBER) != instance:
        raise Untrusted(_GATEWAY, Fault.STRANGER, "InstanceARN")
    return contact


def _parameters(details: Fields) -> Fields:
    return Fields(_GATEWAY, ()) if details.value("Parameters") is None else details.inside("Parameters")


def _number(contact: Fields, name: str) -> str | None:
    """The number of an endpoint; None if there is no endpoint, or no number in it."""
    if contact.value(name) is None:
        return None
    endpoint = contact.inside(name)
    if endpoint.required("Type", longest=_LONGEST_WORD) != "TELEPHONE_NUMBER":
        raise endpoint.refused(Fault.WRONG_KIND, name)
    return endpoint.get("Address", longest=LONGEST_NUMBER)
