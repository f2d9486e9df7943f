#pragma once
#include <malloc.h>

namespace thermoscape::bench {

/// Bytes of this process that are handed out by the allocator and not given back, LibTorch's
/// included: what a leak or a growing buffer adds to, and what neither page tables nor free lists
/// change.
inline double heap_in_use() {
  const struct mallinfo2 all = mallinfo2();
  return static_cast<double>(all.uordblks + all.hblkhd);
}

}  // namespace thermoscape::bench
