"""Demo data: a made-up picture of a district, so that a newcomer sees the dashboard at work.

Real are only names, codes and points of Wujin's 16 towns of 2016 (towns.csv; any other county
gets 演示一镇 …) and the departments that the policy's text names. Villages, households,
incomes, targets, enterprises and boundaries are made up; nobody has a name, only a post. The same
seed gives the same rows. Reported are 2016Q1 to 2017Q3, and 2015-12-31 as the baseline.

What was put in on purpose, so that screens and rules have something to find. Towns and villages
depend on the seed: `make.draw_world` returns a World that says where each came to lie
(`incomes.planted`, `people.planted`, `targets.planted`, `reports`). In stores of few villages or
households some are left out.

Reporting (calendar.py)
- two towns have not reported 2017Q3; one never reported 2016Q2; one sent 2016Q4 two quarters late
  (file 补报); two sent a quarter twice, first with too little rent (files 更正: revisions).

Village incomes at the end of 2016 (incomes.py)
- exactly_on_line: a village at exactly 150 万元: neither weak nor at target;
- just_below_line: one at 149.9999 万元, shown as 150.00 where decimals are cut; still weak;
- just_over_line: one a single fen above;
- heaping: five weak villages of the town with most of them, all between 150.3 and 151.5 万元;
- same_values: three villages of one town with the same seven amounts in all four quarters of 2016;
- jump_in_q4: one whose fourth quarter brings 0.4 of the line at once, from other income;
- `incomes.floor`: villages lifted to exactly 120 万元 by floor support: policy, not fraud.

Households (households.py)
- exactly_on_line: 10,000.00 yuan a head in 2016: reached; just_below_line: one fen less, not;
- never_low: one on the register though it had more than 10,000 in 2015;
- exit_below_line: one let out at the end of 2016 with less than 9,000;
- 1.5 % lack the spot check among the four steps; a few relapse in 2017.

Targets of 2017 (targets.py)
- villages_overloaded: a town whose villages' income targets come to 1.1 times its own (层层加码);
- not_handed_down: the district's exits exceed its towns' by 60 households;
- plan_ends_short: a town whose monthly plan of income ends below the year's target.
"""

from dashboard.data.demo.make import fill, is_empty, rows
from dashboard.data.demo.places import DemoRefused

__all__ = ["DemoRefused", "fill", "is_empty", "rows"]
