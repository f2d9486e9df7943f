#include "thermoscape/experiments/local_geometry/class_simplex.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "thermoscape/analysis/histogram.hpp"
#include "thermoscape/core/error.hpp"

namespace thermoscape {

std::vector<double> class_entropies(const Matrix& probabilities) {
  std::vector<double> entropies(static_cast<std::size_t>(probabilities.cols()));
  for (Eigen::Index i = 0; i < probabilities.cols(); ++i) {
    double sum = 0;
    for (const double p : probabilities.col(i)) sum -= p > 0 ? p * std::log2(p) : 0;
    entropies[static_cast<std::size_t>(i)] = sum;
  }
  return entropies;
}

Figure simplex_figure(const std::vector<ClassCloud>& clouds,
                      const std::string& caption,
                      std::size_t points) {
  const double height = std::sqrt(3.0) / 2;
  Figure figure{"simplex",
                "Class probabilities on the simplex",
                caption,
                {"p_2 + p_3/2", "linear"},
                {"√3/2 p_3", "linear"},
                {{"simplex", {0, 1, 0.5, 0}, {0, 0, height, 0}, {}, "dashed", "simplex"}}};
  for (const ClassCloud& cloud : clouds) {
    if (cloud.probabilities.rows() != 3) {
      reject({"simplex", fmt::format("{} classes", cloud.probabilities.rows()), "must be 3", ""});
    }
    Series series{cloud.label, {}, {}, {}, "points", cloud.label};
    const auto shown = std::min(cloud.probabilities.cols(), static_cast<Eigen::Index>(points));
    for (Eigen::Index i = 0; i < shown; ++i) {
      series.x.push_back(cloud.probabilities(1, i) + cloud.probabilities(2, i) / 2);
      series.y.push_back(height * cloud.probabilities(2, i));
    }
    figure.series.push_back(std::move(series));
  }
  return figure;
}

Figure entropy_figure(const std::vector<ClassCloud>& clouds, const std::string& caption) {
  Figure figure{"entropy",
                "Entropy of the class probabilities",
                caption,
                {"entropy -Σ p log2 p [bit]", "linear"},
                {"density [1/bit]", "linear"},
                {}};
  for (const ClassCloud& cloud : clouds) {
    analysis::HistogramOptions options;
    options.bins = 30;
    options.low = 0;
    // Rounding may carry the entropy of equal probabilities past log2 C.
    options.high = std::log2(static_cast<double>(cloud.probabilities.rows())) * (1 + 1e-12);
    const auto histogram = analysis::histogram(class_entropies(cloud.probabilities), options);
    figure.series.push_back({cloud.label,
                             histogram.centres,
                             histogram.density,
                             histogram.density_error,
                             "steps",
                             cloud.label});
  }
  return figure;
}

}  // namespace thermoscape
