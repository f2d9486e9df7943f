#include "thermoscape/landscape/operators.hpp"

#include <algorithm>
#include <numeric>

#include "thermoscape/landscape/output_curvature.hpp"
#include "thermoscape/objective/shapes.hpp"

namespace thermoscape {

namespace {

std::span<const double> numbers(const Matrix& m) {
  return {m.data(), static_cast<std::size_t>(m.size())};
}
std::span<double> numbers(Matrix& m) {
  return {m.data(), static_cast<std::size_t>(m.size())};
}

/// An objective at a point over chosen examples, cut into micro-batches.
class Site {
 public:
  Site(Objective<double>& objective, std::vector<double> theta, OperatorExamples examples)
      : objective_(&objective), theta_(std::move(theta)), examples_(std::move(examples)) {
    require_size(theta_.size(), objective.parameters(), "operator", "theta");
    count_ = examples_.chosen.empty() ? objective.examples()
                                      : static_cast<std::int64_t>(examples_.chosen.size());
    if (examples_.micro_batch > 0 && examples_.chosen.empty()) {
      examples_.chosen.resize(static_cast<std::size_t>(count_));
      std::iota(examples_.chosen.begin(), examples_.chosen.end(), 0);
    }
  }

  [[nodiscard]] Objective<double>& at() const { return *objective_; }
  [[nodiscard]] std::span<const double> theta() const { return theta_; }
  [[nodiscard]] Eigen::Index parameters() const { return objective_->parameters(); }
  [[nodiscard]] Eigen::Index outputs() const { return objective_->outputs(); }
  [[nodiscard]] std::int64_t count() const { return count_; }  ///< n
  /// The label of each chosen example.
  [[nodiscard]] std::vector<std::int32_t> of_chosen(std::span<const std::int32_t> labels) const {
    if (examples_.chosen.empty()) return {labels.begin(), labels.end()};
    std::vector<std::int32_t> own;
    for (const std::int32_t i : examples_.chosen)
      own.push_back(labels[static_cast<std::size_t>(i)]);
    return own;
  }
  /// Calls f(batch, first, number of examples in it).
  template <class F>
  void for_each_batch(F&& f) const {
    const std::int64_t size = examples_.micro_batch > 0 ? examples_.micro_batch : count_;
    const std::span<const std::int32_t> all(examples_.chosen);
    for (std::int64_t first = 0; first < count_; first += size) {
      const std::int64_t width = std::min(size, count_ - first);
      f(all.empty()
            ? Batch{}
            : Batch{all.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(width))},
        first,
        width);
    }
  }
  /// z [C, n].
  [[nodiscard]] Matrix logits() const {
    Matrix z(outputs(), count_);
    for_each_batch([&](const Batch& batch, std::int64_t first, std::int64_t width) {
      objective_->logits(theta_,
                         batch,
                         numbers(z).subspan(static_cast<std::size_t>(first * outputs()),
                                            static_cast<std::size_t>(width * outputs())));
    });
    return z;
  }
  /// Adds the mean of the Hessian products.
  void add_hessian(const Matrix& in, Matrix& out) const {
    Matrix products(in.rows(), in.cols());
    for_each_batch([&](const Batch& batch, std::int64_t, std::int64_t width) {
      objective_->hessian_products(theta_, batch, numbers(in), numbers(products));
      out += (static_cast<double>(width) / static_cast<double>(count_)) * products;
    });
  }
  /// Adds scale · (1/n) Σ_i J_iᵀ M_i J_i v, where change(position, r) writes M_i r over r [C].
  template <class Change>
  void add_through_logits(const Matrix& in, double scale, Matrix& out, Change&& change) const {
    const auto k = in.cols();
    for_each_batch([&](const Batch& batch, std::int64_t first, std::int64_t width) {
      Matrix moved(outputs(), k * width);  // [k, width, C] row-major
      objective_->jacobian_products(theta_, batch, numbers(in), numbers(moved));
      for (Eigen::Index v = 0; v < k; ++v) {
        for (std::int64_t i = 0; i < width; ++i) {
          const auto column = v * width + i;
          change(first + i,
                 std::span<double>(moved.col(column).data(), static_cast<std::size_t>(outputs())));
        }
      }
      Matrix back(in.rows(), k);
      objective_->jacobian_pullback(theta_, batch, numbers(moved), numbers(back));
      out += (scale / static_cast<double>(count_)) * back;
    });
  }

 private:
  Objective<double>* objective_;
  std::vector<double> theta_;
  OperatorExamples examples_;
  std::int64_t count_ = 0;
};

void need_logits(const Objective<double>& objective, const char* operation) {
  if (objective.outputs() == 0) refuse_logits("operator", operation);
}

/// g_i·v and Σ g_i (g_i·v) / n by passes over per-example gradients.
LinearOperator by_gradients(std::shared_ptr<const Site> site, bool centred) {
  return {site->parameters(),
          [site, centred](const Eigen::Ref<const Matrix>& in, Eigen::Ref<Matrix> out) {
            Matrix sum = Matrix::Zero(in.rows(), in.cols());
            Vector mean = Vector::Zero(in.rows());
            site->for_each_batch([&](const Batch& batch, std::int64_t, std::int64_t) {
              site->at().example_gradients(
                  site->theta(),
                  batch,
                  [&](std::int64_t, std::int64_t rows, std::span<const double> block) {
                    const Eigen::Map<const Matrix> g(block.data(), in.rows(), rows);
                    sum.noalias() += g * (g.transpose() * in);
                    mean += g.rowwise().sum();
                  });
            });
            const double n = static_cast<double>(site->count());
            out = sum / n;
            if (centred) out.noalias() -= (mean / n) * ((mean / n).transpose() * in);
          }};
}

}  // namespace

