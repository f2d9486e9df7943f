#include "thermoscape/data/bytes.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape::data {

namespace {
/// An open file that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return number_; }
  /// The result of close(2), which may be the first to tell of a full disk.
  int close() { return ::close(std::exchange(number_, -1)); }

 private:
  int number_;
};

/// A zlib inflater that frees itself.
struct Inflater {
  z_stream stream{};
  Inflater() {
    if (inflateInit2(&stream, 15 + 16) != Z_OK)
      throw MachineError("zlib: cannot start, out of memory");
  }
  ~Inflater() { inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
};

bool begins_as_gzip(std::span<const std::byte> bytes) {
  return bytes.size() >= 2 && bytes[0] == std::byte{0x1f} && bytes[1] == std::byte{0x8b};
}

[[noreturn]] void machine_failed(std::string_view action,
                                 const std::filesystem::path& path,
                                 int code) {
  throw MachineError(fmt::format("{}: cannot {}: {}", path.string(), action, std::strerror(code)));
}
}  // namespace

std::string at(std::string_view file, std::uint64_t offset) {
  return fmt::format("{}, offset {}", file, offset);
}

Bytes unpack_gzip(std::span<const std::byte> packed, std::string_view file, std::size_t limit) {
  Inflater inflater;
  z_stream& stream = inflater.stream;
  Bytes chunk(std::size_t{1} << 17);
  Bytes out;
  std::size_t taken = 0;
  bool member_ended = false;
  while (true) {
    // avail_in has 32 bits, so a large file is fed in pieces.
    const std::size_t piece = std::min(packed.size() - taken, std::size_t{1} << 30);
    // zlib reads through a non-const pointer by tradition and does not write.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data() + taken));
    stream.avail_in = static_cast<uInt>(piece);
    stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
    stream.avail_out = static_cast<uInt>(chunk.size());
    const int code = inflate(&stream, Z_NO_FLUSH);
    taken += piece - stream.avail_in;
    const std::size_t got = chunk.size() - stream.avail_out;
    if (got > limit - out.size()) {
      reject({at(file, taken), "", fmt::format("unpacks to more than {} bytes", limit), ""});
    }
    out.insert(out.end(), chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(got));
    member_ended = code == Z_STREAM_END;
    if (member_ended) {
      const auto rest = packed.subspan(taken);
      if (rest.empty()) return out;
      if (!begins_as_gzip(rest)) {
        reject(
            {at(file, taken), "", "must end where its gzip stream ends", "something was appended"});
      }
      inflateReset(&stream);
    } else if (code == Z_MEM_ERROR) {
      throw MachineError(fmt::format("{}: cannot unpack: out of memory", file));
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      reject({at(file, taken),
              stream.msg != nullptr ? stream.msg : "damaged data",
              "must be a sound gzip stream",
              "fetch the file again"});
    } else if (taken == packed.size() && got < chunk.size()) {
      reject({at(file, taken), "", "the gzip stream is cut short", "fetch the file again"});
    }
  }
}

Bytes read_raw(const std::filesystem::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) {
    if (errno == ENOENT || errno == ENOTDIR) reject({path.string(), "", "no such file", ""});
    machine_failed("open", path, errno);
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) machine_failed("examine", path, errno);
  if (!S_ISREG(status.st_mode)) reject({path.string(), "", "must be a regular file", ""});
  if (static_cast<std::uint64_t>(status.st_size) > kLargestFile) {
    reject({path.string(),
            fmt::format("{} bytes", status.st_size),
            fmt::format("must be at most {} bytes", kLargestFile),
            ""});
  }
  Bytes bytes(static_cast<std::size_t>(status.st_size));
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got = ::read(file.get(), bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) machine_failed("read", path, errno);
    if (got == 0) break;  // shortened meanwhile: the parser will say so
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

File read_file(const std::filesystem::path& path) {
  Bytes bytes = read_raw(path);
  if (begins_as_gzip(bytes)) {
    return {path.string() + " (uncompressed)", unpack_gzip(bytes, path.string())};
  }
  if (path.extension() == ".gz") {
    reject({at(path.string(), 0), "", "must begin with the gzip magic number 1f 8b", ""});
  }
  return {path.string(), std::move(bytes)};
}

void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  std::string temporary = path.string() + ".XXXXXX";
  Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (file.get() < 0) machine_failed("write", path, errno);
  const auto give_up = [&](int code) {
    ::unlink(temporary.c_str());
    machine_failed("write", path, code);
  };
  std::size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t done = ::write(file.get(), bytes.data() + written, bytes.size() - written);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) give_up(errno);
    written += static_cast<std::size_t>(done);
  }
  // mkostemp makes private files; data are as public as the umask lets new files be.
  const mode_t mask = ::umask(0);
  ::umask(mask);
  if (::fchmod(file.get(), 0666 & ~mask) != 0 || ::fsync(file.get()) != 0) give_up(errno);
  if (file.close() != 0) give_up(errno);
  if (::rename(temporary.c_str(), path.c_str()) != 0) give_up(errno);
}

std::uint32_t checksum(std::span<const std::byte> bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace thermoscape::data
