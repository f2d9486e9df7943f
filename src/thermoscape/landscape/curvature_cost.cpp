#include "thermoscape/landscape/curvature_cost.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>

#include "thermoscape/analysis/lanczos.hpp"
#include "thermoscape/landscape/operators.hpp"

namespace thermoscape {

namespace {

constexpr double kGiB = 1024.0 * 1024 * 1024;

/// Bytes of a Lanczos run: the basis, its rotation at a restart, vectors in and out.
double lanczos_bytes(double parameters, double basis, double wanted, double block) {
  return 8 * parameters * (1.4 * basis + 2 * wanted + 6 * block);
}

double dense_bytes(double parameters) {
  return 16 * parameters * parameters;  // a term beside the matrix it is taken from
}

/// A number read from a file of one number; infinity where there is none.
double number_in(const char* path) {
  std::ifstream file(path);
  double value = 0;
  return file >> value ? value : std::numeric_limits<double>::infinity();
}

double free_bytes() {
  double free = std::numeric_limits<double>::infinity();
  std::ifstream file("/proc/meminfo");
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string key;
    double kilobytes = 0;
    if (words >> key >> kilobytes && key == "MemAvailable:") free = 1024 * kilobytes;
  }
  const double limit = number_in("/sys/fs/cgroup/memory.max");
  const double used = number_in("/sys/fs/cgroup/memory.current");
  if (std::isfinite(limit) && std::isfinite(used)) free = std::min(free, limit - used);
  return free;
}

/// The basis that fits, at most the one asked for by default; refuses if it is too small to
/// restart.
std::int64_t fitting_basis(const CurvatureOptions& options, double parameters, double bytes) {
  analysis::LanczosOptions own{.count = options.top, .block = options.block};
  own.end = options.both_ends ? analysis::SpectrumEnd::both : analysis::SpectrumEnd::largest;
  const auto size = static_cast<std::int64_t>(parameters);
  const auto roomy = static_cast<double>(analysis::lanczos_basis(own, size));
  own.basis = 1;
  const auto least = static_cast<double>(analysis::lanczos_basis(own, size));
  const auto block = static_cast<double>(options.block);
  const double wanted =
      std::min(parameters, static_cast<double>(options.top) * (options.both_ends ? 2 : 1));
  const double fits = (bytes / (8 * parameters) - 2 * wanted - 6 * block) / 1.4;
  if (fits >= least) return static_cast<std::int64_t>(std::min(roomy, fits));
  const double needed = lanczos_bytes(parameters, least, wanted, block);
  // least = wanted + 2 block: 3.4 vectors a pair, 2.8 + 6 a block.
  const double pairs = (bytes / (8 * parameters) - 8.8) / (options.both_ends ? 6.8 : 3.4);
  const std::string rule = fmt::format("must fit the {:.2g} GiB there are", bytes / kGiB);
  if (pairs < 1) {
    reject({"spectrum",
            fmt::format("{:.2g} GiB", needed / kGiB),
            rule,
            fmt::format("one pair alone takes {:.2g} GiB: choose fewer parameters with --params",
                        lanczos_bytes(parameters, 3, 1, 1) / kGiB)});
  }
  reject({fmt::format("spectrum --top {} --block {}", options.top, options.block),
          fmt::format("{:.2g} GiB", needed / kGiB),
          rule,
          fmt::format("--top {} --block 1 does", static_cast<std::int64_t>(pairs))});
}

std::int64_t fitting_probes(const CurvatureOptions& options, double parameters, double bytes) {
  const auto steps = static_cast<double>(options.steps);
  const double one = 8 * parameters * (steps + 4);
  if (one <= bytes) {
    return std::min(options.probes, static_cast<std::int64_t>(bytes / one));
  }
  const double fits = bytes / (8 * parameters) - 4;
  reject({fmt::format("spectrum --steps {}", options.steps),
          fmt::format("{:.2g} GiB", one / kGiB),
          fmt::format("must fit the {:.2g} GiB there are", bytes / kGiB),
          fits >= 10 ? fmt::format("--steps {} does", static_cast<std::int64_t>(fits))
                     : "leave out --density"});
}

}  // namespace

