#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace thermoscape::store {

/// A file appears whole or not at all: `write` fills a temporary file in the folder of `path`,
/// which is then fsynced, renamed over `path`, and the folder fsynced. Killed at any instant,
/// `path` holds its old content or the new one. If anything fails the temporary file is removed and
/// `path` is as it was. Throws MachineError in one line when the machine refuses (disk full,
/// read-only folder), and whatever `write` throws. A process whose file size is limited
/// (RLIMIT_FSIZE) must ignore SIGXFSZ to get the line instead of the signal.
void atomic_write(const std::filesystem::path& path,
                  const std::function<void(const std::filesystem::path& temporary)>& write);
/// The same for bytes at hand: text, JSON, a checkpoint.
void atomic_write(const std::filesystem::path& path, std::string_view bytes);

/// Removes what killed writers left behind in `folder` (not below it). Call it only where no other
/// process writes.
void remove_leftovers(const std::filesystem::path& folder);

/// The whole file; throws Error if it is missing or a folder, MachineError if the machine refuses.
[[nodiscard]] std::string read_bytes(const std::filesystem::path& path);

}  // namespace thermoscape::store
