#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "thermoscape/core/dataset.hpp"
#include "thermoscape/store/file.hpp"

namespace thermoscape::store {

/// A part of each row: `width` doubles under one name, for example {"loss", "[loss]"} or {"theta",
/// "1", "...", 883}.
struct StreamColumn {
  std::string name;
  std::string unit = "1";
  std::string description = {};
  std::size_t width = 1;

  bool operator==(const StreamColumn&) const = default;
};

/// A prefix of a stream that a checkpoint vouches for: its rows and the CRC-32 of their bytes.
struct StreamMark {
  std::uint64_t rows = 0;
  std::uint32_t crc = 0;

  bool operator==(const StreamMark&) const = default;
};

/// An append-only file of rows of doubles, written by one probe of one task.
///   file = header (magic, version, columns as JSON, CRC-32; a multiple of 8 bytes), then rows,
///   native little-endian
/// Memory: one buffer of 64 KiB, or one row if that is longer. Cost: about 1 to 5 ns a value, the
/// checksum included. Rows are on their way to the disk after flush() and durable after mark().
/// Rows never flushed are dropped with the writer: a resumed run makes them again. Serves one
/// thread. Throws MachineError in one line when the machine refuses (disk full); the writer is then
/// closed for good, and the rows of the last mark are untouched.
class StreamWriter {
 public:
  /// Starts an empty stream; a file already there is replaced (a task without a checkpoint begins
  /// anew). Throws Error for no columns, a width of 0 or two columns of one name.
  static StreamWriter create(const std::filesystem::path& path, std::vector<StreamColumn> columns);
  /// Reopens a stream to append behind `mark`; rows behind it are cut off. Throws Error naming
  /// file, offset and rule if the header is damaged or has other columns, or if the rows before the
  /// mark are missing or changed; the file is then left as it was.
  static StreamWriter resume(const std::filesystem::path& path,
                             const std::vector<StreamColumn>& columns,
                             const StreamMark& mark);

  /// Appends part of a row, a row or several: the values of the columns in order. A row may come in
  /// pieces, but must be complete at flush() and mark().
  void append(std::span<const double> values) {
    while (!values.empty()) {
      if (used_ == buffer_.size()) write_buffer();
      const std::size_t n = std::min(values.size(), buffer_.size() - used_);
      std::copy_n(values.begin(), n, buffer_.begin() + static_cast<std::ptrdiff_t>(used_));
      used_ += n;
      values = values.subspan(n);
    }
  }
  void append(double value) {
    if (used_ == buffer_.size()) write_buffer();
    buffer_[used_++] = value;
  }

  /// Hands all complete rows to the operating system: they survive the death of this process.
  void flush();
  /// flush(), then waits for the disk: what a checkpoint may refer to.
  [[nodiscard]] StreamMark mark();
  /// Complete rows appended so far, flushed or not.
  [[nodiscard]] std::uint64_t rows() const { return (written_ + used_) / width_; }
  /// Doubles in a row.
  [[nodiscard]] std::size_t width() const { return width_; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  StreamWriter(std::filesystem::path path, std::size_t width, File file, const StreamMark& mark);
  void write_buffer();

  std::filesystem::path path_;
  std::size_t width_ = 1;
  File file_;
  bool folder_synced_ = false;
  std::uint64_t written_ = 0;  ///< doubles handed to the operating system
  std::uint32_t crc_ = 0;      ///< of those
  std::size_t used_ = 0;       ///< doubles waiting in the buffer
  std::vector<double> buffer_;
};

/// A stream mapped into memory; the values stay valid as long as a copy of them lives, but not if
/// the file is cut meanwhile.
struct MappedStream {
  std::vector<StreamColumn> columns;
  std::size_t rows = 0;
  std::size_t width = 0;  ///< doubles in a row
  Values values;          ///< row-major [rows, width], not copied

  /// Column `name` as row-major [rows, its width]: the mapped values themselves if it is the only
  /// column, else a copy in memory. Throws Error naming the columns there are.
  [[nodiscard]] Values column(std::string_view name) const;
};

/// Maps the rows up to `mark` after checking their CRC, or without a mark every complete row,
/// unchecked. Throws Error naming file, offset and rule as StreamWriter::resume does.
[[nodiscard]] MappedStream map_stream(const std::filesystem::path& path,
                                      const std::optional<StreamMark>& mark = std::nullopt);

}  // namespace thermoscape::store
