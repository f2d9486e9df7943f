#include "thermoscape/landscape/fisher.hpp"

#include <algorithm>
#include <cmath>

#include "thermoscape/core/error.hpp"

namespace thermoscape {

namespace {

/// Class probabilities [D, C].
std::vector<double> probabilities(Objective<double>& objective, const std::vector<double>& theta) {
  const auto classes = static_cast<std::size_t>(objective.outputs());
  std::vector<double> z(static_cast<std::size_t>(objective.examples()) * classes);
  objective.logits(theta, Batch{}, z);
  for (std::size_t row = 0; row < z.size(); row += classes) {
    const auto begin = z.begin() + static_cast<std::ptrdiff_t>(row);
    const auto end = begin + static_cast<std::ptrdiff_t>(classes);
    const double highest = *std::max_element(begin, end);
    double sum = 0;
    for (auto it = begin; it != end; ++it) sum += * it = std::exp(*it - highest);
    for (auto it = begin; it != end; ++it) *it /= sum;
  }
  return z;
}

}  // namespace

std::vector<double> fisher_diagonal(const AnyObjective& settings,
                                    const data::Labelled& data,
                                    const std::vector<double>& theta) {
  data::Labelled relabelled = data;
  const auto first = make_objective<double>(settings, &relabelled);
  if (first->output_loss() != OutputLoss::cross_entropy) {
    reject({"fisher_diagonal",
            "",
            "needs a classifier with cross-entropy on its logits",
            "choose loss = \"cross-entropy\""});
  }
  const std::vector<double> p = probabilities(*first, theta);
  const auto size = static_cast<std::size_t>(first->parameters());
  const auto classes = static_cast<std::size_t>(first->outputs());
  const double weight = 1 / static_cast<double>(first->examples());
  std::vector<double> fisher(size, 0.0);
  for (std::size_t c = 0; c < classes; ++c) {
    std::fill(relabelled.labels.begin(), relabelled.labels.end(), static_cast<std::int32_t>(c));
    const auto objective = make_objective<double>(settings, &relabelled);
    objective->example_gradients(
        theta, Batch{}, [&](std::int64_t at, std::int64_t rows, std::span<const double> block) {
          for (std::int64_t r = 0; r < rows; ++r) {
            const double share = weight * p[static_cast<std::size_t>(at + r) * classes + c];
            const double* const g = block.data() + static_cast<std::size_t>(r) * size;
            for (std::size_t j = 0; j < size; ++j) fisher[j] += share * g[j] * g[j];
          }
        });
  }
  return fisher;
}

}  // namespace thermoscape
