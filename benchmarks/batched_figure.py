#!/usr/bin/env python3
"""Draws where batching replicas wins, from the row 2.batched-replicas of a list that run.py wrote.

    python3 benchmarks/batched_figure.py build/bench.json docs/batched-replicas.svg
"""
import json
import math
import sys

WIDTH, HEIGHT = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 60, 130, 30, 50
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")
X_TICKS = (4, 10, 30, 100, 300)
Y_TICKS = (0.5, 1, 2, 4, 8)


def along(value, low, high, start, end):
    return start + (end - start) * math.log(value / low) / math.log(high / low)


def figure(curves):
    def x(n):
        return along(n, 3.5, 310, LEFT, WIDTH - RIGHT)

    def y(gain):
        return along(gain, Y_TICKS[0], 10, HEIGHT - BOTTOM, TOP)

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
             'font-size="12">', f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>']
    for n in X_TICKS:
        parts.append(f'<text x="{x(n):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{n}</text>')
        parts.append(f'<path d="M{x(n):.1f} {HEIGHT - BOTTOM}V{TOP}" stroke="#e5e5e5"/>')
    for gain in Y_TICKS:
        parts.append(f'<path d="M{LEFT} {y(gain):.1f}H{WIDTH - RIGHT}" stroke="{"#555" if gain == 1 else "#e5e5e5"}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y(gain) + 4:.1f}" text-anchor="end">{gain:g}</text>')
    for colour, (name, curve) in zip(COLOURS, curves.items()):
        points = [(x(float(n)), y(one["gain"])) for n, one in curve.items()]
        line = "L".join(f"{a:.1f} {b:.1f}" for a, b in points)
        parts.append(f'<path d="M{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3.5" fill="{colour}"/>' for a, b in points]
        a, b = points[-1]
        parts.append(f'<text x="{a + 10:.1f}" y="{b + 4:.1f}" fill="{colour}">{name}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 12}" text-anchor="middle">examples</text>')
    parts.append(f'<text x="{LEFT - 45}" y="{TOP - 12}">time of a step alone over that in a batch</text>')
    return "\n".join(parts + ["</svg>", ""])


def main():
    source, target = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        rows = {one["name"]: one for one in json.load(file)}
    with open(target, "w", encoding="utf-8") as file:
        file.write(figure(rows["2.batched-replicas"]["curves"]))


if __name__ == "__main__":
    main()
