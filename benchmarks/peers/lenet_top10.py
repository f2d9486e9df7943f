#!/usr/bin/env python3
"""The ten largest eigenpairs of LeNet's Hessian with SciPy's eigsh and PyTorch products, float, one thread.

    lenet_top10.py FOLDER prepare EXAMPLES    trains a little and writes inputs.npy, labels.npy, theta.npy
    lenet_top10.py FOLDER fresh|kept          {"seconds", "products", "residual", "eigenvalues"}

fresh: the graph of the gradient is made for every product, as the libraries that drive ARPACK do; kept: once for all, where
memory allows.
"""
import json
import os
import sys
import time

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
import numpy as np  # noqa: E402  after the thread counts
import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402
from scipy.sparse.linalg import LinearOperator, eigsh  # noqa: E402
from torch import nn  # noqa: E402

torch.set_num_threads(1)
TOLERANCE, PAIRS = 1e-4, 10


def lenet():
    return nn.Sequential(nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))


def prepare(folder, examples):
    """Images about the means of ten classes, and a network that has begun to tell them apart."""
    torch.manual_seed(1)
    y = torch.arange(examples) % 10
    x = torch.randn(examples, 3, 32, 32) + 0.5 * F.interpolate(torch.randn(10, 3, 8, 8), scale_factor=4)[y]
    model = lenet()
    optimiser = torch.optim.Adam(model.parameters(), 1e-3)
    for step in range(60):
        chosen = torch.arange(step * 64, (step + 1) * 64) % examples
        optimiser.zero_grad()
        F.cross_entropy(model(x[chosen]), y[chosen]).backward()
        optimiser.step()
    theta = torch.cat([p.detach().flatten() for p in model.parameters()])
    np.save(os.path.join(folder, "inputs.npy"), x.numpy())
    np.save(os.path.join(folder, "labels.npy"), y.numpy().astype(np.int32))
    np.save(os.path.join(folder, "theta.npy"), theta.numpy())


def measure(folder, kept):
    x = torch.from_numpy(np.load(os.path.join(folder, "inputs.npy")))
    y = torch.from_numpy(np.load(os.path.join(folder, "labels.npy"))).long()
    theta = torch.from_numpy(np.load(os.path.join(folder, "theta.npy")))
    model = lenet()
    torch.nn.utils.vector_to_parameters(theta, model.parameters())
    parameters = list(model.parameters())
    sizes = [p.numel() for p in parameters]

    def gradient_graph():
        return torch.autograd.grad(F.cross_entropy(model(x), y), parameters, create_graph=True)

    count = 0
    start = time.process_time()
    graph = gradient_graph() if kept else None

    def product(v):
        nonlocal count
        count += 1
        parts = torch.from_numpy(np.asarray(v, np.float32).ravel()).split(sizes)
        parts = [part.view_as(p) for part, p in zip(parts, parameters)]
        own = graph if kept else gradient_graph()
        hv = torch.autograd.grad(own, parameters, parts, retain_graph=kept)
        return torch.cat([h.flatten() for h in hv]).numpy().astype(np.float64)

    n = theta.numel()
    values, vectors = eigsh(LinearOperator((n, n), product, dtype=np.float64), PAIRS, which="LA", tol=TOLERANCE,
                            v0=np.random.default_rng(0).standard_normal(n))
    seconds, products = time.process_time() - start, count
    residual = max(np.linalg.norm(product(v) - w * v) / abs(w) for w, v in zip(values, vectors.T))
    return {"seconds": seconds, "products": products, "residual": residual, "eigenvalues": sorted(values, reverse=True)}


if sys.argv[2] == "prepare":
    prepare(sys.argv[1], int(sys.argv[3]))
else:
    print(json.dumps(measure(sys.argv[1], sys.argv[2] == "kept")))
