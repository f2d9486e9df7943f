#include "thermoscape/store/stream.hpp"

#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <limits>
#include <memory>
#include <set>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/core/json.hpp"

namespace thermoscape::store {

static_assert(std::endian::native == std::endian::little,
              "streams are little-endian files mapped as they are");

namespace {
constexpr std::array<char, 8> kMagic = {'T', 'S', 'S', 'T', 'R', 'E', 'A', 'M'};
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kBufferDoubles = 8192;

struct Prefix {
  std::array<char, 8> magic = kMagic;
  std::uint32_t version = kVersion;
  std::uint32_t text_bytes = 0;
  std::uint32_t crc = 0;  ///< of the members above and the text behind
  std::uint32_t reserved = 0;
};
static_assert(sizeof(Prefix) == 24);

std::uint32_t crc32_of(std::uint32_t crc, const void* bytes, std::size_t count) {
  return static_cast<std::uint32_t>(::crc32_z(crc, static_cast<const Bytef*>(bytes), count));
}

std::uint32_t header_crc(const Prefix& prefix, const char* text) {
  return crc32_of(crc32_of(0, &prefix, offsetof(Prefix, crc)), text, prefix.text_bytes);
}

std::size_t width_of(const std::vector<StreamColumn>& columns) {
  std::size_t width = 0;
  for (const StreamColumn& column : columns) width += column.width;
  return width;
}

void check_columns(const std::filesystem::path& path, const std::vector<StreamColumn>& columns) {
  if (columns.empty())
    reject({path.string(), "no columns", "a stream has at least one column", ""});
  std::set<std::string> names;
  for (const StreamColumn& column : columns) {
    const bool ok = column.width > 0 && !column.name.empty() && names.insert(column.name).second;
    if (ok) continue;
    reject({path.string(),
            fmt::format("column `{}` of width {}", column.name, column.width),
            "columns of a stream have distinct names and a width of at least 1",
            ""});
  }
}

/// Prefix and column table, padded with blanks so that the doubles behind are aligned.
std::string header(const std::filesystem::path& path, const std::vector<StreamColumn>& columns) {
  Json table = Json::array();
  for (const StreamColumn& c : columns) {
    table.push_back(
        {{"name", c.name}, {"unit", c.unit}, {"description", c.description}, {"width", c.width}});
  }
  std::string text;
  try {
    text = table.dump();
  } catch (const Json::exception&) {
    reject({path.string(), "", "names, units and descriptions of columns must be UTF-8", ""});
  }
  text.resize((text.size() + 7) / 8 * 8, ' ');
  Prefix prefix;
  prefix.text_bytes = static_cast<std::uint32_t>(text.size());
  prefix.crc = header_crc(prefix, text.data());
  std::string bytes(sizeof prefix, '\0');
  std::memcpy(bytes.data(), &prefix, sizeof prefix);
  return bytes + text;
}

[[noreturn]] void damaged(const std::filesystem::path& path,
                          std::size_t offset,
                          const std::string& rule) {
  reject({path.string(), fmt::format("damaged stream, byte {}", offset), rule, ""});
}

/// The columns of the header at the start of `bytes` and where the rows begin.
std::pair<std::vector<StreamColumn>, std::size_t> parse_header(const std::filesystem::path& path,
                                                               std::span<const char> bytes) {
  if (bytes.size() < kMagic.size() ||
      std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) != 0) {
    damaged(path, 0, "a stream begins with TSSTREAM");
  }
  Prefix prefix;
  if (bytes.size() < sizeof prefix) damaged(path, bytes.size(), "the file ends inside the header");
  std::memcpy(&prefix, bytes.data(), sizeof prefix);
  if (prefix.version != kVersion) {
    damaged(path,
            offsetof(Prefix, version),
            fmt::format("version {}, must be {}", prefix.version, kVersion));
  }
  const std::span<const char> rest = bytes.subspan(sizeof prefix);
  if (prefix.text_bytes > rest.size() || prefix.text_bytes % 8 != 0) {
    damaged(path,
            offsetof(Prefix, text_bytes),
            "the header is longer than the file, or its length is wrong");
  }
  if (header_crc(prefix, rest.data()) != prefix.crc || prefix.reserved != 0) {
    damaged(path, offsetof(Prefix, crc), "the header does not match its own CRC-32");
  }
  std::vector<StreamColumn> columns;
  try {
    for (const Json& c : Json::parse(rest.begin(), rest.begin() + prefix.text_bytes)) {
      columns.push_back({c.at("name").get<std::string>(),
                         c.at("unit").get<std::string>(),
                         c.at("description").get<std::string>(),
                         c.at("width").get<std::size_t>()});
    }
  } catch (const Json::exception&) {
    damaged(path, sizeof prefix, "the table of columns cannot be read");
  }
  check_columns(path, columns);
  return {std::move(columns), sizeof prefix + prefix.text_bytes};
}

/// The bytes of a file for reading.
class Mapping {
 public:
  explicit Mapping(const std::filesystem::path& path) {
    const File file(path, O_RDONLY, "read");
    struct stat status {};
    if (::fstat(file.descriptor(), &status) != 0) file_failure(path, "read", errno);
    if (!S_ISREG(status.st_mode)) reject({path.string(), "", "a stream is a plain file", ""});
    size_ = static_cast<std::size_t>(status.st_size);
    if (size_ == 0) return;
    void* start = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, file.descriptor(), 0);
    if (start == MAP_FAILED) file_failure(path, "read", errno);
    start_ = start;
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() {
    if (start_ != nullptr) ::munmap(start_, size_);
  }
  [[nodiscard]] std::span<const char> bytes() const {
    return {static_cast<const char*>(start_), size_};
  }

