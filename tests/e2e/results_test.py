"""results.nc as others open it: ncdump, netCDF4 and xarray; and what must not be in it."""

import re
import subprocess
import time
import unittest

from program import SMALL, ProgramTest, arrays, snapshot


class Results(ProgramTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()

    def setUp(self):
        super().setUp()
        self.run_folder = self.small_run()
        self.results = self.run_folder / "results.nc"

    def test_identical_runs_give_identical_files(self):
        time.sleep(1.1)  # a clock reading would differ
        self.run_program("run", "run.toml", "--out", "other")
        self.assertEqual(self.results.read_bytes(), (self.folder / "other" / "results.nc").read_bytes())

    def test_another_seed_gives_other_numbers(self):
        self.run_program("run", "run.toml", "--out", "other", "--set", "seed=8")
        mine, other = arrays(self.results), arrays(self.folder / "other" / "results.nc")
        self.assertEqual(sorted(mine), sorted(other))
        self.assertNotEqual(mine["probe/probe-m0-b0-r0/loss"], other["probe/probe-m0-b0-r0/loss"])
        self.assertNotEqual(mine["probe/probe-m0-b0-r0/loss"], mine["probe/probe-m0-b0-r1/loss"])
        self.assertNotEqual(mine["probe/probe-m0-b0-r0/loss"], mine["probe/probe-m1-b0-r0/loss"])

    def test_every_variable_is_described(self):
        import netCDF4

        def visit(group):
            for name, variable in group.variables.items():
                place = f"{group.path}/{name}"
                self.assertTrue(variable.long_name, place)
                self.assertFalse([d for d in variable.dimensions if re.fullmatch(r"phony_dim_\d+|dim\d+", d)], place)
                if group.path.split("/")[1] in ("probe", "fluctuations"):
                    self.assertTrue(variable.units, place)
            for child in group.groups.values():
                visit(child)

        with netCDF4.Dataset(self.results) as file:
            self.assertLessEqual({"probe", "fluctuations", "figures", "findings", "claims"}, set(file.groups))
            visit(file)

    def test_ncdump_reads_it(self):
        dump = subprocess.run(["ncdump", "-h", self.results], capture_output=True, text=True, check=True).stdout
        self.assertIn("group: probe {", dump)
        self.assertIn("double loss(loss_look)", dump)
        self.assertIn('loss:units = "loss"', dump)
        self.assertIn("double theta(theta_look, parameter)", dump)

    def test_xarray_reads_phases_and_measures(self):
        import numpy
        import xarray

        with xarray.open_dataset(self.results, group="probe") as phase:
            self.assertEqual(phase.sizes["task"], 8)
            self.assertEqual(sorted(set(phase.temperature.values)), [1e-3, 1e-2])
            self.assertTrue((phase.steps == 20000).all())
        with xarray.open_dataset(self.results, group="probe/probe-m1-b1-r0") as task:
            self.assertEqual(task.attrs["temperature"], 1e-2)
            self.assertEqual((task.attrs["minimum"], task.attrs["replica"], task.attrs["status"]), (1, 0, "ok"))
            self.assertEqual(task.loss.shape, (10000,))
            numpy.testing.assert_allclose(task.loss_time, 0.05 * 2 * numpy.arange(10000), rtol=1e-14)
            # L = ½ Σ k θ² at the steps where both were recorded; K = 2 stiff directions of 1 and 2.
            even = numpy.isin(task.theta_time, task.loss_time)
            theta = task.theta.values[even]
            expected = 0.5 * theta[:, 0] ** 2 + theta[:, 1] ** 2
            measured = task.loss.sel(loss_look=numpy.searchsorted(task.loss_time, task.theta_time.values[even])).values
            self.assertGreater(len(theta), 5)
            numpy.testing.assert_allclose(measured, expected, rtol=1e-12, atol=1e-300)
        with xarray.open_dataset(self.results, group="fluctuations") as measure:
            self.assertEqual(list(measure.temperature.values), [1e-3, 1e-2])
            # The mean in the file is the mean of the losses in the window, over replicas and minima.
            window = []
            for member in ("m0-b0-r0", "m0-b0-r1", "m1-b0-r0", "m1-b0-r1"):
                with xarray.open_dataset(self.results, group=f"probe/probe-{member}") as task:
                    inside = (task.loss_time >= float(measure.window_from[0])) & (task.loss_time < float(measure.window_to[0]))
                    window.append(float(task.loss.values[inside.values].mean()))
            self.assertAlmostEqual(float(measure.mean_over_temperature[0]), numpy.mean(window) / 1e-3, places=9)

    def test_plan_runs_nothing(self):
        done = self.run_program("run", "run.toml", "--plan")
        self.assertIn("probe", done.stdout)
        self.assertIn("8", done.stdout)
        self.assertEqual(sorted(x.name for x in self.folder.iterdir()), ["run", "run.toml"])

    def test_without_out_takes_the_first_free_number(self):
        self.run_program("run", "run.toml")
        self.run_program("run", "run.toml", "--set", "seed=9")
        self.assertEqual(sorted(x.name for x in (self.folder / "runs").iterdir()), ["run-demo-001", "run-demo-002"])

    def test_a_window_kept_out_says_why(self):
        health = "health = { spike_factor = 1e3, minimum_half_times = %s }\nwindow = {"
        self.write("short.toml", SMALL.replace("window = {", health % "1e6"))
        self.write("long.toml", SMALL.replace("window = {", health % "50"))
        printed = self.run_program("run", "short.toml", "--out", "short").stdout
        for text in (printed, self.run_program("show", "short").stdout, (self.folder / "short" / "report.html").read_text()):
            self.assertRegex(text, r"fluctuations: T = 0\.001: minimum 0: the window is [\d.e+]+ τ½ long, less than 1e\+06")
        for one in self.json_of("show", "short", "--json")["findings"]:
            if one["where"].get("temperature") and one["quantity"] == "fluctuations.shape":
                self.assertEqual(one["status"], "too_short")
        self.assertIn("undecided", printed)
        self.assertNotIn("Notes", self.run_program("run", "long.toml", "--out", "long").stdout)

    def test_answers_go_to_standard_output_and_the_rest_to_standard_error(self):
        done = self.run_program("run", "run.toml", "--out", "third")
        self.assertNotIn("measuring", done.stdout)
        self.assertIn("results", done.stdout)
        shown = self.run_program("show", "third", "--json")
        self.assertEqual(shown.stderr, "")


if __name__ == "__main__":
    unittest.main()
