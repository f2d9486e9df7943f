#include "thermoscape/experiments/shift_curvature/minima_pair_figures.hpp"

#include <algorithm>
#include <cmath>

namespace thermoscape {

namespace {

const PairNumber kNumbers[] = {
    {"test_at_train",
     "loss",
     "test loss at the train minimum",
     [](const MinimaPair& p) { return p.test_at_train; }},
    {"test_loss",
     "loss",
     "test loss at the test minimum, U_k",
     [](const MinimaPair& p) { return p.test_loss; }},
    {"train_loss",
     "loss",
     "train loss at the train minimum",
     [](const MinimaPair& p) { return p.train_loss; }},
    {"test_accuracy",
     "1",
     "test accuracy at the train minimum",
     [](const MinimaPair& p) { return p.accuracy; }},
    {"shift",
     "1",
     "|s|, s from the train to the test minimum",
     [](const MinimaPair& p) { return p.shift; }},
    {"shift_curvature",
     "loss",
     "½ sᵀCs of the test loss by a Hessian product",
     [](const MinimaPair& p) { return p.exact_term(); }},
    {"fitted_shift_curvature",
     "loss",
     "½ c|s|² with the reflected fit",
     [](const MinimaPair& p) { return p.fitted_term(); }},
    {"predicted_test_loss",
     "loss",
     "U_k + ½ c|s|² with the reflected fit",
     [](const MinimaPair& p) { return p.test_loss + p.fitted_term(); }},
    {"shift_curvature_over_depth",
     "1",
     "½ c|s|² over U_k",
     [](const MinimaPair& p) { return p.fitted_term() / p.test_loss; }},
    {"shift_curvature_share",
     "1",
     "½ c|s|² over U_k + ½ c|s|²",
     [](const MinimaPair& p) { return p.fitted_term() / (p.test_loss + p.fitted_term()); }},
    {"fitted_prediction_ratio",
     "1",
     "U_k + ½ c|s|² over the test loss at the train minimum",
     [](const MinimaPair& p) { return (p.test_loss + p.fitted_term()) / p.test_at_train; }},
    {"exact_prediction_ratio",
     "1",
     "U_k + ½ sᵀCs over the test loss at the train minimum",
     [](const MinimaPair& p) { return (p.test_loss + p.exact_term()) / p.test_at_train; }},
    {"sloped_prediction_ratio",
     "1",
     "the same with the slope that the penalty leaves, -s·∇U",
     [](const MinimaPair& p) {
       return (p.test_loss + p.exact_term() + p.slope_term) / p.test_at_train;
     }},
    {"penalised_prediction_ratio",
     "1",
     "U_k + ½ sᵀ(C + λ)s over the test loss at the train minimum, all with the penalty",
     [](const MinimaPair& p) {
       const double term = p.exact_term() + p.ridge * p.shift * p.shift / 2;
       return (p.test_loss + p.test_penalty + term) / (p.test_at_train + p.train_penalty);
     }},
    {"test_curvature",
     "loss",
     "c of the test loss, reflected fit towards the train minimum",
     [](const MinimaPair& p) { return p.test_fit.curvature.value; }},
    {"train_curvature",
     "loss",
     "c of the train loss, reflected fit away from the test minimum",
     [](const MinimaPair& p) { return p.train_fit.curvature.value; }},
    {"exact_test_curvature",
     "loss",
     "sᵀCs/|s|² of the test loss at its minimum",
     [](const MinimaPair& p) { return p.test_curvature; }},
    {"exact_train_curvature",
     "loss",
     "sᵀCs/|s|² of the train loss at its minimum",
     [](const MinimaPair& p) { return p.train_curvature; }},
    {"curvature_ratio",
     "1",
     "c of the test loss over c of the train loss, where both are above zero",
     [](const MinimaPair& p) {
       const double test = p.test_fit.curvature.value;
       const double train = p.train_fit.curvature.value;
       return test > 0 && train > 0 ? test / train : std::nan("");
     }},
    {"flattening",
     "1",
     "sᵀCs/(c|s|²) of the test loss: below 1 where the bottom is flatter than the basin",
     [](const MinimaPair& p) { return p.test_curvature / p.test_fit.curvature.value; }},
    {"asymmetry",
     "1",
     "c of the test loss beyond its minimum over c towards the train minimum",
     [](const MinimaPair& p) { return p.test_far.curvature.value / p.test_fit.curvature.value; }},
    {"order",
     "1",
     "exponent of the rise of the test loss towards the train minimum",
     [](const MinimaPair& p) { return p.test_fit.order.value; }},
    {"projected_share",
     "1",
     "|s| on the span of the gradients of test examples over |s|",
     [](const MinimaPair& p) { return p.span > 0 ? p.projected_shift / p.shift : std::nan(""); }},
    {"projected_term_ratio",
     "1",
     "½ sᵀCs of the projected shift over that of the whole one",
     [](const MinimaPair& p) {
       return p.span > 0 ? p.projected_term / p.exact_term() : std::nan("");
     }},
};

const MinimaPair* first_at(const std::vector<MinimaPair>& pairs, bool highest) {
  const MinimaPair* found = nullptr;
  for (const MinimaPair& one : pairs) {
    if (one.positions.empty()) continue;
    if (found != nullptr && !(highest && one.noise_scale > found->noise_scale * (1 + 1e-9)))
      continue;
    found = &one;
  }
  return found;
}

std::string temperature_of(const MinimaPair& pair) {
  return fmt::format("T = {:.2g}", pair.noise_scale);
}

/// Curves of the lowest and the highest T along the line.
Figure line_figure(const std::vector<MinimaPair>& pairs,
                   const char* id,
                   const char* title,
                   const char* label,
                   std::vector<double> LineScan::*values) {
  Figure figure{id,
                title,
                "Along the line θ(r) from the train minimum (r = 0) to the test minimum (r = |s|), "
                "without the penalty, from the first minimum of the lowest and of the highest T.",
                {"r/|s| [1]", "linear"},
                {label, "linear"},
                {}};
  std::vector<const MinimaPair*> shown{first_at(pairs, false), first_at(pairs, true)};
  if (shown[0] == shown[1]) shown.pop_back();
  for (const MinimaPair* pair : shown) {
    if (pair == nullptr) continue;
    std::vector<double> x;
    for (const double r : pair->positions) x.push_back(r / pair->shift);
    figure.series.push_back({"train, " + temperature_of(*pair),
                             x,
                             pair->train_line.*values,
                             {},
                             "line",
                             "train, " + temperature_of(*pair)});
    figure.series.push_back({"test, " + temperature_of(*pair),
                             x,
                             pair->test_line.*values,
                             {},
                             "dashed",
                             "test, " + temperature_of(*pair)});
  }
  return figure;
}

void add_reflected(Figure& figure,
                   const MinimaPair& pair,
                   const LineScan& scan,
                   double centre,
                   double bottom,
                   double low,
                   double curvature,
                   const std::string& name) {
  Series points{name, {}, {}, {}, "points", name};
  Series parabola{name + ", ½cx²", {}, {}, {}, "line", name + ", ½cx²"};
  for (const double mirror : {1.0, -1.0}) {
    for (std::size_t k = 0; k < pair.positions.size(); ++k) {
      const std::size_t i = mirror > 0 ? k : pair.positions.size() - 1 - k;
      const double x = pair.positions[i] - centre;
      if (x > 1e-9 * pair.shift || x < low * pair.shift * (1 + 1e-9)) continue;
      points.x.push_back(mirror * x / pair.shift);
      points.y.push_back(scan.loss[i] - bottom);
      parabola.x.push_back(points.x.back());
      parabola.y.push_back(curvature * x * x / 2);
    }
  }
  figure.series.push_back(std::move(points));
  figure.series.push_back(std::move(parabola));
}

Figure reflected_figure(const std::vector<MinimaPair>& pairs) {
  Figure figure{"reflected",
                "Reflected losses and their parabolas",
                "Loss above its minimum against the distance from it, reflected: the test loss on "
                "the side of the train minimum, the train loss on the side away from the test "
                "minimum; c = 2Σx²(U - U₀)/Σx⁴. First minimum of the lowest T.",
                {"x/|s| [1]", "linear"},
                {"U - U₀ [loss]", "linear"},
                {}};
  const MinimaPair* pair = first_at(pairs, false);
  if (pair == nullptr) return figure;
  add_reflected(figure,
                *pair,
                pair->test_line,
                pair->shift,
                pair->test_loss,
                -1,
                pair->test_fit.curvature.value,
                "test");
  add_reflected(figure,
                *pair,
                pair->train_line,
                0,
                pair->train_loss,
                pair->positions.front() / pair->shift,
                pair->train_fit.curvature.value,
                "train");
  return figure;
}

struct Curve {
  const char* label;
  const char* number;
};

Figure swept_figure(const std::vector<MinimaPair>& pairs,
                    const char* id,
                    const char* title,
                    const char* caption,
                    Axis y,
                    std::initializer_list<Curve> curves) {
  Figure figure{id, title, caption, {"T = λ/B [time]", "log"}, std::move(y), {}};
  for (const Curve& one : curves) {
    const SweptMembers numbers = swept(pairs, one.number);
    figure.series.push_back(points_of(one.label, numbers.x, numbers.means()));
  }
  return figure;
}

}  // namespace

std::span<const PairNumber> pair_numbers() {
  return kNumbers;
}

SweptMembers swept(const std::vector<MinimaPair>& pairs, std::string_view number) {
  SweptMembers numbers;
  for (const PairNumber& one : kNumbers) {
    if (number != one.name) continue;
    for (const MinimaPair& pair : pairs) {
      if (pair.status() != Status::ok) continue;
      const double value = one.of(pair);
      if (std::isfinite(value)) numbers.add(pair.noise_scale, value);
    }
  }
  return numbers;
}

std::vector<Figure> pair_figures(const std::vector<MinimaPair>& pairs) {
  std::vector<Figure> figures;
  const bool labelled = !pairs.empty() && !pairs.front().test_line.accuracy.empty();
  if (labelled) {
    figures.push_back(line_figure(pairs,
                                  "line_accuracy",
                                  "Accuracy on the line between the minima",
                                  "accuracy [1]",
                                  &LineScan::accuracy));
  }
  figures.push_back(line_figure(
      pairs, "line_loss", "Loss on the line between the minima", "U [loss]", &LineScan::loss));
  figures.push_back(reflected_figure(pairs));
  const char* errors = "Means over the pairs at each T, errors from their spread.";
  figures.push_back(swept_figure(pairs,
                                 "test_loss",
                                 "Test loss at the train minimum and its prediction",
                                 errors,
                                 {"U [loss]", "linear"},
                                 {{"measured", "test_at_train"},
                                  {"predicted, U_k + ½c|s|²", "predicted_test_loss"},
                                  {"depth U_k", "test_loss"},
                                  {"shift-curvature ½c|s|², fit", "fitted_shift_curvature"},
                                  {"shift-curvature ½sᵀCs, product", "shift_curvature"}}));
  Figure predicted = swept_figure(pairs,
                                  "prediction",
                                  "Predicted over measured test loss",
                                  "Eq. 3 at the train minimum over the test loss there: with the "
                                  "reflected fit, with the curvature at the test minimum, and with "
                                  "the slope that the penalty leaves beside it.",
                                  {"predicted / measured [1]", "linear"},
                                  {{"reflected fit", "fitted_prediction_ratio"},
                                   {"Hessian product", "exact_prediction_ratio"},
                                   {"Hessian product and slope", "sloped_prediction_ratio"}});
  figures.push_back(std::move(predicted));
  figures.push_back(swept_figure(pairs,
                                 "losses",
                                 "Train and test loss at their own minima",
                                 errors,
                                 {"U [loss]", "log"},
                                 {{"train", "train_loss"}, {"test", "test_loss"}}));
  figures.push_back(swept_figure(
      pairs, "shift", "Shift between the minima", errors, {"|s| [1]", "log"}, {{"|s|", "shift"}}));
  figures.push_back(swept_figure(pairs,
                                 "curvature",
                                 "Curvature along the shift",
                                 errors,
                                 {"c [loss]", "log"},
                                 {{"train, fit", "train_curvature"},
                                  {"test, fit", "test_curvature"},
                                  {"train, product", "exact_train_curvature"},
                                  {"test, product", "exact_test_curvature"}}));
  std::erase_if(figures, [](const Figure& figure) {
    return std::all_of(figure.series.begin(), figure.series.end(), [](const Series& one) {
      return one.x.empty();  // no pair was one of minima
    });
  });
  return figures;
}

}  // namespace thermoscape
