#pragma once
#include <cstdint>
#include <functional>

namespace thermoscape::networks {

/// Bytes of tensors that `make` leaves alive on the CPU, as long as what it made is kept by the
/// caller.
[[nodiscard]] std::int64_t live_bytes(const std::function<void()>& make);

}  // namespace thermoscape::networks
