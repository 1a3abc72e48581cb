"""The part of the limits that a process keeps to on its own."""

from shops.marketplaces.rate_limit import OwnWindows, Rule


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def passed(own: OwnWindows, rule: Rule, tries: int = 100) -> int:
    return sum(own.acquire([rule], rule.key, 100) == 0 for _ in range(tries))


def test_the_parts_of_all_processes_are_the_limit() -> None:
    assert [passed(OwnWindows(processes), Rule("app", 100, 60)) for processes in (1, 3, 10, 100)] == [100, 33, 10, 1]


def test_where_not_every_process_gets_a_call_each_waits_longer_for_one() -> None:
    clock = Clock()
    own, rule = OwnWindows(10, clock), Rule("app", 2, 60)
    assert passed(own, rule) == 1
    clock.now += 5 * 60
    assert passed(own, rule) == 0
    clock.now += 5
    assert passed(own, rule) == 1


def test_the_window_slides() -> None:
    clock = Clock()
    own, rule = OwnWindows(1, clock), Rule("app", 3, 60)
    own.acquire([rule], rule.key, 100)
    clock.now += 30
    assert passed(own, rule) == 2
    assert 30 < own.acquire([rule], rule.key, 100) < 31
    clock.now += 31
    assert passed(own, rule) == 1


def test_a_limit_that_was_changed_is_kept_to() -> None:
    own = OwnWindows(1)
    assert passed(own, Rule("app", 5, 60)) == 5
    assert passed(own, Rule("app", 20, 60)) == 15
    assert passed(own, Rule("app", 5, 60)) == 0


def test_a_block_holds_the_calls_under_its_key_only() -> None:
    own, rule = OwnWindows(1), Rule("app", 100, 60)
    own.block("shop a", 30)
    own.block("shop a", 1)
    assert 29 < own.acquire([rule], "shop a", 100) <= 30
    assert own.acquire([rule], "shop b", 100) == 0


def test_memory_holds_no_more_than_the_windows_do() -> None:
    clock = Clock()
    own, rule = OwnWindows(1, clock), Rule("app", 50, 60)
    for _ in range(1_000):
        own.note([rule], is_told=False)
        clock.now += 10
    assert len(own.list_untold(rule)) <= 7
    assert len(own._calls_in(rule)) == 50


def test_redis_that_was_slow_to_fail_is_left_alone_longer() -> None:
    clock = Clock()
    own = OwnWindows(1, clock)
    own.note_silence(took_seconds=5)
    clock.now += 19
    assert not own.is_redis_expected()
    clock.now += 2
    assert own.is_redis_expected()
    assert (own.note_answer(), own.note_answer()) == (True, False)
