#!/usr/bin/env python3
"""The documents are true where a tool can tell.

usage: check_docs.py [--root DIR]

In every Markdown file: relative links lead somewhere, paths of this repository in `backticks` exist, and `make TARGET`
is a target. Every citation key in the sources (kCite, "Reference: some-key") and in the recipes (reference = "some-key")
is in docs/references.bib, which has each key once. Prints one line per fault and exits with 1 if there is one.
"""
import argparse
import pathlib
import re
import sys

LINK = re.compile(r"\]\(([^)\s]+)\)")
QUOTED = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"^(?:src|apps|cmake|docs|recipes|examples|tests|tools|scripts|benchmarks|web)/[\w./-]*$")
MAKE = re.compile(r"^make ([a-z]+)(?: [A-Z]+=\S+)?$")
BIB_KEY = re.compile(r"^@\w+\{([^,\s]+),", re.MULTILINE)
CITED = [
    (("src", "apps"), (".hpp", ".cpp"), re.compile(r'kCite = "([^"]*)"|Reference: ([a-z0-9]+(?:-[a-z0-9]+)+)')),
    (("recipes",), (".toml",), re.compile(r'^reference\s*=\s*"([^"]*)"', re.MULTILINE)),
]


def faults_of_page(root, page, targets):
    text = page.read_text(encoding="utf-8")
    name = page.relative_to(root)
    for link in LINK.findall(text):
        target = link.split("#")[0]
        if target and "://" not in target and not target.startswith("mailto:"):
            if not (page.parent / target).exists():
                yield f"{name}: the link to {link} leads nowhere"
    for quoted in QUOTED.findall(text):
        if PATH.match(quoted) and not (root / quoted).exists():
            yield f"{name}: `{quoted}` does not exist"
        make = MAKE.match(quoted)
        if make and make.group(1) not in targets:
            yield f"{name}: the Makefile has no target {make.group(1)}"


def faults_of_citations(root):
    keys = BIB_KEY.findall((root / "docs" / "references.bib").read_text(encoding="utf-8"))
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield f"docs/references.bib: {key} stands there more than once"
    for folders, suffixes, pattern in CITED:
        for folder in folders:
            for path in sorted((root / folder).rglob("*")):
                if path.suffix not in suffixes:
                    continue
                for match in pattern.finditer(path.read_text(encoding="utf-8")):
                    key = next(group for group in match.groups() if group is not None)
                    if key and key not in keys:
                        yield f"{path.relative_to(root)}: cites {key}, which docs/references.bib does not have"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent)
    root = parser.parse_args().root
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    pages = sorted(root.glob("*.md")) + sorted((root / "docs").rglob("*.md"))
    faults = [fault for page in pages for fault in faults_of_page(root, page, targets)]
    faults += faults_of_citations(root)
    for fault in faults:
        print(fault)
    print(f"check_docs: {len(pages)} pages, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