 private:
  void* start_ = nullptr;
  std::size_t size_ = 0;
};

/// The mapped rows and, for a writer, where they begin in the file.
std::pair<MappedStream, std::size_t> map_rows(const std::filesystem::path& path,
                                              const std::optional<StreamMark>& mark) {
  auto mapping = std::make_shared<const Mapping>(path);
  MappedStream stream;
  std::size_t begin = 0;
  std::tie(stream.columns, begin) = parse_header(path, mapping->bytes());
  stream.width = width_of(stream.columns);
  const std::size_t row_bytes = stream.width * sizeof(double);
  const std::span<const char> payload = mapping->bytes().subspan(begin);
  const std::size_t available = payload.size() / row_bytes;
  stream.rows = mark ? static_cast<std::size_t>(mark->rows) : available;
  if (stream.rows > available) {
    damaged(path,
            mapping->bytes().size(),
            fmt::format(
                "the file ends after {} rows, the checkpoint needs {}", available, stream.rows));
  }
  if (mark) {
    const std::uint32_t crc = crc32_of(0, payload.data(), stream.rows * row_bytes);
    if (crc != mark->crc) {
      damaged(path,
              begin,
              fmt::format("the {} bytes from here must have CRC-32 {:08x}, they have {:08x}",
                          stream.rows * row_bytes,
                          mark->crc,
                          crc));
    }
  }
  // The header is a multiple of 8 bytes and a mapping begins on a page, so the doubles are aligned.
  const auto* first = reinterpret_cast<const double*>(payload.data());
  stream.values =
      Values(std::span<const double>(first, stream.rows * stream.width), std::move(mapping));
  return {std::move(stream), begin};
}
}  // namespace

StreamWriter::StreamWriter(std::filesystem::path path,
                           std::size_t width,
                           File file,
                           const StreamMark& mark)
    : path_(std::move(path)),
      width_(width),
      file_(std::move(file)),
      written_(mark.rows * width),
      crc_(mark.crc),
      buffer_(std::max<std::size_t>(1, kBufferDoubles / width) * width) {}

StreamWriter StreamWriter::create(const std::filesystem::path& path,
                                  std::vector<StreamColumn> columns) {
  check_columns(path, columns);
  const std::string bytes = header(path, columns);
  File file(path, O_WRONLY | O_CREAT | O_TRUNC, "write");
  const int code = write_all(file.descriptor(), bytes.data(), bytes.size());
  if (code != 0) file_failure(path, "write", code);
  return {path, width_of(columns), std::move(file), {}};
}

StreamWriter StreamWriter::resume(const std::filesystem::path& path,
                                  const std::vector<StreamColumn>& columns,
                                  const StreamMark& mark) {
  const auto [stream, begin] = map_rows(path, mark);
  if (stream.columns != columns) {
    reject({path.string(),
            "",
            "the stream has other columns than this probe",
            "was the recipe changed since?"});
  }
  File file(path, O_WRONLY, "write");
  const auto end = static_cast<off_t>(begin + stream.values.size() * sizeof(double));
  if (::ftruncate(file.descriptor(), end) != 0 ||
      ::lseek(file.descriptor(), end, SEEK_SET) != end) {
    file_failure(path, "write", errno);
  }
  return {path, stream.width, std::move(file), mark};
}

void StreamWriter::write_buffer() {
  const std::size_t bytes = used_ * sizeof(double);
  const int code = file_.is_open() ? write_all(file_.descriptor(), buffer_.data(), bytes) : EBADF;
  if (code != 0) {
    file_ = File();  // a part of the buffer may be out: no further row can follow it
    file_failure(path_, "write", code);
  }
  crc_ = crc32_of(crc_, buffer_.data(), bytes);
  written_ += used_;
  used_ = 0;
}

void StreamWriter::flush() {
  if ((written_ + used_) % width_ != 0) {
    reject({path_.string(), "", fmt::format("the last row has fewer than {} values", width_), ""});
  }
  write_buffer();
}

StreamMark StreamWriter::mark() {
  flush();
  if (::fdatasync(file_.descriptor()) != 0 && errno != EINVAL)
    file_failure(path_, "write to disk", errno);
  if (!std::exchange(folder_synced_, true)) sync_folder_of(path_);
  return {written_ / width_, crc_};
}

Values MappedStream::column(std::string_view name) const {
  std::size_t offset = 0;
  std::string there;
  for (const StreamColumn& column : columns) {
    if (column.name != name) {
      offset += column.width;
      there += (there.empty() ? "" : ", ") + column.name;
      continue;
    }
    if (columns.size() == 1) return values;
    std::vector<double> copy(rows * column.width);
    for (std::size_t row = 0; row < rows; ++row) {
      const auto from = values.begin() + static_cast<std::ptrdiff_t>(row * width + offset);
      std::copy_n(
          from, column.width, copy.begin() + static_cast<std::ptrdiff_t>(row * column.width));
    }
    return copy;
  }
  reject({"column", std::string(name), "is not in this stream", "there are: " + there});
}

MappedStream map_stream(const std::filesystem::path& path, const std::optional<StreamMark>& mark) {
  return map_rows(path, mark).first;
}

}  // namespace thermoscape::store
