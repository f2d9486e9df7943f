"""Bad input is one line and exit code 2, whatever it is, and nothing on disk changes."""

import shutil
import unittest

from program import SMALL, ProgramTest, snapshot

# What is changed in the small recipe, and words of the line that must come.
BAD_RECIPES = {
    "unknown key": ("time_step = 0.05", "temprature = 1\ntime_step = 0.05", ["unknown key `temprature`", "[[phase]] 1", "line", "did you mean `temperature`?"]),
    "unknown head key": ("seed = 7", "sed = 7", ["unknown key `sed`", "line 3", "`seed`"]),
    "wrong type": ("time_step = 0.05", 'time_step = "fast"', ["time_step", "fast", "number", "line"]),
    "negative temperature": ("[1e-3, 1e-2]", "[1e-3, -1e-2]", ["temperature", "-0.01", ">= 0"]),
    "temperature NaN": ("[1e-3, 1e-2]", "[1e-3, nan]", ["temperature", "nan"]),
    "temperature infinite": ("[1e-3, 1e-2]", "[1e-3, inf]", ["temperature", "inf"]),
    "time step zero": ("time_step = 0.05", "time_step = 0", ["time_step = 0", "> 0"]),
    "half a count": ("replicas = 2", "replicas = 1.5", ["replicas", "whole number"]),
    "too many replicas": ("replicas = 2", "replicas = 1000000000000000", ["tasks"]),
    "too many minima": ("minima = 2", "minima = 1000000000000000", ["tasks"]),
    "unknown rule": ('"overdamped"', '"overdumped"', ["rule = overdumped", "did you mean `overdamped`?"]),
    "unknown objective": ('"quadratic"', '"quadradic"', ["kind", "quadradic", "`quadratic`"]),
    "unknown probe": ('probe = "theta"', 'probe = "theata"', ["theata", "`theta`"]),
    "unknown analysis": ('"loss-statistics"', '"lost-statistics"', ["analysis", "`loss-statistics`"]),
    "unknown phase": ('phase = "probe"', 'phase = "prob"', ["phase = prob", "`probe`"]),
    "unknown option of a measure": ("window = {", "widow = 1\nwindow = {", ["widow"]),
    "two lengths": ("{ steps = 20000 }", "{ steps = 20000, time = 3 }", ["2 lengths"]),
    "no length": ("duration = { steps = 20000 }", "", ["0 lengths"]),
    "two schedules": ("every = 33", "every = 33, count = 4", ["2 schedules"]),
    "probe twice": ('probe = "displacement"', 'probe = "loss"', ["loss", "twice"]),
    "sweep of no list": ('["temperature"]', '["time_step"]', ["sweep", "time_step", "list"]),
    "not TOML": ("seed = 7", "seed = = 7", ["line 3"]),
    "no objective": ("[objective]", "[abjective]", ["unknown key `abjective`", "`objective`"]),
    "accuracy without labels": ('probe = "displacement"', 'probe = "accuracy"', ["accuracy", "logits"]),
    "batch too large": ("time_step = 0.05", "time_step = 0.05\nbatch = { size = 3 }", ["batch.size = 3", "2"]),
    "window beyond the phase": ("fraction = [0.1, 1.0]", "time = [1, 1e9]", ["window"]),
    "expectation without a value": ("value = 2.0", "", ["[[expect]] 1", "`value`"]),
    "expectation about nothing": ('"fluctuations.constrained', '"fluctuation.constrained', ["fluctuation"]),
}
# The same for a network on three classes of drawn digits.
NETWORK = """
title = "Small network"
[data.digits]
source = "digits"
classes = [0, 1, 2]
train = 30
reduce = { pca = 4 }
[objective]
kind = "mlp"
hidden = [5]
[[phase]]
name = "train"
rule = "adam"
learning_rate = 1e-3
duration = { steps = 10 }
"""
BAD_NETWORKS = {
    "parameters that are not there": (
        "steps = 10 }",
        'steps = 10 }\nrecord = [{ probe = "trajectory", every = 1 }]\n[[measure]]\nname = "pca"\n'
        'analysis = "trajectory-pca"\nphase = "train"\nparameters = "layer9.weight"',
        ["[[measure]] 1 `pca`, parameters = layer9.weight", "layer1.weight"]),
    "a class that does not exist": ("[0, 1, 2]", "[0, 12]", ["classes = 12", "0 ... 9"]),
    "a class of no number": ("[0, 1, 2]", '[0, "one"]', ["classes", "whole number"]),
    "a class twice": ("[0, 1, 2]", "[1, 1]", ["classes = 1", "twice"]),
    "fewer examples than classes": ("train = 30", "train = 2", ["class 2 without an example"]),
    "a negative count": ("train = 30", "train = -30", ["train = -30", ">= 0"]),
    "more components than examples": ("pca = 4", "pca = 400", ["pca = 400"]),
    "unknown source": ('"digits"\nclasses', '"digit"\nclasses', ["source = digit", "did you mean `digits`?"]),
    "a layer without units": ("[5]", "[5, 0]", ["hidden = 0", ">= 1"]),
    "learning rate NaN": ("1e-3", "nan", ["learning_rate = nan", "> 0"]),
}
BAD_ARGUMENTS = {
    "no command": ([], []),
    "unknown command": (["walk"], ["walk"]),
    "unknown option": (["run", "small.toml", "--fast"], ["--fast"]),
    "no recipe": (["run"], ["recipe", "--resume"]),
    "missing recipe": (["run", "nowhere.toml"], ["nowhere.toml"]),
    "a folder as recipe": (["run", "."], ["file"]),
    "bad scale": (["run", "small.toml", "--scale", "huge"], ["huge", "smoke, demo, paper"]),
    "zero threads": (["run", "small.toml", "--threads", "0"], ["threads"]),
    "half a thread": (["run", "small.toml", "--threads", "1.5"], ["threads"]),
    "negative interval": (["run", "small.toml", "--checkpoint-every", "-1"], ["checkpoint-every"]),
    "interval NaN": (["run", "small.toml", "--checkpoint-every", "nan"], ["--checkpoint-every = nan: must be >= 0"]),
    "too many threads": (["run", "small.toml", "--threads", "99999999999999999999"], ["--threads = 9", "must be in 1 ... 4096"]),
    "model, count 0": (["profile", "m.pt", "--count", "0"], ["thermoscape: --count = 0: must be >= 1"]),
    "model, half a count": (["profile", "m.pt", "--count", "1.5"], ["--count = 1.5: must be a whole number >= 1"]),
    "model, a count beyond any": (["profile", "m.pt", "--count", "9" * 30], ["--count = 9", "must be <= 9223372036854775807"]),
    "model, one point": (["profile", "m.pt", "--points", "1"], ["thermoscape: --points = 1: must be in 5 ... 100001\n"]),
    "model, rise 0": (["profile", "m.pt", "--rise", "0"], ["thermoscape: --rise = 0: must be > 0\n"]),
    "model, rise infinite": (["profile", "m.pt", "--rise", "inf"], ["--rise = inf: must be > 0"]),
    "model, rise beyond any": (["profile", "m.pt", "--rise", "1e999"], ["--rise = 1e999: must fit"]),
    "model, components of no run": (["profile", "m.pt", "--directions", "pca:"], ["thermoscape: --directions: needs the folder of a run behind pca: ("]),
    "model, unknown directions": (["profile", "m.pt", "--directions", "egen"], ["--directions = egen: must be"]),
    "model, top 0": (["spectrum", "m.pt", "--top", "0"], ["thermoscape: --top = 0: must be >= 1\n"]),
    "model, tolerance NaN": (["spectrum", "m.pt", "--tolerance", "nan"], ["--tolerance = nan: must be in (0, 1)"]),
    "model, trace error NaN": (["spectrum", "m.pt", "--trace-error", "nan"], ["--trace-error = nan: must be > 0"]),
    "model, memory infinite": (["spectrum", "m.pt", "--memory", "inf"], ["--memory = inf: must be >= 0 GiB"]),
    "model, unknown method": (["spectrum", "m.pt", "--method", "lancsoz"], ["--method = lancsoz", "did you mean `lanczos`?"]),
    "model, negative task": (["spectrum", "m.pt", "--task", "-1"], ["--task = -1: must be >= 0"]),
    "model, batch of words": (["noise", "m.pt", "--batch", "abc"], ["thermoscape: --batch = abc: must be a whole number >= 1\n"]),
    "model, batch 0": (["noise", "m.pt", "--batch", "0"], ["thermoscape: --batch = 0: must be >= 1\n"]),
    "model, noise of top 0": (["noise", "m.pt", "--top", "0"], ["--top = 0: must be >= 1"]),
    "model, learning rate 0": (["noise", "m.pt", "--learning-rate", "0"], ["thermoscape: --learning-rate = 0: must be > 0\n"]),
    "model, learning rate NaN": (["noise", "m.pt", "--learning-rate", "nan"], ["--learning-rate = nan: must be > 0"]),
    "model, learning rate of words": (["noise", "m.pt", "--learning-rate", "0.1x"], ["--learning-rate = 0.1x: must be a number > 0"]),
    "model, examples 0": (["clustering", "m.pt", "--examples", "0"], ["--examples = 0: must be >= 1"]),
    "model, negative seed": (["clustering", "m.pt", "--seed", "-1"], ["--seed = -1: must be >= 0"]),
    "model, no threads": (["clustering", "m.pt", "--intra-threads", "0"], ["--intra-threads = 0: must be >= 1"]),
    "model, unknown loss": (["clustering", "m.pt", "--loss", "mae"], ["--loss = mae: must be one of", "did you mean `mse`?"]),
    "model, normalised by NaN": (["clustering", "m.pt", "--data", "digits", "--normalize", "nan,1"], ["--normalize = nan: must be a finite number"]),
    "model, shape 0": (["clustering", "m.pt", "--data", "digits", "--shape", "1,0"], ["--shape = 0: must be >= 1"]),
    "model, unknown data": (["clustering", "m.pt", "--data", "digit"], ["--data = digit: must be one of", "did you mean `digits`?"]),
    "model, drawn data without a number": (["profile", "m.pt", "--data", "digits"], ["thermoscape: --examples: must be given with --data digits"]),
    "override without =": (["run", "small.toml", "--set", "seed"], ["--set", "path=value"]),
    "override of nothing": (["run", "small.toml", "--set", "phase.nothing.x=1"], ["phase.nothing.x"]),
    "override with a bad value": (["run", "small.toml", "--set", "phase.probe.time_step=-1"], ["time_step", "-1"]),
    "override through a value": (["run", "small.toml", "--set", "seed.x=1"], ["seed"]),
    "override with an empty key": (["run", "small.toml", "--set", "phase..x=1"], ["phase..x"]),
    "override with nothing": (["run", "small.toml", "--set", "seed="], ["seed"]),
    "resume of nothing": (["run", "--resume", "nowhere"], ["nowhere"]),
    "resume of a recipe": (["run", "--resume", "small.toml"], ["small.toml"]),
    "resume and a recipe": (["run", "small.toml", "--resume", "x"], ["resume"]),
    "show of a folder": (["show", "."], ["not the folder of a run"]),
    "report of a folder": (["report", "."], ["not the folder of a run"]),
    "export of a folder": (["export", ".", "x", "--csv"], ["not the folder of a run"]),
    "verify of nothing": (["verify", "nowhere.json"], ["nowhere.json"]),
    "verify of TOML": (["verify", "small.toml"], ["JSON"]),
    "theory of nothing": (["theory", "exponential-wal"], ["exponential-wall"]),
}


