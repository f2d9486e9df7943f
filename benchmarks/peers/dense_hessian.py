"""The Hessian of a ReLU network's loss in PyTorch, float; each maker returns run(times)."""
import torch
import torch.nn.functional as F

from langevin_step import forward, problem


def loss_of(sizes, examples, dtype):
    """(loss as a function of one vector of parameters, the vector)"""
    x, y, theta, _ = problem(sizes, examples)
    x, theta = x.to(dtype), theta.to(dtype)

    def loss(t):
        parameters, at = [], 0
        for a, b in zip(sizes, sizes[1:]):
            parameters += [t[at:at + a * b].view(b, a), t[at + a * b:at + a * b + b]]
            at += a * b + b
        return F.cross_entropy(forward(x, parameters), y)

    return loss, theta


def maker(vectorize, dtype=torch.float32, then=lambda matrix: matrix):
    def make(sizes, examples):
        loss, theta = loss_of(sizes, examples, dtype)

        def run(times):
            for _ in range(times):
                then(torch.autograd.functional.hessian(loss, theta, vectorize=vectorize))

        return run

    return make


VARIANTS = {"row by row": maker(False), "vectorised": maker(True)}
