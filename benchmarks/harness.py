"""What the rows of the benchmark share: the measuring program and its rivals as servers, medians in alternation, a row."""
import json
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROUNDS = 7


class Server:
    """A program that answers lines of JSON."""

    def __init__(self, command):
        environment = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)

    def ask(self, **request):
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise RuntimeError("the measuring program ended early")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer


class Bench:
    def __init__(self, binary):
        self.ours = Server([binary])
        self.peer = Server([sys.executable, os.path.join(HERE, "peers", "serve.py")])

    def peak(self):
        """Multiply-add peak of this core now, GFLOP/s."""
        answer = self.ours.ask(measure="fma-peak", seconds=0.1)
        return answer["gflops"], answer["instruction_set"]

    def step(self, measure, shape):
        """Median seconds per step, flop per step, peak and instruction set, in alternation with the peak."""
        times, peaks = [], []
        for _ in range(ROUNDS):
            peak, isa = self.peak()
            answer = self.ours.ask(measure=measure, seconds=0.1, **shape)
            times.append(answer["seconds_per_step"])
            peaks.append(peak)
        return statistics.median(times), answer["flop"], statistics.median(peaks), isa

    def gradient(self, shape):
        """The same for loss and gradient alone; the last answer, with medians in place of its times."""
        answers, peaks = [], []
        for _ in range(ROUNDS):
            peaks.append(self.peak()[0])
            answers.append(self.ours.ask(measure="gradient", seconds=0.1, **shape))
        median = {key: statistics.median(one[key] for one in answers) for key in ("seconds", "noise_seconds", "flop")}
        return dict(median, peak=statistics.median(peaks))

    def against(self, measure, shape, peer, arguments, rounds=ROUNDS, key="seconds_per_step"):
        """(our seconds per step, name and seconds of the fastest peer, all peers), asked in turn."""
        ours, peers = [], {}
        for _ in range(rounds):
            ours.append(self.ours.ask(measure=measure, seconds=0.1, **shape)[key])
            for name, seconds in self.peer.ask(peer=peer, arguments=arguments, seconds=0.2).items():
                peers.setdefault(name, []).append(seconds)
        medians = {name: statistics.median(values) for name, values in peers.items()}
        fastest = min(medians, key=medians.get)
        return statistics.median(ours), fastest, medians


def row(name, value, unit, target, met, detail):
    return {"name": name, "value": value, "unit": unit, "target": target, "met": bool(met), "detail": detail}


def us(seconds):
    return f"{1e6 * seconds:.2f} µs"


def ms(seconds):
    return f"{1e3 * seconds:.2f} ms"


def shape_text(shape):
    return "-".join(map(str, shape["sizes"])) + f", {shape.get('batch', shape['examples'])} examples"


def peers_text(medians):
    return ", ".join(f"{name} {us(value)}" for name, value in medians.items())
