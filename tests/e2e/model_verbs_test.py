"""`thermoscape clustering`, `noise` and `profile` on models saved by Debian's python3-torch, against PyTorch, and the rules
on labels that all verbs on a model share."""

import math
import os
import unittest

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
import numpy as np  # noqa: E402  after the thread counts
import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402
from torch import nn  # noqa: E402

from program import ProgramTest, recorded_rows  # noqa: E402

torch.set_num_threads(1)
EXAMPLES = 60
FILES = ("--inputs", "x.npy", "--labels", "y.npy")
TRAJECTORY = """
title = "The path of a model of one's own"
[data.points]
source = "npy"
inputs = "x.npy"
labels = "y.npy"
[objective]
kind = "torchscript"
file = "model.pt"
precision = "float64"
[[phase]]
name = "path"
mode = "evaluate"
rule = "sgd"
learning_rate = 0.3
batch = { size = 10 }
duration = { steps = 200 }
record = [{ probe = "trajectory", every = 1, parameters = "all" }]
"""


class Gain(nn.Module):
    """Scales and shifts its inputs."""

    def __init__(self, width):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(width))
        self.shift = nn.Parameter(torch.zeros(width))

    def forward(self, x):
        return x * self.scale + self.shift


class ModelVerbs(ProgramTest):
    def saved(self, outputs, labels):
        """A small model of `outputs` logits, written with the given labels."""
        torch.manual_seed(3)
        self.y = torch.as_tensor(labels)
        self.x = torch.randn(len(labels), 6) + 0.5
        self.model = nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, outputs)).eval()
        torch.jit.script(self.model).save(str(self.folder / "model.pt"))
        np.save(self.folder / "x.npy", self.x.numpy())
        np.save(self.folder / "y.npy", self.y.numpy())

    def gradients(self):
        """Gradients of the examples, a row each, in double."""
        model = self.model.double()
        rows = []
        for x, y in zip(self.x.double(), self.y):
            model.zero_grad()
            F.cross_entropy(model(x[None]), y[None]).backward()
            rows.append(torch.cat([p.grad.reshape(-1) for p in model.parameters()]).numpy().copy())
        return np.stack(rows)

    def test_noise_is_that_of_all_gradients_and_its_errors_those_of_the_jackknife(self):
        self.saved(3, np.arange(EXAMPLES) % 3)
        found = self.json_of("noise", "model.pt", *FILES, "--batch", 20, "--learning-rate", 0.1, "--json")
        g = self.gradients()
        mean = g.mean(0)
        covariance = np.cov(g.T, bias=True)
        np.testing.assert_allclose(found["gradient_norm_squared"], mean @ mean, rtol=1e-5)
        np.testing.assert_allclose(found["gradient_variance_trace"], np.trace(covariance), rtol=1e-5)
        values, vectors = np.linalg.eigh(covariance)
        factor = (EXAMPLES - 20) / (EXAMPLES - 1) / 20
        for rank, one in enumerate(found["eigenvalues"], 1):
            along = g @ vectors[:, -rank]
            spread = (along - along.mean()) ** 2
            self.assertAlmostEqual(one["value"], values[-rank], delta=1e-4 * values[-1])
            self.assertAlmostEqual(one["standard_error"], spread.std(ddof=1) / math.sqrt(EXAMPLES), delta=1e-3 * values[-1])
            expected = 0.05 * (along.mean() ** 2 + factor * spread.mean())
            self.assertAlmostEqual(one["active_temperature"], expected, delta=1e-3 * expected + 1e-9)
            self.assertGreater(one["active_temperature_error"], 0)
        # The jackknife, by sets that really lack an example.
        def trace(rows):
            return np.trace(np.cov(rows.T))

        without = np.array([trace(np.delete(g, i, 0)) for i in range(EXAMPLES)])
        whole = found["distribution"]["gradient_variance_trace"]
        np.testing.assert_allclose(whole["value"], trace(g), rtol=1e-5)
        np.testing.assert_allclose(
            whole["standard_error"], without.std() * math.sqrt(EXAMPLES - 1), rtol=1e-4)

    def test_every_verb_writes_a_report(self):
        self.saved(3, np.arange(EXAMPLES) % 3)
        for verb, figure, quantity in (("noise", "noise_directions", "noise.gradient_noise_scale"),
                                       ("profile", "profile_profiles", "profile.flatness"),
                                       ("clustering", "clustering_cosines", "clustering.same_logit")):
            done = self.run_program(verb, "model.pt", *FILES)
            self.assertIn("report", done.stdout)
            folder = self.folder / "runs" / f"{verb}-model-001"
            self.assertIn("<html", (folder / "report.html").read_text()[:2000].lower())
            shown = self.json_of("show", folder, "--json")
            self.assertIn(quantity, [one["quantity"] for one in shown["findings"]])
            self.assertIn("<svg", self.run_program("export", folder, figure, "--svg").stdout[:200])
            self.run_program(verb, "model.pt", *FILES, "--json", "--out", verb)
            self.assertTrue((self.folder / verb / "results.nc").exists())
            self.run_program(verb, "model.pt", *FILES, "--json")
            self.assertFalse((self.folder / "runs" / f"{verb}-model-002").exists(), "--json alone writes nothing")

    def test_profile_goes_along_the_components_of_a_run(self):
        self.saved(3, np.arange(EXAMPLES) % 3)
        run = self.small_run(TRAJECTORY)
        rows = recorded_rows(run, "trajectory")
        spread, components = np.linalg.svd(rows - rows.mean(0), full_matrices=False)[1:]
        found = self.json_of("profile", "model.pt", *FILES, "--directions", f"pca:{run}", "--count", 8, "--json")
        np.testing.assert_allclose(found["relation"]["variances"], (spread**2 / len(rows))[:8], rtol=1e-9)
        model = self.model.double()
        stored = torch.nn.utils.parameters_to_vector(model.parameters()).detach()
        for component, profile in zip(components, found["profiles"]):
            along = torch.as_tensor(component)
            losses = {}
            for sign in (1, -1):  # that of a component is anyone's choice
                losses[sign] = []
                for delta in profile["delta"]:
                    torch.nn.utils.vector_to_parameters(stored + sign * delta * along, model.parameters())
                    losses[sign].append(F.cross_entropy(model(self.x.double()), self.y).item())
            best = min(losses.values(), key=lambda one: np.abs(np.subtract(one, profile["loss"])).max())
            np.testing.assert_allclose(best, profile["loss"], rtol=1e-6)
        x = np.log([one["flatness"] for one in found["profiles"][1:]])
        order = np.argsort(np.argsort(x)), np.argsort(np.argsort(np.log(found["relation"]["variances"][1:])))
        self.assertAlmostEqual(found["relation"]["rank_correlation"]["value"], np.corrcoef(*order)[0, 1], places=9)
        self.assertRegex(self.run_program("profile", "model.pt", *FILES, "--count", 1).stdout,
                         "measured width has no error estimate: .* less than their spacing")
        done = self.run_program("profile", "model.pt", *FILES, "--directions", "random", "--count", 10000, code=2)
        self.assertIn("thermoscape: --count = 10000: must be <= the number of parameters, 53", done.stderr)

    def test_components_of_another_network_are_refused(self):
        self.saved(3, np.arange(EXAMPLES) % 3)
        run = self.small_run(TRAJECTORY)
        layers = {
            "fewer": (nn.Sequential(nn.Linear(6, 3)), "53 parameters: must be a run of as many as the model's 21"),
            "more": (nn.Sequential(nn.Linear(6, 9), nn.Tanh(), nn.Linear(9, 3)), "53 parameters: must be a run of as many as the model's 93"),
            # As many parameters, 6·2 + 2 + 2·5 + 5 + 5·3 + 3 + 3 + 3, in other places.
            "others": (nn.Sequential(nn.Linear(6, 2), nn.Tanh(), nn.Linear(2, 5), nn.Tanh(), nn.Linear(5, 3), Gain(3)),
                       "`0.weight` of 30 parameters: must be a run with `0.weight` of 12 parameters there"),
        }
        for name, (model, words) in layers.items():
            with self.subTest(name):
                torch.jit.script(model.eval()).save(str(self.folder / "other.pt"))
                done = self.run_program("profile", "other.pt", *FILES, "--directions", f"pca:{run}", code=2)
                lines = [l for l in done.stderr.splitlines() if l.startswith("thermoscape: ")]
                self.assertEqual(len(lines), 1, done.stderr)
                self.assertIn(f"thermoscape: --directions pca:{run} = {words}", lines[0])
        self.assertFalse((self.folder / "runs").exists())
        # A part of the parameters is not the network of the run either.
        done = self.run_program("profile", "model.pt", *FILES, "--params", "0.*", "--directions", f"pca:{run}", code=2)
        self.assertIn("53 parameters: must be a run of as many as the model's 35", done.stderr)

    def test_labels_may_skip_classes(self):
        labels = np.arange(40) * 97 % 1000  # 40 of 1000 classes
        labels[1] = labels[0]
        self.saved(1000, labels)
        found = {verb: self.json_of(verb, "model.pt", *FILES, *options, "--json")
                 for verb, *options in (("spectrum", "--top", 2, "--method", "lanczos"), ("clustering",), ("noise",
                                        "--batch", 5, "--top", 2), ("profile", "--count", 1))}
        self.assertEqual(found["clustering"]["classes"], 1000)
        self.assertEqual(found["clustering"]["classes_present"], 39)
        self.assertEqual(found["clustering"]["classes_with_pairs"], 1)
        loss = F.cross_entropy(self.model.double()(self.x.double()), self.y).item()
        self.assertAlmostEqual(found["noise"]["loss"], loss, places=5)
        none = self.json_of("clustering", "model.pt", *FILES, "--examples", 12, "--seed", 3, "--json")
        self.assertEqual(none["same_logit"]["status"], "ok", "pairs of one logit need no class")
        self.assertEqual(none["same_logit_same_class"]["status"], "undefined")
        # Fewer examples than classes are drawn from all.
        self.assertEqual(self.json_of("noise", "model.pt", *FILES, "--examples", 30, "--batch", 5, "--json")["examples"], 30)

    def test_labels_outside_the_outputs_are_one_line(self):
        for bad, rule in ((5, "0 ... 2"), (2**31 - 2, "0 ... 2"), (-1, "label")):
            labels = np.arange(12) % 3
            labels[4] = bad
            self.saved(3, np.arange(12) % 3)
            np.save(self.folder / "y.npy", labels)
            for verb in ("spectrum", "clustering", "noise", "profile"):
                self.assert_refused(self.run_program(verb, "model.pt", *FILES, code=2), 2, str(bad), rule)
        self.assertFalse((self.folder / "runs").exists())

    def test_a_batch_beyond_the_examples_is_called_by_its_option(self):
        self.saved(3, np.arange(12) % 3)
        done = self.run_program("noise", "model.pt", *FILES, code=2)
        self.assertEqual(len([l for l in done.stderr.splitlines() if l.startswith("thermoscape: ")]), 1)
        self.assertIn("--batch = 50: must be in 1 ... 12", done.stderr)
        done = self.run_program("noise", "model.pt", *FILES, "--batch", 5, "--learning-rate", 1e308, code=2)
        self.assertIn("--learning-rate = 1e+308: must leave the temperatures of the noise finite", done.stderr)

    def test_data_is_called_by_its_options(self):
        torch.manual_seed(3)
        model = nn.Sequential(nn.Flatten(), nn.Linear(784, 10)).eval()
        torch.jit.script(model).save(str(self.folder / "model.pt"))
        for split in ("train", "test"):
            self.json_of("clustering", "model.pt", "--data", "digits", "--examples", 20, "--split", split, "--json")
        self.assert_refused(self.run_program("profile", "model.pt", "--data", "digits", code=2), 2,
                            "thermoscape: --examples: must be given with --data digits", "(--examples 1000)")
        environment = {**os.environ, "THERMOSCAPE_DATA": str(self.folder)}
        done = self.run_program("profile", "model.pt", "--data", "cifar10", code=2, env=environment)
        self.assert_refused(done, 2, "thermoscape: --data = cifar10: not found", "choose --data digits)")


if __name__ == "__main__":
    unittest.main()
