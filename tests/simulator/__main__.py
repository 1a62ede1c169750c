"""`make power`: measures and writes the table into docs/authenticity.md; about ten minutes."""

import argparse
from pathlib import Path

from dashboard import settings
from tests.simulator import measure
from tests.simulator.measure import OURS, PROVINCE, Line, Rate
from tests.simulator.plain import PLAIN

DOCUMENT = Path(__file__).parents[2] / "docs" / "authenticity.md"
BEGIN, END = "<!-- measured: written by make power -->", "<!-- end of what was measured -->"
MOVED = (0.0, 0.05, 0.1, 0.2)


def table(lines: list[Line], provinces: list[Line], honest: Rate, runs: int) -> str:
    """What stands between the two marks."""
    heads = ["造假方式和力度", OURS, "其中所指的核查", *PLAIN]
    rows = [heads, ["---"] * len(heads)]
    for line in lines:
        meant = "" if line.meant is None else _said(line.meant)
        rows.append([line.said, _said(line.rates[OURS]), meant, *_plain(line)])
    rows += [[one.said, _said(one.rates[OURS]), "", *_plain(one)] for one in provinces]
    told = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return (
        f"Honest districts with an alarm: {honest.share:.1%} of {honest.runs} (promised: at most "
        f"5 %). {runs} districts a line; ± is half the width of the 95 % interval.\n\n{told}\n"
    )


def _plain(line: Line) -> list[str]:
    return [_said(line.rates[name]) if name in line.rates else "—" for name in PLAIN]


def _said(rate: Rate) -> str:
    return f"{rate.share:.2f} ± {rate.half:.2f}"


def main() -> None:
    """Print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--honest", type=int, default=400)
    parser.add_argument("--provinces", type=int, default=30)
    asked = parser.parse_args()
    rules = settings.load().policy.authenticity_rules
    known = measure.calibrate(rules, asked.honest)
    lines = []
    for line in measure.districts(rules, known.thresholds, asked.runs):
        lines.append(line)
        print(line.said, _said(line.rates[OURS]), *_plain(line), flush=True)
    provinces = []
    for moved in MOVED:
        rates = {OURS: measure.province(rules, moved, asked.runs * 2)}
        if moved:
            rates |= measure.plain_in_province(rules, moved, asked.provinces)
        said = f"{PROVINCE:,}个村的省:线下5%以内的村有{moved:.0%}移到线上"
        provinces.append(Line(said, rates))
        print(said, *map(_said, rates.values()), flush=True)
    written = table(lines, provinces, known.ours, asked.runs)
    text = DOCUMENT.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    DOCUMENT.write_text(f"{before}{BEGIN}\n{written}{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
