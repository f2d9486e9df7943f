#!/usr/bin/env python3
"""clang-tidy over every source of the build that has changed since it last passed.

usage: tidy.py --build DIR [--jobs N] [FILE ...]

A file is looked at again when it, a header of this repository that it includes, or .clang-tidy has changed; what passed
is remembered in DIR/tidy/. Exits with 1 if a check complains. With FILEs, only those.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def headers_by_object(build):
    """The files of this repository that each object file was made from, as Ninja recorded them."""
    text = subprocess.run(["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True, check=True).stdout
    found, current = {}, None
    for line in text.splitlines():
        if line.startswith("    "):
            path = (build / line.strip()).resolve()
            if path.is_relative_to(ROOT) and not path.is_relative_to(build):
                found[current].add(path)
        elif ":" in line:
            current = line.split(":")[0]
            found[current] = set()
    return found


def digest(paths):
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(str(path).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    wanted = {path.resolve() for path in arguments.files}
    clang_tidy = shutil.which("clang-tidy") or shutil.which("clang-tidy-14")
    if clang_tidy is None:
        print("tidy: clang-tidy is missing: run scripts/install-deps.sh", file=sys.stderr)
        return 3

    passed = build / "tidy"
    passed.mkdir(exist_ok=True)
    included = headers_by_object(build)
    work = []
    for command in json.loads((build / "compile_commands.json").read_text()):
        source = (pathlib.Path(command["directory"]) / command["file"]).resolve()
        if not source.is_relative_to(ROOT) or source.is_relative_to(build) or (wanted and source not in wanted):
            continue
        words = shlex.split(command["command"])
        output = words[words.index("-o") + 1]
        inputs = {source, ROOT / ".clang-tidy"} | {p for p in included.get(output, ()) if p.exists()}
        stamp = passed / str(source.relative_to(ROOT)).replace("/", "+")
        mark = digest(inputs)
        if not (stamp.exists() and stamp.read_text() == mark):
            work.append((source, stamp, mark))

    def examine(job):
        source, stamp, mark = job
        result = subprocess.run(
            [clang_tidy, "-p", build, "--quiet", "--extra-arg=-Wno-unknown-warning-option", source],
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode == 0:
            stamp.write_text(mark)
        return source, result

    failures = 0
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for number, (source, result) in enumerate(pool.map(examine, work), 1):
            print(f"[{number}/{len(work)}] {source.relative_to(ROOT)}", flush=True)
            if result.returncode != 0:
                failures += 1
                print(result.stdout + result.stderr.replace("warnings generated.", ""), flush=True)
    print(f"tidy: {len(work)} files examined, {failures} with complaints")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
