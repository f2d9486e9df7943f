"""Every recipe at smoke scale, and every verb that reads its run."""

import csv
import io
import json
import os
import re
import resource
import unittest
import xml.etree.ElementTree

from program import RECIPES, ProgramTest, snapshot

# A recipe whose smoke run is meant to end with exit code 1, and why. None today.
EXPECTED_PROBLEMS = {}
# Every verb on every figure is tried on these; the other recipes are run, resumed, shown, and one figure exported.
THOROUGH = {"quadratic", "digits"}
VERDICTS = {"holds", "fails", "undecided"}


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def processor_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measures_of(run):
    """The [[measure]] and [[expect]] tables of a run's recipe, as TOML."""
    kept, keep = [], False
    for line in (run / "recipe.toml").read_text().splitlines():
        if re.match(r"\s*\[", line):
            keep = re.match(r"\s*\[+(measure|expect)[].]", line) is not None
        if keep:
            kept.append(line)
    return "\n".join(kept) + "\n"


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

    def check_figures(self, run, every):
        import netCDF4

        with netCDF4.Dataset(run / "results.nc") as file:
            figures = sorted(file.groups["figures"].groups)
            self.assertEqual(figures, sorted(json.loads(file.figure_order)))
        self.assertTrue(figures)
        for figure in figures if every else figures[:1]:
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
        begun = processor_seconds()
        self.run_program("run", recipe, "--scale", "smoke", "--out", run, code=EXPECTED_PROBLEMS.get(recipe.stem, 0))
        self.assertLess(processor_seconds() - begun, 2 * 20, "a smoke run takes at most 20 s on two cores, however busy")
        for name in ("results.nc", "report.html", "recipe.toml", "manifest.json"):
            self.assertTrue((run / name).is_file(), name)
        manifest = json.loads((run / "manifest.json").read_text())
        self.assertEqual((manifest["status"], manifest["scale"]), ("done", "smoke"))

        before = snapshot(run, with_times=True)
        self.run_program("run", "--resume", run)
        self.check_answer(self.json_of("show", run, "--json"))
        self.check_figures(run, every=recipe.stem in THOROUGH)
        self.assertEqual(snapshot(run, with_times=True), before, "nothing but `report` writes to a finished run")
        if recipe.stem not in THOROUGH:
            return
        self.run_program("run", "--resume", run, "--threads", 1)
        self.assertTrue(self.run_program("show", run).stdout)

        page = (run / "report.html").read_bytes()
        (run / "report.html").unlink()
        self.run_program("report", run)
        self.assertEqual((run / "report.html").read_bytes(), page, "the report follows from the stored results")

        # What the run measured can be measured again: the same numbers.
        again = self.json_of("measure", run, self.write("again.toml", measures_of(run)), "--json")
        self.check_answer(again)
        self.assertEqual(again, self.json_of("show", run, "--json"))


def add_recipe_tests():
    for recipe in sorted(RECIPES.rglob("*.toml")):
        name = "test_" + "_".join(recipe.relative_to(RECIPES).with_suffix("").parts).replace("-", "_")
        setattr(Recipes, name, lambda self, recipe=recipe: self.check_recipe(recipe))


add_recipe_tests()


class WithoutData(ProgramTest):
    def test_drawn_digits_stand_in_and_say_so(self):
        recipe = next(RECIPES.rglob("digits.toml"))
        empty = self.folder / "no-data"
        empty.mkdir()
        done = self.run_program(
            "run", recipe, "--scale", "smoke", "--out", "run",
            "--set", "data.digits.source=mnist", "--set", "phase.probe.replicas=1",
            "--set", "phase.probe.duration.temperature_time=0.05",
            env={**os.environ, "THERMOSCAPE_DATA": str(empty)},
        )
        self.assertIn("mnist", done.stderr)
        self.assertIn("digits", done.stderr)
        self.assertTrue((self.folder / "run" / "results.nc").is_file())
        page = (self.folder / "run" / "report.html").read_text()
        notes = [line for line in done.stderr.splitlines() if line.startswith("note: ")]
        self.assertTrue(notes)
        words = notes[0].removeprefix("note: ").split(str(empty))[0][:20]
        self.assertIn(words, page, "the report says it too")


if __name__ == "__main__":
    unittest.main()
