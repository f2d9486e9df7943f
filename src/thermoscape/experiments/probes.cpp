#include "thermoscape/experiments/probes.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <Eigen/QR>

#include "thermoscape/analysis/effective_examples.hpp"
#include "thermoscape/core/linear_operator.hpp"
#include "thermoscape/experiments/eigenplane_probe.hpp"
#include "thermoscape/experiments/trajectory.hpp"

namespace thermoscape {

std::vector<ProbePage> probe_pages() {
  return {
      {"loss", "", "loss", "loss on the batch of the step"},
      {"full_loss", "", "loss", "loss on all examples"},
      {"gradient_norm_squared",
       "",
       "loss²",
       "squared norm of the gradient on the batch of the step"},
      {"example_losses", "example", "loss", "loss of each example"},
      {"effective_examples", "", "1", "φ = (Σℓ)²/Σℓ², examples that share the loss"},
      {"virial", "", "loss", "θ·∇L, the gradient on the batch of the step"},
      {"full_gradient_norm_squared", "", "loss²", "squared norm of the gradient on all examples"},
      {"gradient_curvature",
       "",
       "loss³",
       "gᵀHg, g the gradient on the batch of the step, H the Hessian on all examples"},
      {"test_loss", "", "loss", "loss on the test examples"},
      {"test_accuracy", "", "1", "share of test examples whose largest logit is their label"},
      {"accuracy", "", "1", "share of examples whose largest logit is their label"},
      {"margin", "", "1", "median over examples of the margin z_y - max z_k, k ≠ y"},
      {"theta", "parameter", "1", "parameters"},
      {"trajectory", "parameter", "1", "some of the parameters, kept in streams"},
      {"eigenplanes",
       "number",
       "1",
       "position and velocity along the largest eigenvectors of the Hessian at the start of the "
       "phase, |θ - θ_start|², |v|²"},
      {"projections",
       "direction",
       "1",
       "displacement from the start of the phase along random orthonormal directions"},
      {"displacement", "", "1", "distance |θ - θ_start| from the start of the phase"}};
}

std::vector<std::string> probe_names() {
  std::vector<std::string> names;
  for (const ProbePage& page : probe_pages()) names.push_back(page.name);
  return names;
}

namespace {
template <class Real>
double squared_norm(std::span<const Real> x) {
  double sum = 0;
  for (const Real one : x) sum += static_cast<double>(one) * static_cast<double>(one);
  return sum;
}

template <class Real>
double median_margin(Objective<Real>& objective,
                     std::span<const Real> theta,
                     std::span<const std::int32_t> labels) {
  const auto classes = static_cast<std::size_t>(objective.outputs());
  std::vector<Real> z(labels.size() * classes);
  objective.logits(theta, Batch{}, z);
  std::vector<double> margins;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const Real* row = z.data() + i * classes;
    double rival = -std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < classes; ++k) {
      if (static_cast<std::int32_t>(k) != labels[i])
        rival = std::max(rival, static_cast<double>(row[k]));
    }
    margins.push_back(static_cast<double>(row[labels[i]]) - rival);
  }
  const auto middle = margins.begin() + static_cast<std::ptrdiff_t>(margins.size() / 2);
  std::nth_element(margins.begin(), middle, margins.end());
  return *middle;
}

template <class Real>
double accuracy(Objective<Real>& objective,
                std::span<const Real> theta,
                std::span<const std::int32_t> labels) {
  const auto classes = static_cast<std::size_t>(objective.outputs());
  std::vector<Real> z(labels.size() * classes);
  objective.logits(theta, Batch{}, z);
  std::size_t right = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = z.begin() + static_cast<std::ptrdiff_t>(i * classes);
    right += std::max_element(row, row + static_cast<std::ptrdiff_t>(classes)) - row == labels[i];
  }
  return static_cast<double>(right) / static_cast<double>(labels.size());
}

template <class Real>
double dot(std::span<const Real> a, std::span<const Real> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

/// gᵀHg with g of the batch and H of all examples.
template <class Real>
double gradient_curvature(Look<Real>& look) {
  const std::span<const Real> gradient = look.source.gradient(look.state.theta);
  std::vector<Real> product(gradient.size());
  look.source.objective().hessian_products(look.state.theta, Batch{}, gradient, product);
  return dot<Real>(gradient, product);
}

/// test_loss and test_accuracy: an objective of their own, with the buffers of the state.
template <class Real>
std::function<void(Look<Real>&, std::span<double>)> test_measure(const std::string& name,
                                                                 const TestPart<Real>& test) {
  if (!test.objective) {
    reject({"record.probe", name, "needs test examples", "set `test` in the table of the data"});
  }
  const bool share = name == "test_accuracy";
  if (share && (test.objective->outputs() < 2 || test.labels.empty())) {
    reject({"record.probe", name, "needs an objective with logits and labelled data", ""});
  }
  const std::shared_ptr<Objective<Real>> own = test.objective->clone();
  return [own, share, labels = test.labels](Look<Real>& look, std::span<double> out) {
    if (!look.state.buffers.empty()) own->use_buffers(look.state.buffers);
    const std::span<const Real> theta(look.state.theta);
    out[0] = share ? accuracy<Real>(*own, theta, labels) : own->loss(theta, Batch{});
  };
}

/// `count` orthonormal columns in R^size: the QR factor of normal draws.
Matrix random_basis(std::int64_t size, std::int64_t count, const Noise& noise) {
  std::vector<double> draws(static_cast<std::size_t>(size * count));
  noise.normal<double>("projections.directions", 0, draws);
  const Eigen::Map<const Matrix> columns(draws.data(), size, count);
  const Eigen::HouseholderQR<Matrix> qr(columns);
  return qr.householderQ() * Matrix::Identity(size, count);
}

template <class Real>
void project(const Matrix& basis, const Look<Real>& look, std::span<double> out) {
  Vector moved(basis.rows());
  for (Eigen::Index i = 0; i < moved.size(); ++i) {
    const auto at = static_cast<std::size_t>(i);
    moved[i] = static_cast<double>(look.state.theta[at]) - static_cast<double>(look.origin[at]);
  }
  Eigen::Map<Vector>(out.data(), basis.cols()) = basis.transpose() * moved;
}
}  // namespace

