#!/usr/bin/env bash
# Every C++ source is as clang-format writes it.  usage: check_format.sh [--fix] [ROOT]
set -euo pipefail
mode=(--dry-run -Werror)
if [[ ${1:-} == --fix ]]; then
  mode=(-i)
  shift
fi
cd "${1:-$(dirname "$0")/..}"

clang_format=$(command -v clang-format || command -v clang-format-14) || {
  echo "check_format: clang-format is missing: run scripts/install-deps.sh" >&2
  exit 3
}
mapfile -d '' files < <(find . \( -name build -o -name runs -o -name node_modules -o -name '.?*' \) -prune -o \
  \( -name '*.cpp' -o -name '*.hpp' -o -name '*.h' \) -type f -print0)
((${#files[@]})) || { echo "check_format: no sources here" >&2; exit 1; }

if printf '%s\0' "${files[@]}" | xargs -0 -n 16 -P "$(nproc)" "$clang_format" --style=file "${mode[@]}"; then
  echo "check_format: ${#files[@]} files, all as clang-format writes them"
else
  echo "check_format: mend the files above with tools/check_format.sh --fix" >&2
  exit 1
fi
