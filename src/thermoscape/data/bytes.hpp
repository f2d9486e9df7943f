#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thermoscape::data {

using Bytes = std::vector<std::byte>;

/// A file in memory. `name` is what messages call it; it says "(uncompressed)" where offsets count
/// behind gzip.
struct File {
  std::string name;
  Bytes bytes;
};

/// More than any data set here needs, less than would bring a machine down.
inline constexpr std::size_t kLargestFile = std::size_t{1} << 34;

/// "FILE, offset N": where a complaint about the content of a file points.
[[nodiscard]] std::string at(std::string_view file, std::uint64_t offset);

/// The content of a gzip stream (RFC 1952; several members in a row are joined). Memory grows with
/// what was really unpacked, never from a length field. Throws Error naming the offset in `packed`
/// where the stream is cut short, is damaged or fails its checksum, and if the result exceeds
/// `limit` bytes.
[[nodiscard]] Bytes unpack_gzip(std::span<const std::byte> packed,
                                std::string_view file,
                                std::size_t limit = kLargestFile);

/// The bytes of a file as they lie on disk. Throws as read_file.
[[nodiscard]] Bytes read_raw(const std::filesystem::path& path);

/// Reads a whole file, through gzip if its first two bytes say so. Throws Error if it is not there,
/// is no regular file or is named .gz without being gzip; MachineError if the machine refuses to
/// read it.
[[nodiscard]] File read_file(const std::filesystem::path& path);

/// Writes a file that appears whole or not at all (temporary name, fsync, rename). Throws
/// MachineError and leaves what was there if the disk is full, read-only or forbidden.
void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes);

/// CRC-32 as in gzip.
[[nodiscard]] std::uint32_t checksum(std::span<const std::byte> bytes);

}  // namespace thermoscape::data
