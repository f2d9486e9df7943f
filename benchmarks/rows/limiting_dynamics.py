"""Rows of the study of where a trained network keeps moving."""
import statistics

from harness import ROUNDS, ms, row, us


def theory_curves(bench):
    shape = {"modes": 100_000, "times": 1000}
    ours, fastest, medians = bench.against("theory-curves", shape, "theory_curves", list(shape.values()), rounds=3)
    ratio = medians[fastest] / ours
    return row("5.theory-curves", ratio, "times vectorised NumPy", ">= 5", ratio >= 5,
               f"{shape['modes']} eigenvalues, {shape['times']} log-spaced times, one core: {ms(ours)}; "
               + ", ".join(f"{name} {ms(value)}" for name, value in medians.items()))


def linear_regression_step(bench):
    shape = {"inputs": 3072, "targets": 10, "batch": 512, "examples": 20000}
    times, peaks, streams = [], [], []
    for _ in range(ROUNDS):
        peaks.append(1e9 * bench.peak()[0])
        streams.append(bench.ours.ask(measure="stream-bandwidth", seconds=0.1)["bytes_per_second"])
        answer = bench.ours.ask(measure="linear-regression-step", seconds=0.1, **shape)
        times.append(answer["seconds_per_step"])
    seconds, peak, stream = map(statistics.median, (times, peaks, streams))
    of_stream = answer["bytes"] / seconds / stream
    of_peak = answer["flop"] / seconds / peak
    share = max(of_stream, of_peak)  # the lower roof is the one of which the larger share is used
    return row("5.linear-regression-step", share, "of the lower roof", ">= 0.5", share >= 0.5,
               f"3072 x 10, batch 512 of {shape['examples']} drawn at random, float: {us(seconds)} a step; "
               f"{of_stream:.2f} of the stream bandwidth of {1e-9 * stream:.1f} GB/s, "
               f"{of_peak:.2f} of the multiply-add peak of {1e-9 * peak:.0f} GFLOP/s")


ROWS = {
    "5.theory-curves": theory_curves,
    "5.linear-regression-step": linear_regression_step,
}
