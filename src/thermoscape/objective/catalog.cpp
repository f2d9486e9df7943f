#include "thermoscape/objective/catalog.hpp"

#include <array>
#include <string>

#include "thermoscape/core/error.hpp"
#include "thermoscape/objective/mlp/mlp.hpp"
#include "thermoscape/objective/torch_library.hpp"

namespace thermoscape {

namespace {

constexpr std::array<std::string_view, std::variant_size_v<AnyObjective>> kNames{"quadratic",
                                                                                 "exponential-wall",
                                                                                 "linear",
                                                                                 "mlp",
                                                                                 "small-cnn",
                                                                                 "lenet",
                                                                                 "vgg9",
                                                                                 "vgg11",
                                                                                 "vgg16",
                                                                                 "resnet10",
                                                                                 "resnet18",
                                                                                 "torchscript"};

template <std::size_t... I>
AnyObjective by_index(std::size_t index, std::index_sequence<I...>) {
  AnyObjective settings;
  ((index == I ? void(settings.emplace<I>()) : void()), ...);
  return settings;
}

const data::Labelled& needed(const data::Labelled* data, std::string_view kind) {
  if (data == nullptr)
    reject({"objective", std::string(kind), "needs a data set", "add a [data.NAME] table"});
  return *data;
}

/// Settings to objective: the one place that pairs them.
template <class Real>
struct Build {
  using Result = std::unique_ptr<Objective<Real>>;
  const data::Labelled* data;

  Result operator()(const QuadraticSettings& one) const {
    return std::make_unique<Quadratic<Real>>(one);
  }
  Result operator()(const ExponentialWallSettings& one) const {
    return std::make_unique<ExponentialWall<Real>>(one);
  }
  Result operator()(const LinearRegressionSettings& one) const {
    return std::make_unique<LinearRegression<Real>>(one, needed(data, "linear"));
  }
  Result operator()(const MlpSettings& one) const {
    return std::make_unique<Mlp<Real>>(one, needed(data, "mlp"));
  }
  template <Architecture A>
  Result operator()(const NetworkOf<A>& one) const {
    validate(one, "objective");
    return torch_library().network<Real>(A, one, needed(data, "the network"));
  }
  Result operator()(const TorchScriptSettings& one) const {
    validate(one, "objective");
    if (one.file.empty()) reject({"objective.file", "", "must name a TorchScript file", ""});
    return load_script_model<Real>(one, needed(data, "torchscript"));
  }
};

}  // namespace

std::vector<std::string_view> objective_names() {
  return {kNames.begin(), kNames.end()};
}

AnyObjective default_objective(std::string_view kind, std::string_view where) {
  std::string valid;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == kind)
      return by_index(i, std::make_index_sequence<std::variant_size_v<AnyObjective>>());
    valid += (valid.empty() ? "" : ", ") + std::string(kNames[i]);
  }
  reject({std::string(where),
          std::string(kind),
          "must be one of " + valid,
          did_you_mean(kind, kNames)});
}

template <class Real>
std::unique_ptr<Objective<Real>> make_objective(const AnyObjective& settings,
                                                const data::Labelled* data) {
  return std::visit(Build<Real>{data}, settings);
}

template std::unique_ptr<Objective<float>> make_objective(const AnyObjective&,
                                                          const data::Labelled*);
template std::unique_ptr<Objective<double>> make_objective(const AnyObjective&,
                                                           const data::Labelled*);

}  // namespace thermoscape
