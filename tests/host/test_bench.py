"""The bench's own logic: slopes, ratios, goals, table, chart, and what fails the budget. Nothing is measured."""

import json
import pathlib
import sys
import unittest
from xml.dom import minidom

# First, as modules there are called like some of ours.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))

import budget
import chart
import docs
import lines
import measure
import report
import tools

TOOLS = {"cc": "cc 1", "libc": "libc 1", "machine": "pdp11"}
OTHER_TOOLS = {"cc": "cc 2", "libc": "libc 1", "machine": "pdp11"}
COUNTED = "C recv(16384)"


def line(name="recv", less=True, goal=lines.Ahead(), group="C", unit="instr/B"):
    return lines.Line(group, name, unit, less, goal, "peer", None)


def result(ours, theirs, **what):
    return lines.evaluate(line(**what), {"baresock": ours, "peer": theirs})


class FakeBench:
    """A bench whose programs take as many instructions as they are told to."""

    def __init__(self, taken):
        self.taken = iter(taken)

    def instructions(self, peer, words):
        return next(self.taken)

    least_instructions = measure.Bench.least_instructions
    slope = measure.Bench.slope


class Figures(unittest.TestCase):
    def test_slope_leaves_out_what_every_run_takes(self):
        self.assertEqual(measure.slope((100, 300), (7000 + 100 * 5, 7000 + 300 * 5)), 5)

    def test_least_of_runs_that_agree_is_taken(self):
        self.assertEqual(FakeBench([1000, 1001]).least_instructions(None, []), 1000)

    def test_runs_that_do_not_agree_are_repeated(self):
        self.assertEqual(FakeBench([2000, 1500, 1000, 1001]).least_instructions(None, []), 1000)

    def test_runs_that_never_agree_end(self):
        self.assertEqual(FakeBench([6000, 5000, 4000, 3000, 2000, 1000]).least_instructions(None, []), 1000)

    def test_slope_is_that_of_the_least(self):
        bench = FakeBench([110, 100, 100, 520, 500, 500])
        self.assertEqual(bench.slope(None, ["tcp", "recv", 1], (10, 50)), 10)

    def test_count_stands_behind_the_mode(self):
        self.assertEqual(measure.with_count(["tcp", "recv", 16384], 5), ["tcp", "recv", 5, 16384])
        self.assertEqual(measure.with_count(["tcp", "accept"], 5), ["tcp", "accept", 5])

    def test_ratio_is_of_the_same_round(self):
        # The machine was twice as slow in the last round, for both.
        self.assertEqual(result([30, 32, 15], [10, 10, 5], less=False).ratios, {"peer": 3})

    def test_ratio_above_one_is_better_where_less_is(self):
        self.assertEqual(result([2], [6]).ratios, {"peer": 3})

    def test_nothing_is_infinitely_less_than_something(self):
        self.assertEqual(result([0], [6]).ratios, {"peer": float("inf")})


class Goals(unittest.TestCase):
    def test_at_most(self):
        self.assertTrue(result([1.5], [6], goal=lines.AtMost(1.5)).met)
        self.assertFalse(result([1.51], [6], goal=lines.AtMost(1.5)).met)

    def test_ahead(self):
        self.assertTrue(result([6], [6]).met)
        self.assertFalse(result([7], [6]).met)

    def test_ahead_by_so_much(self):
        self.assertTrue(result([50], [20], less=False, goal=lines.Ahead(2.5)).met)
        self.assertFalse(result([49], [20], less=False, goal=lines.Ahead(2.5)).met)

    def test_no_goal(self):
        self.assertIsNone(result([7], [6], goal=None).met)


class Lines(unittest.TestCase):
    def test_each_is_there_once(self):
        keys = [tuple(report.key(each)) for each in lines.LINES]
        self.assertEqual(len(keys), len(set(keys)))

    def test_some_are_chosen_by_words(self):
        chosen = lines.choose(["UDP", "early"])
        self.assertEqual({each.name.split()[0] for each in chosen}, {"UDP", "early"})
        self.assertEqual(lines.choose([]), lines.LINES)
        self.assertEqual(lines.choose(["no such line"]), [])