class Errors(ProgramTest):
    def refuse_each(self, text, changes):
        for name, (old, new, words) in changes.items():
            with self.subTest(name):
                self.assertEqual(text.count(old), 1, old)
                recipe = self.write("bad.toml", text.replace(old, new))
                self.assert_refused(self.run_program("run", recipe, "--out", "run", code=2), 2, *words)
                begun = (self.folder / "run").exists()
                shutil.rmtree(self.folder / "run", True)
                self.assertFalse(begun, "all is checked before anything is written")

    def test_bad_recipes(self):
        self.refuse_each(SMALL, BAD_RECIPES)

    def test_bad_networks_and_data(self):
        self.write("good.toml", NETWORK)
        self.run_program("run", "good.toml", "--out", "good")
        self.refuse_each(NETWORK, BAD_NETWORKS)

    def test_bad_arguments(self):
        self.write("small.toml", SMALL)
        for name, (arguments, words) in BAD_ARGUMENTS.items():
            with self.subTest(name):
                self.assert_refused(self.run_program(*arguments, code=2), 2, *words)
                self.assertEqual([x.name for x in self.folder.iterdir()], ["small.toml"])

    def test_line_breaks_stay_inside_the_line(self):
        for text in ('"a\\nb" = 1\n', 'title = "x"\n"phase\\r\\n.x" = 1\n', '[scale.smoke]\n"a\\nb.c" = 1\n',
                     '[scale.smoke]\n"phase\\n.x" = 1\n[[phase]]\nname = "x"\n', "[\0]", "\x1b[31m = 1", '[data."a\\nb"]\nx=1\n[objective]\nkind="mlp"\n'):
            with self.subTest(text):
                recipe = self.write("bad.toml", 'title = "t"\n' + text if "title" not in text else text)
                done = self.run_program("run", recipe, "--scale", "smoke", code=2)
                self.assert_refused(done, 2)
                self.assertTrue(done.stderr[:-1].isprintable(), repr(done.stderr))

    def test_existing_folder_is_not_touched(self):
        run = self.small_run()
        before = snapshot(self.folder, with_times=True)
        done = self.run_program("run", "run.toml", "--out", "run", code=2)
        self.assert_refused(done, 2, "run", "--resume")
        self.assertEqual(snapshot(self.folder, with_times=True), before)
        self.assertTrue(run.is_dir())


