// Any bytes whatever are either a data file or refused with an Error: no crash, no other exception,
// no memory that the file does not warrant. The first byte chooses the reader, so that one corpus
// serves all.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "thermoscape/core/error.hpp"
#include "thermoscape/data/bytes.hpp"
#include "thermoscape/data/check.hpp"
#include "thermoscape/data/cifar.hpp"
#include "thermoscape/data/idx.hpp"
#include "thermoscape/data/npy.hpp"

namespace {
using namespace thermoscape::data;

void require(bool holds) {
  if (!holds) std::abort();
}

/// The two files of a labelled set out of one input: the second byte says where the first of them
/// ends.
template <class Read>
void read_pair(std::span<const std::byte> input, Read read) {
  if (input.empty()) return;
  const auto rest = input.subspan(1);
  const std::size_t cut = rest.size() * std::to_integer<std::size_t>(input[0]) / 255;
  const File first{"first", Bytes(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(cut))};
  const File second{"second", Bytes(rest.begin() + static_cast<std::ptrdiff_t>(cut), rest.end())};
  check(read(first, second));
}

void read_one(unsigned reader, std::span<const std::byte> input) {
  constexpr std::size_t kLimit = std::size_t{1} << 22;
  switch (reader % 6) {
    case 0: {
      const Idx idx = parse_idx(input, "fuzz.idx");
      require(idx.offset + idx.values.size() == input.size());
      break;
    }
    case 1:
      require(parse_cifar10(input, "fuzz.bin").labels.size() == input.size() / kCifarRecord);
      break;
    case 2: {
      const Npy npy = parse_npy(input, "fuzz.npy");
      require(npy.offset + npy.values.size() * npy.item == input.size());
      // What was read can be written, and reads as the same.
      const Npy again = parse_npy(to_npy(npy.shape, npy.values), "again.npy");
      require(again.shape == npy.shape && again.values.size() == npy.values.size());
      break;
    }
    case 3:
      require(unpack_gzip(input, "fuzz.gz", kLimit).size() <= kLimit);
      break;
    case 4:
      read_pair(input, [](const File& a, const File& b) { return labelled_from_idx(a, b, 3); });
      break;
    default:
      read_pair(input, [](const File& a, const File& b) { return labelled_from_npy(a, b); });
  }
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto input = std::as_bytes(std::span(data, size));
  try {
    read_one(data[0], input.subspan(1));
  } catch (const thermoscape::Error&) {
    // refused in a line, as it should be
  }
  return 0;
}
