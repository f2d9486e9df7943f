#!/usr/bin/env python3
"""Times PyTorch loops on request: a line of JSON in, a line of JSON out. One thread; processor time.

{"peer": "langevin_step", "arguments": [[10, 20, 20, 10, 3], 300], "seconds": 0.2}
  -> {"backward by hand": 1.2e-4, ...}, seconds per step of each variant
"""
import importlib
import json
import os
import sys
import time

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
import torch  # noqa: E402  after the thread counts

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
torch.set_num_threads(1)
made = {}


def seconds_per_step(run, seconds):
    run(1)
    start = time.process_time()
    run(1)
    steps = 50 if time.process_time() - start < 0.01 * seconds else 1
    run(min(20, steps))
    while True:
        start = time.process_time()
        run(steps)
        taken = time.process_time() - start
        if taken > seconds / 2:
            return taken / steps
        steps = int(steps * min(10, max(2, seconds / max(taken, 1e-6))))


for line in sys.stdin:
    request = json.loads(line)
    key = json.dumps([request["peer"], request["arguments"]])
    if key not in made:
        variants = importlib.import_module(request["peer"]).VARIANTS
        made[key] = {name: make(*request["arguments"]) for name, make in variants.items()}
    answer = {name: seconds_per_step(run, request["seconds"]) for name, run in made[key].items()}
    print(json.dumps(answer), flush=True)
