"""`thermoscape spectrum` against Hessians that PyTorch computes row by row in double precision, for models saved by
Debian's python3-torch."""

import json
import os
import signal
import subprocess
import time
import unittest

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
import numpy as np  # noqa: E402  after the thread counts
import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402
from torch import nn  # noqa: E402

from program import PROGRAM, SMALL, ProgramTest, program  # noqa: E402

torch.set_num_threads(1)


class Residual(nn.Module):
    """A block with batch norms whose running statistics have seen data."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(1, 4, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(4)
        self.second = nn.Conv2d(4, 4, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(4)
        self.last = nn.Linear(4, 3)

    def forward(self, x):
        a = F.relu(self.norm1(self.first(x)))
        a = F.relu(a + self.norm2(self.second(a)))
        return self.last(a.mean(dim=(2, 3)))


class Smooth(nn.Module):
    """GELU and layer norm: what LibTorch's optimising executor differentiates wrongly from the third call on."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(36, 6)
        self.norm = nn.LayerNorm(6)
        self.last = nn.Linear(6, 3)

    def forward(self, x):
        return self.last(F.gelu(self.norm(self.first(x.flatten(1)))))


def mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(36, 7), nn.Tanh(), nn.Linear(7, 3))


def convolution():
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.Tanh(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(16, 6), nn.Tanh(),
                         nn.Linear(6, 3))


MODELS = {"mlp": mlp, "convolution": convolution, "residual": Residual, "smooth": Smooth}
EXAMPLES, CLASSES = 50, 3


def problem(make):
    """A model that has seen a few steps of training, its inputs and labels."""
    torch.manual_seed(3)
    y = torch.arange(EXAMPLES) % CLASSES
    x = torch.randn(EXAMPLES, 1, 6, 6) + 0.7 * torch.randn(CLASSES, 1, 6, 6)[y]
    model = make()
    optimiser = torch.optim.SGD(model.parameters(), 0.1)
    for _ in range(20):
        optimiser.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimiser.step()
    return model.eval(), x, y


def flat(tensors):
    return torch.cat([t.reshape(-1) for t in tensors])


def dense(model, x, y):
    """Hessian and G-term in double, a row at a time."""
    model = model.double()
    x = x.double()
    parameters = list(model.parameters())
    z = model(x)
    gradient = flat(torch.autograd.grad(F.cross_entropy(z, y), parameters, create_graph=True))
    hessian = torch.stack([flat(torch.autograd.grad(g, parameters, retain_graph=True)) for g in gradient])
    rows = [flat(torch.autograd.grad(one, parameters, retain_graph=True)) for one in z.reshape(-1)]
    jacobian = torch.stack(rows).reshape(EXAMPLES, CLASSES, -1)
    p = torch.softmax(z, 1).detach()
    curvature = torch.diag_embed(p) - p[:, :, None] * p[:, None, :]
    g = torch.einsum("nip,nij,njq->pq", jacobian, curvature, jacobian) / EXAMPLES
    return hessian.numpy(), g.numpy()


def eigenvalues(matrix):
    return np.linalg.eigvalsh((matrix + matrix.T) / 2)[::-1]


