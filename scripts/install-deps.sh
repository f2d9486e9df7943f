#!/usr/bin/env bash
# Installs what building, testing and demonstrating thermoscape needs on Debian 12, and nothing that is already there.
# Run as often as you like: with everything in place it touches no network and ends at once.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
  # building
  build-essential cmake ninja-build ccache pkg-config git ca-certificates
  # libraries
  libeigen3-dev libspectra-dev libopenblas-dev libopenblas0-pthread liblapacke-dev librandom123-dev
  libboost-dev libboost-math-dev libfftw3-dev libnetcdf-dev libnetcdf-c++4-dev zlib1g-dev
  libtomlplusplus-dev nlohmann-json3-dev libcli11-dev libfmt-dev libspdlog-dev libtbb-dev libtorch-dev
  # tests, benchmarks, peers to compare with
  libgtest-dev libgmock-dev librapidcheck-dev libbenchmark-dev netcdf-bin chromium fonts-dejavu-core
  python3 python3-numpy python3-scipy python3-xarray python3-netcdf4 python3-torch python3-sklearn
  # lint and fuzzing
  clang clang-tidy clang-format libclang-rt-14-dev
)

die() { echo "install-deps: $*" >&2; exit 3; }

command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
  die "this script knows Debian and apt only; install the packages named in $0 by your system's means"

# Node.js and npm may come from elsewhere than Debian.
command -v node >/dev/null || packages+=(nodejs)
command -v npm >/dev/null || packages+=(npm)

installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p')
missing=()
for package in "${packages[@]}"; do
  grep -qxF "$package" <<<"$installed" || missing+=("$package")
done

if ((${#missing[@]})); then
  as_root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null || die "needs root or sudo to install: ${missing[*]}"
    as_root=(sudo)
  fi
  echo "install-deps: installing ${missing[*]}"
  "${as_root[@]}" apt-get update -qq </dev/null || die "apt-get update failed (no network?); still missing: ${missing[*]}"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
    </dev/null || die "apt-get could not install: ${missing[*]}"
fi

echo "install-deps: everything is in place"
