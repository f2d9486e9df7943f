#pragma once
#include <cstdlib>
#include <new>
#include <vector>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace thermoscape {

/// Memory for data sets that are read row by row in random order: arrays of several megabytes ask
/// for huge pages, since a row of its own page each costs a walk through the page tables.
template <class T>
struct HugePages {
  using value_type = T;
  static constexpr std::size_t kPage = std::size_t{1} << 21;

  HugePages() = default;
  template <class U>
  HugePages(const HugePages<U>&) {}  // NOLINT: implicit as allocators are

  [[nodiscard]] T* allocate(std::size_t count) {
    const std::size_t bytes = count * sizeof(T);
    if (bytes < 2 * kPage) return static_cast<T*>(::operator new(bytes, kAlignment));
    const std::size_t whole = (bytes + kPage - 1) / kPage * kPage;
    void* memory = ::operator new (whole, std::align_val_t{kPage});
#if defined(__linux__)
    ::madvise(memory, whole, MADV_HUGEPAGE);  // a wish: without it only time is lost
#endif
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, std::size_t count) {
    const bool large = count * sizeof(T) >= 2 * kPage;
    ::operator delete(memory, large ? std::align_val_t{kPage} : kAlignment);
  }
  friend bool operator==(const HugePages&, const HugePages&) {
    return true;
  }

 private:
  static constexpr std::align_val_t kAlignment{64};
};

template <class T>
using HugeVector = std::vector<T, HugePages<T>>;

}  // namespace thermoscape
