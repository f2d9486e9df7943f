#!/usr/bin/env python3
"""A file is one idea: no C++, Python or JavaScript source is longer than 400 lines.

usage: check_sizes.py [--root DIR]

Prints the longest files and exits with 1 if one is over the limit.
"""
import argparse
import pathlib
import sys

LIMIT = 400
SHOWN = 5
SUFFIXES = {".cpp", ".hpp", ".h", ".py", ".js", ".mjs", ".ts"}
SKIPPED = {"build", "runs", "node_modules", "__pycache__"}  # made or fetched, not written


def sources(folder):
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            if path.name not in SKIPPED and not path.name.startswith("."):
                yield from sources(path)
        elif path.suffix in SUFFIXES:
            yield path


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent)
    root = parser.parse_args().root
    lengths = sorted(
        ((len(path.read_text(encoding="utf-8").splitlines()), path) for path in sources(root)), reverse=True
    )
    if not lengths:
        print(f"check_sizes: no sources under {root}")
        return 1
    for lines, path in lengths[:SHOWN]:
        print(f"{lines:5} {path.relative_to(root)}")
    over = [(lines, path) for lines, path in lengths if lines > LIMIT]
    for lines, path in over:
        print(f"{path.relative_to(root)}: {lines} lines, the limit is {LIMIT}: split it by ideas")
    print(f"check_sizes: {len(lengths)} files, {len(over)} over {LIMIT} lines")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