# The lock holds the last process, the manifest its status, and the log a line for each attempt.
GROWING = (".lock", "manifest.json", "log.txt")


class Damage(ProgramTest):
    """Files of a run that were damaged are refused by name, and left as they are."""

    def setUp(self):
        super().setUp()
        self.run_folder = self.small_run()
        self.manifest = self.run_folder / "manifest.json"

    def unfinish(self):
        """As if the machine had stopped after the tasks and before the results."""
        self.manifest.write_text(self.manifest.read_text().replace('"done"', '"running"'))
        (self.run_folder / "results.nc").unlink()
        (self.run_folder / "report.html").unlink()

    def refused(self, *arguments, words):
        before = {k: v for k, v in snapshot(self.run_folder).items() if k not in GROWING}
        self.assert_refused(self.run_program(*arguments, code=2), 2, *words)
        after = {k: v for k, v in snapshot(self.run_folder).items() if k not in GROWING}
        self.assertEqual(after, before)

    def damage(self, path, change):
        data = bytearray(path.read_bytes())
        path.write_bytes(change(data))

    @staticmethod
    def flip(data):
        data[len(data) // 2] ^= 0x10
        return data

    def test_results(self):
        results = self.run_folder / "results.nc"
        whole = results.read_bytes()
        for size in (len(whole) - 1000, len(whole) // 2, 100, 0):
            with self.subTest(size):
                results.write_bytes(whole[:size])
                self.refused("show", "run", words=["results.nc"])
                self.refused("export", "run", "fluctuations_moments", "--csv", words=["results.nc"])
                self.refused("report", "run", words=["results.nc"])
        results.write_bytes(b"a text file")
        self.refused("show", "run", "--json", words=["results.nc"])
        results.unlink()
        self.refused("show", "run", words=["results"])

    def test_checkpoint(self):
        self.unfinish()
        path = sorted(self.run_folder.glob("checkpoints/*.checkpoint"))[1]
        whole = path.read_bytes()
        for change in (self.flip, lambda data: data[:-5], lambda data: data[:10], lambda data: b"", lambda data: b"nonsense" * 40):
            path.write_bytes(whole)
            self.damage(path, change)
            self.refused("run", "--resume", "run", words=[path.name])
        path.write_bytes(whole)
        self.run_program("run", "--resume", "run")

    def test_stream(self):
        self.unfinish()
        path = sorted(self.run_folder.glob("streams/*.loss.stream"))[0]
        whole = path.read_bytes()
        for change in (self.flip, lambda data: data[:-50], lambda data: data[:10], lambda data: b""):
            path.write_bytes(whole)
            self.damage(path, change)
            self.refused("run", "--resume", "run", words=[path.name])
        path.unlink()
        self.refused("run", "--resume", "run", words=[path.name])
        path.write_bytes(whole)
        self.run_program("run", "--resume", "run")

    def test_manifest_and_recipe(self):
        whole = self.manifest.read_bytes()
        for text in (b"{", b"", b"[]", b"7", b'{"status": 3}', b"\xff\xfe", b'{"status": "running", "scale": "huge"}'):
            with self.subTest(text):
                self.manifest.write_bytes(text)
                self.assert_refused(self.run_program("run", "--resume", "run", code=2), 2, "manifest.json" if b"huge" not in text else "huge")
                self.assertEqual(self.manifest.read_bytes(), text)
                if b"huge" not in text:
                    self.assert_refused(self.run_program("show", "run", code=2), 2, "manifest.json")
        self.manifest.write_bytes(whole)
        recipe = self.run_folder / "recipe.toml"
        recipe.write_text(recipe.read_text().replace("overdamped", "overdumped"))
        self.assert_refused(self.run_program("run", "--resume", "run", code=2), 2, "overdamped")
        self.run_program("show", "run")

    def test_measure_file(self):
        for text, words in (
            ("[[measure]]\n", ["name"]),
            ('title = "x"\n', ["title", "[[measure]]"]),
            ("[[measure]]\nname = \n", ["line"]),
            ('[[measure]]\nname = "a"\nanalysis = "traces"\nphase = "nothing"\n', ["phase = nothing"]),
            ('[[measure]]\nname = "a"\nanalysis = "traces"\nphase = "probe"\nprobes = ["accuracy"]\n', ["accuracy"]),
            ('[[measure]]\nname = "a"\nanalysis = "loss-statistics"\nphase = "probe"\nwindow = { time = [1, 1e9] }\n', ["window"]),
        ):
            with self.subTest(text):
                self.write("bad.toml", text)
                self.refused("measure", "run", "bad.toml", words=words)
        self.refused("measure", "run", "nowhere.toml", words=["nowhere.toml"])
        self.refused("export", "run", "fluctuations_moment", "--csv", words=["fluctuations_moments"])
        self.refused("export", "run", "fluctuations_moments", words=["--csv"])


if __name__ == "__main__":
    unittest.main()
