"""The fault test: two short runs in which everything breaks once, and the proof that a broken server would not pass.

`make faults` does the same for longer, with faults by chance (scripts/faults.py).
"""

import random
from collections.abc import Iterator

import pytest

from tests.faults.nemesis import Planned
from tests.faults.rig import Template
from tests.faults.run import Plan, carry_out

pytestmark = pytest.mark.timeout(300)

POSTS_A_SECOND = 6.0


@pytest.fixture(scope="module")
def template() -> Iterator[Template]:
    template = Template()
    yield template
    template.discard()


async def test_two_processes_lose_nothing_while_servers_redis_and_postgresql_die() -> None:
    faults = (
        Planned(5, "kill server", 1.5, server=0),
        Planned(14, "Redis gone", 3),
        Planned(23, "kill PostgreSQL", 1),
        Planned(32, "pause server", 3.5, server=1),
        Planned(40, "cut connections", 1),
        Planned(44, "crowd of long polls", 3),
        Planned(49, "kill server", 1, server=1),
    )
    plan = Plan("two processes", "postgresql", new_seed(), 54, faults, POSTS_A_SECOND)
    verdict = await carry_out(plan)
    print(verdict)
    assert not verdict.broken, str(verdict)


async def test_one_process_on_sqlite_loses_nothing_when_it_dies(template: Template) -> None:
    faults = (Planned(5, "kill server", 1), Planned(13, "pause server", 3), Planned(20, "kill server", 0.2))
    plan = Plan("one process", "sqlite", new_seed(), 27, faults, POSTS_A_SECOND)
    verdict = await carry_out(plan, template)
    print(verdict)
    assert not verdict.broken, str(verdict)


def new_seed() -> int:
    """Another one each time: it is printed with the verdict."""
    return random.SystemRandom().randrange(10_000)


AT_ONCE = tuple(Planned(at, "kill server on acknowledgement", 0.1) for at in (1.5, 2.5))

BROKEN_SERVERS = [
    pytest.param(
        Plan("acknowledged before the commit", "sqlite", 1, 4, AT_ONCE, mutant="acknowledged_before_commit"),
        "once",
        id="acknowledged before the commit",
    ),
    pytest.param(
        Plan("no unique client id", "sqlite", 1, 3, (), doubles=0.5, mutant="no_unique_client_id"),
        "once",
        id="no unique client id",
    ),
    pytest.param(
        Plan("asked by id", "sqlite", 1, 5, (), stay=1, edits=0.3, removals=0.2, mutant="asked_by_id"),
        "same",
        id="asked by id instead of version",
    ),
    pytest.param(
        Plan("no check at delivery", "sqlite", 1, 6, (), stay=30, mutant="no_check_at_delivery"),
        "secret",
        id="no check at delivery",
    ),
]


@pytest.mark.parametrize(("plan", "promise"), BROKEN_SERVERS)
async def test_a_broken_server_is_found_out(plan: Plan, promise: str, template: Template) -> None:
    verdict = await carry_out(plan, template)
    assert promise in verdict.promises, str(verdict)
