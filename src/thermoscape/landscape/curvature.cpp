#include "thermoscape/landscape/curvature.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "thermoscape/analysis/lanczos.hpp"
#include "thermoscape/analysis/subspace_iteration.hpp"
#include "thermoscape/landscape/curvature_cost.hpp"
#include "thermoscape/landscape/dense_hessian.hpp"
#include "thermoscape/landscape/dense_spectrum.hpp"
#include "thermoscape/landscape/hessian_spectrum.hpp"
#include "thermoscape/landscape/operators.hpp"
#include "thermoscape/objective/shapes.hpp"

namespace thermoscape {

namespace {

using analysis::Eigenpairs;

/// A study on its way.
class Study {
 public:
  Study(Objective<double>& objective,
        const std::vector<double>& theta,
        const CurvatureOptions& options,
        const Noise& noise,
        const CurvatureLook& look)
      : objective_(objective), theta_(theta), options_(options), noise_(noise), look_(look) {
    require_size(theta.size(), objective.parameters(), "spectrum", "theta");
    if (options.split_gh && objective.outputs() == 0) refuse_logits("spectrum", "split_gh");
    const auto layers = static_cast<std::int64_t>(layers_of(objective).size());
    plan_ = plan_curvature(options, objective.parameters(), layers, memory_for(options));
    certainty_ = {.tolerance = options.tolerance, .rounding = options.rounding};
  }

  Curvature run() {
    const auto begin = std::chrono::steady_clock::now();
    describe();
    std::vector<HessianTerm> terms{HessianTerm::full};
    if (options_.split_gh)
      terms = {HessianTerm::full, HessianTerm::gauss_newton, HessianTerm::residual};
    for (const HessianTerm term : terms) {
      if (out_.interrupted) break;
      out_.terms.emplace_back();
      measure(term, out_.terms.back());
    }
    if (options_.split_gh && !out_.interrupted) share_of_gauss_newton();
    if (options_.per_layer && !out_.interrupted) measure_layers();
    out_.products = done_;
    out_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return std::move(out_);
  }

 private:
  void describe() {
    out_.parameters = objective_.parameters();
    out_.examples = objective_.examples();
    out_.outputs = objective_.outputs();
    out_.method = plan_.dense ? "dense" : plan_.subspace ? "subspace" : "lanczos";
    out_.both_ends = options_.both_ends && !plan_.subspace;
    gradient_.resize(static_cast<Eigen::Index>(theta_.size()));
    out_.loss = objective_.loss_gradient(
        theta_, {}, {gradient_.data(), static_cast<std::size_t>(gradient_.size())});
    out_.gradient_norm = gradient_.norm();
  }
  [[nodiscard]] LinearOperator make(HessianTerm term) const {
    return hessian_operator(objective_, theta_, term);
  }
  [[nodiscard]] Noise noise_of(HessianTerm term) const {
    return noise_.fork("curvature", static_cast<std::uint64_t>(term));
  }
  /// What a solver calls: adds to the products of the parts before.
  [[nodiscard]] analysis::SolverLook watch(const std::string& part) {
    return [this, part, before = done_](std::int64_t products, std::int64_t) {
      done_ = before + products;
      if (look_ && !look_(part, static_cast<double>(done_), plan_.products()))
        out_.interrupted = true;
      return !out_.interrupted;
    };
  }
  /// Sets the count right at the end of a part.
  void add(std::int64_t before, std::int64_t products) { done_ = before + products; }

