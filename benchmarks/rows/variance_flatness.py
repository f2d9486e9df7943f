"""Recording, principal components and loss profiles: rows 4."""
import os
import statistics
import tempfile

from harness import ROUNDS, ms, peers_text, row, us

SHAPE = {"sizes": [784, 50, 50, 10], "examples": 10000, "batch": 50}
FULL = {"sizes": [784, 50, 50, 10], "examples": 60000}
POINTS = 41
ROWS_OF_DATA, COLUMNS = 12000, 2500


def sgd_step_recorded(bench):
    with tempfile.TemporaryDirectory() as folder:
        ours, fastest, medians = bench.against(
            "sgd-step-recorded", dict(SHAPE, path=os.path.join(folder, "layer.stream")), "sgd_step",
            [SHAPE["sizes"], SHAPE["examples"], SHAPE["batch"]])
    ratio = ours / medians[fastest]
    return row("4.sgd-step-recorded", ratio, "of the time of the fastest PyTorch loop", "<= 0.6", ratio <= 0.6,
               f"784-50-50-10, 50 examples, the 2,500 weights of the second layer written every step: {us(ours)} a "
               f"step; PyTorch without recording: {peers_text(medians)}")


def pca(bench):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "walk.f64")
        ask = lambda: bench.ours.ask(measure="trajectory-pca", rows=ROWS_OF_DATA, columns=COLUMNS, path=path)
        answers, peers = [], []
        for _ in range(3):
            answers.append(ask())
            peers.append(bench.peer.ask(peer="pca", arguments=[path, COLUMNS], seconds=0)["sklearn PCA, full SVD"])
        with open(path + ".variances", encoding="ascii") as file:
            theirs = [float(line) for line in file]
    ours, peer = statistics.median(a["seconds"] for a in answers), statistics.median(peers)
    variances = answers[0]["variances"]
    kept = [i for i in range(COLUMNS) if theirs[i] > 1e-10 * theirs[1]]
    error = max(abs(variances[i] / theirs[i] - 1) for i in kept)
    memory = answers[0]["peak_bytes"] / answers[0]["array_bytes"]
    met = peer / ours >= 4 and error < 1e-6 and memory < 2
    return row("4.pca", peer / ours, "times scikit-learn's full PCA", ">= 4, error < 1e-6, memory < 2", met,
               f"{ROWS_OF_DATA} x {COLUMNS} doubles, all components, one thread: {ours:.2f} s; scikit-learn {peer:.2f} s; "
               f"largest relative error over {len(kept)} modes above 1e-10 of the second: {error:.1e}; "
               f"peak memory {memory:.2f} of the array")


def profile(name, key, rival, target):
    def measure(bench):
        ours, theirs = [], []
        for _ in range(max(1, ROUNDS // 2)):
            answer = bench.ours.ask(measure="profile", points=POINTS, seconds=0.5, **FULL)
            ours.append(answer[key])
            theirs.append(answer["forward"] if rival == "forward" else min(bench.peer.ask(
                peer="profile", arguments=[FULL["sizes"], FULL["examples"]], seconds=0.5).values()))
        ours, theirs = statistics.median(ours), statistics.median(theirs)
        text = "a whole forward pass" if rival == "forward" else "PyTorch, no gradients"
        return row(name, theirs / ours, f"times {text}", f">= {target}", theirs / ours >= target,
                   f"784-50-50-10, 60,000 examples, {POINTS} points a line, float, one thread: {ms(ours)} a point, what "
                   f"does not move included; {text} {ms(theirs)}")
    return measure


ROWS = {
    "4.sgd-step-recorded": sgd_step_recorded,
    "4.pca": pca,
    "4.profile-layer": profile("4.profile-layer", "layer", "forward", 10),
    "4.profile-all": profile("4.profile-all", "all", "torch", 1.3),
}
