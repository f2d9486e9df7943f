"""The loss of a bias-free ReLU network on all examples at points of a line that moves every layer; no gradients."""
import torch
import torch.nn.functional as F

from sgd_step import forward, problem


def functional(sizes, examples):
    x, y, weights = problem(sizes, examples)
    generator = torch.Generator().manual_seed(2)
    direction = [torch.randn(w.shape, generator=generator) for w in weights]

    def run(points):
        with torch.inference_mode():
            for i in range(points):
                moved = [torch.add(w, p, alpha=0.01 * (i % 41 - 20)) for w, p in zip(weights, direction)]
                F.cross_entropy(forward(x, moved), y).item()

    return run


def in_place(sizes, examples):
    """Into tensors made once, layers as matrix products."""
    x, y, weights = problem(sizes, examples)
    generator = torch.Generator().manual_seed(2)
    direction = [torch.randn(w.shape, generator=generator) for w in weights]
    a = [x] + [torch.empty(examples, s) for s in sizes[1:]]

    def run(points):
        with torch.inference_mode():
            for i in range(points):
                for l, (w, p) in enumerate(zip(weights, direction)):
                    torch.mm(a[l], torch.add(w, p, alpha=0.01 * (i % 41 - 20)).t(), out=a[l + 1])
                    if l < len(weights) - 1:
                        a[l + 1].relu_()
                F.cross_entropy(a[-1], y).item()

    return run


VARIANTS = {"functional": functional, "in place": in_place}
