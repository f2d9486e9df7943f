"""Paths of a double well by Euler-Maruyama in NumPy, vectorised over the paths: U = (θ² - 1)²/4, T = 0.2, Δt = 0.01."""
import numpy as np

TEMPERATURE, DT = 0.2, 1e-2


def temporaries(paths):
    """As one writes it."""
    generator = np.random.default_rng(1)
    theta = np.ones(paths)
    amplitude = (TEMPERATURE * DT) ** 0.5

    def run(steps):
        nonlocal theta
        for _ in range(steps):
            theta = theta - DT * theta * (theta * theta - 1) + amplitude * generator.standard_normal(paths)

    return run


def in_place(paths, generator=None):
    """Without temporaries."""
    generator = generator or np.random.default_rng(1)
    theta, slope, kick = np.ones(paths), np.empty(paths), np.empty(paths)
    amplitude = (TEMPERATURE * DT) ** 0.5

    def run(steps):
        for _ in range(steps):
            np.multiply(theta, theta, out=slope)
            np.subtract(slope, 1.0, out=slope)
            np.multiply(slope, theta, out=slope)
            np.multiply(slope, DT, out=slope)
            np.subtract(theta, slope, out=theta)
            generator.standard_normal(out=kick)
            np.multiply(kick, amplitude, out=kick)
            np.add(theta, kick, out=theta)

    return run


def in_place_sfc64(paths):
    """The same on NumPy's fastest bit generator."""
    return in_place(paths, np.random.Generator(np.random.SFC64(1)))


VARIANTS = {"temporaries": temporaries, "in place": in_place, "in place, SFC64": in_place_sfc64}
