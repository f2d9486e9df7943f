"""A trained model saved by Debian's python3-torch goes on in a recipe: its path and its eigenplanes against PyTorch."""

import os
import unittest

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
import numpy as np  # noqa: E402  after the thread counts
import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402
from torch import nn  # noqa: E402

from program import ProgramTest, recorded_rows  # noqa: E402

torch.set_num_threads(1)
EXAMPLES, INPUTS, PLANES, STEPS = 48, 5, 3, 40
RATE, MOMENTUM, DECAY = 0.05, 0.9, 1e-2

RECIPE = f"""
title = "A model of one's own"
[data.points]
source = "npy"
inputs = "x.npy"
labels = "y.npy"
[objective]
kind = "torchscript"
file = "model.pt"
precision = "float64"
[[phase]]
name = "resume"
mode = "evaluate"
rule = "momentum"
learning_rate = {RATE}
momentum = {MOMENTUM}
weight_decay = {DECAY}
batch = {{ size = {EXAMPLES} }}
duration = {{ steps = {STEPS} }}
record = [{{ probe = "eigenplanes", every = 1, directions = {PLANES} }}]
"""
MEASURE = """
[[measure]]
name = "planes"
analysis = "eigenplanes"
phase = "resume"
plane_points = 0
"""


class ResumedModel(ProgramTest):
    def setUp(self):
        super().setUp()
        torch.manual_seed(3)
        self.y = torch.arange(EXAMPLES) % 3
        self.x = torch.randn(EXAMPLES, INPUTS) + 0.7 * torch.randn(3, INPUTS)[self.y]
        model = nn.Sequential(nn.Linear(INPUTS, 4), nn.Tanh(), nn.Linear(4, 3))
        optimiser = torch.optim.SGD(model.parameters(), 0.2)
        for _ in range(50):
            optimiser.zero_grad()
            F.cross_entropy(model(self.x), self.y).backward()
            optimiser.step()
        self.model = model.eval()
        torch.jit.script(self.model).save(str(self.folder / "model.pt"))
        np.save(self.folder / "x.npy", self.x.numpy())
        np.save(self.folder / "y.npy", self.y.numpy())

    def loss(self):
        return F.cross_entropy(self.model(self.x.double()), self.y)

    def theta(self):
        return torch.cat([p.detach().reshape(-1) for p in self.model.parameters()]).clone()

    def hessian(self):
        parameters = list(self.model.parameters())
        gradient = torch.cat([g.reshape(-1) for g in torch.autograd.grad(self.loss(), parameters, create_graph=True)])
        rows = [torch.cat([h.reshape(-1) for h in torch.autograd.grad(one, parameters, retain_graph=True)]) for one in gradient]
        return torch.stack(rows)

    def test_goes_on_from_where_it_was_saved_as_pytorch_would(self):
        run = self.small_run(RECIPE)
        rows = recorded_rows(run, "eigenplanes")
        self.assertEqual(rows.shape, (STEPS, 2 * PLANES + 2))
        self.model.double()
        values, vectors = torch.linalg.eigh(self.hessian())
        q = vectors[:, -PLANES:].flip(1)
        start = self.theta()
        # A batch of all examples makes the steps those of the whole loss, in whatever order they are drawn.
        optimiser = torch.optim.SGD(self.model.parameters(), RATE, momentum=MOMENTUM, weight_decay=DECAY)
        before = start
        for k in range(STEPS):
            now = self.theta()
            moved, velocity = now - start, (now - before) / RATE
            # The sign of an eigenvector is free; one sign serves position and velocity.
            along = np.array([(q.T @ moved).numpy(), (q.T @ velocity).numpy()])
            seen = np.array([rows[k, :PLANES], rows[k, PLANES : 2 * PLANES]])
            np.testing.assert_allclose(seen[0] * seen[1], along[0] * along[1], rtol=1e-4, atol=1e-8)
            np.testing.assert_allclose(np.abs(seen), np.abs(along), rtol=1e-4, atol=1e-6)
            np.testing.assert_allclose(rows[k, 2 * PLANES :], [moved @ moved, velocity @ velocity], rtol=1e-6, atol=1e-12)
            before = now
            optimiser.zero_grad()
            self.loss().backward()
            optimiser.step()

    def test_its_eigenvalues_are_those_of_pytorch(self):
        noisy = RECIPE.replace(f"size = {EXAMPLES}", "size = 12, replacement = true") + MEASURE
        run = self.small_run(noisy, "noisy")
        self.model.double()
        values = torch.linalg.eigvalsh(self.hessian())
        import netCDF4

        with netCDF4.Dataset(run / "results.nc") as file:
            found = file["planes/task_0/curvature"][...]
        np.testing.assert_allclose(found, values.numpy()[::-1][:PLANES], rtol=1e-5)

    def test_batches_without_noise_are_refused_by_what_measures_noise(self):
        self.write("still.toml", RECIPE + MEASURE)
        done = self.run_program("run", "still.toml", code=2)
        self.assertIn(f"batch.size = {EXAMPLES}: must leave some examples out", done.stderr)


if __name__ == "__main__":
    unittest.main()