double CurvaturePlan::products() const {
  double sum = 0;
  for (const Part& one : parts) sum += one.products;
  return sum;
}

double CurvaturePlan::bytes() const {
  double most = 0;
  for (const Part& one : parts) most = std::max(most, one.bytes);
  return most;
}

CurvaturePlan plan_curvature(const CurvatureOptions& options,
                             std::int64_t parameters,
                             std::int64_t layers,
                             double bytes) {
  validate(options, "spectrum");
  CurvaturePlan plan;
  const auto p = static_cast<double>(parameters);
  plan.subspace = options.method == "subspace";
  plan.dense =
      options.method == "dense" ||
      (options.method == "auto" && parameters < options.dense_below && dense_bytes(p) <= bytes);
  if (plan.dense && dense_bytes(p) > bytes) {
    static_cast<void>(
        fitting_basis(options, p, bytes));  // what is offered below fits, or it refuses
    reject(
        {"spectrum --method dense",
         fmt::format("{:.2g} GiB for {} parameters", dense_bytes(p) / kGiB, parameters),
         fmt::format("must fit the {:.2g} GiB there are", bytes / kGiB),
         fmt::format(
             "--method lanczos --top {} takes {:.2g} GiB",
             options.top,
             lanczos_bytes(
                 p, 3.0 * static_cast<double>(options.top), static_cast<double>(options.top), 2) /
                 kGiB)});
  }
  const double terms = options.split_gh ? 3 : 1;
  const double wanted = std::min(p, static_cast<double>(options.top) * (options.both_ends ? 2 : 1));
  if (plan.dense) {
    plan.parts.push_back({"dense matrix", terms * (p + wanted), dense_bytes(p)});
    if (options.per_layer) plan.parts.push_back({"layers", 2 * p, dense_bytes(p)});
    return plan;
  }
  if (plan.subspace) {
    const double width = 1.25 * static_cast<double>(options.top) + 4;
    plan.parts.push_back({"eigenpairs", terms * 30 * width, 8 * p * 5 * width});
  } else {
    plan.basis = fitting_basis(options, p, bytes);
    // Measured on networks: a constant number of steps and two to three more a pair.
    const double steps = std::min(p, 20 + (2 + 0.5 * static_cast<double>(options.block)) * wanted);
    plan.parts.push_back(
        {"eigenpairs",
         terms * (steps + wanted),
         lanczos_bytes(
             p, static_cast<double>(plan.basis), wanted, static_cast<double>(options.block))});
  }
  if (options.split_gh) plan.parts.push_back({"share of G", wanted, 8 * p * 3 * wanted});
  if (options.trace) plan.parts.push_back({"trace", terms * 50, 8 * p * (wanted + 40)});
  if (options.density) {
    plan.together = fitting_probes(options, p, bytes);
    const auto probes = static_cast<double>(options.probes);
    const auto steps = std::min(p, static_cast<double>(options.steps));
    plan.parts.push_back({"density",
                          terms * probes * steps,
                          8 * p * (steps + 4) * static_cast<double>(plan.together)});
  }
  if (options.per_layer) {
    plan.parts.push_back({"layers", 100 * static_cast<double>(layers), 8 * p * 100});
  }
  return plan;
}

double memory_for(const CurvatureOptions& options) {
  return options.memory > 0 ? options.memory * kGiB : 0.8 * free_bytes();
}

double seconds_per_product(Objective<double>& objective,
                           const std::vector<double>& theta,
                           std::int64_t block) {
  const LinearOperator hessian = hessian_operator(objective, theta);
  const Matrix ones = Matrix::Ones(hessian.size(), block);
  const auto begin = std::chrono::steady_clock::now();
  static_cast<void>(hessian * ones);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() /
         static_cast<double>(block);
}

}  // namespace thermoscape
