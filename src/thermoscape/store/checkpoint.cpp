#include "thermoscape/store/checkpoint.hpp"

#include <array>
#include <bit>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <zlib.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/store/atomic_write.hpp"

namespace thermoscape::store {

static_assert(std::endian::native == std::endian::little, "checkpoints are little-endian");

namespace {
constexpr std::array<char, 8> kMagic = {'T', 'S', 'C', 'H', 'E', 'C', 'K', 'P'};
constexpr std::uint32_t kVersion = 1;

struct Prefix {
  std::array<char, 8> magic = kMagic;
  std::uint32_t version = kVersion;
  std::uint32_t real_bytes = 0;
  std::uint64_t body_bytes = 0;
};
static_assert(sizeof(Prefix) == 24);

std::uint32_t crc32_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      ::crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

/// Appends values to a string: numbers as they are, sequences behind their length.
class Packer {
 public:
  template <class T>
  void number(T x) {
    static_assert(std::is_trivially_copyable_v<T>);
    raw(&x, sizeof x);
  }
  void text(std::string_view x) {
    number<std::uint64_t>(x.size());
    raw(x.data(), x.size());
  }
  template <class Real>
  void numbers(const std::vector<Real>& x) {
    number<std::uint64_t>(x.size());
    raw(x.data(), x.size() * sizeof(Real));
  }
  [[nodiscard]] std::string& bytes() { return bytes_; }

 private:
  void raw(const void* from, std::size_t count) {
    if (count > 0) bytes_.append(static_cast<const char*>(from), count);
  }
  std::string bytes_;
};

/// Takes them back in the same order; throws Error where the bytes end too early.
class Unpacker {
 public:
  Unpacker(const std::filesystem::path& path, std::string_view bytes)
      : path_(path), bytes_(bytes) {}

  template <class T>
  T number() {
    T x{};
    std::memcpy(&x, raw(1, sizeof x).data(), sizeof x);
    return x;
  }
  std::string text() {
    const auto size = number<std::uint64_t>();
    return std::string(raw(size, 1));
  }
  template <class Real>
  std::vector<Real> numbers() {
    const auto size = number<std::uint64_t>();
    const std::string_view from = raw(size, sizeof(Real));
    std::vector<Real> x(size);
    if (size > 0) std::memcpy(x.data(), from.data(), from.size());
    return x;
  }
  [[nodiscard]] bool at_end() const { return bytes_.empty(); }

