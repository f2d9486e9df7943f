"""Minibatch SGD of a bias-free ReLU network in PyTorch, as fast as its users write it.

Each maker returns run(steps): draw a batch from a permutation, gather, gradient of the mean cross-entropy, update.
"""
import torch
import torch.nn.functional as F

RATE = 0.1


def problem(sizes, examples, seed=1):
    generator = torch.Generator().manual_seed(seed)
    x = torch.rand(examples, sizes[0], generator=generator)
    y = torch.randint(sizes[-1], (examples,), generator=generator)
    weights = [torch.randn(b, a, generator=generator) * (2 / (a + b)) ** 0.5 for a, b in zip(sizes, sizes[1:])]
    return x, y, weights


class Batches:
    """Indices of the next batch, from a new permutation each epoch."""

    def __init__(self, examples, batch):
        self.examples, self.batch, self.at, self.order = examples, batch, examples, None

    def next(self):
        if self.at + self.batch > self.examples:
            self.order, self.at = torch.randperm(self.examples), 0
        self.at += self.batch
        return self.order[self.at - self.batch:self.at]


def forward(x, weights):
    for w in weights[:-1]:
        x = F.relu(F.linear(x, w))
    return F.linear(x, weights[-1])


def autograd(sizes, examples, batch):
    x, y, weights = problem(sizes, examples)
    weights = [w.requires_grad_() for w in weights]
    batches = Batches(examples, batch)

    def run(steps):
        for _ in range(steps):
            chosen = batches.next()
            loss = F.cross_entropy(forward(x[chosen], weights), y[chosen])
            gradients = torch.autograd.grad(loss, weights)
            with torch.no_grad():
                for w, g in zip(weights, gradients):
                    w.add_(g, alpha=-RATE)

    return run


def autograd_foreach(sizes, examples, batch):
    x, y, weights = problem(sizes, examples)
    weights = [w.requires_grad_() for w in weights]
    batches = Batches(examples, batch)

    def run(steps):
        for _ in range(steps):
            chosen = batches.next()
            loss = F.cross_entropy(forward(x[chosen], weights), y[chosen])
            gradients = torch.autograd.grad(loss, weights)
            with torch.no_grad():
                torch._foreach_add_(weights, gradients, alpha=-RATE)

    return run


def optimiser(sizes, examples, batch):
    """torch.optim.SGD in its foreach form."""
    x, y, weights = problem(sizes, examples)
    weights = [w.requires_grad_() for w in weights]
    batches = Batches(examples, batch)
    sgd = torch.optim.SGD(weights, lr=RATE, foreach=True)

    def run(steps):
        for _ in range(steps):
            chosen = batches.next()
            sgd.zero_grad(set_to_none=True)
            F.cross_entropy(forward(x[chosen], weights), y[chosen]).backward()
            sgd.step()

    return run


def backward_by_hand(sizes, examples, batch):
    """Gradient and update in one matrix product: w <- w - η dᵀ a."""
    x, y, weights = problem(sizes, examples)
    batches = Batches(examples, batch)
    layers = len(weights)
    transposed = [w.t() for w in weights]
    a = [torch.empty(batch, s) for s in sizes]
    d = [torch.empty(batch, s) for s in sizes[1:]]
    d_transposed = [v.t() for v in d]
    minus_one = torch.full((batch, 1), -1.0)

    def run(steps):
        for _ in range(steps):
            chosen = batches.next()
            torch.index_select(x, 0, chosen, out=a[0])
            for l in range(layers):
                torch.mm(a[l], transposed[l], out=a[l + 1])
                if l < layers - 1:
                    a[l + 1].relu_()
            torch.softmax(a[-1], 1, out=d[-1])
            d[-1].scatter_add_(1, y[chosen].view(-1, 1), minus_one).mul_(1 / batch)
            for l in range(layers - 1, -1, -1):
                if l > 0:
                    torch.mm(d[l], weights[l], out=d[l - 1])
                    d[l - 1].mul_(a[l] > 0)
                weights[l].addmm_(d_transposed[l], a[l], alpha=-RATE)

    def guarded(steps):
        with torch.inference_mode():
            run(steps)

    return guarded


VARIANTS = {
    "autograd": autograd,
    "autograd, foreach": autograd_foreach,
    "torch.optim.SGD": optimiser,
    "backward by hand": backward_by_hand,
}
