#include "benchmarks/flatness.hpp"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "benchmarks/clock.hpp"
#include "benchmarks/shape.hpp"
#include "thermoscape/analysis/pca.hpp"
#include "thermoscape/core/json.hpp"
#include "thermoscape/experiments/trajectory.hpp"
#include "thermoscape/landscape/loss_line.hpp"
#include "thermoscape/record/run.hpp"
#include "thermoscape/store/stream.hpp"

namespace thermoscape::bench {

namespace {

/// A line of /proc/self/status in bytes.
double status_bytes(const std::string& key) {
  std::ifstream file("/proc/self/status");
  std::string word;
  while (file >> word) {
    double kilobytes = 0;
    if (word == key + ":" && file >> kilobytes) return 1024 * kilobytes;
  }
  return 0;
}

void reset_peak() {
  std::ofstream("/proc/self/clear_refs") << 5;
}

/// Rotates the rows by a few reflections, so that no coordinate is a principal axis.
void rotate(analysis::RowMatrix& data) {
  std::vector<double> normal(static_cast<std::size_t>(data.cols()));
  for (std::uint64_t k = 0; k < 4; ++k) {
    Noise(4).normal<double>("bench.reflection", k, normal);
    const Eigen::VectorXd v =
        Eigen::Map<const Eigen::VectorXd>(normal.data(), data.cols()).normalized();
    for (Eigen::Index t = 0; t < data.rows(); ++t)
      data.row(t) -= 2 * data.row(t).dot(v) * v.transpose();
  }
}

/// A random walk whose modes fall as rank^-2.6 up to rank 200 and as rank^-5 beyond, drifting along
/// the first: the shape of a trajectory of SGD.
analysis::RowMatrix drifting_walk(Eigen::Index rows, Eigen::Index columns) {
  analysis::RowMatrix data(rows, columns);
  std::vector<double> size(static_cast<std::size_t>(columns)), step(size.size());
  for (std::size_t i = 0; i < size.size(); ++i) {
    const double rank = static_cast<double>(i + 1);
    const double variance =
        std::pow(std::min(rank, 200.0), -2.6) * std::pow(std::max(1.0, rank / 200), -5.0);
    size[i] = 1e-3 * std::sqrt(variance);
  }
  for (Eigen::Index t = 0; t < rows; ++t) {
    Noise(5).normal<double>("bench.walk", static_cast<std::uint64_t>(t), step);
    for (Eigen::Index i = 0; i < columns; ++i) {
      const auto at = static_cast<std::size_t>(i);
      data(t, i) = (t == 0 ? 0 : data(t - 1, i)) + size[at] * step[at];
    }
    data(t, 0) += 4.3e-5;
  }
  rotate(data);
  return data;
}

}  // namespace

Json sgd_step_recorded(const Json& request) {
  const Shape shape = shape_of(request, false);
  const std::int64_t batch = request.at("batch");
  const std::filesystem::path path = request.at("path").get<std::string>();
  Mlp<float> objective = shape.build();
  const Noise noise(2);
  const AnyRule rule = Sgd{.learning_rate = 0.01};
  Sampler sampler({.size = batch, .drop_last = true}, shape.examples, noise);
  const std::vector<float> origin = objective.initial(noise);
  State<float> state = Sgd{.learning_rate = 0.01}.init(origin);
  const mlp::Layer& layer = objective.model().network->layers[1];
  const ParameterSubset subset(
      std::vector<ParameterRange>{{layer.weights, layer.inputs * layer.outputs}});
  store::StreamWriter writer = store::StreamWriter::create(
      path,
      {{"trajectory", "1", "", static_cast<std::size_t>(trajectory_width(subset.count(), true))}});
  Hooks hooks;
  hooks.receive = [&](std::size_t, std::span<const double> row) { writer.append(row); };
  constexpr std::int64_t kSteps = 200;
  std::vector<double> chunks;
  for (double spent = 0; spent < request.at("seconds"); spent += chunks.back() * kSteps) {
    const std::vector<Probe<float>> probes{trajectory_probe<float>(
        subset, Schedule({.every = 1, .epochs = {}}, state.step + kSteps, 1))};
    const double begin = thread_seconds();
    const Outcome outcome = run<float>(objective,
                                       rule,
                                       noise,
                                       sampler,
                                       state,
                                       origin,
                                       probes,
                                       {.steps = state.step + kSteps},
                                       hooks);
    chunks.push_back((thread_seconds() - begin) / kSteps);
    if (outcome.status != Status::ok) reject({"benchmark", "", "must not diverge", ""});
  }
  writer.flush();
  const auto bytes = static_cast<double>(std::filesystem::file_size(path));
  std::filesystem::remove(path);
  return {{"seconds_per_step", median(std::move(chunks))},
          {"bytes_per_step", bytes / static_cast<double>(state.step)}};
}

Json trajectory_pca(const Json& request) {
  const Eigen::Index rows = request.at("rows"), columns = request.at("columns");
  const double before = status_bytes("VmRSS");
  const analysis::RowMatrix data = drifting_walk(rows, columns);
  const auto bytes = static_cast<double>(data.size()) * sizeof(double);
  if (const std::string path = request.at("path"); !std::filesystem::exists(path)) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(data.data()), static_cast<std::streamsize>(bytes));
  }
  reset_peak();
  const double begin = thread_seconds();
  const analysis::Pca pca = analysis::pca(
      analysis::rows_of({data.data(), static_cast<std::size_t>(data.size())}, columns));
  const double seconds = thread_seconds() - begin;
  return {{"seconds", seconds},
          {"variances", std::vector<double>(pca.variances.begin(), pca.variances.end())},
          {"peak_bytes", status_bytes("VmHWM") - before},
          {"array_bytes", bytes}};
}

