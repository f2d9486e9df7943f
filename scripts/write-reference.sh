#!/usr/bin/env bash
# The command line, the theory models and the recipes as one page, in the program's own words.
# usage: write-reference.sh PROGRAM OUT.md
set -euo pipefail
program=$1
out=$2
mkdir -p "$(dirname "$out")"

section() { printf '\n## %s\n\n```text\n' "$1"; shift; "$@" 2>&1; printf '```\n'; }
{
  echo "# Reference: what $("$program" --version) says of itself"
  section "Commands" "$program" --help
  for verb in $("$program" --help | sed -n '/^Subcommands:/,$s/^  \([a-z]\+\) .*/\1/p'); do
    section "$verb" "$program" "$verb" --help
  done
  section "Theory models" "$program" theory
  section "Recipes" "$program" recipes
} >"$out.new"
mv "$out.new" "$out"
echo "docs: $out"
