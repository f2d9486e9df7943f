"""Clustering of logit gradients in bounded memory: row 3.clustering-memory."""
from harness import row

EXAMPLES, LOGITS = 2000, 10
GIB = 2 ** 30


def clustering_memory(bench):
    answer = bench.ours.ask(measure="clustering-memory", examples=EXAMPLES)
    peak = answer["peak"] / GIB
    table = EXAMPLES * LOGITS * answer["parameters"] * 8 / GIB
    return row("3.clustering-memory", peak, "GiB resident at most", "< 1", peak < 1,
               f"LeNet, {answer['parameters']} parameters, {EXAMPLES} examples of CIFAR-10's shape x {LOGITS} logits, double: "
               f"{answer['before'] / GIB:.2f} GiB before, {answer['seconds']:.1f} s; a table of all gradients would take "
               f"{table:.1f} GiB")


ROWS = {"3.clustering-memory": clustering_memory}