template <class Real>
Probe<Real> make_probe(const RecordSettings& settings,
                       const Objective<Real>& objective,
                       Schedule schedule,
                       std::span<const std::int32_t> labels,
                       const Noise& noise,
                       const TestPart<Real>& test) {
  const std::string& name = settings.probe;
  const auto examples = static_cast<std::size_t>(objective.examples());
  Probe<Real> probe{name, 1, "", "", "", std::move(schedule), {}};
  bool known = false;
  for (const ProbePage& page : probe_pages()) {
    if (page.name != name) continue;
    known = true;
    probe.axis = page.axis;
    probe.unit = page.unit;
    probe.description = page.description;
  }
  if (!known) {
    const auto names = probe_names();
    std::string valid;
    for (const auto& one : names) valid += (valid.empty() ? "" : ", ") + one;
    reject({"record.probe", name, "must be one of " + valid, did_you_mean(name, names)});
  }
  using L = Look<Real>;
  if (name == "eigenplanes") {
    return eigenplane_probe<Real>(objective, settings.directions, std::move(probe.schedule), noise);
  }
  if (name == "trajectory")
    return trajectory_probe<Real>(
        parameter_subset(settings.parameters, objective, "record.parameters"),
        std::move(probe.schedule));
  if (name == "loss") {
    probe.measure = [](L& look, std::span<double> out) {
      out[0] = look.source.loss(look.state.theta);
    };
  } else if (name == "full_loss") {
    probe.measure = [](L& look, std::span<double> out) {
      out[0] = look.source.objective().loss(look.state.theta, Batch{});
    };
  } else if (looks_at_test(name)) {
    probe.measure = test_measure<Real>(name, test);
  } else if (name == "virial") {
    probe.measure = [](L& look, std::span<double> out) {
      out[0] = dot<Real>(look.state.theta, look.source.gradient(look.state.theta));
    };
  } else if (name == "gradient_curvature") {
    probe.measure = [](L& look, std::span<double> out) { out[0] = gradient_curvature(look); };
  } else if (name == "full_gradient_norm_squared") {
    probe.measure = [own = std::vector<Real>(static_cast<std::size_t>(objective.parameters()))](
                        L& look, std::span<double> out) mutable {
      look.source.objective().loss_gradient(look.state.theta, Batch{}, own);
      out[0] = squared_norm<Real>(own);
    };
  } else if (name == "gradient_norm_squared") {
    probe.measure = [](L& look, std::span<double> out) {
      out[0] = squared_norm(look.source.gradient(look.state.theta));
    };
  } else if (name == "example_losses") {
    probe.width = examples;
    probe.measure = [](L& look, std::span<double> out) {
      look.source.objective().example_losses(look.state.theta, Batch{}, out);
    };
  } else if (name == "projections") {
    if (settings.directions > objective.parameters()) {
      reject({"record.directions",
              std::to_string(settings.directions),
              "must be at most the number of parameters, " + std::to_string(objective.parameters()),
              ""});
    }
    probe.width = static_cast<std::size_t>(settings.directions);
    probe.measure = [basis = random_basis(objective.parameters(), settings.directions, noise)](
                        L& look, std::span<double> out) { project<Real>(basis, look, out); };
  } else if (name == "effective_examples") {
    probe.measure = [losses = std::vector<double>(examples)](L& look,
                                                             std::span<double> out) mutable {
      look.source.objective().example_losses(look.state.theta, Batch{}, losses);
      const Estimate phi = analysis::effective_examples(losses);
      out[0] = phi.ok() ? phi.value : 0;  // no example has any loss
    };
  } else if (name == "accuracy" || name == "margin") {
    if (objective.outputs() < 2 || labels.size() != examples) {
      reject({"record.probe",
              name,
              "needs an objective with logits and labelled data",
              "leave it out"});
    }
    const auto of = name == "margin" ? median_margin<Real> : accuracy<Real>;
    probe.measure = [of, own = std::vector<std::int32_t>(labels.begin(), labels.end())](
                        L& look, std::span<double> out) {
      out[0] = of(look.source.objective(), look.state.theta, own);
    };
  } else if (name == "theta") {
    probe.width = static_cast<std::size_t>(objective.parameters());
    probe.measure = [](L& look, std::span<double> out) {
      std::copy(look.state.theta.begin(), look.state.theta.end(), out.begin());
    };
  } else {
    probe.measure = [](L& look, std::span<double> out) {
      double sum = 0;
      for (std::size_t i = 0; i < look.origin.size(); ++i) {
        const double moved =
            static_cast<double>(look.state.theta[i]) - static_cast<double>(look.origin[i]);
        sum += moved * moved;
      }
      out[0] = std::sqrt(sum);
    };
  }
  return probe;
}

template Probe<float> make_probe(const RecordSettings&,
                                 const Objective<float>&,
                                 Schedule,
                                 std::span<const std::int32_t>,
                                 const Noise&,
                                 const TestPart<float>&);
template Probe<double> make_probe(const RecordSettings&,
                                  const Objective<double>&,
                                  Schedule,
                                  std::span<const std::int32_t>,
                                  const Noise&,
                                  const TestPart<double>&);

}  // namespace thermoscape
