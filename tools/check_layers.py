#!/usr/bin/env python3
"""Includes go one way only: checks every #include of src/thermoscape against the table below.

usage: check_layers.py [--root DIR] [--table]

Prints one line per forbidden include and exits with 1 if there is one. --table prints the table as docs/architecture.md
shows it; the check fails as well when that page shows another.
"""
import argparse
import pathlib
import re
import sys

# A folder sees itself and these.
SEES = {
    "core": "",
    "analysis": "core",
    "theory": "core",
    "data": "core analysis",
    "models": "core theory analysis",
    "objective": "core data",
    "objective/torch": "core data objective",
    "landscape": "core analysis objective",
    "dynamics": "core objective",
    "record": "core objective dynamics",
    "store": "core",
    "report": "core store",
    "experiments": "core analysis theory data models objective objective/torch landscape dynamics record store",
}

# What is of one study: it sees the frame and not another study, and the frame sees none of them.
STUDIES = ("thermal_probe", "variance_flatness", "shift_curvature", "limiting_dynamics", "local_geometry")
SEES |= {f"experiments/{study}": f"experiments {SEES['experiments']}" for study in STUDIES}

# Outside libraries that one folder alone may include, by the start of the header's name.
ONLY_IN = {
    "torch/": "objective/torch",
    "ATen/": "objective/torch",
    "c10/": "objective/torch",
    "netcdf": "store",
}

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')


def layer_of(path):
    """The layer of "objective/torch/backend.hpp"; None for a file of no known folder."""
    nested = "/".join(path.split("/")[:2])
    if nested in SEES:
        return nested
    first = path.split("/")[0]
    return first if first in SEES else None


def table():
    shown = {layer: sees or "(the standard library and Eigen)" for layer, sees in SEES.items()
             if layer.removeprefix("experiments/") not in STUDIES}
    shown["experiments/<study>"] = "experiments and what it sees"
    width = max(map(len, shown)) + 2
    return "\n".join(f"{layer:<{width}}{sees}" for layer, sees in shown.items())


def complaints_of(name, text):
    """What is wrong with the includes of the file `name` (relative to src/thermoscape)."""
    layer = layer_of(name)
    if layer is None:
        yield f"{name}:1: no layer of this name; add the folder to SEES in tools/check_layers.py"
        return
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        header = match.group(1)
        if header.startswith("thermoscape/"):
            target = layer_of(header.removeprefix("thermoscape/"))
            if target != layer and target not in SEES[layer].split():
                allowed = SEES[layer] or "nothing else"
                yield f"{name}:{number}: {layer} includes {header}, but may see only itself and: {allowed}"
        elif header.startswith("../") or "/../" in header:
            yield f"{name}:{number}: {header}: include by the full name, thermoscape/<folder>/<file>"
        for start, owner in ONLY_IN.items():
            if header.startswith(start) and layer != owner:
                yield f"{name}:{number}: {layer} includes {header}, which only {owner} may"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent)
    parser.add_argument("--table", action="store_true")
    arguments = parser.parse_args()
    if arguments.table:
        print(table())
        return 0

    source = arguments.root / "src" / "thermoscape"
    files = sorted(path for path in source.rglob("*") if path.suffix in (".hpp", ".cpp", ".h"))
    if not files:
        print(f"check_layers: no sources under {source}")
        return 1
    complaints = []
    for path in files:
        complaints += complaints_of(path.relative_to(source).as_posix(), path.read_text(encoding="utf-8"))
    page = arguments.root / "docs" / "architecture.md"
    if page.exists() and table() not in page.read_text(encoding="utf-8"):
        complaints.append(f"{page}: shows another table of layers; paste that of `tools/check_layers.py --table`")
    for complaint in complaints:
        print(complaint)
    print(f"check_layers: {len(files)} files, {len(complaints)} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
