"""Every recipe at smoke scale, and every verb that reads its run."""

import csv
import io
import json
import os
import time
import unittest
import xml.etree.ElementTree

from program import PROGRAM, RECIPES, ProgramTest, program, snapshot

# A recipe whose smoke run is meant to end with exit code 1, and why. None today.
EXPECTED_PROBLEMS = {}
VERDICTS = {"holds", "fails", "undecided"}


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


class Recipes(ProgramTest):
    def check_answer(self, answer):
        """The keys that scripts rely on."""
        self.assertEqual(set(answer), {"name", "status", "findings", "claims"})
        self.assertEqual(answer["status"], "done")
        for finding in answer["findings"]:
            self.assertLessEqual({"quantity", "where", "value", "standard_error", "unit", "status"}, set(finding))
            self.assertTrue(all(is_number(x) for x in finding["where"].values()), finding)
            if finding["status"] == "ok":
                self.assertTrue(is_number(finding["value"]), finding)
                self.assertTrue(is_number(finding["standard_error"]), finding)
                self.assertGreaterEqual(finding["standard_error"], 0)
        for claim in answer["claims"]:
            self.assertLessEqual(
                {"claim", "verdict", "value", "standard_error", "expected", "tolerance", "source"}, set(claim)
            )
            self.assertIn(claim["verdict"], VERDICTS)
            self.assertTrue(is_number(claim["expected"]) and claim["tolerance"] > 0)

    def check_figures(self, run):
        import netCDF4

        with netCDF4.Dataset(run / "results.nc") as file:
            figures = sorted(file.groups["figures"].groups)
            self.assertEqual(figures, sorted(json.loads(file.figure_order)))
        self.assertTrue(figures)
        for figure in figures:
            table = self.run_program("export", run, figure, "--csv", text=False).stdout.decode()
            rows = list(csv.reader(io.StringIO(table, newline=""), strict=True))
            self.assertEqual(rows[0][0], "series")
            self.assertTrue(all(len(row) == len(rows[0]) for row in rows), figure)
            for row in rows[1:]:
                float(row[3]), float(row[4])
            picture = self.run_program("export", run, figure, "--svg").stdout
            self.assertTrue(xml.etree.ElementTree.fromstring(picture).tag.endswith("svg"))

    def check_recipe(self, recipe):
        run = self.folder / recipe.stem
        begun = time.monotonic()
        self.run_program("run", recipe, "--scale", "smoke", "--out", run, code=EXPECTED_PROBLEMS.get(recipe.stem, 0))
        self.assertLess(time.monotonic() - begun, 20, "a smoke run takes at most 20 s")
        for name in ("results.nc", "report.html", "recipe.toml", "manifest.json"):
            self.assertTrue((run / name).is_file(), name)
        manifest = json.loads((run / "manifest.json").read_text())
        self.assertEqual((manifest["status"], manifest["scale"]), ("done", "smoke"))

        before = snapshot(run, with_times=True)
        self.run_program("run", "--resume", run)
        self.run_program("run", "--resume", run, "--threads", 1)
        self.check_answer(self.json_of("show", run, "--json"))
        self.assertTrue(self.run_program("show", run).stdout)
        self.check_figures(run)
        self.assertEqual(snapshot(run, with_times=True), before, "nothing but `report` writes to a finished run")

        page = (run / "report.html").read_bytes()
        (run / "report.html").unlink()
        self.run_program("report", run)
        self.assertEqual((run / "report.html").read_bytes(), page, "the report follows from the stored results")

        # What the run measured can be measured again: the same numbers.
        text = (run / "recipe.toml").read_text()
        self.assertIn("[[phase]]", text)
        self.check_measure_again(run)

    def check_measure_again(self, run):
        import tomllib_subset

        file = self.write("again.toml", tomllib_subset.tables_named((run / "recipe.toml").read_text(), ("measure", "expect")))
        again = self.json_of("measure", run, file, "--json")
        self.check_answer(again)
        self.assertEqual(again["findings"], self.json_of("show", run, "--json")["findings"])
        self.assertEqual(again["claims"], self.json_of("show", run, "--json")["claims"])


def add_recipe_tests():
    for recipe in sorted(RECIPES.rglob("*.toml")):
        name = "test_" + "_".join(recipe.relative_to(RECIPES).with_suffix("").parts).replace("-", "_")
        setattr(Recipes, name, lambda self, recipe=recipe: self.check_recipe(recipe))


add_recipe_tests()
