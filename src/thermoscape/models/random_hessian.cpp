#include "thermoscape/models/random_hessian.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <thread>

#include <Spectra/MatOp/DenseSymMatProd.h>
#include <Spectra/SymEigsSolver.h>
#include <fmt/format.h>
#include <Eigen/Eigenvalues>

#include "thermoscape/models/softmax_hessian.hpp"

namespace thermoscape {

namespace {

Matrix normals(const Noise& noise,
               Stream stream,
               std::uint64_t step,
               Eigen::Index rows,
               Eigen::Index columns,
               double deviation) {
  Matrix values(rows, columns);
  noise.normal(
      stream, step, std::span<double>(values.data(), static_cast<std::size_t>(values.size())));
  return deviation * values;
}

struct EigenPairs {
  Vector values;   // descending
  Matrix vectors;  // [D, k]
};

EigenPairs dense_pairs(const Matrix& hessian, Eigen::Index count) {
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(hessian);
  return {solver.eigenvalues().tail(count).reverse(),
          solver.eigenvectors().rightCols(count).rowwise().reverse()};
}

EigenPairs top_pairs(const Matrix& hessian, Eigen::Index count) {
  const Eigen::Index size = hessian.rows();
  const Eigen::Index subspace = std::min(size, std::max<Eigen::Index>(4 * count, 40));
  if (size < 100 || subspace == size) return dense_pairs(hessian, count);
  Spectra::DenseSymMatProd<double> product(hessian);
  Spectra::SymEigsSolver<Spectra::DenseSymMatProd<double>> solver(product, count, subspace);
  solver.init();
  solver.compute(Spectra::SortRule::LargestAlge, 1000, 1e-10, Spectra::SortRule::LargestAlge);
  // A spectrum with fewer than `count` eigenvalues apart from zero starves the Krylov space.
  if (solver.info() != Spectra::CompInfo::Successful) return dense_pairs(hessian, count);
  return {solver.eigenvalues(), solver.eigenvectors()};
}

Estimate mean_of(const std::vector<RandomHessianSpectrum>& draws, auto&& value) {
  const auto n = static_cast<double>(draws.size());
  double mean = 0;
  for (const auto& one : draws) mean += value(one) / n;
  double square = 0;
  for (const auto& one : draws) square += std::pow(value(one) - mean, 2);
  const bool finite = std::isfinite(mean) && std::isfinite(square);
  return {mean, std::sqrt(square / (n - 1) / n), finite ? Status::ok : Status::undefined};
}

}  // namespace

RandomHessianDraw sample(const RandomHessian& model, const Noise& noise, std::uint64_t draw) {
  validate(model, "random-hessian");
  const Eigen::Index n = model.examples;
  const Eigen::Index classes = model.classes;
  const Eigen::Index size = model.parameters;
  RandomHessianDraw out;
  const Matrix logits =
      normals(noise, "random-hessian.logits", draw, classes, n, model.logit_deviation);
  out.probabilities = class_probabilities(logits);
  out.shared = normals(noise, "random-hessian.shared", draw, size, classes, model.shared_deviation);
  out.jacobian =
      normals(noise, "random-hessian.residual", draw, size, classes * n, model.residual_deviation);
  out.labels.resize(static_cast<std::size_t>(n));
  for (Eigen::Index i = 0; i < n; ++i) {
    out.jacobian.middleCols(i * classes, classes) += out.shared;
    Eigen::Index best = 0;
    logits.col(i).maxCoeff(&best);
    out.labels[static_cast<std::size_t>(i)] = best;
  }
  const auto wrong = static_cast<std::size_t>(
      std::llround((1 - model.accuracy) * static_cast<double>(model.examples)));
  const std::vector<std::int32_t> order =
      noise.permutation("random-hessian.examples", draw, static_cast<std::int32_t>(n));
  std::vector<double> uniform(wrong);
  noise.uniform("random-hessian.labels", draw, std::span<double>(uniform));
  for (std::size_t i = 0; i < wrong; ++i) {
    std::int64_t& label = out.labels[static_cast<std::size_t>(order[i])];
    // One of the C - 1 classes after the right one, cyclically.
    const auto shift = 1 + static_cast<std::int64_t>(uniform[i] * static_cast<double>(classes - 1));
    label = (label + std::min(shift, model.classes - 1)) % classes;
  }
  return out;
}

RandomHessianSpectrum spectrum(const RandomHessianDraw& draw) {
  const Eigen::Index classes = draw.probabilities.rows();
  if (draw.jacobian.rows() <= classes) {
    reject({"random-hessian.parameters",
            fmt::format("{}", draw.jacobian.rows()),
            fmt::format("must be > the number of classes, {}", classes),
            ""});
  }
  const Matrix hessian = softmax_hessian(draw.probabilities, draw.jacobian);
  const Vector gradient = softmax_gradient(draw.probabilities, draw.jacobian, draw.labels);
  const EigenPairs pairs = top_pairs(hessian, classes + 1);
  RandomHessianSpectrum result;
  result.eigenvalues = pairs.values;
  result.gradient_share = (pairs.vectors.leftCols(classes).transpose() * gradient).squaredNorm() /
                          gradient.squaredNorm();
  result.outlier_gap = pairs.values[classes - 2] / pairs.values[classes - 1];
  result.bulk_gap = pairs.values[classes - 1] / pairs.values[classes];
  result.trace = hessian.trace();
  result.trace_over_norm = result.trace / hessian.norm();
  result.max_probability = draw.probabilities.colwise().maxCoeff().mean();
  return result;
}

RandomHessianAverages average_spectrum(const RandomHessian& model,
                                       const Noise& noise,
                                       std::int64_t draws,
                                       int threads) {
  validate(model, "random-hessian");
  check_range(draws, Range{2, 1e6}, "", "draws");
  check_range(threads, kAtLeastOne, "", "threads");
  std::vector<RandomHessianSpectrum> spectra(static_cast<std::size_t>(draws));
  std::vector<std::exception_ptr> errors(spectra.size());
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < spectra.size(); i = next++) {
      try {
        spectra[i] = spectrum(sample(model, noise, i));
      } catch (...) {
        errors[i] = std::current_exception();
      }
    }
  };
  {
    std::vector<std::jthread> others;
    for (int t = 1; t < threads; ++t) others.emplace_back(work);
    work();
  }
  for (const std::exception_ptr& error : errors) {
    if (error) std::rethrow_exception(error);
  }
  using S = RandomHessianSpectrum;
  return {mean_of(spectra, [](const S& s) { return s.gradient_share; }),
          mean_of(spectra, [](const S& s) { return s.outlier_gap; }),
          mean_of(spectra, [](const S& s) { return s.bulk_gap; }),
          mean_of(spectra, [](const S& s) { return s.trace_over_norm; }),
          mean_of(spectra, [](const S& s) { return s.trace; }),
          mean_of(spectra, [](const S& s) { return s.eigenvalues[0]; }),
          mean_of(spectra, [](const S& s) { return s.max_probability; })};
}

}  // namespace thermoscape