LinearOperator hessian_operator(Objective<double>& objective,
                                std::vector<double> theta,
                                HessianTerm term,
                                OperatorExamples examples) {
  const auto site = std::make_shared<const Site>(objective, std::move(theta), std::move(examples));
  if (term == HessianTerm::full) {
    return {site->parameters(), [site](const Eigen::Ref<const Matrix>& in, Eigen::Ref<Matrix> out) {
              Matrix sum = Matrix::Zero(in.rows(), in.cols());
              site->add_hessian(in, sum);
              out = sum;
            }};
  }
  need_logits(objective, "gauss_newton");
  const Matrix z = site->logits();
  const OutputLoss loss = objective.output_loss();
  const bool residual = term == HessianTerm::residual;
  return {site->parameters(),
          [site, z, loss, residual](const Eigen::Ref<const Matrix>& in, Eigen::Ref<Matrix> out) {
            Matrix sum = Matrix::Zero(in.rows(), in.cols());
            if (residual) site->add_hessian(in, sum);
            site->add_through_logits(
                in, residual ? -1 : 1, sum, [&](std::int64_t i, std::span<double> r) {
                  const std::span<const double> own(z.col(i).data(),
                                                    static_cast<std::size_t>(z.rows()));
                  apply_output_curvature<double>(loss, own, r);
                });
            out = sum;
          }};
}

LinearOperator gradient_operator(Objective<double>& objective,
                                 std::vector<double> theta,
                                 GradientMoment moment,
                                 std::span<const std::int32_t> labels,
                                 OperatorExamples examples) {
  const auto site = std::make_shared<const Site>(objective, std::move(theta), std::move(examples));
  const bool centred = moment == GradientMoment::covariance;
  if (labels.empty() || objective.outputs() == 0) return by_gradients(site, centred);
  require_size(labels.size(), objective.examples(), "operator", "labels");
  Matrix errors = site->logits();  // becomes ∂ℓ/∂z [C, n]
  const std::vector<std::int32_t> own = site->of_chosen(labels);
  for (Eigen::Index i = 0; i < errors.cols(); ++i) {
    to_output_gradient<double>(objective.output_loss(),
                               own[static_cast<std::size_t>(i)],
                               {errors.col(i).data(), static_cast<std::size_t>(errors.rows())});
  }
  Matrix mean = Matrix::Zero(site->parameters(), 1);
  site->for_each_batch([&](const Batch& batch, std::int64_t first, std::int64_t width) {
    const Matrix part = errors.middleCols(first, width);
    Matrix pulled(site->parameters(), 1);
    objective.jacobian_pullback(site->theta(), batch, numbers(part), numbers(pulled));
    mean += pulled / static_cast<double>(site->count());
  });
  return {
      site->parameters(),
      [site, errors, mean, centred](const Eigen::Ref<const Matrix>& in, Eigen::Ref<Matrix> out) {
        Matrix sum = Matrix::Zero(in.rows(), in.cols());
        site->add_through_logits(in, 1, sum, [&](std::int64_t i, std::span<double> r) {
          const auto e = errors.col(i);
          Eigen::Map<Vector> moved(r.data(), e.size());
          moved = (e * e.dot(moved)).eval();
        });
        out = sum;
        if (centred) out -= mean * (mean.transpose() * in);
      }};
}

std::vector<ParameterGroup> layers_of(const Objective<double>& objective) {
  const auto layer_name = [](const std::string& name) { return name.substr(0, name.rfind('.')); };
  std::vector<ParameterGroup> layers;
  for (const ParameterGroup& one : objective.parameter_groups()) {
    const std::string name = layer_name(one.name);
    if (!layers.empty() && layers.back().name == name) {
      layers.back().count += one.count;
    } else {
      layers.push_back({name, one.first, one.count});
    }
  }
  if (layers.empty()) layers.push_back({"all", 0, objective.parameters()});
  return layers;
}

std::vector<Eigen::Index> coordinates_of(const ParameterGroup& group) {
  std::vector<Eigen::Index> list(static_cast<std::size_t>(group.count));
  std::iota(list.begin(), list.end(), static_cast<Eigen::Index>(group.first));
  return list;
}

Matrix dense_matrix(const LinearOperator& a, Eigen::Index block) {
  Matrix matrix(a.size(), a.size());
  for (Eigen::Index first = 0; first < a.size(); first += block) {
    const Eigen::Index width = std::min(block, a.size() - first);
    Matrix units = Matrix::Zero(a.size(), width);
    units.middleRows(first, width).setIdentity();
    a.apply(units, matrix.middleCols(first, width));
  }
  for (Eigen::Index j = 0; j < a.size(); ++j) {
    for (Eigen::Index i = j + 1; i < a.size(); ++i) {
      const double mean = 0.5 * (matrix(i, j) + matrix(j, i));
      matrix(i, j) = mean;
      matrix(j, i) = mean;
    }
  }
  return matrix;
}

}  // namespace thermoscape
