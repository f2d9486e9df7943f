#include "thermoscape/data/reduce.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape::data {

namespace {
using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Rows first ... first + count of the inputs in double, less the mean. Blocks keep the copy in
/// double small.
Rows centred(const Labelled& set,
             const Eigen::VectorXd& mean,
             Eigen::Index first,
             Eigen::Index count) {
  using Floats = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::Index d = mean.size();
  const Eigen::Map<const Floats> x(set.inputs.data() + first * d, count, d);
  return x.cast<double>().rowwise() - mean.transpose();
}

constexpr Eigen::Index kBlock = 1024;

Array record(std::string name, std::string unit, std::string description) {
  Array array;
  array.name = std::move(name);
  array.unit = std::move(unit);
  array.description = std::move(description);
  array.source = "pca";
  return array;
}

std::vector<double> to_list(const Eigen::VectorXd& values) {
  return {values.begin(), values.end()};
}
}  // namespace

analysis::Pca fit_principal_components(const Labelled& train, std::int64_t k) {
  const Eigen::Index n = train.size();
  const auto refuse = [&](Eigen::Index most, std::string_view what) {
    reject({train.name + ", pca",
            fmt::format("{}", k),
            fmt::format("must be in [1, {}], {}", most, what),
            ""});
  };
  if (n < 2) reject({train.name, fmt::format("{} examples", n), "pca needs at least 2", ""});
  const Eigen::Index most = std::min<Eigen::Index>(n - 1, train.width());
  if (k < 1 || k > most) refuse(most, "what the number of inputs and examples allows");
  const Eigen::MatrixXd x = centred(train, Eigen::VectorXd::Zero(train.width()), 0, n);
  analysis::Pca pca = analysis::pca(x, {.components = k});
  const double first = pca.variances(0);
  if (!(first > 1e-14 * pca.mean.squaredNorm())) {
    reject({train.name, "equal inputs", "pca needs inputs that vary", ""});
  }
  const Eigen::Index rank = (pca.variances.array() > 1e-12 * first).count();
  if (k > rank) refuse(rank, "the number of directions in which the inputs vary");
  return pca;
}

Labelled apply(const analysis::Pca& pca, const Labelled& set, bool whiten) {
  const Eigen::Index d = pca.mean.size();
  const Eigen::Index k = pca.variances.size();
  if (set.width() != d) {
    reject({set.name,
            fmt::format("{} inputs", set.width()),
            fmt::format("must be {}, as where the components were found", d),
            ""});
  }
  Eigen::MatrixXd projection = pca.components;
  if (whiten) projection *= pca.variances.cwiseSqrt().cwiseInverse().asDiagonal();
  Labelled out;
  out.name = set.name;
  out.shape = {k};
  out.labels = set.labels;
  out.classes = set.classes;
  out.source = set.source;
  out.steps = set.steps;
  out.records = set.records;
  out.inputs.resize(static_cast<std::size_t>(set.size() * k));
  for (Eigen::Index i = 0; i < set.size(); i += kBlock) {
    const Eigen::Index rows = std::min<Eigen::Index>(kBlock, set.size() - i);
    const Rows z = centred(set, pca.mean, i, rows) * projection;
    std::transform(z.data(), z.data() + z.size(), out.inputs.begin() + i * k, [](double value) {
      return static_cast<float>(value);
    });
  }
  const double explained = pca.variances.sum() / pca.total_variance;
  out.steps.push_back(fmt::format(
      "reduced to {} principal components of the training set ({:.1f}% of its variance), {}",
      k,
      100 * explained,
      whiten ? "each scaled to unit variance" : "not scaled"));
  Array directions = record("pca_directions", "1", "principal directions, orthonormal rows");
  directions.dimensions = {"component", "feature"};
  directions.shape = {static_cast<std::size_t>(k), static_cast<std::size_t>(d)};
  directions.values =
      std::vector<double>(pca.components.data(), pca.components.data() + pca.components.size());
  Array mean = record("pca_mean", "1", "mean input of the training set");
  mean.dimensions = {"feature"};
  mean.shape = {static_cast<std::size_t>(d)};
  mean.values = to_list(pca.mean);
  Array variance = record("pca_variance", "1", "variance along each direction, divisor n");
  variance.dimensions = {"component"};
  variance.shape = {static_cast<std::size_t>(k)};
  variance.values = to_list(pca.variances);
  Array fraction = record(
      "pca_explained", "1", "share of each direction in the variance of the training inputs");
  fraction.dimensions = {"component"};
  fraction.shape = variance.shape;
  fraction.values = to_list(pca.variances / pca.total_variance);
  for (Array* array : {&directions, &mean, &variance, &fraction})
    out.records.push_back(std::move(*array));
  return out;
}

}  // namespace thermoscape::data
