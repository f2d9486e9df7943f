#include "thermoscape/models/random_landscape.hpp"

#include <vector>

namespace thermoscape {

double MiniLoss::log_rise(const Vector& theta) const {
  const Vector from = theta - centre;
  return 0.5 * (from.dot(curvature * from) - centre.dot(curvature * centre));
}

RandomLandscape::RandomLandscape(const theory::MiniLossEnsemble& ensemble,
                                 const theory::MiniLossNoise& sgd,
                                 const Noise& noise)
    : ensemble_(ensemble), sgd_(sgd), noise_(noise) {
  (void)theory::mini_loss_steps(ensemble, sgd);  // throws for what the theory does not take
}

MiniLoss RandomLandscape::draw(std::uint64_t chain, std::uint64_t step) const {
  const Eigen::Index n = modes();
  std::vector<double> x(static_cast<std::size_t>(n * (n + 1) / 2 + n + 1));
  noise_.fork("chain", chain).normal<double>("random_landscape.draw", step, x);
  std::size_t next = 0;
  MiniLoss out{Matrix(n, n), Vector(n), 0};
  for (Eigen::Index i = 0; i < n; ++i) {
    out.curvature(i, i) =
        ensemble_.mean_curvature(i) + ensemble_.curvature_deviation(i) * x[next++];
    for (Eigen::Index j = 0; j < i; ++j)
      out.curvature(i, j) = out.curvature(j, i) = ensemble_.coupling_deviation(i, j) * x[next++];
    out.centre(i) =
        (i == 0 ? ensemble_.drift_centre : 0) + ensemble_.centre_deviation(i) * x[next++];
  }
  out.loss = sgd_.loss + sgd_.loss_deviation * x[next];
  return out;
}

Matrix RandomLandscape::trajectory(std::uint64_t chain,
                                   std::uint64_t first,
                                   std::int64_t steps,
                                   Vector theta) const {
  Matrix out(steps + 1, modes());
  out.row(0) = theta.transpose();
  for (std::int64_t t = 0; t < steps; ++t) {
    const MiniLoss batch = draw(chain, first + static_cast<std::uint64_t>(t));
    theta -= sgd_.learning_rate * batch.loss * (batch.curvature * (theta - batch.centre));
    out.row(t + 1) = theta.transpose();
  }
  return out;
}

}  // namespace thermoscape
