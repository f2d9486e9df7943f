#include "thermoscape/store/atomic_write.hpp"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/store/file.hpp"

namespace thermoscape::store {

namespace {
constexpr std::string_view kSuffix = ".partial";

/// A name of its own for each writer: two that write one path at once both succeed, and the later
/// rename wins.
std::filesystem::path temporary_for(const std::filesystem::path& path) {
  static std::atomic<unsigned> counter = 0;
  return path.parent_path() /
         fmt::format(".{}.{}-{}{}", path.filename().string(), ::getpid(), counter++, kSuffix);
}

/// Removes the file unless it was renamed away.
class Temporary {
 public:
  explicit Temporary(std::filesystem::path path) : path_(std::move(path)) {}
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  ~Temporary() { ::unlink(path_.c_str()); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};
}  // namespace

void atomic_write(const std::filesystem::path& path,
                  const std::function<void(const std::filesystem::path& temporary)>& write) {
  const Temporary temporary(temporary_for(path));
  write(temporary.path());
  sync(File(temporary.path(), O_RDONLY, "write", path), path);
  if (std::rename(temporary.path().c_str(), path.c_str()) != 0) file_failure(path, "write", errno);
  sync_folder_of(path);
}

void atomic_write(const std::filesystem::path& path, std::string_view bytes) {
  atomic_write(path, [&](const std::filesystem::path& temporary) {
    const File file(temporary, O_WRONLY | O_CREAT | O_TRUNC, "write", path);
    const int code = write_all(file.descriptor(), bytes.data(), bytes.size());
    if (code != 0) file_failure(path, "write", code);
  });
}

void remove_leftovers(const std::filesystem::path& folder) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with('.') && name.ends_with(kSuffix))
      std::filesystem::remove(entry.path(), ignored);
  }
}

std::string read_bytes(const std::filesystem::path& path) {
  const File file(path, O_RDONLY, "read");
  std::string bytes;
  constexpr std::size_t kBlock = std::size_t{1} << 20;
  for (;;) {
    const std::size_t used = bytes.size();
    bytes.resize(used + kBlock);
    const ssize_t count = ::read(file.descriptor(), bytes.data() + used, kBlock);
    if (count < 0 && errno != EINTR) file_failure(path, "read", errno);
    bytes.resize(used + (count > 0 ? static_cast<std::size_t>(count) : 0));
    if (count == 0) return bytes;
  }
}

}  // namespace thermoscape::store