Json profile(const Json& request) {
  const Shape shape = shape_of(request, false);
  const double seconds = request.at("seconds");
  Mlp<float> objective = shape.build();
  const std::vector<float> theta = objective.initial(Noise(2));
  LossLine<float> line(objective, theta);
  std::vector<double> deltas;
  const int points = request.at("points");
  for (int i = 0; i < points; ++i) deltas.push_back(0.01 * (i - points / 2));
  std::vector<float> everywhere(theta.size()), in_layer(theta.size());
  const mlp::Layer& layer = objective.model().network->layers[1];
  const auto begin_of_layer = static_cast<std::size_t>(layer.weights);
  const auto size = static_cast<std::size_t>(layer.inputs * layer.outputs);
  double sum = 0;
  const auto per_point = [&](std::vector<float>& direction, bool whole) {
    std::vector<double> each;
    double spent = 0;
    for (std::uint64_t mode = 0; spent < seconds || mode < 3; ++mode) {
      Noise(7).normal<float>("bench.direction", mode, direction);
      if (!whole) {
        std::fill(direction.begin(),
                  direction.begin() + static_cast<std::ptrdiff_t>(begin_of_layer),
                  0.0F);
        std::fill(direction.begin() + static_cast<std::ptrdiff_t>(begin_of_layer + size),
                  direction.end(),
                  0.0F);
      }
      const double begin = thread_seconds();
      for (const double one : line.losses(direction, deltas)) sum += one;
      const double taken = thread_seconds() - begin;
      spent += taken;
      if (mode > 0) each.push_back(taken / points);  // the first passes what does not move
    }
    return median(std::move(each));
  };
  const double of_layer = per_point(in_layer, false);
  const double of_all = per_point(everywhere, true);
  std::vector<double> each;
  for (double spent = 0; spent < seconds; spent += each.back()) {
    const double begin = thread_seconds();
    sum += objective.loss(theta, {});
    each.push_back(thread_seconds() - begin);
  }
  return {{"layer", of_layer}, {"all", of_all}, {"forward", median(std::move(each))}, {"sum", sum}};
}

}  // namespace thermoscape::bench
