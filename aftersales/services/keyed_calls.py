"""Calls that bear a key are carried out once: whoever repeats one, not having seen the answer, is given it again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from aftersales.models import KeyedCall
from backoffice.common import clock
from backoffice.common.errors import NotPossible, RefusedValue
from backoffice.common.locks import try_advisory_lock


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call is answered with, as JSON can hold it."""

    status: int
    body: Any
    is_repeated: bool = False


class CallRuns(NotPossible):
    """The first call with the key has not been answered yet."""

    code = "call_runs"


def answer_once(
    person: Any, key: str, digest: bytes, carry_out: Callable[[], Answer], *, stores_on_its_way: bool = False
) -> Answer:
    """Carry out a call, or give the answer that the same call of this person got before.

    The answer is stored in one transaction with what the call changes. A call that is refused changes nothing, so its
    key is not used up. With `stores_on_its_way` the call stores by itself what must outlive a kill, as one does that
    asks a marketplace: it gets no transaction around it, and only an answer that it lived to give is kept.
    """
    with try_advisory_lock("keyed call", person.pk, key) as is_free:
        if not is_free:
            raise CallRuns("A call with this key is being carried out at this moment. Ask again in some seconds.")
        known = KeyedCall.objects.filter(user=person.pk, key=key).first()
        if known is not None:
            return _repeat(known, digest)
        if stores_on_its_way:
            return _keep(person, key, digest, carry_out())
        with transaction.atomic():
            return _keep(person, key, digest, carry_out())


def _repeat(known: KeyedCall, digest: bytes) -> Answer:
    if bytes(known.digest) != digest:
        raise RefusedValue("Idempotency-Key", "This key was used for another call. Take a new one for this one.")
    return Answer(known.status, known.answer, is_repeated=True)


def _keep(person: Any, key: str, digest: bytes, answer: Answer) -> Answer:
    KeyedCall.objects.create(
        user_id=person.pk, key=key, digest=digest, status=answer.status, answer=answer.body, created_at=clock.now()
    )
    return answer
