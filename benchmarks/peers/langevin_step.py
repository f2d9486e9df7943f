"""Overdamped Langevin steps of a ReLU network in PyTorch, as fast as its users write them.

Each maker returns run(steps): gradient of the mean cross-entropy on all examples, kick, update and recorded loss.
"""
import torch
import torch.nn.functional as F

STEP, TEMPERATURE = 1e-2, 1e-5
AMPLITUDE = (2 * STEP * TEMPERATURE) ** 0.5


def problem(sizes, examples, seed=1):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(examples, sizes[0], generator=generator)
    y = torch.randint(sizes[-1], (examples,), generator=generator)
    count = sum(a * b + b for a, b in zip(sizes, sizes[1:]))
    theta, views, at = torch.zeros(count), [], 0
    for a, b in zip(sizes, sizes[1:]):
        w = theta[at:at + a * b].view(b, a)
        w.normal_(0, (2 / (a + b)) ** 0.5, generator=generator)
        views += [w, theta[at + a * b:at + a * b + b]]
        at += a * b + b
    return x, y, theta, views


def forward(x, parameters):
    for i in range(0, len(parameters) - 2, 2):
        x = F.relu(F.linear(x, parameters[i], parameters[i + 1]))
    return F.linear(x, parameters[-2], parameters[-1])


def autograd(sizes, examples):
    x, y, _, views = problem(sizes, examples)
    parameters = [v.clone().requires_grad_() for v in views]

    def run(steps):
        losses = torch.empty(steps)
        for i in range(steps):
            loss = F.cross_entropy(forward(x, parameters), y)
            gradients = torch.autograd.grad(loss, parameters)
            with torch.no_grad():
                for p, g in zip(parameters, gradients):
                    p.add_(g, alpha=-STEP).add_(torch.randn_like(p), alpha=AMPLITUDE)
                losses[i] = loss
        return losses

    return run


def autograd_foreach(sizes, examples):
    """All parameters updated by fused list operations; one draw of noise for all of them."""
    x, y, theta, views = problem(sizes, examples)
    parameters = [v.clone().requires_grad_() for v in views]
    noise = torch.empty_like(theta)
    kicks, at = [], 0
    for v in views:
        kicks.append(noise[at:at + v.numel()].view_as(v))
        at += v.numel()

    def run(steps):
        losses = torch.empty(steps)
        for i in range(steps):
            loss = F.cross_entropy(forward(x, parameters), y)
            gradients = torch.autograd.grad(loss, parameters)
            with torch.no_grad():
                noise.normal_()
                torch._foreach_add_(parameters, gradients, alpha=-STEP)
                torch._foreach_add_(parameters, kicks, alpha=AMPLITUDE)
                losses[i] = loss
        return losses

    return run


def backward_by_hand(sizes, examples):
    """Matrix products into memory that exists already, no graph; one flat update."""
    x, y, theta, views = problem(sizes, examples)
    gradient, noise = torch.zeros_like(theta), torch.empty_like(theta)
    g, at = [], 0
    for v in views:
        g.append(gradient[at:at + v.numel()].view_as(v))
        at += v.numel()
    layers = len(sizes) - 1
    weights = [views[2 * l] for l in range(layers)]
    transposed = [w.t() for w in weights]
    biases = [views[2 * l + 1] for l in range(layers)]
    a = [x] + [torch.empty(examples, s) for s in sizes[1:]]
    d = [torch.empty(examples, s) for s in sizes[1:]]
    d_transposed = [v.t() for v in d]
    own = torch.arange(examples) * sizes[-1] + y
    one_hot = torch.zeros(examples, sizes[-1]).view(-1).index_fill_(0, own, 1.0).view(examples, -1)
    column = y.view(-1, 1)

    def run(steps):
        losses = torch.empty(steps)
        for i in range(steps):
            for l in range(layers):
                torch.addmm(biases[l], a[l], transposed[l], out=a[l + 1])
                if l < layers - 1:
                    a[l + 1].relu_()
            log_p = torch.log_softmax(a[-1], 1)
            losses[i] = log_p.gather(1, column).mean().neg_()
            torch.exp(log_p, out=d[-1])
            d[-1].sub_(one_hot).mul_(1 / examples)
            for l in range(layers - 1, -1, -1):
                torch.mm(d_transposed[l], a[l], out=g[2 * l])
                torch.sum(d[l], 0, out=g[2 * l + 1])
                if l > 0:
                    torch.mm(d[l], weights[l], out=d[l - 1])
                    d[l - 1].mul_(a[l] > 0)
            theta.add_(gradient, alpha=-STEP).add_(noise.normal_(), alpha=AMPLITUDE)
        return losses

    def guarded(steps):
        with torch.inference_mode():
            return run(steps)

    return guarded


def autograd_scripted(sizes, examples):
    """The forward pass compiled by TorchScript."""
    x, y, _, views = problem(sizes, examples)
    parameters = [v.clone().requires_grad_() for v in views]

    def value(*p):
        return F.cross_entropy(forward(x, p), y)

    traced = torch.jit.trace(value, parameters, check_trace=False)

    def run(steps):
        losses = torch.empty(steps)
        for i in range(steps):
            loss = traced(*parameters)
            gradients = torch.autograd.grad(loss, parameters)
            with torch.no_grad():
                torch._foreach_add_(parameters, gradients, alpha=-STEP)
                for p in parameters:
                    p.add_(torch.randn_like(p), alpha=AMPLITUDE)
                losses[i] = loss
        return losses

    return run


VARIANTS = {
    "autograd": autograd,
    "autograd, foreach": autograd_foreach,
    "autograd, scripted": autograd_scripted,
    "backward by hand": backward_by_hand,
}
