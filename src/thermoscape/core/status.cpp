#include "thermoscape/core/status.hpp"

#include <array>
#include <string>

#include "thermoscape/core/error.hpp"

namespace thermoscape {

namespace {
struct Row {
  Status status;
  std::string_view name;
  std::string_view explanation;
};
constexpr std::array kRows{
    Row{Status::ok, "ok", "nothing to report"},
    Row{Status::diverged, "diverged", "a non-finite loss or parameter ended the run"},
    Row{Status::spiked, "spiked", "the loss left its window by orders of magnitude and came back"},
    Row{Status::relaxing,
        "relaxing",
        "the window still rises: the memory of the start has not faded"},
    Row{Status::ageing, "ageing", "the window drifts down: soft directions diffuse away"},
    Row{Status::too_short, "too_short", "the window is too short for its own correlation time"},
    Row{Status::not_converged, "not_converged", "the limit of iterations came before convergence"},
    Row{Status::out_of_range, "out_of_range", "outside the range in which the formula is valid"},
    Row{Status::undefined, "undefined", "the quantity does not exist for this input"}};
}  // namespace

std::string_view name(Status status) {
  return kRows[static_cast<std::size_t>(status)].name;
}

std::string_view explanation(Status status) {
  return kRows[static_cast<std::size_t>(status)].explanation;
}

Status status_from(std::string_view text) {
  std::string valid;
  for (const Row& row : kRows) {
    if (row.name == text) return row.status;
    valid += (valid.empty() ? "" : ", ") + std::string(row.name);
  }
  reject({"status", std::string(text), "must be one of " + valid, ""});
}

}  // namespace thermoscape
