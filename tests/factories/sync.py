"""Runs and chunks that fit together: a chunk covers its run's window unless told otherwise."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

from factory.declarations import LazyAttributeSequence, LazyFunction, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from backoffice.common import clock
from syncjobs.models import Chunk, Run, RunKind, Trigger

WINDOW_START = datetime(2026, 8, 1, tzinfo=UTC)
WINDOW_END = WINDOW_START + timedelta(days=1)


class RunFactory(DjangoModelFactory):
    class Meta:
        model = Run

    shop = SubFactory("tests.factories.shops.ShopFactory")
    kind = RunKind.INCREMENTAL
    trigger = Trigger.COMMAND
    identity = LazyAttributeSequence(lambda run, n: "incremental" if run.kind == "incremental" else f"{run.kind}:{n}")
    window_start = WINDOW_START
    window_end = WINDOW_END
    created_at = LazyFunction(clock.now)


class ChunkFactory(DjangoModelFactory):
    class Meta:
        model = Chunk

    run = SubFactory(RunFactory)
    number = Sequence(lambda n: n + 1)
    window_start = SelfAttribute("run.window_start")
    window_end = SelfAttribute("run.window_end")
    due_at = LazyFunction(clock.now)


def make_run(**facts: Any) -> Run:
    return cast(Run, RunFactory(**facts))


def make_chunk(**facts: Any) -> Chunk:
    return cast(Chunk, ChunkFactory(**facts))
