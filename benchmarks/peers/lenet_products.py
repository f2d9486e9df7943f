"""Hessian products of LeNet (CIFAR-10 form) in PyTorch, float; each maker returns run(times). The graph of the gradient
is made for every product, as hessian-vector code on the web does."""
import torch
import torch.nn.functional as F
from torch import nn


def problem(examples):
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(examples, 3, 32, 32, generator=generator)
    y = torch.arange(examples) % 10
    torch.manual_seed(2)
    model = nn.Sequential(nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
                          nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))
    return model, x, y


def twice(examples):
    model, x, y = problem(examples)
    parameters = list(model.parameters())
    v = [torch.randn_like(p) for p in parameters]

    def run(times):
        for _ in range(times):
            gradient = torch.autograd.grad(F.cross_entropy(model(x), y), parameters, create_graph=True)
            torch.autograd.grad(gradient, parameters, v)

    return run


def dotted(examples):
    model, x, y = problem(examples)
    parameters = list(model.parameters())
    v = [torch.randn_like(p) for p in parameters]

    def run(times):
        for _ in range(times):
            gradient = torch.autograd.grad(F.cross_entropy(model(x), y), parameters, create_graph=True)
            torch.autograd.grad(sum((g * w).sum() for g, w in zip(gradient, v)), parameters)

    return run


VARIANTS = {"grad of grad": twice, "grad of a product": dotted}
