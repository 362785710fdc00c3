"""How well the patient-data guard does: `python scripts/guard_figures.py [CONVERSATIONS.jsonl.gz]`.

Over the table of cases and the held-out set: recall (of what is to be stopped or asked about, the part that is) and false
alarms (of what is harmless, the part that is not let pass). Exits with 1 where the table misses what docs/patient-data.md
promises. Over real conversations: how often it asks or stops, by kind; never a word of them.
"""

import gzip
import json
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from moderation.guard.looking import Level
from tests.moderation.guard_cases import CASES, HELD_OUT, cases, look_with_shapes

LEAST_RECALL = 0.98
MOST_FALSE_ALARMS = 0.03


def main() -> int:
    recall, alarms = over_cases("table", CASES)
    over_cases("held out", HELD_OUT)
    for path in sys.argv[1:]:
        over_conversations(Path(path))
    return 0 if recall >= LEAST_RECALL and alarms <= MOST_FALSE_ALARMS else 1


def over_cases(name: str, path: Path) -> tuple[float, float]:
    found = [(verdict, bool(look_with_shapes(text).level)) for verdict, text in cases(path)]
    telling = [is_found for verdict, is_found in found if verdict != "pass"]
    harmless = [is_found for verdict, is_found in found if verdict == "pass"]
    recall, alarms = sum(telling) / len(telling), sum(harmless) / len(harmless)
    print(
        f"{name}: {len(found)} cases; recall {sum(telling)}/{len(telling)} = {recall:.1%},"
        f" false alarms {sum(harmless)}/{len(harmless)} = {alarms:.1%}"
    )
    return recall, alarms


def over_conversations(path: Path) -> None:
    levels, kinds = Counter[Level](), Counter[str]()
    with gzip.open(path) as lines:
        for line in lines:
            found = look_with_shapes(json.loads(line)["body"])
            levels[found.level] += 1
            kinds[" + ".join(found.kinds)] += bool(found.level)
    every = levels.total()
    print(
        f"{path.name}: {every:,} messages; stopped {levels[Level.SURE]} ({levels[Level.SURE] / every:.3%}),"
        f" asked {levels[Level.DOUBT]} ({levels[Level.DOUBT] / every:.3%})"
    )
    for kind, times in kinds.most_common():
        print(f"  {times:5} {kind}")


if __name__ == "__main__":
    sys.exit(main())
