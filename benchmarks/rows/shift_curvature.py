"""Diffusion in one dimension: rows 6."""
import statistics

from harness import ROUNDS, ms, peers_text, row, us

PATHS = 10_000


def sde_ensemble(bench):
    ours, fastest, medians = bench.against("sde-ensemble", {"paths": PATHS}, "sde_ensemble", [PATHS])
    ratio = medians[fastest] / ours
    return row("6.sde-ensemble", ratio, "times the fastest NumPy loop", ">= 6", ratio >= 6,
               f"{PATHS} paths in a double well, double, one thread: {us(ours)} a step, "
               f"{1e9 * ours / PATHS:.2f} ns a path and step; NumPy: {peers_text(medians)}")


def fokker_planck(bench):
    small, large = [], []
    for _ in range(ROUNDS):
        small.append(bench.ours.ask(measure="fokker-planck", cells=10_000, seconds=0.1)["seconds_per_step"])
        large.append(bench.ours.ask(measure="fokker-planck", cells=100_000, seconds=0.2)["seconds_per_step"])
    small, large = statistics.median(small), statistics.median(large)
    return row("6.fokker-planck", large / small, "time of a step on 1e5 cells over one on 1e4", "<= 12",
               large / small <= 12, f"{ms(large)} and {ms(small)} a step (TR-BDF2, two tridiagonal solves)")


def line_scan(bench):
    shape = {"sizes": [784, 50, 50, 10], "examples": 2000, "points": 41}
    ours, fastest, medians = bench.against(
        "line-scan", shape, "line_scan", [shape["sizes"], shape["examples"], shape["points"]])
    ratio = medians[fastest] / ours
    return row("6.line-scan", ratio, "times the fastest PyTorch loop", ">= 1", ratio >= 1,
               f"41 points, loss and accuracy, 2000 examples of 784-50-50-10 in 4 blocks, each read once for all points: "
               f"{ms(ours)} a scan; PyTorch, blocks normalised once: {peers_text(medians)}")


ROWS = {"6.sde-ensemble": sde_ensemble, "6.fokker-planck": fokker_planck, "6.line-scan": line_scan}
