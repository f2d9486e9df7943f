#include "thermoscape/landscape/loss_line.hpp"

#include "thermoscape/objective/mlp/line.hpp"
#include "thermoscape/objective/mlp/mlp.hpp"
#include "thermoscape/objective/shapes.hpp"

namespace thermoscape {

template <class Real>
LossLine<Real>::LossLine(Objective<Real>& objective, std::span<const Real> theta)
    : objective_(&objective), theta_(theta.begin(), theta.end()) {
  require_size(theta.size(), objective.parameters(), "loss_line", "theta");
  if (const auto* mlp = dynamic_cast<const Mlp<Real>*>(&objective))
    line_ = std::make_unique<mlp::Line<Real>>(mlp->model(), theta_);
}

template <class Real>
LossLine<Real>::~LossLine() = default;

template <class Real>
std::span<const Real> LossLine<Real>::at(std::span<const Real> direction, double delta) {
  moved_.resize(theta_.size());
  for (std::size_t i = 0; i < theta_.size(); ++i)
    moved_[i] = theta_[i] + static_cast<Real>(delta) * direction[i];
  return moved_;
}

template <class Real>
std::vector<double> LossLine<Real>::losses(std::span<const Real> direction,
                                           std::span<const double> deltas) {
  require_size(direction.size(), parameters(), "loss_line", "direction");
  if (line_) return line_->walk(direction, deltas, false, {});
  std::vector<double> out;
  for (const double delta : deltas) out.push_back(objective_->loss(at(direction, delta), Batch{}));
  return out;
}

template <class Real>
void LossLine<Real>::example_losses(std::span<const Real> direction,
                                    std::span<const double> deltas,
                                    std::span<double> out) {
  require_size(direction.size(), parameters(), "loss_line", "direction");
  const auto rows = static_cast<std::int64_t>(deltas.size());
  require_size(out.size(), rows * examples(), "loss_line", "example_losses");
  const auto width = static_cast<std::size_t>(examples());
  if (line_) {
    (void)line_->walk(direction,
                      deltas,
                      false,
                      [&](std::size_t m,
                          std::int64_t first,
                          std::span<const Real> losses,
                          std::span<const Real>) {
                        std::copy(losses.begin(),
                                  losses.end(),
                                  out.begin() + static_cast<std::ptrdiff_t>(m * width) + first);
                      });
    return;
  }
  for (std::size_t m = 0; m < deltas.size(); ++m)
    objective_->example_losses(at(direction, deltas[m]), Batch{}, out.subspan(m * width, width));
}

template <class Real>
void LossLine<Real>::example_slopes(std::span<const Real> direction,
                                    double delta,
                                    std::span<double> losses,
                                    std::span<double> slopes) {
  require_size(direction.size(), parameters(), "loss_line", "direction");
  require_size(losses.size(), examples(), "loss_line", "losses");
  require_size(slopes.size(), examples(), "loss_line", "slopes");
  if (line_) {
    (void)line_->walk(direction,
                      std::span<const double>(&delta, 1),
                      true,
                      [&](std::size_t,
                          std::int64_t first,
                          std::span<const Real> values,
                          std::span<const Real> rates) {
                        std::copy(values.begin(), values.end(), losses.begin() + first);
                        std::copy(rates.begin(), rates.end(), slopes.begin() + first);
                      });
    return;
  }
  const std::span<const Real> theta = at(direction, delta);
  objective_->example_losses(theta, Batch{}, losses);
  const auto size = static_cast<std::size_t>(parameters());
  objective_->example_gradients(
      theta, Batch{}, [&](std::int64_t first, std::int64_t rows, std::span<const Real> block) {
        for (std::int64_t r = 0; r < rows; ++r) {
          const Real* const gradient = block.data() + static_cast<std::size_t>(r) * size;
          double sum = 0;
          for (std::size_t i = 0; i < size; ++i)
            sum += static_cast<double>(gradient[i]) * static_cast<double>(direction[i]);
          slopes[static_cast<std::size_t>(first + r)] = sum;
        }
      });
}

template class LossLine<float>;
template class LossLine<double>;

}  // namespace thermoscape
