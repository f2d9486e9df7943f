#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thermoscape {

/// Everything a restart needs: where the dynamics is. The sampler needs no position of its own: its
/// batches are a function of `step`.
template <class Real>
struct State {
  std::int64_t step = 0;
  double time = 0;          ///< sum of the time steps so far [time]
  std::vector<Real> theta;  ///< parameters [P]
  /// The rule's own memory, each [P]: velocity, moments.
  std::vector<std::pair<std::string, std::vector<Real>>> slots;
  /// The objective's own memory: running statistics of a batch norm.
  std::vector<std::pair<std::string, std::vector<Real>>> buffers;

  /// The slot called `name`, created with P zeros if it is missing.
  std::vector<Real>& slot(std::string_view name) {
    for (auto& [key, values] : slots) {
      if (key == name) return values;
    }
    return slots.emplace_back(std::string(name), std::vector<Real>(theta.size())).second;
  }
};

}  // namespace thermoscape
