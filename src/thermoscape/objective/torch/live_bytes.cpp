#include "thermoscape/objective/torch/live_bytes.hpp"

#include <cstddef>
#include <memory>

#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>

namespace thermoscape::networks {

namespace {

/// Hears of every allocation of this thread. LibTorch 2 counts totals in size_t: one of the two
/// functions overrides, whichever it is.
struct Meter : c10::MemoryReportingInfoBase {
  std::int64_t bytes = 0;
  void reportMemoryUsage(void*, std::int64_t size, std::int64_t, std::int64_t, c10::Device) {
    bytes += size;
  }
  void reportMemoryUsage(void*, std::int64_t size, std::size_t, std::size_t, c10::Device) {
    bytes += size;
  }
  [[nodiscard]] bool memoryProfilingEnabled() const override { return true; }
};

}  // namespace

std::int64_t live_bytes(const std::function<void()>& make) {
  const auto meter = std::make_shared<Meter>();
  const c10::DebugInfoGuard guard(c10::DebugInfoKind::PROFILER_STATE, meter);
  make();
  return meter->bytes;
}

}  // namespace thermoscape::networks
