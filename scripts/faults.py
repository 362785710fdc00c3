"""The fault test for longer: everybody writes and reads while servers, Redis and PostgreSQL die by chance.

    make faults                                          about five minutes, two processes and then one
    .venv/bin/python scripts/faults.py --minutes 60 --seed 7 --profile postgresql

Prints the seed, what was done, and whether every promise held (tests/faults/judge.py lists them). Ends with 1 when one
did not; the whole story is then in var/faults/.
"""

import argparse
import asyncio
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.faults.nemesis import drawn
from tests.faults.rig import Profile
from tests.faults.run import Plan, carry_out

SHARES: dict[Profile, float] = {"postgresql": 2 / 3, "sqlite": 1 / 3}


def main() -> None:
    parser = argparse.ArgumentParser(description="Write and read while things break.")
    parser.add_argument("--minutes", type=float, default=5, help="how long in all (5)")
    parser.add_argument("--seed", type=int, help="repeat the choices of an earlier run")
    parser.add_argument("--profile", choices=list(SHARES), help="only this one")
    arguments = parser.parse_args()
    seed = random.SystemRandom().randrange(10_000) if arguments.seed is None else arguments.seed
    profiles = [arguments.profile] if arguments.profile else list(SHARES)
    whole = sum(SHARES[profile] for profile in profiles)
    right = True
    for profile in profiles:
        seconds = 60 * arguments.minutes * SHARES[profile] / whole
        plan = Plan(f"faults-{profile}", profile, seed, seconds, drawn(profile, seed, seconds))
        print(f"{profile}: {seconds:.0f} s with {len(plan.faults)} faults, seed {seed}", flush=True)
        verdict = asyncio.run(carry_out(plan))
        print(verdict, flush=True)
        right = right and not verdict.broken
    sys.exit(0 if right else 1)


if __name__ == "__main__":
    main()
