"""Eigenpairs of Hessians: rows 3.top20-products and 3.top10-lenet."""
import json
import os
import statistics
import subprocess
import sys
import tempfile

from harness import HERE, row

SEEDS = 5
EXAMPLES = 2048


def top20_products(bench):
    answer = bench.ours.ask(measure="top20-products", seeds=SEEDS)
    products = answer["products"]
    met = products <= 60 and answer["converged"] and answer["residual"] <= 1e-4
    return row("3.top20-products", products, "products for 20 pairs at 1e-4", "<= 60", met,
               f"tanh network of {answer['parameters']} parameters at loss {answer['loss']:.2g}, double, single-vector Lanczos, "
               f"the most of {SEEDS} starts; {answer['certification']} more certify the residuals, {answer['residual']:.1e} "
               f"of λ at most; from LAPACK {answer['deviation']:.1e}")


def top10_lenet(bench):
    rival = [sys.executable, os.path.join(HERE, "peers", "lenet_top10.py")]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*rival, folder, "prepare", str(EXAMPLES)], check=True)

        def ask(kind):
            return json.loads(subprocess.run([*rival, folder, kind], check=True, capture_output=True, text=True).stdout)

        ours, fresh, kept = [], [], []
        for _ in range(3):
            ours.append(bench.ours.ask(measure="top10-lenet", folder=folder))
            fresh.append(ask("fresh"))
            kept.append(ask("kept"))
    seconds, theirs, with_graph = (statistics.median(a["seconds"] for a in one) for one in (ours, fresh, kept))
    a, b, c = ours[0], fresh[0], kept[0]
    distance = max(abs(x / y - 1) for x, y in zip(a["eigenvalues"], b["eigenvalues"]))
    met = theirs / seconds >= 2 and a["residual"] <= max(1e-4, b["residual"])
    return row("3.top10-lenet", theirs / seconds, "times SciPy eigsh with PyTorch products", ">= 2", met,
               f"LeNet, {EXAMPLES} examples of CIFAR-10's shape, float, one thread: {seconds:.2f} s for {a['products']} "
               f"products and {a['certification']} that certify, residuals {a['residual']:.1e} λ; eigsh {theirs:.2f} s for "
               f"{b['products']}, residuals {b['residual']:.1e} λ, not certified; with its graph kept by hand "
               f"{with_graph:.2f} s for {c['products']}; eigenvalues agree to {distance:.0e}")


ROWS = {"3.top20-products": top20_products, "3.top10-lenet": top10_lenet}
