#include "thermoscape/analysis/displacement.hpp"

#include <algorithm>
#include <cmath>

#include "thermoscape/analysis/jackknife.hpp"
#include "thermoscape/analysis/linear_fit.hpp"

namespace thermoscape::analysis {

namespace {

/// Σ (a_i - b_i)² in double over stretches of floats short enough to add up in single precision.
double square_distance(const float* a, const float* b, Eigen::Index size) {
  constexpr Eigen::Index kStretch = 256;
  double sum = 0;
  for (Eigen::Index i = 0; i < size; i += kStretch) {
    const Eigen::Index count = std::min(kStretch, size - i);
    const Eigen::Map<const Eigen::ArrayXf> x(a + i, count);
    const Eigen::Map<const Eigen::ArrayXf> y(b + i, count);
    sum += static_cast<double>((x - y).square().sum());
  }
  return sum;
}

/// |⟨θ_{i+k} - θ_i⟩|² by the sums of the first and the last rows.
double square_of_mean(const Path& path, std::int64_t lag) {
  const Eigen::Index origins = path.rows() - lag;
  // Rows that are both origin and end cancel.
  const Eigen::Index width = std::min<Eigen::Index>(lag, origins);
  const Eigen::RowVectorXd late = path.bottomRows(width).cast<double>().colwise().sum();
  const Eigen::RowVectorXd early = path.topRows(width).cast<double>().colwise().sum();
  return ((late - early) / static_cast<double>(origins)).squaredNorm();
}

double deviation(const std::vector<double>& values) {
  double mean = 0;
  for (const double x : values) mean += x / static_cast<double>(values.size());
  double squares = 0;
  for (const double x : values) squares += (x - mean) * (x - mean);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

/// Sums and numbers of squares by lag and stretch of origins.
struct Blocks {
  Eigen::ArrayXXd sums;    ///< [lags, blocks]
  Eigen::ArrayXXd counts;  ///< [lags, blocks]
};

Blocks block_sums(const Path& path, const std::vector<std::int64_t>& lags, std::int64_t blocks) {
  const auto count = static_cast<Eigen::Index>(lags.size());
  Blocks b{Eigen::ArrayXXd::Zero(count, blocks), Eigen::ArrayXXd::Zero(count, blocks)};
  for (Eigen::Index l = 0; l < count; ++l) {
    const std::int64_t lag = lags[static_cast<std::size_t>(l)];
    const std::int64_t origins = path.rows() - lag;
    for (std::int64_t i = 0; i < origins; ++i) {
      const std::int64_t block = i * blocks / origins;
      b.sums(l, block) +=
          square_distance(path.row(i).data(), path.row(i + lag).data(), path.cols());
      b.counts(l, block) += 1;
    }
  }
  return b;
}

}  // namespace

std::vector<std::int64_t> log_lags(std::int64_t longest, std::int64_t per_decade) {
  std::vector<std::int64_t> lags;
  for (int i = 0;; ++i) {
    const double exact = std::pow(10.0, static_cast<double>(i) / static_cast<double>(per_decade));
    const auto lag = static_cast<std::int64_t>(std::llround(exact));
    if (lag > longest) return lags;
    if (lags.empty() || lag > lags.back()) lags.push_back(lag);
  }
}

std::vector<double> log_slopes(std::span<const std::int64_t> lags, std::span<const double> values) {
  std::vector<double> slope(lags.size());
  for (std::size_t i = 0; i < lags.size(); ++i) {
    const std::size_t a = i == 0 ? 0 : i - 1;
    const std::size_t b = std::min(i + 1, lags.size() - 1);
    slope[i] = std::log(values[b] / values[a]) /
               std::log(static_cast<double>(lags[b]) / static_cast<double>(lags[a]));
  }
  return slope;
}

MultiOrigin multi_origin_displacement(const Path& path,
                                      const Noise& noise,
                                      const DisplacementOptions& options) {
  validate(options, "displacement");
  const std::int64_t looks = path.rows();
  if (looks < 8) {
    reject({"displacement.path", fmt::format("{} looks", looks), "must hold at least 8 looks", ""});
  }
  MultiOrigin result;
  const auto longest = static_cast<std::int64_t>(options.longest * static_cast<double>(looks - 1));
  result.lags = log_lags(std::max<std::int64_t>(longest, 2), options.per_decade);
  const std::int64_t blocks = std::min(options.blocks, looks / 2);
  const Blocks sums = block_sums(path, result.lags, blocks);
  const Eigen::ArrayXd mean = sums.sums.rowwise().sum() / sums.counts.rowwise().sum();
  const std::vector<double> msd(mean.begin(), mean.end());
  const std::vector<double> slope = log_slopes(result.lags, msd);

  const auto draws = static_cast<std::size_t>(options.resamplings);
  std::vector<std::vector<double>> again(msd.size(), std::vector<double>(draws));
  std::vector<std::vector<double>> again_slope = again;
  std::vector<std::uint32_t> words(static_cast<std::size_t>(blocks));
  for (std::size_t r = 0; r < draws; ++r) {
    noise.words("displacement.blocks", r, words);
    Eigen::ArrayXd sum = Eigen::ArrayXd::Zero(mean.size());
    Eigen::ArrayXd count = sum;
    for (const std::uint32_t word : words) {
      const auto block = static_cast<Eigen::Index>(word % static_cast<std::uint32_t>(blocks));
      sum += sums.sums.col(block);
      count += sums.counts.col(block);
    }
    const Eigen::ArrayXd drawn = sum / count.max(1);
    const std::vector<double> values(drawn.begin(), drawn.end());
    const std::vector<double> drawn_slope = log_slopes(result.lags, values);
    for (std::size_t l = 0; l < values.size(); ++l) {
      again[l][r] = values[l];
      again_slope[l][r] = drawn_slope[l];
    }
  }
  for (std::size_t l = 0; l < msd.size(); ++l) {
    const std::int64_t lag = result.lags[l];
    const bool short_blocks = lag * blocks > looks;
    const Status status = short_blocks ? Status::too_short : Status::ok;
    result.displacement.push_back({msd[l], deviation(again[l]), status});
    result.exponent.push_back(std::isfinite(slope[l])
                                  ? Estimate{slope[l], deviation(again_slope[l]), status}
                                  : Estimate{});
    result.ballistic.push_back(msd[l] > 0 ? square_of_mean(path, lag) / msd[l] : 0);
    result.ballistic_by_chance.push_back(
        std::min(1.0, static_cast<double>(lag) / static_cast<double>(looks - lag)));
  }
  return result;
}

std::vector<double> displacement_from_start(const Path& path) {
  std::vector<double> squares;
  for (Eigen::Index k = 0; k < path.rows(); ++k)
    squares.push_back(square_distance(path.row(k).data(), path.row(0).data(), path.cols()));
  return squares;
}

Estimate drift_share(const Path& path, std::int64_t stretches) {
  const std::int64_t length = stretches < 4 ? 0 : (path.rows() - 1) / stretches;
  if (length < 2) {
    reject({"drift_share.stretches",
            fmt::format("{} of {} looks", stretches, path.rows()),
            "must be at least 4 of at least 2 looks each",
            ""});
  }
  Eigen::MatrixXd moved(stretches, path.cols());
  for (Eigen::Index j = 0; j < stretches; ++j)
    moved.row(j) = path.row((j + 1) * length).cast<double>() - path.row(j * length).cast<double>();
  const Eigen::MatrixXd products = moved * moved.transpose();
  const auto share = [&](Eigen::Index without) {
    double cross = 0, pairs = 0, squares = 0, count = 0;
    for (Eigen::Index i = 0; i < stretches; ++i) {
      if (i == without) continue;
      squares += products(i, i);
      count += 1;
      for (Eigen::Index j = i + 2; j < stretches; ++j) {
        if (j == without) continue;
        cross += products(i, j);
        pairs += 1;
      }
    }
    return (cross / pairs) / (squares / count);
  };
  std::vector<double> without;
  for (Eigen::Index j = 0; j < stretches; ++j) without.push_back(share(j));
  return jackknife(share(-1), without);
}

Estimate displacement_exponent(std::span<const double> displacement,
                               std::int64_t first,
                               std::int64_t last) {
  std::vector<double> x;
  std::vector<double> y;
  const auto end = std::min<std::int64_t>(last, static_cast<std::int64_t>(displacement.size()) - 1);
  for (std::int64_t k = std::max<std::int64_t>(first, 1); k <= end; ++k) {
    const double value = displacement[static_cast<std::size_t>(k)];
    if (!(value > 0)) continue;
    x.push_back(std::log(static_cast<double>(k)));
    y.push_back(std::log(value));
  }
  return linear_fit(x, y).slope;
}

}  // namespace thermoscape::analysis
