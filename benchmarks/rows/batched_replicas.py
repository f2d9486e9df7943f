"""Replicas in the lanes of the vectors against one after the other: time of a step of one replica."""
import statistics

from harness import row, us

NETWORKS = ([2, 8, 2], [10, 20, 20, 10, 3], [10, 64, 64, 3])
EXAMPLES = (4, 12, 30, 50, 100, 300)
JUDGED = ("10-20-20-10-3", 12)  # the size of the regression recipes
ROUNDS = 5


def gain(bench, sizes, examples):
    """Medians over rounds asked in turn: seconds alone, seconds in a batch, and their ratio."""
    alone, batched, lanes = [], [], 0
    for _ in range(ROUNDS):
        request = {"sizes": sizes, "examples": examples, "seconds": 0.05}
        alone.append(bench.ours.ask(measure="langevin-step", **request)["seconds_per_step"])
        answer = bench.ours.ask(measure="batched-step", **request)
        batched.append(answer["seconds_per_step"])
        lanes = answer["lanes"]
    ratio = statistics.median(one / other for one, other in zip(alone, batched))
    return {"alone": statistics.median(alone), "batched": statistics.median(batched), "gain": ratio, "lanes": lanes}


def batched_replicas(bench):
    curves = {"-".join(map(str, sizes)): {n: gain(bench, sizes, n) for n in EXAMPLES} for sizes in NETWORKS}
    network, examples = JUDGED
    judged = curves[network][examples]
    text = "; ".join(f"{name}: " + ", ".join(f"{n} {one['gain']:.2f}" for n, one in curve.items())
                     for name, curve in curves.items())
    result = row("2.batched-replicas", judged["gain"], "times as many replica steps in the same time", ">= 1.5",
                 judged["gain"] >= 1.5,
                 f"{network}, {examples} examples, {judged['lanes']} lanes: {us(judged['batched'])} a step of a replica, "
                 f"{us(judged['alone'])} alone; gain by network and examples: {text}")
    return dict(result, curves=curves)


ROWS = {"2.batched-replicas": batched_replicas}
