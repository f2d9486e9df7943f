"""Steps, gradients and dense Hessians of the fused network: rows 1 and 2."""
import os
import random
import tempfile

from harness import ms, peers_text, row, shape_text, us

THERMAL_PROBE = {"sizes": [10, 20, 20, 10, 3], "examples": 300}
GRADIENT_SHAPES = {
    "10-64-64-3": {"sizes": [10, 64, 64, 3], "examples": 300},
    "32-128-128-10": {"sizes": [32, 128, 128, 10], "examples": 512},
    "784-50-50-10": {"sizes": [784, 50, 50, 10], "examples": 50},
}
MNIST = {"sizes": [784, 50, 50, 10], "examples": 10000, "batch": 50}


def langevin_step(name, target):
    def measure(bench):
        ours, fastest, medians = bench.against(
            "langevin-step", THERMAL_PROBE, "langevin_step", [THERMAL_PROBE["sizes"], THERMAL_PROBE["examples"]])
        ratio = medians[fastest] / ours
        return row(name, ratio, "times the fastest PyTorch loop", f">= {target}", ratio >= target,
                   f"{shape_text(THERMAL_PROBE)}, float, one thread: {us(ours)} a step; PyTorch: {peers_text(medians)}")
    return measure


def share_of_peak(name, shape, target):
    def measure(bench):
        seconds, flop, peak, isa = bench.step("langevin-step", shape)
        rate = 1e-9 * flop / seconds
        return row(name, rate / peak, "of the core's multiply-add peak", f">= {target}", rate / peak >= target,
                   f"{shape_text(shape)}: {us(seconds)} a step, {flop / 1e6:.3f} MFLOP of the gradient, "
                   f"{rate:.1f} of {peak:.1f} GFLOP/s ({isa})")
    return measure


def gradient_peak(name, shape, target):
    def measure(bench):
        m = bench.gradient(shape)
        rate = 1e-9 * m["flop"] / m["seconds"]
        return row(name, rate / m["peak"], "of the core's multiply-add peak", f">= {target}",
                   rate / m["peak"] >= target,
                   f"{shape_text(shape)}, loss and gradient alone: {us(m['seconds'])}, {m['flop'] / 1e6:.3f} MFLOP, "
                   f"{rate:.1f} of {m['peak']:.1f} GFLOP/s")
    return measure


def dense(name, measure_name, peer, target, text):
    """Our time over that of the plain call, `torch.autograd.functional.hessian` row by row."""
    def measure(bench):
        ours, _, medians = bench.against(measure_name, THERMAL_PROBE, peer,
                                         [THERMAL_PROBE["sizes"], THERMAL_PROBE["examples"]], rounds=3, key="seconds")
        ratio = ours / next(iter(medians.values()))
        return row(name, ratio, "of the time of PyTorch", f"<= {target}", ratio <= target,
                   f"{shape_text(THERMAL_PROBE)}, 883 parameters, {text}: {ms(ours)}; PyTorch: "
                   + ", ".join(f"{peer} {ms(value)}" for peer, value in medians.items()))
    return measure


def random_shape():
    draw = random.SystemRandom()
    widths = [draw.randint(8, 96) for _ in range(4)]
    return {"sizes": widths + [draw.randint(2, 10)], "examples": draw.randint(64, 512)}


def sgd_step(bench):
    ours, fastest, medians = bench.against(
        "sgd-step", MNIST, "sgd_step", [MNIST["sizes"], MNIST["examples"], MNIST["batch"]])
    ratio = ours / medians[fastest]
    return row("1.sgd-step-mnist", ratio, "of the time of the fastest PyTorch loop", "<= 0.6", ratio <= 0.6,
               f"{shape_text(MNIST)} of {MNIST['examples']}, no biases, gather included: {us(ours)} a step; "
               f"PyTorch: {peers_text(medians)}")


def replica_scaling(bench):
    answer = bench.ours.ask(measure="replicas", steps=20000)
    ratio = answer["two"] / answer["one"]
    return row("1.replica-scaling", ratio, "wall time of two replicas over one", "<= 1.15", ratio <= 1.15,
               f"{answer['steps']} steps: one alone {answer['one']:.3f} s, two on two threads {answer['two']:.3f} s, "
               f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")


def recording(bench):
    steps = 10_000_000
    with tempfile.TemporaryDirectory() as folder:
        answer = bench.ours.ask(measure="recording", path=os.path.join(folder, "loss.stream"), steps=steps)
    cost = answer["recorded"] / answer["bare"] - 1
    bounded = answer["resident_growth"] < 2 ** 20
    return row("1.recording", cost, "of the step time", "<= 0.05, memory bounded", cost <= 0.05 and bounded,
               f"{steps} steps: {us(answer['recorded'])} a step with the loss recorded, {us(answer['bare'])} without; "
               f"{answer['bytes'] / 1e6:.0f} MB written, resident memory grew by {answer['resident_growth'] / 1024:.0f} KiB")


RANDOM_SHAPE = random_shape()
ROWS = {
    "1.langevin-step": langevin_step("1.langevin-step", 6),
    "1.langevin-step-peak": share_of_peak("1.langevin-step-peak", THERMAL_PROBE, 0.5),
    "1.random-shape-peak": share_of_peak("1.random-shape-peak", RANDOM_SHAPE, 0.3),
    "1.sgd-step-mnist": sgd_step,
    "1.replica-scaling": replica_scaling,
    "1.recording": recording,
    "2.langevin-step": langevin_step("2.langevin-step", 8.5),
    "2.langevin-step-peak": share_of_peak("2.langevin-step-peak", THERMAL_PROBE, 0.7),
    "2.random-shape-peak": share_of_peak("2.random-shape-peak", RANDOM_SHAPE, 0.4),
    **{f"2.gradient-peak-{key}": gradient_peak(f"2.gradient-peak-{key}", shape, 0.5)
       for key, shape in GRADIENT_SHAPES.items()},
    "2.dense-hessian": dense("2.dense-hessian", "dense-hessian", "dense_hessian", 0.125, "float"),
    "2.dense-spectrum": dense("2.dense-spectrum", "dense-spectrum", "dense_spectrum", 0.25,
                              "Hessian and all eigenvalues, double"),
}
