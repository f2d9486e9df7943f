#include "thermoscape/data/npy_header.hpp"

#include <charconv>

#include <fmt/format.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/data/bytes.hpp"

namespace thermoscape::data {

namespace {
/// A cursor over the dictionary literal; offsets are those of the file.
class Reader {
 public:
  Reader(std::string_view text, std::size_t start, std::string_view file)
      : text_(text), start_(start), file_(file) {}

  [[nodiscard]] std::size_t offset() const { return start_ + next_; }
  [[noreturn]] void fail(std::string_view rule) const {
    reject({at(file_, offset()),
            std::string(text_.substr(next_, 16)),
            std::string(rule),
            "in the .npy header"});
  }
  void skip_space() {
    while (next_ < text_.size() && (text_[next_] == ' ' || text_[next_] == '\n')) ++next_;
  }
  bool take(char c) {
    skip_space();
    if (next_ >= text_.size() || text_[next_] != c) return false;
    ++next_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail(fmt::format("expected `{}`", c));
  }
  bool take(std::string_view word) {
    skip_space();
    if (text_.substr(next_, word.size()) != word) return false;
    next_ += word.size();
    return true;
  }
  std::string quoted() {
    skip_space();
    if (next_ >= text_.size() || (text_[next_] != '\'' && text_[next_] != '"'))
      fail("expected a quoted word");
    const std::size_t close = text_.find(text_[next_], next_ + 1);
    if (close == std::string_view::npos) fail("the quote does not end");
    std::string word(text_.substr(next_ + 1, close - next_ - 1));
    next_ = close + 1;
    return word;
  }
  std::int64_t size() {
    skip_space();
    std::int64_t value = 0;
    const char* first = text_.data() + next_;
    const auto result = std::from_chars(first, text_.data() + text_.size(), value);
    if (result.ec != std::errc() || value < 0) fail("expected a size that is a whole number >= 0");
    next_ += static_cast<std::size_t>(result.ptr - first);
    return value;
  }
  [[nodiscard]] bool at_end() {
    skip_space();
    return next_ == text_.size();
  }

 private:
  std::string_view text_;
  std::size_t start_;
  std::string_view file_;
  std::size_t next_ = 0;
};

std::vector<std::int64_t> read_shape(Reader& reader) {
  constexpr std::size_t kMostDimensions = 32;  // NumPy's own limit
  std::vector<std::int64_t> shape;
  reader.expect('(');
  while (!reader.take(')')) {
    if (shape.size() == kMostDimensions) reader.fail("at most 32 dimensions");
    shape.push_back(reader.size());
    if (!reader.take(',')) {
      reader.expect(')');
      break;
    }
  }
  return shape;
}
}  // namespace

NpyHeader parse_npy_header(std::span<const std::byte> bytes, std::string_view file) {
  constexpr std::string_view kMagic = "\x93NUMPY";
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.substr(0, kMagic.size()) != kMagic) {
    reject({at(file, 0),
            "",
            "must begin with the magic number \\x93NUMPY",
            "save it with numpy.save"});
  }
  const int version = bytes.size() > 6 ? std::to_integer<int>(bytes[6]) : 0;
  if (version < 1 || version > 3) {
    reject({at(file, 6), fmt::format("{}", version), "the format version must be 1, 2 or 3", ""});
  }
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  const std::size_t start = 8 + length_bytes;
  std::size_t length = 0;
  for (std::size_t i = 0; i < length_bytes && 8 + i < bytes.size(); ++i) {
    length |= std::to_integer<std::size_t>(bytes[8 + i]) << (8 * i);
  }
  if (bytes.size() < start || length > bytes.size() - start) {
    reject({at(file, 8),
            fmt::format("{}", length),
            "the header is longer than the file",
            "the file is cut short"});
  }
  NpyHeader header;
  header.end = start + length;
  Reader reader(text.substr(start, length), start, file);
  bool has_type = false;
  bool has_order = false;
  bool has_shape = false;
  reader.expect('{');
  while (!reader.take('}')) {
    const std::string key = reader.quoted();
    reader.expect(':');
    reader.skip_space();
    if (key == "descr" && !has_type) {
      has_type = true;
      header.type_offset = reader.offset();
      header.type = reader.quoted();
    } else if (key == "fortran_order" && !has_order) {
      has_order = true;
      header.order_offset = reader.offset();
      header.fortran_order = reader.take(std::string_view("True"));
      if (!header.fortran_order && !reader.take(std::string_view("False")))
        reader.fail("expected True or False");
    } else if (key == "shape" && !has_shape) {
      has_shape = true;
      header.shape_offset = reader.offset();
      header.shape = read_shape(reader);
    } else {
      reader.fail("the keys must be descr, fortran_order and shape, each once");
    }
    if (!reader.take(',')) {
      reader.expect('}');
      break;
    }
  }
  if (!reader.at_end()) reader.fail("nothing may follow the dictionary");
  if (!has_type || !has_order || !has_shape)
    reader.fail("the keys descr, fortran_order and shape must be there");
  return header;
}

}  // namespace thermoscape::data