class SpectrumTest(ProgramTest):
    def saved(self, make):
        """The model and its data as files, the matrices they should give."""
        model, x, y = problem(make)
        torch.jit.script(model).save(str(self.folder / "model.pt"))
        np.save(self.folder / "x.npy", x.numpy())
        np.save(self.folder / "y.npy", y.numpy().astype(np.int32))
        return dense(model, x, y)

    def spectrum(self, *options, code=0):
        return self.json_of("spectrum", "model.pt", "--inputs", "x.npy", "--labels", "y.npy", "--json", *options, code=code)

    def assert_term(self, found, matrix, scale, tolerance):
        truth = eigenvalues(matrix)
        values = [one["value"] for one in found["eigenvalues"]]
        self.assertEqual(len(values), 16)
        # Tolerances: of the largest eigenvalue of the Hessian, 1e-5 in double and 1e-4 in single precision.
        np.testing.assert_allclose(values, np.concatenate([truth[:8], truth[-8:]]), rtol=0, atol=tolerance * scale)
        trace = found["trace"]
        self.assertLess(abs(trace["value"] - truth.sum()), 4 * trace["standard_error"] + tolerance * scale)
        nodes, weights = (np.array(found["density"][key]) for key in ("nodes", "weights"))
        self.assertAlmostEqual(weights.sum(), 1, places=9)
        for power, moment in enumerate(found["density"]["moments"], start=1):
            self.assertAlmostEqual((weights * nodes**power).sum(), moment["value"], delta=1e-9 * scale**power)
            error = 4 * moment["standard_error"] + tolerance * scale**power
            self.assertLess(abs(moment["value"] - (truth**power).mean()), error, f"moment {power}")

    def test_every_model_method_and_precision_agrees_with_pytorch(self):
        for name, make in MODELS.items():
            hessian, g = self.saved(make)
            scale = eigenvalues(hessian)[0]
            for method, precision, tolerance in (
                    ("dense", "float64", 1e-5), ("lanczos", "float64", 1e-5), ("dense", "float32", 1e-4)):
                with self.subTest(model=name, method=method, precision=precision):
                    # Single precision cannot reach 1e-4 of an eigenvalue near zero: the verb says so by its exit code.
                    done = program(
                        "spectrum", "model.pt", "--inputs", "x.npy", "--labels", "y.npy", "--json", "--top", 8,
                        "--both-ends", "--density", "--trace", "--split-gh", "--steps", 40, "--method", method, "--precision",
                        precision,
                        cwd=self.folder)
                    self.assertIn(done.returncode, (0,) if precision == "float64" else (0, 1), done.stderr)
                    found = json.loads(done.stdout)
                    self.assertEqual(found["parameters"], len(hessian))
                    self.assert_term(found, hessian, scale, tolerance)
                    self.assert_term(found["gauss_newton"], g, scale, tolerance)
                    self.assert_term(found["h_term"], hessian - g, scale, tolerance)
                    if method == "dense":
                        self.assertEqual(found["trace"]["standard_error"], 0)
                    # Every residual holds what it says.
                    truth = eigenvalues(hessian)
                    for one in found["eigenvalues"]:
                        nearest = np.abs(truth - one["value"]).min()
                        self.assertLessEqual(nearest, one["residual"] + 1e-2 * tolerance * scale)

    def test_the_object_is_as_documented(self):
        self.saved(mlp)
        found = self.spectrum("--top", 3, "--method", "lanczos", "--block", 1)
        for key in ("parameters", "examples", "loss", "gradient_norm", "eigenvalues", "trace", "density", "products",
                    "seconds"):
            self.assertIn(key, found)
        self.assertIsNone(found["trace"])
        self.assertIsNone(found["density"])
        self.assertEqual(found["examples"], EXAMPLES)
        for one in found["eigenvalues"]:
            self.assertTrue(one["converged"])
            self.assertLessEqual(one["residual"], 1e-4 * abs(one["value"]))
        self.assertFalse((self.folder / "runs").exists(), "--json alone writes nothing")
        other = self.spectrum("--top", 3, "--method", "subspace", "--per-layer", "--split-gh")
        for a, b in zip(found["eigenvalues"], other["eigenvalues"]):
            self.assertAlmostEqual(a["value"], b["value"], delta=1e-6)
        self.assertEqual([one["layer"] for one in other["layers"]], ["1", "3"])
        self.assertEqual(sum(one["parameters"] for one in other["layers"]), other["parameters"])

    def test_a_report_is_written_and_read_back(self):
        self.saved(mlp)
        done = self.run_program("spectrum", "model.pt", "--inputs", "x.npy", "--labels", "y.npy", "--top", 4, "--density",
                                "--out", "seen")
        self.assertIn("accuracy", done.stdout.splitlines()[0])
        self.assertIn("products", done.stderr, "the cost is told before it starts")
        self.assertIn("<html", (self.folder / "seen" / "report.html").read_text()[:2000].lower())
        shown = self.json_of("show", "seen", "--json")
        self.assertIn("spectrum.largest_eigenvalue", [one["quantity"] for one in shown["findings"]])
        figure = self.run_program("export", "seen", "spectrum_hessian_density", "--svg").stdout
        self.assertIn("<svg", figure[:200])
        self.run_program("spectrum", "model.pt", "--inputs", "x.npy", "--labels", "y.npy", "--top", 2)
        self.assertTrue((self.folder / "runs" / "spectrum-model-001" / "report.html").exists())

    def test_a_trained_run_and_a_recipe_measure_agree(self):
        text = SMALL + '[[measure]]\nname = "curvature"\nanalysis = "spectrum"\nphase = "probe"\ntop = 3\ntrace = true\n'
        self.small_run(text)
        shown = self.json_of("show", "run", "--json")
        largest = [one for one in shown["findings"] if one["quantity"] == "curvature.largest_eigenvalue"]
        self.assertEqual(len(largest), 2, "one a temperature")
        self.assertAlmostEqual(largest[0]["value"], 2.0, places=6)
        found = self.json_of("spectrum", "run", "--phase", "probe", "--top", 3, "--json")
        np.testing.assert_allclose([one["value"] for one in found["eigenvalues"]], [2, 1, 0], atol=1e-12)
        self.assertEqual(found["trace"]["value"], 3)
        self.assert_refused(self.run_program("spectrum", "run", "--phase", "prob", "--top", 3, code=2), 2, "probe")

    def test_an_interrupt_keeps_what_has_converged(self):
        self.saved(mlp)
        process = subprocess.Popen(
            [PROGRAM, "spectrum", "model.pt", "--inputs", "x.npy", "--labels", "y.npy", "--json", "--top", "3", "--method",
             "lanczos", "--density", "--probes", "5000", "--steps", "200"],
            cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = ""
        while "density" not in line:  # the last line about the cost: the work begins
            line = process.stderr.readline()
            self.assertNotEqual(line, "", "the program ended early")
        time.sleep(2)
        process.send_signal(signal.SIGINT)
        answer, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130)
        found = json.loads(answer)
        self.assertTrue(found["interrupted"])
        self.assertTrue(all(one["converged"] for one in found["eigenvalues"]))

    def test_what_cannot_be_done_is_one_line(self):
        self.saved(mlp)
        arguments = ("spectrum", "model.pt", "--inputs", "x.npy", "--labels", "y.npy")

        def refusal(*options):
            done = self.run_program(*arguments, *options, code=2)
            return done.stderr.splitlines()[-1]

        self.assertIn("--method lanczos", refusal("--method", "dense", "--memory", 5e-4))
        self.assertIn("--top", refusal("--method", "lanczos", "--memory", 1e-4))
        self.assertIn("tolerance", refusal("--tolerance", 3))
        self.assertIn("lanczos", refusal("--method", "lanzcos"))
        self.assertFalse((self.folder / "runs").exists())


if __name__ == "__main__":
    unittest.main()
