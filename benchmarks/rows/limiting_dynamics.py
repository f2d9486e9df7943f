"""Rows of the study of where a trained network keeps moving."""
import os
import statistics
import tempfile

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


def recording(bench):
    steps = 160  # the free lists of the allocator fill for some 75 of them
    with tempfile.TemporaryDirectory() as folder:
        answer = bench.ours.ask(measure="network-recording", path=os.path.join(folder, "planes.stream"), steps=steps)
    cost = answer["recorded"] / answer["bare"] - 1
    # What one kind of step allocates the other may free, so that only a pair of them has a balance.
    left, look = answer["bare_heap_growth"] + answer["recorded_heap_growth"], answer["look_bytes"]
    still = left < 0.1 * look  # a look that were kept would leave all of its bytes
    resident = answer["recorded_resident_growth"] + answer["bare_resident_growth"]
    return row("5.recording", cost, "of the step time", "<= 0.05, heap still", cost <= 0.05 and still,
               f"ResNet-10 of 16 channels, {answer['parameters']} parameters, batch 128, float, one thread: "
               f"{ms(answer['recorded'])} a step with displacement and 60 projections, {ms(answer['bare'])} without; "
               f"{answer['bytes'] / (steps + 1):.0f} bytes a step written; over the last {steps // 2} pairs of a step with and "
               f"one without, a pair left {left:.0f} bytes on the heap, where a look that is kept would leave {look:.0f}; "
               f"resident memory, LibTorch's caches with it, grew by {resident / 1024:.0f} KiB")


ROWS = {
    "5.recording": recording,
    "5.theory-curves": theory_curves,
    "5.linear-regression-step": linear_regression_step,
}
