#include "thermoscape/analysis/contour.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <map>

#include <fmt/format.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape::analysis {

namespace {

/// Edges of the grid by number: those along x first, then those along y.
using Edge = std::int64_t;

class Grid {
 public:
  Grid(std::span<const double> x,
       std::span<const double> y,
       std::span<const double> values,
       double level)
      : x_(x), y_(y), values_(values), level_(level) {}

  [[nodiscard]] double over(std::size_t row, std::size_t column) const {
    return values_[row * x_.size() + column] - level_;
  }
  [[nodiscard]] Edge along_x(std::size_t row, std::size_t column) const {
    return static_cast<Edge>(row * x_.size() + column);
  }
  [[nodiscard]] Edge along_y(std::size_t row, std::size_t column) const {
    return static_cast<Edge>((y_.size() + row) * x_.size() + column);
  }
  /// Where the level lies on an edge.
  void add(Edge edge, ContourLine& line) const {
    const bool upright = static_cast<std::size_t>(edge) >= y_.size() * x_.size();
    const std::size_t at = static_cast<std::size_t>(edge) - (upright ? y_.size() * x_.size() : 0);
    const std::size_t row = at / x_.size();
    const std::size_t column = at % x_.size();
    const double a = over(row, column);
    const double b = upright ? over(row + 1, column) : over(row, column + 1);
    const double share = a / (a - b);
    line.x.push_back(upright ? x_[column] : x_[column] + share * (x_[column + 1] - x_[column]));
    line.y.push_back(upright ? y_[row] + share * (y_[row + 1] - y_[row]) : y_[row]);
  }

 private:
  std::span<const double> x_;
  std::span<const double> y_;
  std::span<const double> values_;
  double level_;
};

/// The pieces of the curve as pairs of edges, each edge known to those that meet on it.
class Pieces {
 public:
  void add(Edge a, Edge b) {
    ends_[a].push_back(b);
    ends_[b].push_back(a);
  }
  /// Takes one line away, from an open end if there is one.
  [[nodiscard]] std::vector<Edge> take() {
    if (ends_.empty()) return {};
    auto start = ends_.begin();
    for (auto it = ends_.begin(); it != ends_.end(); ++it) {
      if (it->second.size() != 1) continue;
      start = it;
      break;
    }
    std::vector<Edge> line{start->first};
    for (auto here = start; here != ends_.end() && !here->second.empty();) {
      const Edge next = here->second.back();
      forget(here->first, next);
      line.push_back(next);
      here = ends_.find(next);
    }
    return line;
  }

 private:
  void forget(Edge a, Edge b) {
    for (const auto& [from, to] : {std::pair(a, b), std::pair(b, a)}) {
      const auto it = ends_.find(from);
      std::vector<Edge>& list = it->second;
      for (auto one = list.begin(); one != list.end(); ++one) {
        if (*one != to) continue;
        list.erase(one);
        break;
      }
      if (list.empty()) ends_.erase(it);
    }
  }

  std::map<Edge, std::vector<Edge>> ends_;
};

void add_cell(const Grid& grid, std::size_t row, std::size_t column, Pieces& pieces) {
  // Corners and edges in one turn about the cell.
  const std::array<double, 4> corner{grid.over(row, column),
                                     grid.over(row, column + 1),
                                     grid.over(row + 1, column + 1),
                                     grid.over(row + 1, column)};
  const std::array<Edge, 4> edge{grid.along_x(row, column),
                                 grid.along_y(row, column + 1),
                                 grid.along_x(row + 1, column),
                                 grid.along_y(row, column)};
  double mean = 0;
  for (const double one : corner) {
    if (!std::isfinite(one)) return;
    mean += one;
  }
  std::vector<Edge> crossed;
  for (std::size_t i = 0; i < 4; ++i)
    if ((corner[i] >= 0) != (corner[(i + 1) % 4] >= 0)) crossed.push_back(edge[i]);
  if (crossed.size() == 2) pieces.add(crossed[0], crossed[1]);
  if (crossed.size() != 4) return;
  // Edges 0 and 1 meet at corner 1: it is cut off if the middle is on the other side of the level.
  const bool cut = (corner[1] >= 0) != (mean >= 0);
  pieces.add(edge[0], edge[cut ? 1 : 3]);
  pieces.add(edge[2], edge[cut ? 3 : 1]);
}

}  // namespace

std::vector<ContourLine> contour(std::span<const double> x,
                                 std::span<const double> y,
                                 std::span<const double> values,
                                 double level) {
  if (x.size() < 2 || y.size() < 2 || values.size() != x.size() * y.size()) {
    reject({"contour.values",
            fmt::format("{} values on {} x {} points", values.size(), x.size(), y.size()),
            "must be one a point of at least 2 x 2",
            ""});
  }
  const Grid grid(x, y, values, level);
  Pieces pieces;
  for (std::size_t row = 0; row + 1 < y.size(); ++row)
    for (std::size_t column = 0; column + 1 < x.size(); ++column)
      add_cell(grid, row, column, pieces);
  std::vector<ContourLine> lines;
  for (std::vector<Edge> line = pieces.take(); !line.empty(); line = pieces.take()) {
    lines.emplace_back();
    for (const Edge edge : line) grid.add(edge, lines.back());
  }
  return lines;
}

}  // namespace thermoscape::analysis