  void measure(HessianTerm term, TermCurvature& to) {
    to.term = term;
    const LinearOperator a = make(term);
    if (plan_.dense) {
      measure_dense(a, to);
    } else {
      find_pairs(a, to);
      if (options_.trace && !out_.interrupted) find_trace(a, to);
      if (options_.density && !out_.interrupted) find_density(a, to);
    }
    if (term == HessianTerm::full) share_of_gradient(to.pairs);
  }
  [[nodiscard]] Matrix matrix_of(HessianTerm term) {
    Matrix matrix(out_.parameters, out_.parameters);
    dense_hessian<double>(
        objective_, theta_, {}, term, {matrix.data(), static_cast<std::size_t>(matrix.size())});
    done_ += out_.parameters;
    if (look_ && !look_("dense matrix", static_cast<double>(done_), plan_.products()))
      out_.interrupted = true;
    return matrix;
  }
  void measure_dense(const LinearOperator& a, TermCurvature& to) {
    Matrix matrix = matrix_of(to.term);
    DenseSpectrum found = dense_spectrum(a, std::move(matrix), options_.top, end(), certainty_);
    done_ += found.pairs.certification;
    to.pairs = std::move(found.pairs);
    to.pairs.products = out_.parameters;
    to.all = std::move(found.values);
    if (found.status != Status::ok) return;
    to.trace = analysis::trace_of(to.all);
    if (options_.density) {
      to.density = analysis::exact_density(to.all, std::min(options_.top, out_.parameters / 4));
    }
  }
  [[nodiscard]] analysis::SpectrumEnd end() const {
    return options_.both_ends ? analysis::SpectrumEnd::both : analysis::SpectrumEnd::largest;
  }
  void find_pairs(const LinearOperator& a, TermCurvature& to) {
    const std::int64_t before = done_;
    const std::string part = std::string(name(to.term)) + ": eigenpairs";
    if (plan_.subspace) {
      to.pairs = analysis::subspace_iteration(a,
                                              noise_of(to.term),
                                              {.count = options_.top,
                                               .most_products = options_.most_products,
                                               .certainty = certainty_,
                                               .look = watch(part)});
    } else {
      to.pairs = analysis::lanczos(a,
                                   noise_of(to.term),
                                   {.count = options_.top,
                                    .end = end(),
                                    .block = options_.block,
                                    .basis = plan_.basis,
                                    .most_products = options_.most_products,
                                    .certainty = certainty_,
                                    .look = watch(part)});
    }
    add(before, to.pairs.products + to.pairs.certification);
  }
  void find_trace(const LinearOperator& a, TermCurvature& to) {
    const std::int64_t before = done_;
    const Eigenpairs known = to.pairs.only_converged();
    analysis::TraceOptions own{.relative_error = options_.trace_error};
    own.block = std::max<std::int64_t>(8, options_.block);
    own.look = watch(std::string(name(to.term)) + ": trace");
    to.trace = analysis::hutchpp(a, noise_of(to.term), own, &known);
    add(before, to.trace.products);
  }
  void find_density(const LinearOperator& a, TermCurvature& to) {
    const std::int64_t before = done_;
    const Eigenpairs known = to.pairs.only_converged();
    to.density = analysis::slq(a,
                               noise_of(to.term),
                               {.probes = options_.probes,
                                .steps = options_.steps,
                                .together = plan_.together,
                                .look = watch(std::string(name(to.term)) + ": density")},
                               &known);
    add(before, to.density->products);
  }
  void share_of_gradient(const Eigenpairs& pairs) {
    const double size = gradient_.squaredNorm();
    for (Eigen::Index i = 0; i < pairs.count(); ++i) {
      const double along = gradient_.dot(pairs.vectors.col(i));
      out_.gradient_share.push_back(size > 0 ? along * along / size : 0);
    }
  }
  void share_of_gauss_newton() {
    const Eigenpairs& pairs = out_.hessian().pairs;
    if (pairs.count() == 0) return;
    const Matrix products = make(HessianTerm::gauss_newton) * pairs.vectors;
    done_ += products.cols();
    for (Eigen::Index i = 0; i < pairs.count(); ++i) {
      const double form = pairs.vectors.col(i).dot(products.col(i));
      out_.share_of_g.push_back(pairs.values[i] != 0 ? form / pairs.values[i] : 0);
    }
  }

