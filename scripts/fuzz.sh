#!/usr/bin/env bash
# Builds the fuzzers of tests/fuzz with clang and runs each for a minute (or $1 seconds) from the seeds beside them.
# A crash leaves its input in build/fuzz/crashes and ends the script with 1.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1

cmake --preset fuzz --log-level=WARNING
cmake --build build/fuzz --target fuzzers
mkdir -p build/fuzz/crashes
python3 tests/fuzz/make_seeds.py build/fuzz/seeds
status=0
for fuzzer in build/fuzz/tests/fuzz/*_fuzz; do
  name=$(basename "$fuzzer")
  corpus=build/fuzz/corpus/$name
  mkdir -p "$corpus"
  case $name in
    data_fuzz) seeds=(build/fuzz/seeds) ;;
    recipe_fuzz) seeds=(recipes/*/) ;;
    *) seeds=() ;;
  esac
  echo "fuzz: $name for $seconds s"
  if ! "$fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix=build/fuzz/crashes/"$name"- "$corpus" "${seeds[@]}" >"build/fuzz/$name.log" 2>&1; then
    tail -n 40 "build/fuzz/$name.log" >&2
    echo "fuzz: $name crashed; its input is in build/fuzz/crashes" >&2
    status=1
  fi
  grep -h 'stat::number_of_executed_units' "build/fuzz/$name.log" || true
done
exit $status
