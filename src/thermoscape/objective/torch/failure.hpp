#pragma once
#include <exception>
#include <new>
#include <string>

#include "thermoscape/core/error.hpp"

namespace thermoscape::networks {

/// The one informative line of what LibTorch throws: no C++ stack, no TorchScript traceback.
[[nodiscard]] std::string reason_of(const std::exception& failure);

/// Throws Error "where: reason", or MachineError if memory ran out.
[[noreturn]] void refuse(const std::string& where, const std::exception& failure);

/// Calls f(); what LibTorch throws leaves as Error or MachineError.
template <class F>
auto guarded(const char* where, F&& f) {
  try {
    return f();
  } catch (const Error&) {
    throw;
  } catch (const MachineError&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& failure) {
    refuse(where, failure);
  }
}

}  // namespace thermoscape::networks
