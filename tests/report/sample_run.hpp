#pragma once
#include <cmath>
#include <limits>
#include <numbers>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "thermoscape/core/dataset.hpp"
#include "thermoscape/core/figure.hpp"
#include "thermoscape/core/finding.hpp"
#include "thermoscape/core/json.hpp"

/// A synthetic thermal probe with known law (Gamma-distributed loss of an exponential correlation),
/// in the shape in which a run is stored: what the report's tests and its browser test draw. Labels
/// hold every character that could break a page.
namespace thermoscape::sample {

inline constexpr const char* kHostile = R"(</script><script>alert("x")</script> & 'y' <!-- )";
inline constexpr double kAlpha = 14.0;  ///< shape of the Gamma law: μ_L / T

inline const std::vector<double>& temperatures() {
  static const std::vector<double> all = {1e-6, 3e-6, 1e-5, 3e-5, 1e-4};
  return all;
}

inline std::string temperature_name(double t) {
  return fmt::format("T = {:g}", t);
}

/// L/T as the sum of α pairs of squared Ornstein-Uhlenbeck coordinates: Gamma(α, 1), correlation
/// e^{-2 lag}.
inline std::vector<double> gamma_chain(std::mt19937_64& random, std::size_t n, double lag) {
  std::normal_distribution<double> normal;
  std::vector<double> u(static_cast<std::size_t>(2 * kAlpha));
  for (double& one : u) one = normal(random);
  const double keep = std::exp(-lag);
  const double kick = std::sqrt(1 - keep * keep);
  std::vector<double> out(n);
  for (double& l : out) {
    l = 0;
    for (double& one : u) {
      one = keep * one + kick * normal(random);
      l += one * one / 2;
    }
  }
  return out;
}

inline Figure training_figure(std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  Figure figure{"training_loss",
                "Training: the loss falls to the stated depth",
                "Cross-entropy of the full batch against the Adam step, one curve a minimum. The "
                "dashed line is the depth at "
                "which training stops.",
                {"step [1]", "log"},
                {"L [nat]", "log"},
                {}};
  for (int minimum = 0; minimum < 3; ++minimum) {
    Series one{fmt::format("minimum {}", minimum + 1), {}, {}, {}, "line", ""};
    const double rate = 2.2e-4 * (1 - 0.12 * minimum);
    for (int step = 0; step < 60000; ++step) {
      one.x.push_back(step);
      const double spikes = std::exp(0.35 * normal(random) * std::min(1.0, step / 4000.0));
      one.y.push_back(1.1 * std::exp(-rate * step) / (1 + step * 2e-3) * spikes + 4e-10);
    }
    if (minimum == 2) one.y[30000] = std::numeric_limits<double>::quiet_NaN();
    figure.series.push_back(one);
  }
  figure.series.push_back({"stopping loss", {1, 60000}, {1e-9, 1e-9}, {}, "dashed", ""});
  return figure;
}

inline Figure distribution_figure(std::mt19937_64& random) {
  Figure figure{
      "loss_distribution",
      "Distribution of the loss against its Gamma fit",
      "Histograms of L/T on the plateau window; dashed, the Gamma law of maximum likelihood.",
      {"L/T [1]", "linear"},
      {"P(L/T) [1]", "log"},
      {}};
  constexpr int bins = 44;
  constexpr double width = 32.0 / bins;
  for (const double t : temperatures()) {
    const std::vector<double> values = gamma_chain(random, 20000, 0.2);
    std::vector<double> count(bins, 0.0);
    for (const double v : values) {
      const int bin = static_cast<int>((v - 2) / width);
      if (v > 2 && bin < bins) count[static_cast<std::size_t>(bin)] += 1;
    }
    Series histogram{temperature_name(t), {}, {}, {}, "steps", temperature_name(t)};
    Series fit{"Gamma fit", {}, {}, {}, "dashed", temperature_name(t)};
    const double offset = 1 + 0.03 * std::log10(t / 1e-6);
    for (int i = 0; i < bins; ++i) {
      const double at = 2 + (i + 0.5) * width;
      histogram.x.push_back(at * offset);
      histogram.y.push_back(count[static_cast<std::size_t>(i)] / (20000 * width));
      fit.x.push_back(at * offset);
      fit.y.push_back(std::exp((kAlpha - 1) * std::log(at) - at - std::lgamma(kAlpha)));
    }
    figure.series.push_back(histogram);
    figure.series.push_back(fit);
  }
  return figure;
}

inline Figure moments_figure(std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  Figure figure{"moments",
                "Mean and spread of the loss against temperature",
                "Points: mean over three replicas, bars: one standard error from their spread. "
                "Dashed: equipartition with N_c = 28; "
                "dotted: one exponential wall.",
                {"T [nat]", "log"},
                {"loss [nat]", "log"},
                {}};
  Series mean{"μ_L", {}, {}, {}, "points", "mean"};
  Series spread{"σ_L", {}, {}, {}, "points", "spread"};
  Series ideal{"μ = N_c T / 2", {}, {}, {}, "dashed", ""};
  Series wall{"exponential wall", {}, {}, {}, "dashed", ""};
  for (const double t : temperatures()) {
    mean.x.push_back(t);
    mean.y.push_back(kAlpha * t * (1 + 0.03 * normal(random)));
    mean.y_error.push_back(0.05 * kAlpha * t);
    spread.x.push_back(t);
    spread.y.push_back(std::sqrt(kAlpha) * t * (1 + 0.05 * normal(random)));
    spread.y_error.push_back(0.08 * std::sqrt(kAlpha) * t);
    ideal.x.push_back(t);
    ideal.y.push_back(kAlpha * t);
    wall.x.push_back(t);
    wall.y.push_back(kAlpha * t * 1.25 * std::pow(t / 1e-6, -0.07));
  }
  figure.series = {mean, spread, ideal, wall};
  return figure;
}

inline Figure autocorrelation_figure() {
  Figure figure{"autocorrelation",
                "Autocorrelation of the loss, time scaled by temperature",
                "Mean over replicas; the shade is one standard error. Rescaled by T the curves "
                "fall on one another.",
                {"lag · T [nat]", "linear"},
                {"autocorrelation [1]", "linear"},
                {}};
  for (const double t : temperatures()) {
    const double shift = 1 + 0.08 * std::log10(t / 1e-5);
    Series shade{temperature_name(t), {}, {}, {}, "band", temperature_name(t)};
    for (int i = 0; i <= 120; ++i) {
      const double lag = i * 1e-5;
      shade.x.push_back(lag);
      shade.y.push_back(std::exp(-2 * lag * shift / 6e-4));
      shade.y_error.push_back(0.006 + 0.03 * (1 - shade.y.back()));
    }
    Series line = shade;
    line.style = "line";
    line.y_error.clear();
    figure.series.push_back(shade);
    figure.series.push_back(line);
  }
  figure.series.push_back({"½", {0, 1.2e-3}, {0.5, 0.5}, {}, "dashed", ""});
  return figure;
}

inline Figure ageing_figure(std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  Figure figure{"ageing",
                "The statistics age: mean loss against s = T·t",
                "Windows equal in ln s; bars: one standard error over replicas. Between the memory "
                "of the start and the "
                "diffusion of soft directions lies the plateau used above.",
                {"s = T·t [nat·time]", "log"},
                {"μ_L / T [1]", "linear"},
                {}};
  for (const double t : temperatures()) {
    Series one{temperature_name(t), {}, {}, {}, "line+points", ""};
    for (int i = 0; i < 22; ++i) {
      const double s = 1e-4 * std::pow(10.0, i * 0.19);
      one.x.push_back(s);
      one.y.push_back(kAlpha * (1 - std::exp(-s / 3e-3)) / (1 + std::pow(s / 0.3, 1.2)) *
                      (1 + 0.03 * normal(random)));
      one.y_error.push_back(0.04 * one.y.back());
    }
    figure.series.push_back(one);
  }
  figure.series.back().y_error[3] = std::numeric_limits<double>::quiet_NaN();
  return figure;
}

inline Figure path_figure(std::mt19937_64& random) {
  Figure figure{"path",
                "The probe in the plane of its first two components",
                "Every stored point of one replica.",
                {"θ · v₁ [1]", "linear"},
                {"θ · v₂ [1]", "linear"},
                {}};
  std::normal_distribution<double> normal;
  Series one{kHostile, {}, {}, {}, "points", ""};
  double a = 0;
  double b = 0;
  for (int i = 0; i < 12000; ++i) {
    a += 0.01 * normal(random) - 1e-4 * a;
    b += 0.02 * normal(random) - 1e-3 * b;
    one.x.push_back(a);
    one.y.push_back(b);
  }
  figure.series.push_back(one);
  return figure;
}

inline std::vector<Claim> claims() {
  const auto judged = [](std::string text,
                         double value,
                         double error,
                         double expected,
                         double tolerance,
                         std::string source) {
    const Estimate e{value, error, Status::ok};
    return Claim{
        std::move(text), judge(e, expected, tolerance), e, expected, tolerance, std::move(source)};
  };
  std::vector<Claim> all = {
      judged("fluctuations.beta_times_temperature", 1.021, 0.034, 1.0, 0.1, "equipartition"),
      judged("fluctuations.variance_over_mean_temperature",
             0.93,
             0.045,
             1.0,
             0.1,
             "Gamma law, σ² = μT"),
      judged("slope of ln μ against ln T", 0.982, 0.018, 1.0, 0.05, "paper, Fig. 2b"),
      judged("slope of ln τ½ against ln T", -0.86, 0.021, -1.0, 0.05, "paper, Fig. 3b"),
      judged("N_c < 2 φ & stiff", 2.91e-5, 0.42e-5, 3.1e-5, 0.3e-5, "count of <stiff> directions"),
      judged("one-wall prediction, βT = Λ/(Λ − 1)",
             1.021,
             0.034,
             1.074,
             0.04,
             "exponential-wall, Λ = 14.5")};
  all.push_back({"heat capacity at T = 1e-4",
                 Verdict::undecided,
                 {13.2, 0.5, Status::ageing},
                 14.0,
                 1.0,
                 "N_c / 2"});
  return all;
}

inline Dataset run() {
  std::mt19937_64 random(7);
  Dataset data;
  data.attributes = {
      {"title", std::string("Thermal probe of a digit classifier")},
      {"description",
       std::string("A network of 20, 20 and 10 hidden units was trained with Adam on 600 images of "
                   "three digit classes, reduced to "
                   "10 inputs, until its loss fell below 1e-9, then probed with overdamped "
                   "Langevin dynamics at five temperatures "
                   "over two decades, three replicas each, over windows planned in s = T·t.")},
      {"reference", std::string("thermal-probe")},
      {"scale", std::string("demo")},
      {"choices",
       Json({"The stopping loss is 1e-9: the paper gives none, and α depends on it (see the "
             "sensitivity run).",
             "The trend of each window is removed before τ½ is read off.",
             "Xavier-normal weights, zero biases."})
           .dump()},
      {"notes", Json({"No MNIST was found: the run used 600 drawn digits instead."}).dump()},
      {"figure_order",
       Json({"training_loss", "loss_distribution", "moments", "autocorrelation", "ageing"})
           .dump()}};
  put_figure(data, training_figure(random));
  put_figure(data, distribution_figure(random));
  put_figure(data, moments_figure(random));
  put_figure(data, autocorrelation_figure());
  put_figure(data, ageing_figure(random));
  put_figure(data, path_figure(random));
  Table table{"temperatures",
              "Statistics at each temperature",
              "Errors are the larger of the within-run error and the spread of three replicas.",
              {"T", "window in s", "μ_L/T", "σ_L/T", "βT", "N_c = 2α", "φ", "τ½", "τ½·T", "health"},
              {}};
  std::vector<Finding> findings;
  for (const double t : temperatures()) {
    const double a = kAlpha * (1 - 0.02 * std::log10(t / 1e-6));
    table.rows.push_back({fmt::format("{:g}", t),
                          "0.0125 – 0.04",
                          with_error(a, 0.31),
                          with_error(std::sqrt(a), 0.12),
                          with_error(1.02, 0.04),
                          with_error(2 * a, 0.9),
                          with_error(0.043, 0.002),
                          with_error(210 * 1e-6 / t, 12e-6 / t),
                          with_error(2.1e-4, 1.2e-5),
                          t > 5e-5 ? "ageing" : "ok"});
    findings.push_back({"fluctuations.mean_over_temperature",
                        {{"temperature", t}},
                        {a, 0.31, t > 5e-5 ? Status::ageing : Status::ok},
                        "1"});
    findings.push_back({"correlation.half_time",
                        {{"temperature", t}},
                        {210 * 1e-6 / t, 12e-6 / t, Status::ok},
                        "time"});
  }
  put_table(data, table);
  put_findings(data, findings);
  put_claims(data, claims());
  return data;
}

inline Json manifest() {
  return {{"name", "digits-demo-001"},
          {"status", "finished"},
          {"version", "0.1.0"},
          {"commit", "383b219"},
          {"build_type", "Release"},
          {"compiler", "GNU 12.2.0"},
          {"cpu", "Some CPU <64 cores> & more"},
          {"threads", {{"given", 0}, {"used", 2}}},
          {"seed", 1},
          {"data_digest", "sha256:5b1f0c2ad1f5e0a4c1d2"},
          {"started", "2024-05-02T10:11:12Z"},
          {"finished", "2024-05-02T10:12:40Z"},
          {"libraries",
           {{"eigen", "3.4.0"},
            {"fmt", "9.1.0"},
            {"netcdf", "4.9.0"},
            {"hdf5", "1.10.8"},
            {"tbb", "2021.8"}}}};
}

inline std::string recipe() {
  return "title = \"Thermal probe of a digit classifier\"\nseed  = 1\n\n[[phase]]\nname = "
         "\"probe\"\n"
         "temperature = [1e-6, 3e-6, 1e-5, 3e-5, 1e-4]  # a < b & c\n</code>\n";
}

}  // namespace thermoscape::sample
