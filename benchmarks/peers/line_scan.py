"""Loss and accuracy of a bias-free ReLU network at 41 points of a line; each minibatch is normalised once for all points."""
import torch
import torch.nn.functional as F

from sgd_step import forward, problem

BLOCK = 500


def lines(sizes, examples, points):
    x, y, weights = problem(sizes, examples)
    raw = (255 * x).to(torch.uint8)
    generator = torch.Generator().manual_seed(2)
    direction = [torch.randn(w.shape, generator=generator) for w in weights]
    steps = [0.01 * (i - points // 2) for i in range(points)]
    return raw, y, weights, direction, steps


def normalised(raw, first):
    return (raw[first:first + BLOCK].float() / 255 - 0.5) / 0.3


def point_by_point(sizes, examples, points):
    raw, y, weights, direction, steps = lines(sizes, examples, points)

    def run(scans):
        with torch.inference_mode():
            for _ in range(scans):
                moved = [[torch.add(w, p, alpha=r) for w, p in zip(weights, direction)] for r in steps]
                loss, right = [0.0] * points, [0] * points
                for first in range(0, examples, BLOCK):
                    x, label = normalised(raw, first), y[first:first + BLOCK]
                    for i, own in enumerate(moved):
                        z = forward(x, own)
                        loss[i] += F.cross_entropy(z, label, reduction="sum").item()
                        right[i] += (z.argmax(1) == label).sum().item()

    return run


def stacked(sizes, examples, points):
    """All points in one batched matrix product a layer."""
    raw, y, weights, direction, steps = lines(sizes, examples, points)
    r = torch.tensor(steps)[:, None, None]

    def run(scans):
        with torch.inference_mode():
            for _ in range(scans):
                moved = [(w + r * p).transpose(1, 2) for w, p in zip(weights, direction)]
                loss, right = torch.zeros(points), torch.zeros(points)
                for first in range(0, examples, BLOCK):
                    x, label = normalised(raw, first), y[first:first + BLOCK]
                    z = x.expand(points, -1, -1)
                    for own in moved[:-1]:
                        z = torch.bmm(z, own).relu_()
                    z = torch.bmm(z, moved[-1])
                    every = label.expand(points, -1)
                    loss += F.cross_entropy(z.flatten(0, 1), every.flatten(), reduction="none").view(points, -1).sum(1)
                    right += (z.argmax(2) == every).sum(1)

    return run


VARIANTS = {"point by point": point_by_point, "stacked": stacked}
