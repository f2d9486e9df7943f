#pragma once
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

namespace thermoscape::store {

/// An open file descriptor, closed when it goes out of scope.
class File {
 public:
  File() = default;
  explicit File(int descriptor) : descriptor_(descriptor) {}
  /// open(2) with `flags` (O_CLOEXEC is added) and mode 0666; throws as `file_failure` does, with
  /// `action` in the line.
  File(const std::filesystem::path& path, int flags, std::string_view action)
      : File(path, flags, action, path) {}
  /// The same, but the line names `shown`: the file that a temporary one stands for.
  File(const std::filesystem::path& path,
       int flags,
       std::string_view action,
       const std::filesystem::path& shown);
  File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  File& operator=(File&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File();

  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
};

/// "PATH: cannot ACTION: REASON (hint)" for an errno: Error where the path itself is wrong (nothing
/// there, a file instead of a folder, too long a name), else MachineError (disk full, no
/// permission, input/output error).
[[noreturn]] void file_failure(const std::filesystem::path& path,
                               std::string_view action,
                               int code);

/// write(2) until all bytes are out; returns 0 or the errno of the failure.
[[nodiscard]] int write_all(int descriptor, const void* bytes, std::size_t count);

/// Waits until the file or folder is on the disk; throws as `file_failure` does.
void sync(const File& file, const std::filesystem::path& path);
void sync_folder_of(const std::filesystem::path& path);

}  // namespace thermoscape::store