class Reports(unittest.TestCase):
    results = [
        result([1.25], [5.0], name="recv", goal=lines.AtMost(1.5)),
        result([100.0], [200.0], name="send", unit="MB/s", less=False),
        result([16384.0], [20000.0], group="Footprint", name="text", unit="B", goal=None),
    ]

    def test_table(self):
        self.assertEqual(
            report.table(self.results),
            "C     unit     baresock         peer  goal         met\n"
            "recv  instr/B      1.25    5 (4.00x)  at most 1.5  yes\n"
            "send  MB/s          100  200 (0.50x)  ahead        NO\n"
            "\n"
            "Footprint  unit  baresock            peer  goal  met\n"
            "text       B       16,384  20,000 (1.22x)",
        )

    def test_json(self):
        wanted = {"line": "C: recv", "unit": "instr/B", "us": 1.25, "peers": {"peer": 5.0}}
        wanted |= {"goal": "at most 1.5", "met": True}
        self.assertEqual(json.loads(report.as_json(self.results))[0], wanted)

    def test_results_survive_the_file(self):
        text = report.dump(self.results, {"cc": "1"})
        self.assertEqual(report.load(text, [each.line for each in self.results]), ({"cc": "1"}, self.results))

    def test_lines_that_are_gone_are_left_out(self):
        self.assertEqual(report.load(report.dump(self.results, {}), [self.results[1].line])[1], [self.results[1]])

    def test_page(self):
        page = docs.page(self.results, {"cc": "gcc 1"}, "With {cc}. {verdict}\n\n{tables}\n")
        self.assertIn("With gcc 1. Not met: C, send, MB/s.\n", page)
        self.assertIn("| recv | instr/B | 1.25 | 5 (4.00x) | at most 1.5 | yes |\n", page)
        self.assertIn("| --- | --- | ---: | ---: | --- | --- |\n", page)

    def test_template_has_no_place_that_is_not_filled(self):
        about = dict.fromkeys(tools.about(), "x")
        self.assertNotRegex(docs.page(self.results, about, docs.TEMPLATE.read_text(encoding="utf-8")), r"\{\w+\}")

    def test_chart_has_a_bar_for_each_line_with_a_goal(self):
        drawing = minidom.parseString(chart.draw(self.results))
        words = [node.firstChild.data for node in drawing.getElementsByTagName("text") if node.firstChild]
        self.assertIn("4.00x", words)
        self.assertIn("0.50x", words)
        self.assertNotIn("1.22x", words)

    def test_chart_cuts_what_is_beyond_its_axis(self):
        self.assertEqual(chart.place(1e9), chart.place(chart.MOST))
        self.assertEqual(chart.place(1e-9), chart.LEFT)


class Budget(unittest.TestCase):
    def judge(self, measured, budgets=None, tools=None):
        if budgets is None:
            budgets = [{"tools": TOOLS, "figures": {COUNTED: 1.0, "text": 1000.0}}]
        well, said = budget.judge(budgets, tools or TOOLS, measured)
        return well, "\n".join(said)

    def test_what_is_as_it_was_is_well(self):
        well, said = self.judge({COUNTED: 1.029, "text": 1029.0})
        self.assertTrue(well)
        self.assertEqual(said.count("\n"), 0)

    def test_a_regression_fails_and_is_named_with_both_values(self):
        well, said = self.judge({COUNTED: 1.04, "text": 1000.0})
        self.assertFalse(well)
        self.assertIn("C recv(16384): 1.04 instr/B, 4.0% more than the 1 of bench/budget.json.", said)
        self.assertIn("make bench-budget-update", said)
        self.assertNotIn("text", said)

    def test_a_size_fails_too(self):
        well, said = self.judge({COUNTED: 1.0, "text": 1031.0})
        self.assertFalse(well)
        self.assertIn("text: 1,031 B, 3.1% more than the 1,000 of bench/budget.json.", said)

    def test_better_is_well_and_worth_keeping(self):
        well, said = self.judge({COUNTED: 0.9, "text": 1000.0})
        self.assertTrue(well)
        self.assertIn("10.0% less than the 1 of bench/budget.json: keep it with `make bench-budget-update`.", said)

    def test_a_figure_without_budget_fails(self):
        well, said = self.judge({COUNTED: 1.0, "text": 1000.0, "new": 5.0})
        self.assertFalse(well)
        self.assertIn("new has no budget", said)

    def test_other_tools_only_a_blunder_fails(self):
        well, said = self.judge({COUNTED: 1.2}, tools=OTHER_TOOLS)
        self.assertTrue(well)
        self.assertIn("none for these tools", said)
        self.assertFalse(self.judge({COUNTED: 1.3}, tools=OTHER_TOOLS)[0])

    def test_other_machine_has_nothing_to_compare_with(self):
        well, said = self.judge({COUNTED: 1.0}, tools={**TOOLS, "machine": "vax"})
        self.assertFalse(well)
        self.assertIn("nothing for vax", said)

    def test_update_replaces_the_figures_of_these_tools_alone(self):
        mine = {"tools": TOOLS, "figures": {COUNTED: 1.0, "gone": 1.0}}
        others = {"tools": OTHER_TOOLS, "figures": {COUNTED: 9.0}}
        after = budget.update([mine, others], TOOLS, {COUNTED: 2.0, "text": 5.0})
        self.assertEqual(budget.pick(after, TOOLS)["figures"], {COUNTED: 2.0, "text": 5.0})
        self.assertEqual(budget.pick(after, OTHER_TOOLS)["figures"], {COUNTED: 9.0})

    def test_update_without_a_network_keeps_the_instructions(self):
        before = [{"tools": TOOLS, "figures": {COUNTED: 1.0, "text": 1.0}}]
        self.assertEqual(budget.update(before, TOOLS, {"text": 5.0})[0]["figures"], {COUNTED: 1.0, "text": 5.0})

    def test_every_count_has_a_budget(self):
        for entry in budget.load():
            self.assertEqual([name for name in budget.UNITS if name not in entry["figures"]], [])


if __name__ == "__main__":
    unittest.main()
