"""The mean square displacement of SGD with momentum over a spectrum in NumPy, summed over modes; processor time.

E(t) = Σ 2 var θ [1 - e^{-γt}(C + γZ)] and its slope, each regime by its own formula, in chunks of modes that stay in the
cache: what one writes who knows NumPy well. Small arguments lose digits here; the library keeps them.
"""
import numpy as np


def rates(modes):
    return 60.0 * np.arange(1, modes + 1) ** -1.2


def maker(chunk):
    def make(modes, times):
        h = rates(modes)
        eta, beta, batch = 1e-4, 0.9, 256
        t = eta * np.logspace(0, 6, times)
        gamma = (1 - beta) / (eta * (1 + beta))
        square = 2 * h / (eta * (1 + beta))
        weight = eta * h / (batch * (1 - beta) * h)
        split = gamma * gamma - square
        alpha = np.sqrt(np.abs(split))
        decay = np.exp(-gamma * t)

        def curve():
            total, slope = np.zeros(times), np.zeros(times)
            for oscillates in (False, True):
                index = np.flatnonzero((split < 0) == oscillates)
                for begin in range(0, len(index), chunk):
                    i = index[begin:begin + chunk]
                    a = alpha[i][:, None]
                    if oscillates:
                        phase = a * t
                        z = np.sin(phase) / a
                        c = np.cos(phase)
                        z *= decay
                        c *= decay
                    else:
                        slow = np.exp((alpha[i] - gamma)[:, None] * t)
                        fast = np.exp((-alpha[i] - gamma)[:, None] * t)
                        c = (slow + fast) / 2
                        z = (slow - fast) / (2 * a)
                    c += gamma * z
                    total += weight[i].sum() - weight[i] @ c
                    slope += (weight[i] * square[i]) @ z
            return total, t * slope / total

        def run(repeats):
            for _ in range(repeats):
                curve()

        return run

    return make


VARIANTS = {"NumPy, 8 modes at a time": maker(8), "NumPy, 64 modes at a time": maker(64)}
