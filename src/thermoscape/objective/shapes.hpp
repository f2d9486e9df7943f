#pragma once
#include <cstddef>
#include <cstdint>

#include <fmt/format.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/objective/batch.hpp"

namespace thermoscape {

/// Throws Error "objective.span = N numbers: must hold EXPECTED numbers" unless a span has the size
/// of its shape.
inline void require_size(std::size_t received,
                         std::int64_t expected,
                         const char* objective,
                         const char* span) {
  if (static_cast<std::int64_t>(received) == expected) return;
  reject({fmt::format("{}.{}", objective, span),
          fmt::format("{} numbers", received),
          fmt::format("must hold {} numbers", expected),
          ""});
}

/// The number of vectors [k] in a block [k, width]; throws Error unless it is a whole number >= 1.
inline std::int64_t rows_of(std::size_t received,
                            std::int64_t width,
                            const char* objective,
                            const char* span) {
  const auto size = static_cast<std::int64_t>(received);
  if (width > 0 && size > 0 && size % width == 0) return size / width;
  reject({fmt::format("{}.{}", objective, span),
          fmt::format("{} numbers", received),
          fmt::format("must hold whole vectors of {} numbers", width),
          ""});
}

/// n: the length of the batch, or `examples` when it is all.
[[nodiscard]] inline std::int64_t batch_size(const Batch& batch, std::int64_t examples) {
  return batch.all() ? examples : static_cast<std::int64_t>(batch.examples.size());
}

/// Calls f(position in the batch, example); throws Error for an index outside 0 ... examples-1.
template <class F>
void for_each_example(const Batch& batch, std::int64_t examples, F&& f) {
  if (batch.all()) {
    for (std::int64_t i = 0; i < examples; ++i) f(i, i);
    return;
  }
  std::int64_t position = 0;
  for (const std::int32_t example : batch.examples) {
    if (example < 0 || example >= examples) {
      reject({fmt::format("batch.examples[{}]", position),
              fmt::format("{}", example),
              fmt::format("must be in 0 ... {}", examples - 1),
              ""});
    }
    f(position++, static_cast<std::int64_t>(example));
  }
}

/// Throws Error: the model returns its loss, so what needs logits has no answer.
[[noreturn]] inline void refuse_logits(const char* objective, const char* operation) {
  reject({fmt::format("{}.{}", objective, operation),
          "",
          "the model returns its loss and has no logits",
          "choose an objective with outputs, such as mlp or linear"});
}

}  // namespace thermoscape
