#pragma once
#include <filesystem>
#include <map>
#include <string>

#include "thermoscape/core/state.hpp"
#include "thermoscape/store/stream.hpp"

namespace thermoscape::store {

/// All that a task needs to go on: where the dynamics is, how far each stream file reaches, and
/// small notes of the run loop (any bytes, for example JSON text).
template <class Real>
struct Checkpoint {
  State<Real> state;
  std::map<std::string, StreamMark> streams;
  std::map<std::string, std::string> notes;
};

/// Writes a checkpoint so that `path` holds the previous one or the new one, never a part
/// (atomic_write). Numbers keep every bit: signed zeros, subnormals, infinities, NaN payloads. Take
/// the marks before: a mark is durable when it is returned.
///   file = magic, version, bytes of a Real, length of the body | body | CRC-32 of all before it;
///   little-endian
/// Real is float or double. Throws MachineError when the machine refuses; the previous checkpoint
/// is then untouched.
template <class Real>
void write_checkpoint(const std::filesystem::path& path, const Checkpoint<Real>& checkpoint);

/// Throws Error in one line for a missing, foreign, truncated or damaged file (a wrong bit anywhere
/// is found), another version, or one written in the other precision; MachineError when the file
/// may not be read.
template <class Real>
[[nodiscard]] Checkpoint<Real> read_checkpoint(const std::filesystem::path& path);

}  // namespace thermoscape::store
