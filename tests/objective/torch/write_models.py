#!/usr/bin/python3
"""Writes TorchScript models as a user's python3-torch does, and what they must give, computed here.

usage: write_models.py FOLDER

NAME.pt with NAME_inputs.npy, NAME_labels.npy and, in float64, NAME_loss.npy, _theta, _gradient, _logits, _hessian
(dense, by torch.autograd.functional.hessian) and _gauss_newton (dense, from the Jacobian of the logits), θ in the order
of named_parameters(); gelu and resnet also as trained here. bad_*.pt are files that must be refused.
"""
import argparse
import copy
import os
import pathlib

import numpy
import torch
from torch import nn
from torch.nn import functional


class Block(nn.Module):
    """A residual block with batch norms."""

    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        y = functional.relu(self.norm1(self.conv1(x)))
        return functional.relu(x + self.norm2(self.conv2(y)))


class Resnet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 3, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(3)
        self.layer1 = Block(3)
        self.output = nn.Linear(3, 3)

    def forward(self, x):
        x = self.layer1(functional.relu(self.norm(self.conv(x))))
        return self.output(x.mean([2, 3]))


class ReturnsLoss(nn.Module):
    """forward gives the mean loss: a cross-entropy with an explicit decay of one layer."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(5, 6), nn.Tanh(), nn.Linear(6, 3))

    def forward(self, x, y):
        return functional.cross_entropy(self.body(x), y) + 0.01 * self.body[0].weight.square().sum()


class Tied(nn.Module):
    """One weight in two places."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 4)
        self.second = nn.Linear(4, 4)
        self.second.weight = self.first.weight
        self.output = nn.Linear(4, 3)

    def forward(self, x):
        return self.output(torch.tanh(self.second(torch.tanh(self.first(x)))))


class AlwaysDropout(nn.Module):
    def __init__(self):
        super().__init__()
        self.dense = nn.Linear(5, 3)

    def forward(self, x):
        return self.dense(functional.dropout(x, 0.5, True))


class WithDropout(nn.Module):
    def __init__(self):
        super().__init__()
        self.dense = nn.Linear(5, 16)
        self.drop = nn.Dropout(0.5)
        self.output = nn.Linear(16, 3)

    def forward(self, x):
        return self.output(self.drop(torch.tanh(self.dense(x))))


class Grid(nn.Module):
    """grid_sample has no second derivative."""

    def __init__(self):
        super().__init__()
        self.shift = nn.Parameter(torch.tensor([0.1, -0.2]))
        self.dense = nn.Linear(36, 3)

    def forward(self, x):
        unit = torch.eye(2, 3, dtype=x.dtype).unsqueeze(0).repeat(x.size(0), 1, 1)
        move = torch.cat([torch.zeros(2, 2, dtype=x.dtype), self.shift.unsqueeze(1)], 1)
        grid = functional.affine_grid(unit + move, [x.size(0), 1, 6, 6], align_corners=False)
        return self.dense(functional.grid_sample(x, grid, align_corners=False).flatten(1))


class Cut(nn.Module):
    """No path from the loss to a parameter."""

    def __init__(self):
        super().__init__()
        self.out = nn.Linear(5, 3)

    def forward(self, x):
        return self.out(x).detach()


class Detached(nn.Module):
    """The derivative is not that of the loss."""

    def __init__(self):
        super().__init__()
        self.dense = nn.Linear(5, 3)
        self.scale = nn.Parameter(torch.ones(3))

    def forward(self, x):
        z = torch.tanh(self.dense(x))
        return z * z.detach() * self.scale


class NotANumber(nn.Module):
    def __init__(self):
        super().__init__()
        self.dense = nn.Linear(5, 3)

    def forward(self, x):
        return torch.sqrt(self.dense(x) - 1000.0)


class BatchMean(nn.Module):
    """Looks at the other examples."""

    def __init__(self):
        super().__init__()
        self.dense = nn.Linear(5, 3)

    def forward(self, x):
        return self.dense(x - x.mean(0, keepdim=True))


class Unknown(nn.Module):
    def __init__(self):
        super().__init__()
        self.dense = nn.Linear(5, 3)

    def forward(self, x):
        return torch.ops.elsewhere.twist(self.dense(x))


def as_flat(tensors):
    return torch.cat([t.reshape(-1) for t in tensors])


