#include "thermoscape/objective/torch/self_test.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include <fmt/format.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape::networks {

namespace {

template <class Real>
class Tester {
 public:
  using Values = std::vector<Real>;
  Tester(Objective<Real>& objective, const Values& theta, const SelfTest& test)
      : objective_(objective), theta_(theta), test_(test) {}

  void run() {
    finite();
    const Values u = direction(0);
    const Values v = direction(1);
    repeats(v);
    if (test_.examples_alone) examples_are_alone();
    symmetric(u, v);
    if (test_.differences) differences(v);
  }

 private:
  [[noreturn]] void fail(const std::string& reason, const std::string& hint = "") const {
    reject({test_.name, "", reason, hint});
  }
  [[nodiscard]] Values direction(std::uint64_t number) const {
    Values v(theta_.size());
    Noise(1).normal<Real>("network.self_test", number, v);
    const double scale = 1 / norm(v);
    for (Real& x : v) x = static_cast<Real>(scale * static_cast<double>(x));
    return v;
  }
  static double dot(const Values& a, const Values& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
      sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    return sum;
  }
  static double norm(const Values& a) { return std::sqrt(dot(a, a)); }
  /// |a - scale (b - c)|.
  static double distance(const Values& a, double scale, const Values& b, const Values& c) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      const double d = static_cast<double>(a[i]) -
                       scale * (static_cast<double>(b[i]) - static_cast<double>(c[i]));
      sum += d * d;
    }
    return std::sqrt(sum);
  }
  [[nodiscard]] Values moved(double step, const Values& v) const {
    Values out = theta_;
    for (std::size_t i = 0; i < out.size(); ++i) out[i] += static_cast<Real>(step) * v[i];
    return out;
  }
  Values gradient(const Values& theta) {
    Values g(theta.size());
    loss_ = objective_.loss_gradient(theta, {}, g);
    return g;
  }
  Values product(const Values& v) {
    Values out(v.size());
    objective_.hessian_products(theta_, {}, v, out);
    return out;
  }

  void finite() {
    gradient_ = gradient(theta_);
    if (!std::isfinite(loss_)) {
      fail(fmt::format("returns {} for the loss of {} examples", loss_, objective_.examples()),
           "are the inputs normalised as in training? (--normalize mean,std)");
    }
    if (!std::isfinite(norm(gradient_))) fail("the gradient of its loss is NaN or infinite");
  }

  void repeats(const Values& v) {
    const double loss = loss_;
    product_ = product(v);
    if (!std::isfinite(norm(product_)))
      fail("its second derivative is NaN or infinite: the model is not twice differentiable");
    for (int call = 1; call < 6; ++call) {
      const bool same_gradient = gradient(theta_) == gradient_;
      if (!same_gradient || loss_ != loss || objective_.loss(theta_, {}) != loss) {
        fail(
            "two passes over the same examples differ: it draws random numbers or keeps a state "
            "(dropout, augmentation, statistics of the batch)",
            "save it after model.eval()");
      }
      if (product(v) != product_) {
        fail(fmt::format("Hessian products differ between the first and call {}", call + 1),
             "LibTorch differentiates this model wrongly");
      }
    }
  }

  void examples_are_alone() {
    const std::int64_t n = objective_.examples();
    const std::int64_t width = std::max<std::int64_t>(1, objective_.outputs());
    Values z(static_cast<std::size_t>(n * width));
    std::vector<double> losses(static_cast<std::size_t>(n));
    objective_.example_losses(theta_, {}, losses);
    double mean = 0;
    for (const double one : losses) mean += one / static_cast<double>(n);
    const double rounding = 1e4 * static_cast<double>(std::numeric_limits<Real>::epsilon());
    bool alone = std::abs(mean - objective_.loss(theta_, {})) <=
                 rounding * (std::abs(mean) + std::abs(objective_.loss(theta_, {})));
    if (objective_.outputs() > 0) {
      objective_.logits(theta_, {}, z);
      Values single(static_cast<std::size_t>(width));
      for (std::int32_t i = 0; i < n; ++i) {
        const std::vector<std::int32_t> chosen{i};
        objective_.logits(theta_, Batch{chosen}, single);
        const Values all(z.begin() + i * width, z.begin() + (i + 1) * width);
        alone = alone && distance(single, 1, all, Values(all.size())) <= rounding * norm(z);
      }
    }
    if (!alone) {
      fail(
          "an example's output depends on the others in the batch, or its loss on a batch is not "
          "the mean over examples",
          "statistics of the batch? save it after model.eval(), or choose batch_statistics = "
          "\"batch\"");
    }
  }

  void symmetric(const Values& u, const Values& v) {
    const Values hu = product(u);
    const double difference = std::abs(dot(u, product_) - dot(v, hu));
    const double scale = norm(product_) + norm(hu);
    const double rounding = std::is_same_v<Real, double> ? 1e-9 : 1e-3;
    if (difference <= rounding * scale) return;
    fail(fmt::format("its Hessian is not symmetric: u·Hv and v·Hu differ by {:.2g} of |Hv|",
                     difference / scale),
         "LibTorch differentiates this model wrongly");
  }

  void differences(const Values& v) {
    constexpr bool kDouble = std::is_same_v<Real, double>;
    constexpr double kTolerance = kDouble ? 1e-3 : 0.1;
    constexpr double kFirst = kDouble ? 1e-3 : 0.1;
    constexpr double kRatio = kDouble ? 0.1 : 0.3;
    double slope_error = kInfinity;
    double product_error = kInfinity;
    const double slope = dot(gradient_, v);
    double h = kFirst;
    for (int step = 0; step < 5; ++step, h *= kRatio) {
      const Values ahead = gradient(moved(h, v));
      const double loss_ahead = loss_;
      const Values behind = gradient(moved(-h, v));
      const double measured = (loss_ahead - loss_) / (2 * h);
      slope_error = std::min(slope_error, std::abs(slope - measured) / (norm(gradient_) + 1e-9));
      product_error = std::min(product_error,
                               distance(product_, 1 / (2 * h), ahead, behind) /
                                   (norm(product_) + 1e-4 * norm(gradient_) + 1e-9));
    }
    if (slope_error > kTolerance) {
      fail(fmt::format("its gradient is not that of its loss: they differ by {:.2g}", slope_error),
           "a detached tensor or a rounding inside?");
    }
    if (product_error > kTolerance) {
      fail(fmt::format("the model is not twice differentiable: Hv differs from the change of the "
                       "gradient by {:.2g}",
                       product_error),
           "a detached tensor or an operator with a wrong second derivative");
    }
  }

  static constexpr double kInfinity = std::numeric_limits<double>::infinity();
  Objective<Real>& objective_;
  const Values& theta_;
  const SelfTest& test_;
  double loss_ = 0;
  Values gradient_;
  Values product_;
};

}  // namespace

template <class Real>
void self_test(Objective<Real>& objective, const std::vector<Real>& theta, const SelfTest& test) {
  Tester<Real>(objective, theta, test).run();
}

template void self_test(Objective<float>&, const std::vector<float>&, const SelfTest&);
template void self_test(Objective<double>&, const std::vector<double>&, const SelfTest&);

}  // namespace thermoscape::networks
