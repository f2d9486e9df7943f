#include "thermoscape/objective/torch/failure.hpp"

#include <algorithm>
#include <sstream>

#include <c10/util/Exception.h>

namespace thermoscape::networks {

namespace {

bool starts(const std::string& line, const char* with) {
  return line.rfind(with, 0) == 0;
}

}  // namespace

std::string reason_of(const std::exception& failure) {
  const auto* const known = dynamic_cast<const c10::Error*>(&failure);
  const std::string text = known != nullptr ? known->what_without_backtrace() : failure.what();
  // The interpreter reports "... Traceback of TorchScript ...", source lines, and last the reason.
  std::string first;
  std::string last;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (starts(line, "Exception raised from")) break;
    const std::size_t begin = line.find_first_not_of(" \t");
    if (begin == std::string::npos) continue;
    line = line.substr(begin);
    if (first.empty()) first = line;
    for (const char* const kind : {"RuntimeError: ", "torch.jit.Error: ", "Error: "}) {
      if (starts(line, kind)) last = line.substr(std::string(kind).size());
    }
  }
  std::string reason = last.empty() ? first : last;
  constexpr std::size_t kLong = 200;  // the dispatcher lists all it knows behind its first sentence
  if (reason.size() > kLong) reason.resize(std::min(reason.find(". "), reason.size()));
  return reason;
}

void refuse(const std::string& where, const std::exception& failure) {
  const std::string reason = reason_of(failure);
  if (reason.find("allocate memory") != std::string::npos ||
      reason.find("out of memory") != std::string::npos) {
    throw MachineError(where + ": out of memory: choose fewer examples or a smaller batch (" +
                       reason + ")");
  }
  if (reason.find("is not implemented") != std::string::npos &&
      reason.find("erivative") != std::string::npos) {
    reject({where, "", "the model is not twice differentiable: " + reason, ""});
  }
  if (reason.find("does not require grad") != std::string::npos) {
    reject({where,
            "",
            "the loss does not depend on its parameters",
            "forward must not detach, or compute without gradients"});
  }
  reject({where, "", reason, ""});
}

}  // namespace thermoscape::networks
