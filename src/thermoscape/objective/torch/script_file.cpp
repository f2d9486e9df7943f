#include "thermoscape/objective/torch/script_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape::networks {

namespace {

constexpr const char* kSaveLine =
    "save it in Python with: torch.jit.script(model.eval()).save(\"model.pt\")";

bool holds(std::string_view bytes, std::string_view text) {
  return bytes.find(text) != std::string_view::npos;
}

}  // namespace

void check_script_file(const std::string& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  if (error) reject({file, "", "cannot be read: " + error.message(), ""});
  std::ifstream in(file, std::ios::binary);
  if (!in) throw MachineError(fmt::format("{}: cannot be read: {}", file, std::strerror(errno)));
  // The directory of a zip archive, with the names of all members, is its end.
  constexpr std::uintmax_t kTail = std::uintmax_t{1} << 20;
  std::string head(4, '\0');
  in.read(head.data(), 4);
  std::string tail(static_cast<std::size_t>(std::min(size, kTail)), '\0');
  in.clear();
  in.seekg(static_cast<std::streamoff>(size - tail.size()));
  in.read(tail.data(), static_cast<std::streamsize>(tail.size()));
  if (!head.starts_with("PK")) {
    const bool pickle = head.starts_with("\x80\x02");
    reject({file,
            pickle ? "a pickle" : fmt::format("{} bytes of something else", size),
            "is not a TorchScript file",
            kSaveLine});
  }
  if (!holds(tail, "PK\x05\x06")) {
    reject({file, fmt::format("{} bytes", size), "is truncated: the archive has no end", ""});
  }
  if (holds(tail, "constants.pkl")) return;
  reject({file,
          holds(tail, "data.pkl") ? "a state_dict or a pickled module" : "an archive without code",
          "is not a TorchScript file",
          kSaveLine});
}

}  // namespace thermoscape::networks
