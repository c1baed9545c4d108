"""The token bucket of every address."""

from hypothesis import given
from hypothesis import strategies as st

from connectors.web.limits import AnonymousLimit, network_of


class Clock:
    """Time that passes only when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_burst_is_admitted_then_one_at_a_time():
    clock = Clock()
    limit = AnonymousLimit(6, clock)
    assert [limit.seconds_to_wait("10.0.0.1") for _ in range(7)] == [0] * 6 + [10]
    assert limit.seconds_to_wait("10.0.0.2") == 0
    clock.now += 10
    assert [limit.seconds_to_wait("10.0.0.1") for _ in range(2)] == [0, 10]


def test_zero_is_no_limit():
    limit = AnonymousLimit(0)
    assert not any(limit.seconds_to_wait("10.0.0.1") for _ in range(1000))


@given(st.integers(1, 200), st.lists(st.floats(0, 30), max_size=200))
def test_never_more_than_the_burst_and_the_refill(per_minute: int, pauses: list[float]):
    clock = Clock()
    limit = AnonymousLimit(per_minute, clock)
    admitted = 0
    for pause in pauses:
        clock.now += pause
        admitted += limit.seconds_to_wait("10.0.0.1") == 0
    assert admitted <= per_minute + (clock.now - 100) * per_minute / 60 + 1e-6


@given(st.integers(1, 200))
def test_waiting_as_long_as_told_is_enough(per_minute: int):
    clock = Clock()
    limit = AnonymousLimit(per_minute, clock)
    while not (seconds := limit.seconds_to_wait("10.0.0.1")):
        pass
    clock.now += seconds
    assert limit.seconds_to_wait("10.0.0.1") == 0


def test_one_ipv6_subscriber_counts_as_one_address():
    assert network_of("2001:db8:1:2::1") == network_of("2001:db8:1:2:ffff::9")
    assert network_of("2001:db8:1:2::1") != network_of("2001:db8:1:3::1")
    assert network_of("::ffff:10.0.0.1") == "10.0.0.1"
    assert network_of("testclient") == "testclient"


def test_addresses_long_unseen_are_forgotten():
    limit = AnonymousLimit(1, Clock(), remembered=2)
    for address in ("a", "b", "c"):
        assert limit.seconds_to_wait(address) == 0
    assert limit.seconds_to_wait("c") > 0
    assert limit.seconds_to_wait("a") == 0
