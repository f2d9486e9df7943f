#include "thermoscape/store/file.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape::store {

namespace {
bool is_about_the_path(int code) {
  return code == ENOENT || code == ENOTDIR || code == EISDIR || code == ENAMETOOLONG ||
         code == ELOOP;
}

std::string hint(int code) {
  switch (code) {
    case ENOSPC:
    case EDQUOT:
      return "free some space or choose another folder; what was there before is untouched";
    case EFBIG:
      return "raise the limit on the size of files, ulimit -f; what was there before is untouched";
    case EACCES:
    case EPERM:
    case EROFS:
      return "choose a folder in which you may write, or ask for permission";
    case EMFILE:
    case ENFILE:
      return "raise the limit on open files, ulimit -n";
    default:
      return "";
  }
}
}  // namespace

File::File(const std::filesystem::path& path,
           int flags,
           std::string_view action,
           const std::filesystem::path& shown)
    : descriptor_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {
  if (descriptor_ < 0) file_failure(shown, action, errno);
}

File::~File() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void file_failure(const std::filesystem::path& path, std::string_view action, int code) {
  const std::string reason = std::generic_category().message(code);
  const std::string line =
      to_line({path.string(), "", "cannot " + std::string(action) + ": " + reason, hint(code)});
  if (is_about_the_path(code)) throw Error(line);
  throw MachineError(line);
}

int write_all(int descriptor, const void* bytes, std::size_t count) {
  const char* next = static_cast<const char*>(bytes);
  while (count > 0) {
    const ssize_t written = ::write(descriptor, next, count);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    if (written == 0) return ENOSPC;
    next += written;
    count -= static_cast<std::size_t>(written);
  }
  return 0;
}

void sync(const File& file, const std::filesystem::path& path) {
  // Some file systems have nothing to wait for and say EINVAL.
  if (::fsync(file.descriptor()) != 0 && errno != EINVAL)
    file_failure(path, "write to disk", errno);
}

void sync_folder_of(const std::filesystem::path& path) {
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  sync(File(folder, O_RDONLY | O_DIRECTORY, "open"), folder);
}

}  // namespace thermoscape::store