 private:
  std::string_view raw(std::uint64_t count, std::size_t size) {
    if (count > bytes_.size() / size) {
      reject({path_.string(), "damaged checkpoint", "a length in it reaches beyond its end", ""});
    }
    const std::string_view head = bytes_.substr(0, count * size);
    bytes_.remove_prefix(head.size());
    return head;
  }
  const std::filesystem::path& path_;
  std::string_view bytes_;
};

template <class Real>
using Named = std::vector<std::pair<std::string, std::vector<Real>>>;

template <class Real>
void pack(Packer& out, const Named<Real>& arrays) {
  out.number<std::uint64_t>(arrays.size());
  for (const auto& [name, values] : arrays) {
    out.text(name);
    out.numbers(values);
  }
}

template <class Real>
Named<Real> unpack(Unpacker& in) {
  Named<Real> arrays;
  for (auto left = in.number<std::uint64_t>(); left > 0; --left) {
    std::string name = in.text();
    arrays.emplace_back(std::move(name), in.numbers<Real>());
  }
  return arrays;
}

/// The body of a file that is whole, of this version and precision.
template <class Real>
std::string_view checked_body(const std::filesystem::path& path, std::string_view bytes) {
  const std::string where = path.string();
  const std::string again = "begin the task anew by removing it";
  if (bytes.substr(0, kMagic.size()) != std::string_view(kMagic.data(), kMagic.size())) {
    reject({where, "", "is not a checkpoint: it does not begin with TSCHECKP", again});
  }
  Prefix prefix;
  std::uint32_t crc = 0;
  const std::size_t around = sizeof prefix + sizeof crc;
  if (bytes.size() < around) {
    reject({where, fmt::format("{} bytes", bytes.size()), "truncated checkpoint", again});
  }
  std::memcpy(&prefix, bytes.data(), sizeof prefix);
  if (prefix.body_bytes != bytes.size() - around) {
    reject({where,
            fmt::format("{} bytes", bytes.size()),
            fmt::format("truncated or damaged checkpoint, it says {} bytes and {} around them",
                        prefix.body_bytes,
                        around),
            again});
  }
  std::memcpy(&crc, bytes.data() + bytes.size() - sizeof crc, sizeof crc);
  const std::uint32_t found = crc32_of(bytes.substr(0, bytes.size() - sizeof crc));
  if (found != crc) {
    reject({where,
            "damaged checkpoint",
            fmt::format("CRC-32 must be {:08x}, the content has {:08x}", crc, found),
            again});
  }
  if (prefix.version != kVersion) {
    reject({where,
            fmt::format("version {}", prefix.version),
            fmt::format("must be {}", kVersion),
            again});
  }
  if (prefix.real_bytes != sizeof(Real)) {
    reject({where,
            fmt::format("numbers of {} bytes", prefix.real_bytes),
            fmt::format("must be {} ({})", sizeof(Real), sizeof(Real) == 4 ? "float" : "double"),
            "was `precision` changed since?"});
  }
  return bytes.substr(sizeof prefix, prefix.body_bytes);
}
}  // namespace

template <class Real>
void write_checkpoint(const std::filesystem::path& path, const Checkpoint<Real>& checkpoint) {
  Packer out;
  out.number(Prefix{});
  const State<Real>& state = checkpoint.state;
  out.number(state.step);
  out.number(state.time);
  out.numbers(state.theta);
  pack(out, state.slots);
  pack(out, state.buffers);
  out.number<std::uint64_t>(checkpoint.streams.size());
  for (const auto& [name, mark] : checkpoint.streams) {
    out.text(name);
    out.number(mark.rows);
    out.number(mark.crc);
  }
  out.number<std::uint64_t>(checkpoint.notes.size());
  for (const auto& [key, note] : checkpoint.notes) {
    out.text(key);
    out.text(note);
  }
  Prefix prefix;
  prefix.real_bytes = sizeof(Real);
  prefix.body_bytes = out.bytes().size() - sizeof prefix;
  std::memcpy(out.bytes().data(), &prefix, sizeof prefix);
  out.number(crc32_of(out.bytes()));
  atomic_write(path, out.bytes());
}

template <class Real>
Checkpoint<Real> read_checkpoint(const std::filesystem::path& path) {
  const std::string bytes = read_bytes(path);
  Unpacker in(path, checked_body<Real>(path, bytes));
  Checkpoint<Real> checkpoint;
  State<Real>& state = checkpoint.state;
  state.step = in.number<std::int64_t>();
  state.time = in.number<double>();
  state.theta = in.numbers<Real>();
  state.slots = unpack<Real>(in);
  state.buffers = unpack<Real>(in);
  for (auto left = in.number<std::uint64_t>(); left > 0; --left) {
    StreamMark& mark = checkpoint.streams[in.text()];
    mark.rows = in.number<std::uint64_t>();
    mark.crc = in.number<std::uint32_t>();
  }
  for (auto left = in.number<std::uint64_t>(); left > 0; --left) {
    std::string& note = checkpoint.notes[in.text()];
    note = in.text();
  }
  if (!in.at_end())
    reject({path.string(), "damaged checkpoint", "there is more in it than belongs there", ""});
  return checkpoint;
}

template void write_checkpoint(const std::filesystem::path&, const Checkpoint<float>&);
template void write_checkpoint(const std::filesystem::path&, const Checkpoint<double>&);
template Checkpoint<float> read_checkpoint(const std::filesystem::path&);
template Checkpoint<double> read_checkpoint(const std::filesystem::path&);

}  // namespace thermoscape::store
