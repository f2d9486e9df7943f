"""What the end-to-end tests share: the program, a folder for each test, small recipes, and a reader of results."""

import json
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile
import unittest

PROGRAM = os.environ["THERMOSCAPE_PROGRAM"]
RECIPES = pathlib.Path(os.environ["THERMOSCAPE_RECIPES"])

# Two stiff and two flat directions, two temperatures, two replicas: a run of a moment with every kind of record.
SMALL = """
title = "Small"
seed = 7
minima = 2
[objective]
kind = "quadratic"
stiffness = [1.0, 2.0]
soft = 2
precision = "float64"
[[phase]]
name = "probe"
rule = "overdamped"
time_step = 0.05
temperature = [1e-3, 1e-2]
sweep = ["temperature"]
replicas = 2
duration = { steps = 20000 }
record = [
  { probe = "loss", every = 2 },
  { probe = "effective_examples", count = 500 },
  { probe = "theta", per_decade = 6 },
  { probe = "displacement", every = 33 },
]
[[measure]]
name = "fluctuations"
analysis = "loss-statistics"
phase = "probe"
window = { fraction = [0.1, 1.0] }
[[expect]]
quantity = "fluctuations.constrained_directions"
value = 2.0
tolerance = 0.5
source = "two stiff directions"
"""


def program(*arguments, **options):
    """Runs the program to its end; text in, text out."""
    return subprocess.run(
        [PROGRAM, *map(str, arguments)], **{"capture_output": True, "text": True, "timeout": 120, **options})


def snapshot(folder, with_times=False):
    """Every file below the folder with its bytes, and its modification time if asked for."""
    return {
        str(file.relative_to(folder)): (file.read_bytes(), file.stat().st_mtime_ns if with_times else None)
        for file in sorted(pathlib.Path(folder).rglob("*"))
        if file.is_file()
    }


def arrays(path):
    """Every variable of every group of a netCDF file: {"group/name": (dimensions, bytes of the values)}."""
    import netCDF4

    found = {}

    def visit(group, prefix):
        group.set_auto_mask(False)
        for name, variable in group.variables.items():
            found[prefix + name] = (variable.dimensions, variable[...].tobytes())
        for name, child in group.groups.items():
            visit(child, prefix + name + "/")

    with netCDF4.Dataset(path) as file:
        visit(file, "")
    return found


def recorded_rows(run, probe):
    """What the first task of a run that has `probe` recorded: an array [looks, width]."""
    import numpy

    data = sorted((run / "streams").glob(f"*.{probe}.stream"))[0].read_bytes()
    (length,) = struct.unpack_from("<I", data, 12)
    columns = json.loads(data[24 : 24 + length])
    return numpy.frombuffer(data[24 + length :]).reshape(-1, sum(one["width"] for one in columns))


class ProgramTest(unittest.TestCase):
    """A test with an empty folder of its own, in which the program runs."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="thermoscape-"))
        self.addCleanup(shutil.rmtree, self.folder, True)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def run_program(self, *arguments, code=0, **options):
        options.setdefault("cwd", self.folder)
        done = program(*arguments, **options)
        self.assertEqual(done.returncode, code, f"{arguments}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        return done

    def small_run(self, text=SMALL, name="run"):
        recipe = self.write(name + ".toml", text)
        self.run_program("run", recipe, "--out", name)
        return self.folder / name

    def json_of(self, *arguments, code=0):
        return json.loads(self.run_program(*arguments, code=code).stdout)

    def assert_refused(self, done, code, *words):
        """One line on standard error that names what is wrong, nothing on standard output."""
        self.assertEqual(done.returncode, code, done.stderr)
        lines = done.stderr.splitlines()
        self.assertEqual(len(lines), 1, done.stderr)
        self.assertTrue(lines[0].startswith("thermoscape: "), lines[0])
        self.assertEqual(done.stdout, "")
        for word in words:
            self.assertIn(word, done.stderr)
        for trace in ("terminate", "what()", "Traceback", "unexpected failure", "nlohmann", "std::"):
            self.assertNotIn(trace, lines[0])
