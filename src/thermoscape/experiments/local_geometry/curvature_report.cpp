#include "thermoscape/experiments/local_geometry/curvature_report.hpp"

#include <algorithm>
#include <cmath>

#include "thermoscape/core/json.hpp"

namespace thermoscape {

namespace {

constexpr std::int64_t kMostVectorNumbers = std::int64_t{1} << 22;

std::vector<double> list(const Vector& v) {
  return {v.begin(), v.end()};
}

std::vector<double> flags(const std::vector<bool>& v) {
  return {v.begin(), v.end()};
}

void put_estimate(Dataset& group,
                  const std::string& key,
                  const Estimate& estimate,
                  const std::string& unit,
                  const std::string& meaning) {
  if (estimate.status == Status::undefined) return;
  group.put_scalar(key, estimate.value, unit, meaning);
  group.put_scalar(key + "_error", estimate.standard_error, unit, "standard error of it");
  group.attributes[key + "_status"] = std::string(name(estimate.status));
}

void put_pairs(Dataset& group, const analysis::Eigenpairs& pairs) {
  group.put_vector("eigenvalue", "pair", list(pairs.values), "loss", "eigenvalue, falling");
  group.put_vector(
      "residual", "pair", list(pairs.residuals), "loss", "|Av - λv| by a product of its own");
  group.put_vector("converged",
                   "pair",
                   flags(pairs.converged),
                   "1",
                   "1 where the residual is as small as was asked for");
  group.attributes["status"] = std::string(name(pairs.status));
  group.attributes["zeros"] = pairs.zeros;
  group.attributes["products"] = pairs.products;
  group.attributes["certification_products"] = pairs.certification;
  if (pairs.count() == 0 || pairs.vectors.size() > kMostVectorNumbers) return;
  group.put(
      {"eigenvector",
       {"pair", "parameter"},
       {static_cast<std::size_t>(pairs.count()), static_cast<std::size_t>(pairs.vectors.rows())},
       Values(
           std::vector<double>(pairs.vectors.data(), pairs.vectors.data() + pairs.vectors.size())),
       "1",
       "eigenvectors, a row each",
       "",
       {}});
}

Json numbers(const Vector& v) {
  Json array = Json::array();
  for (const double one : v) array.push_back(json_number(one));
  return array;
}

Json value_and_error(const Estimate& one) {
  if (one.status == Status::undefined) return nullptr;
  return to_json(one);
}

Json pairs_json(const analysis::Eigenpairs& pairs) {
  Json array = Json::array();
  for (Eigen::Index i = 0; i < pairs.count(); ++i) {
    array.push_back(
        {{"value", json_number(pairs.values[i])},
         {"residual", json_number(pairs.residuals[i])},
         {"converged", static_cast<bool>(pairs.converged[static_cast<std::size_t>(i)])}});
  }
  return array;
}

/// One list of nodes whose weights sum to one: spikes, then the probes, each a share alike.
Json density_json(const std::optional<analysis::SpectralDensity>& density) {
  if (!density) return nullptr;
  Json nodes = numbers(density->spikes);
  Json weights = Json::array();
  const double each = 1 / static_cast<double>(density->size);
  for (Eigen::Index i = 0; i < density->spikes.size(); ++i) weights.push_back(each);
  const auto probes = static_cast<double>(density->nodes.size());
  for (std::size_t p = 0; p < density->nodes.size(); ++p) {
    for (Eigen::Index i = 0; i < density->nodes[p].size(); ++i) {
      nodes.push_back(json_number(density->nodes[p][i]));
      weights.push_back(density->weights[p][i] / probes);
    }
  }
  Json moments = Json::array();
  for (int power = 1; power <= 4; ++power) {
    moments.push_back(
        value_and_error(density->mean_of([power](double x) { return std::pow(x, power); })));
  }
  return {{"nodes", nodes},
          {"weights", weights},
          {"moments", moments},
          {"spikes", density->spikes.size()},
          {"probes", density->exact ? 0 : density->nodes.size()},
          {"products", density->products}};
}

Json term_json(const TermCurvature& one) {
  return {{"eigenvalues", pairs_json(one.pairs)},
          {"status", std::string(name(one.pairs.status))},
          {"zeros", one.pairs.zeros},
          {"trace", value_and_error(one.trace.trace)},
          {"frobenius", value_and_error(one.trace.frobenius)},
          {"trace_over_frobenius", value_and_error(one.trace.trace_over_frobenius)},
          {"density", density_json(one.density)},
          {"products", one.pairs.products},
          {"certification_products", one.pairs.certification},
          {"trace_products", one.trace.products}};
}

}  // namespace

void put_density(Dataset& group, const analysis::SpectralDensity& density) {
  group.attributes["products"] = density.products;
  group.attributes["exact"] = static_cast<std::int64_t>(density.exact);
  group.attributes["status"] = std::string(name(density.status));
  group.put_vector(
      "spike", "spike", list(density.spikes), "loss", "eigenvalues known apart, weight 1/P each");
  std::vector<double> probe;
  std::vector<double> nodes;
  std::vector<double> weights;
  for (std::size_t p = 0; p < density.nodes.size(); ++p) {
    for (Eigen::Index i = 0; i < density.nodes[p].size(); ++i) {
      probe.push_back(static_cast<double>(p));
      nodes.push_back(density.nodes[p][i]);
      weights.push_back(density.weights[p][i]);
    }
  }
  group.put_vector("probe", "node", std::move(probe), "1", "which random start");
  group.put_vector("node", "node", std::move(nodes), "loss", "Ritz value");
  group.put_vector("weight",
                   "node",
                   std::move(weights),
                   "1",
                   "part of the spectrum it stands for, by its probe");
}

std::string key_of(HessianTerm term) {
  return term == HessianTerm::full           ? "hessian"
         : term == HessianTerm::gauss_newton ? "gauss_newton"
                                             : "h_term";
}

Dataset curvature_dataset(const Curvature& curvature) {
  Dataset data;
  data.attributes = {{"parameters", curvature.parameters},
                     {"examples", curvature.examples},
                     {"method", curvature.method},
                     {"products", curvature.products}};
  data.put_scalar("loss", curvature.loss, "loss", "L at the point");
  data.put_scalar("gradient_norm", curvature.gradient_norm, "loss", "|∇L|");
  for (const TermCurvature& one : curvature.terms) {
    Dataset& group = data.make_group(key_of(one.term));
    put_pairs(group, one.pairs);
    put_estimate(group, "trace", one.trace.trace, "loss", "trace");
    put_estimate(group, "frobenius", one.trace.frobenius, "loss", "Frobenius norm");
    put_estimate(group,
                 "trace_over_frobenius",
                 one.trace.trace_over_frobenius,
                 "1",
                 "trace over Frobenius norm");
    if (one.all.size() > 0) {
      group.put_vector("spectrum", "parameter", list(one.all), "loss", "every eigenvalue, falling");
    }
    if (one.density) put_density(group.make_group("density"), *one.density);
  }
  Dataset& hessian = data.make_group("hessian");
  if (!curvature.share_of_g.empty()) {
    hessian.put_vector("share_of_g",
                       "pair",
                       curvature.share_of_g,
                       "1",
                       "share of the G-term in the eigenvalue, vᵀGv/λ");
  }
  if (!curvature.gradient_share.empty()) {
    hessian.put_vector("gradient_share",
                       "pair",
                       curvature.gradient_share,
                       "1",
                       "share of the squared gradient along the eigenvector");
  }
  return data;
}

std::vector<Finding> curvature_findings(const Curvature& curvature,
                                        const std::vector<std::pair<std::string, double>>& where) {
  std::vector<Finding> findings;
  const auto put = [&](const std::string& quantity, const Estimate& estimate, const char* unit) {
    if (estimate.status != Status::undefined) findings.push_back({quantity, where, estimate, unit});
  };
  const auto pair = [&](const TermCurvature& one, Eigen::Index i) {
    const bool converged = one.pairs.converged[static_cast<std::size_t>(i)];
    return Estimate{one.pairs.values[i],
                    one.pairs.residuals[i],
                    converged ? Status::ok : Status::not_converged};
  };
  for (const TermCurvature& one : curvature.terms) {
    const std::string prefix = one.term == HessianTerm::full ? "" : key_of(one.term) + "_";
    const auto count = one.pairs.count();
    if (count > 0) put(prefix + "largest_eigenvalue", pair(one, 0), "loss");
    if (count > 0 && (curvature.both_ends || one.all.size() > 0)) {
      const Estimate least = one.all.size() > 0
                                 ? Estimate{one.all[one.all.size() - 1], 0, Status::ok}
                                 : pair(one, count - 1);
      put(prefix + "smallest_eigenvalue", least, "loss");
    }
    put(prefix + "trace", one.trace.trace, "loss");
    put(prefix + "frobenius", one.trace.frobenius, "loss");
    put(prefix + "trace_over_frobenius", one.trace.trace_over_frobenius, "1");
  }
  double share = 0;
  for (const double one : curvature.gradient_share) share += one;
  if (!curvature.gradient_share.empty()) put("gradient_in_pairs", {share, 0, Status::ok}, "1");
  if (!curvature.share_of_g.empty()) {
    put("share_of_g_in_largest", {curvature.share_of_g[0], 0, Status::ok}, "1");
  }
  return findings;
}

Json curvature_json(const Curvature& curvature) {
  Json object{{"parameters", curvature.parameters},
              {"examples", curvature.examples},
              {"outputs", curvature.outputs},
              {"loss", json_number(curvature.loss)},
              {"gradient_norm", json_number(curvature.gradient_norm)},
              {"method", curvature.method}};
  const Json hessian = term_json(curvature.hessian());
  for (const auto& [key, value] : hessian.items()) object[key] = value;
  object["status"] = std::string(name(curvature.status()));
  for (const TermCurvature& one : curvature.terms) {
    if (one.term != HessianTerm::full) object[key_of(one.term)] = term_json(one);
  }
  if (!curvature.share_of_g.empty()) object["share_of_g"] = curvature.share_of_g;
  if (!curvature.gradient_share.empty()) object["gradient_share"] = curvature.gradient_share;
  if (!curvature.layers.empty()) {
    Json layers = Json::array();
    for (const LayerCurvature& one : curvature.layers) {
      layers.push_back({{"layer", one.layer.name},
                        {"parameters", one.layer.count},
                        {"largest",
                         {{"value", json_number(one.largest)},
                          {"residual", json_number(one.residual)},
                          {"converged", one.converged}}},
                        {"trace", value_and_error(one.trace)},
                        {"gauss_newton_trace", value_and_error(one.gauss_newton_trace)}});
    }
    object["layers"] = layers;
  }
  object["interrupted"] = curvature.interrupted;
  object["all_products"] = curvature.products;
  object["seconds"] = curvature.seconds;
  return object;
}

}  // namespace thermoscape
