"""Whether figures can be believed: checks that point to what to look at first (核查线索).

A finding is never a verdict: what a check cannot know is said with it and in docs/authenticity.md.
`review.review(inputs, rules)` runs them all. Nothing is imported here: config/ is read without the
statistics library. Source: 武发〔2016〕68号 四(五) (严禁弄虚作假、搞“数字脱贫”), 四(一) (统计审核).
"""
