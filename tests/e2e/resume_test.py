"""A run killed at any instant and resumed ends with the same numbers, bit for bit, as one never interrupted."""

import json
import os
import random
import signal
import subprocess
import time
import unittest

from program import PROGRAM, ProgramTest, arrays, snapshot

# A chain of phases that takes some seconds, with records of every kind on every schedule, minibatches, a rule with memory
# and tasks of unequal length that share their steps, so that everything a checkpoint must hold is there.
LONG = """
title = "Long enough to be killed"
seed = 3
minima = 2
[data.points]
source = "gaussian"
dimension = 4
class_count = 3
train = 60
[objective]
kind = "mlp"
hidden = [8, 8]
precision = "float32"
[[phase]]
name = "train"
rule = "adam"
learning_rate = 1e-3
batch = { size = 16 }
duration = { steps = 60000 }
record = [{ probe = "loss", every = 7 }, { probe = "accuracy", per_decade = 5 }]
[[phase]]
name = "probe"
from = "train"
rule = "overdamped"
time_step = 1e-3
temperature = [1e-4, 1e-3]
sweep = ["temperature"]
duration = { steps = 100000 }
record = [
  { probe = "loss", every = 3 },
  { probe = "theta", count = 50 },
  { probe = "effective_examples", every = 101 },
  { probe = "displacement", epochs = [0, 1, 10, 100, 30000] },
]
[[phase]]
name = "together"
from = "train"
rule = "overdamped"
batched = true
replicas = 9
time_step = 1e-3
temperature = [1e-4, 3e-4]
sweep = ["temperature"]
duration = { temperature_time = 3e-3 }
record = [
  { probe = "loss", every = 3 },
  { probe = "theta", count = 5 },
  { probe = "gradient_norm_squared", every = 11 },
  { probe = "effective_examples", every = 101 },
]
[[measure]]
name = "fluctuations"
analysis = "loss-statistics"
phase = "probe"
window = { fraction = [0.2, 1.0] }
trace_probes = 4
"""


class Resume(ProgramTest):
    def setUp(self):
        super().setUp()
        self.recipe = self.write("long.toml", LONG)

    def start(self, *arguments):
        return subprocess.Popen(
            [PROGRAM, "run", *map(str, arguments)],
            cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )

    def whole(self, threads):
        begun = time.monotonic()
        self.run_program("run", self.recipe, "--out", f"whole{threads}", "--threads", threads)
        return self.folder / f"whole{threads}", time.monotonic() - begun

    def test_killed_ten_times_equals_uninterrupted_and_threads_do_not_count(self):
        whole, seconds = self.whole(2)
        expected = arrays(whole / "results.nc")
        self.assertGreater(len(expected), 50)

        rng = random.Random(20)
        run = self.folder / "killed"
        kills = 0
        arguments = [self.recipe, "--out", run]
        for attempt in range(10):
            process = self.start(*arguments, "--threads", rng.choice([1, 2]), "--checkpoint-every", 0.02)
            if attempt == 0:
                while not (run / "manifest.json").exists():  # before that there is nothing to resume
                    time.sleep(0.001)
            time.sleep(rng.uniform(0, seconds / 5))
            process.send_signal(signal.SIGKILL)
            process.communicate()
            kills += process.returncode == -signal.SIGKILL
            arguments = ["--resume", run]
        self.assertGreaterEqual(kills, 5, "most of the kills hit a run at work")
        self.run_program("run", "--resume", run)
        killed = arrays(run / "results.nc")
        self.assertEqual(sorted(killed), sorted(expected))
        for name, (dimensions, values) in expected.items():
            self.assertEqual(killed[name], (dimensions, values), name)
        leftovers = [file for file in snapshot(run) if "tmp" in file or file.endswith("~")]
        self.assertEqual(leftovers, [])

        alone, _ = self.whole(1)
        self.assertEqual(arrays(alone / "results.nc"), expected, "one thread equals two")

    def interrupted(self, number):
        run = self.folder / f"signal{number}"
        process = self.start(self.recipe, "--out", run)
        while not list(run.glob("streams/*")):
            time.sleep(0.002)
        time.sleep(0.1)
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 130, err)
        self.assertIn("--resume", err)
        self.assertEqual(json.loads((run / "manifest.json").read_text())["status"], "interrupted")
        self.assertFalse((run / "results.nc").exists())
        self.assertTrue(list(run.glob("checkpoints/*.checkpoint")))
        return run

    def test_interrupted_by_a_signal_keeps_a_checkpoint_and_resumes(self):
        self.interrupted(signal.SIGTERM)
        run = self.interrupted(signal.SIGINT)
        self.assert_refused(self.run_program("show", run, code=2), 2, "--resume")
        self.run_program("run", "--resume", run)
        whole, _ = self.whole(2)
        self.assertEqual(arrays(run / "results.nc"), arrays(whole / "results.nc"))

    def test_two_processes_do_not_share_a_run(self):
        run = self.folder / "shared"
        process = self.start(self.recipe, "--out", run, "--set", "phase.train.duration.steps=1e9")
        while not list(run.glob("streams/*")):
            time.sleep(0.002)
        try:
            self.assert_refused(self.run_program("run", "--resume", run, code=2), 2, "another process", str(process.pid))
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate()
        self.assertEqual(process.returncode, 130)

    def test_other_data_are_refused(self):
        run = self.interrupted(signal.SIGINT)
        manifest = json.loads((run / "manifest.json").read_text())
        manifest["data_digest"] = "0" * len(manifest["data_digest"])
        (run / "manifest.json").write_text(json.dumps(manifest))
        self.assert_refused(self.run_program("run", "--resume", run, code=2), 2, "other data")


if __name__ == "__main__":
    unittest.main()