  void measure_layers() {
    for (const ParameterGroup& one : layers_of(objective_)) out_.layers.emplace_back().layer = one;
    if (plan_.dense) {
      dense_layers();
      return;
    }
    const LinearOperator hessian = make(HessianTerm::full);
    std::optional<LinearOperator> g;
    if (out_.outputs > 0) g = make(HessianTerm::gauss_newton);
    for (std::size_t i = 0; i < out_.layers.size() && !out_.interrupted; ++i) {
      LayerCurvature& to = out_.layers[i];
      const Noise own = noise_.fork("layer", i);
      const LinearOperator block = restricted(hessian, coordinates_of(to.layer));
      std::int64_t before = done_;
      const Eigenpairs pairs = analysis::lanczos(block,
                                                 own,
                                                 {.count = 1,
                                                  .block = options_.block,
                                                  .certainty = certainty_,
                                                  .look = watch("layer " + to.layer.name)});
      add(before, pairs.products + pairs.certification);
      if (pairs.count() > 0) {
        to.largest = pairs.values[0];
        to.residual = pairs.residuals[0];
        to.converged = pairs.converged[0];
      }
      to.trace = trace_of_layer(block, own, to.layer.name);
      if (g && !out_.interrupted) {
        const LinearOperator own_g = restricted(*g, coordinates_of(to.layer));
        to.gauss_newton_trace = trace_of_layer(own_g, own, to.layer.name);
      }
    }
  }
  Estimate trace_of_layer(const LinearOperator& a, const Noise& own, const std::string& layer) {
    const std::int64_t before = done_;
    analysis::TraceOptions settings{
        .relative_error = std::max(0.05, options_.trace_error), .most_products = 100, .sketch = 6};
    settings.look = watch("layer " + layer);
    const analysis::TraceEstimate found = analysis::hutchpp(a, own, settings);
    add(before, found.products);
    return found.trace;
  }
  void dense_layers() {
    const Matrix hessian = matrix_of(HessianTerm::full);
    Vector gauss_newton;
    if (out_.outputs > 0) gauss_newton = matrix_of(HessianTerm::gauss_newton).diagonal();
    for (LayerCurvature& to : out_.layers) {
      const Eigen::Index first = to.layer.first;
      const Eigen::Index count = to.layer.count;
      Matrix block = hessian.block(first, first, count, count);
      to.trace = {block.trace(), 0, Status::ok};
      if (gauss_newton.size() > 0)
        to.gauss_newton_trace = {gauss_newton.segment(first, count).sum(), 0, Status::ok};
      const LinearOperator a(count,
                             [block](const Eigen::Ref<const Matrix>& in, Eigen::Ref<Matrix> out) {
                               out.noalias() = block * in;
                             });
      const DenseSpectrum found =
          dense_spectrum(a, block, 1, analysis::SpectrumEnd::largest, certainty_);
      if (found.status != Status::ok) continue;
      to.largest = found.values[0];
      to.residual = found.pairs.residuals[0];
      to.converged = found.pairs.converged[0];
    }
  }

  Objective<double>& objective_;
  const std::vector<double>& theta_;
  const CurvatureOptions& options_;
  Noise noise_;
  const CurvatureLook& look_;
  CurvaturePlan plan_;
  analysis::Certainty certainty_;
  Vector gradient_;
  std::int64_t done_ = 0;
  Curvature out_;
};

}  // namespace

const TermCurvature* Curvature::find(HessianTerm term) const {
  for (const TermCurvature& one : terms) {
    if (one.term == term) return &one;
  }
  return nullptr;
}

Status Curvature::status() const {
  Status worst = interrupted ? Status::not_converged : Status::ok;
  for (const TermCurvature& one : terms) {
    if (one.pairs.status == Status::diverged) return Status::diverged;
    if (one.density && one.density->status == Status::diverged) return Status::diverged;
    if (one.pairs.status != Status::ok) worst = Status::not_converged;
  }
  return worst;
}

std::string_view name(HessianTerm term) {
  switch (term) {
    case HessianTerm::full:
      return "Hessian";
    case HessianTerm::gauss_newton:
      return "G-term";
    case HessianTerm::residual:
      return "H-term";
  }
  return "Hessian";
}

Curvature measure_curvature(Objective<double>& objective,
                            const std::vector<double>& theta,
                            const CurvatureOptions& options,
                            const Noise& noise,
                            const CurvatureLook& look) {
  return Study(objective, theta, options, noise, look).run();
}

}  // namespace thermoscape