def references(model, inputs, labels, loss):
    """Loss, gradient, logits, H and G in float64 at the model's parameters, in eval mode."""
    model = model.double().eval()
    names = [name for name, _ in model.named_parameters()]
    shapes = [p.shape for p in model.parameters()]
    sizes = [p.numel() for p in model.parameters()]
    theta = as_flat([p.detach() for p in model.parameters()])
    fixed = dict(model.named_buffers())
    first = {id(p): n for n, p in model.named_parameters()}
    others = {f"{prefix}.{n}": first[id(p)]  # further places of shared parameters
              for prefix, module in model.named_modules() for n, p in module.named_parameters(recurse=False)
              if prefix and f"{prefix}.{n}" != first[id(p)]}

    def call(flat, *arguments):
        parts = {n: p.view(s) for n, p, s in zip(names, torch.split(flat, sizes), shapes)}
        parts.update({n: parts[shared] for n, shared in others.items()})
        return nn.utils.stateless.functional_call(model, {**parts, **fixed}, arguments)

    if loss == "model":
        objective = lambda flat: call(flat, inputs, labels)
    elif loss == "mse":
        objective = lambda flat: 0.5 * (
            call(flat, inputs) - functional.one_hot(labels, 3)).square().sum(1).mean()
    elif loss == "bce":
        objective = lambda flat: functional.binary_cross_entropy_with_logits(
            call(flat, inputs).reshape(-1), labels.double())
    else:
        objective = lambda flat: functional.cross_entropy(call(flat, inputs), labels)
    flat = theta.clone().requires_grad_()
    value = objective(flat)
    out = {"theta": theta, "loss": value.detach(), "gradient": torch.autograd.grad(value, flat)[0]}
    out["hessian"] = torch.autograd.functional.hessian(objective, theta)
    if loss == "cross-entropy":
        z = call(theta, inputs)
        jacobian = torch.autograd.functional.jacobian(lambda f: call(f, inputs), theta)
        p = torch.softmax(z, 1)
        middle = torch.diag_embed(p) - p.unsqueeze(2) * p.unsqueeze(1)
        out["logits"] = z.detach()
        out["gauss_newton"] = torch.einsum(
            "ncp,ncd,ndq->pq", jacobian, middle, jacobian) / len(inputs)
    return out


def write_trained(folder, name, model, inputs, labels):
    """θ and the running statistics after 40 full-batch steps of SGD and of Adam, in train mode and float64."""
    for rule, make in [("sgd", lambda p: torch.optim.SGD(p, lr=0.05)), ("adam", lambda p: torch.optim.Adam(p, lr=0.01))]:
        own = copy.deepcopy(model).double().train()
        optimiser = make(own.parameters())
        for _ in range(40):
            optimiser.zero_grad()
            functional.cross_entropy(own(inputs), labels).backward()
            optimiser.step()
        numpy.save(folder / f"{name}_{rule}_theta.npy", as_flat([p.detach() for p in own.parameters()]).numpy())
        for key, value in own.named_buffers():
            numpy.save(folder / f"{name}_{rule}_{key}.npy", numpy.atleast_1d(value.double().numpy()))


def write(folder, name, model, shape, examples=13, loss="cross-entropy", classes=3, trace=False):
    generator = torch.Generator().manual_seed(7)
    inputs = torch.randn(examples, *shape, generator=generator)
    labels = torch.arange(examples) % classes
    numpy.save(folder / f"{name}_inputs.npy", inputs.numpy())
    numpy.save(folder / f"{name}_labels.npy", labels.numpy())
    if any(isinstance(m, nn.BatchNorm2d) for m in model.modules()):
        model.train()
        for _ in range(20):  # running statistics of their own
            model(torch.randn(16, *shape, generator=generator) * 1.5 + 0.3)
    model.eval()
    script = torch.jit.trace(model, inputs) if trace else torch.jit.script(model)
    script.save(str(folder / f"{name}.pt"))
    for key, tensor in references(model, inputs.double(), labels, loss).items():
        numpy.save(folder / f"{name}_{key}.npy", numpy.asarray(tensor.numpy(), dtype=numpy.float64))
    if name in ("gelu", "resnet"):
        write_trained(folder, name, model, inputs.double(), labels)


def write_bad(folder):
    def save(name, module):
        torch.jit.script(module).save(str(folder / f"bad_{name}.pt"))

    for name, module in [("dropout", AlwaysDropout()), ("grid", Grid()), ("detached", Detached()), ("cut", Cut()),
                         ("nan", NotANumber()), ("batch_mean", BatchMean())]:
        save(name, module)
    torch.jit.freeze(torch.jit.script(nn.Linear(5, 3).eval())).save(str(folder / "bad_frozen.pt"))
    dense = nn.Linear(5, 3)
    torch.save(dense.state_dict(), folder / "bad_state_dict.pt")
    torch.save(dense.state_dict(), folder / "bad_old_state_dict.pt", _use_new_zipfile_serialization=False)
    (folder / "bad_text.pt").write_text("weights: none\n")
    whole = (folder / "mlp.pt").read_bytes()
    (folder / "bad_truncated.pt").write_bytes(whole[: len(whole) * 2 // 3])
    library = torch.library.Library("elsewhere", "DEF")
    library.define("twist(Tensor x) -> Tensor")
    save("operator", Unknown())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    torch.manual_seed(1)
    write(folder, "mlp", nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 3)), [5])
    write(folder, "traced", nn.Sequential(nn.Linear(5, 4), nn.Softplus(), nn.Linear(4, 3)), [5], trace=True)
    write(folder, "conv", nn.Sequential(nn.Conv2d(2, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                                        nn.Linear(16, 3)), [2, 6, 6])
    write(folder, "resnet", Resnet(), [1, 6, 6])
    write(folder, "gelu", nn.Sequential(nn.Linear(5, 9), nn.LayerNorm(9), nn.GELU(), nn.Linear(9, 3)), [5])
    write(folder, "tied", Tied(), [4])
    write(folder, "squared", nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 3)), [5], loss="mse")
    write(folder, "binary", nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 1)), [5], loss="bce", classes=2)
    write(folder, "returns_loss", ReturnsLoss(), [5], loss="model")
    write(folder, "dropout", WithDropout(), [5])
    write_bad(folder)


if __name__ == "__main__":
    main()
    os._exit(0)  # libraries of operators complain at a tidy end
