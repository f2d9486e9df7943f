#include <algorithm>
#include <cmath>

#include "thermoscape/experiments/table_cell.hpp"
#include "thermoscape/experiments/variance_flatness/continual_learning_repeat.hpp"
#include "thermoscape/experiments/variance_flatness/task_label.hpp"

namespace thermoscape {

namespace {

/// A place without one of its coordinates.
Coordinates without(const Coordinates& where, const std::string& axis) {
  Coordinates rest;
  for (const auto& one : where) {
    if (one.first != axis) rest.push_back(one);
  }
  return rest;
}

/// Pooled y (and x, if not empty) over a swept key, a series for each place of the rest.
void add_pooled(std::vector<Series>& out,
                const std::vector<Finding>& findings,
                const std::string& x,
                const std::string& y,
                const std::string& label,
                const std::string& axis) {
  std::vector<std::pair<Coordinates, Series>> of_place;
  for (const Finding& one : findings) {
    if (one.quantity != y) continue;
    const Coordinates rest = without(one.where, axis);
    auto it = std::find_if(
        of_place.begin(), of_place.end(), [&](const auto& place) { return place.first == rest; });
    if (it == of_place.end()) {
      const std::string name = rest.empty() ? label : label + ", " + label_of(rest);
      of_place.push_back({rest, {name, {}, {}, {}, "line+points", name}});
      it = std::prev(of_place.end());
    }
    double at = 0;
    for (const auto& [key, value] : one.where) {
      if (key == axis) at = value;
    }
    for (const Finding& other : findings) {
      if (other.quantity == x && other.where == one.where) at = other.estimate.value;
    }
    Series& series = it->second;
    series.x.push_back(at);
    series.y.push_back(one.estimate.value);
    const double error = one.estimate.standard_error;
    series.y_error.push_back(std::isfinite(error) ? error : 0);
  }
  for (auto& [place, series] : of_place) out.push_back(std::move(series));
}

/// Capacity over the width, where a recipe varies it.
Figure capacity_figure(const std::vector<Finding>& findings) {
  Figure figure{"capacity",
                "Tasks held against width",
                "Tasks in sequence whose mean test error stays within the bound, mean and error of "
                "the repeats.",
                {"width", "linear"},
                {"tasks", "linear"},
                {}};
  for (const char* method : {"none", "landscape", "elastic", "random", "joint"})
    add_pooled(figure.series, findings, "", std::string(method) + "_capacity", method, "width");
  return figure;
}

/// Mean and standard error of value(repeat, i) over the repeats, for i < size.
template <class Value>
Series over_repeats(const std::string& label,
                    const std::string& style,
                    const std::vector<Repeat>& repeats,
                    std::size_t size,
                    Value&& value) {
  Series series{label, {}, {}, {}, style, label};
  const auto n = static_cast<double>(repeats.size());
  for (std::size_t i = 0; i < size; ++i) {
    double mean = 0, squares = 0;
    for (const Repeat& one : repeats) mean += value(one, i) / n;
    for (const Repeat& one : repeats) squares += std::pow(value(one, i) - mean, 2);
    series.x.push_back(static_cast<double>(i + 1));
    series.y.push_back(mean);
    series.y_error.push_back(n > 1 ? std::sqrt(squares / (n * (n - 1))) : 0);
  }
  return series;
}

/// Errors over the second task, over all classes or within the task's own.
Figure course_figure(const std::vector<Repeat>& repeats, double TaskError::*judged, bool within) {
  const std::string name = within ? " within" : "";
  Figure figure{within ? "course_within" : "course",
                within ? "Errors over the second task among the task's own classes"
                       : "Errors over the second task",
                std::string(within ? "Among the two classes of a task" : "Over all classes") +
                    ", each method at its best λ; mean and error of the repeats.",
                {"steps of the second task", "linear"},
                {"test error" + name, "linear"},
                {}};
  const auto add = [&](const std::string& label, const std::string& method, auto task) {
    const std::vector<double>& steps = repeats.front().course.at(method).step;
    figure.series.push_back(over_repeats(
        label + name, "line", repeats, steps.size(), [&](const Repeat& one, std::size_t look) {
          return one.course.at(method).errors[look].*task.*judged;
        }));
    figure.series.back().x = steps;
  };
  for (const char* method : {"none", "landscape", "elastic"}) {
    add(std::string(method) + " ε1", method, &TwoErrors::first);
    add(std::string(method) + " ε2", method, &TwoErrors::second);
  }
  return figure;
}

Figure displacement_figure(const std::vector<Repeat>& repeats) {
  Figure figure{"displacement",
                "Displacement along the components of the first task",
                "q_i after the second task against the threshold ξ_i = 0.008 F_i, each method at "
                "its best λ; mean and error of the repeats.",
                {"rank i", "log"},
                {"q_i [θ]", "log"},
                {}};
  Eigen::Index ranks = repeats.front().threshold.size();
  for (const Repeat& one : repeats) ranks = std::min(ranks, one.threshold.size());
  const auto add = [&](const std::string& label, const std::string& style, auto vector) {
    figure.series.push_back(over_repeats(label,
                                         style,
                                         repeats,
                                         static_cast<std::size_t>(ranks),
                                         [&](const Repeat& one, std::size_t i) {
                                           return vector(one)(static_cast<Eigen::Index>(i));
                                         }));
  };
  for (const char* method : {"none", "landscape", "elastic"}) {
    add(method, "points", [&](const Repeat& one) -> const Vector& {
      return one.course.at(method).displacement;
    });
  }
  add("ξ_i", "line", [](const Repeat& one) -> const Vector& { return one.threshold; });
  return figure;
}

}  // namespace

std::vector<Figure> continual_learning_figures(const std::vector<Finding>& findings,
                                               const std::vector<Repeat>& repeats) {
  Figure trade{"trade_off",
               "Trade-off between the tasks",
               "Test errors over all classes after the second task, a point a λ, mean and error of "
               "the repeats. The best λ is chosen on other test examples.",
               {"ε1", "linear"},
               {"ε2", "linear"},
               {}};
  Figure within{"trade_off_within",
                "The same, judged among the task's own classes",
                "A network that only favours the classes it saw last makes no error here.",
                {"ε1 within", "linear"},
                {"ε2 within", "linear"},
                {}};
  for (const char* method : {"landscape", "variance", "elastic", "random", "none", "joint"}) {
    const std::string m = method;
    add_pooled(trade.series, findings, m + "_first_error", m + "_second_error", m, "strength");
    add_pooled(within.series,
               findings,
               m + "_first_error_within",
               m + "_second_error_within",
               m,
               "strength");
  }
  Figure counts{"over_count",
                "Number of constrained directions",
                "ε1 + ε2 over all classes after the second task against N_c: components for the "
                "landscape, parameters of largest Fisher information for EWC, every N_c at the "
                "best λ of its method's list.",
                {"N_c", "log"},
                {"ε1 + ε2", "linear"},
                {}};
  Figure sequence{
      "sequence",
      "Tasks in sequence",
      "Mean test error over the tasks seen so far, over all classes; joint training has the "
      "examples of all of them for as many steps.",
      {"tasks learned", "linear"},
      {"mean error", "linear"},
      {}};
  for (const char* method : {"landscape", "elastic"}) {
    const std::string m = method;
    add_pooled(counts.series, findings, "", m + "_of_total", m, "constrained");
  }
  for (const char* method : {"none", "landscape", "elastic", "random", "joint"})
    add_pooled(
        sequence.series, findings, "", std::string(method) + "_sequence_error", method, "tasks");
  std::vector<Figure> figures{trade,
                              within,
                              counts,
                              sequence,
                              course_figure(repeats, &TaskError::over_all, false),
                              course_figure(repeats, &TaskError::within, true),
                              displacement_figure(repeats)};
  const Figure capacity = capacity_figure(findings);
  const bool varied = std::any_of(
      capacity.series.begin(), capacity.series.end(), [](auto& one) { return one.x.size() > 1; });
  if (varied) figures.push_back(capacity);
  return figures;
}

Table continual_learning_table(const std::vector<Finding>& findings) {
  Table table{"methods",
              "Two tasks, and more in sequence",
              "Test errors after the second task over all classes, each method at its best λ, and "
              "their sum among the tasks' own classes; tasks in sequence that a method holds.",
              {"", "log10 λ", "ε1", "ε2", "ε1 + ε2", "the same within", "tasks held"},
              {}};
  std::vector<Coordinates> places;
  for (const Finding& one : findings) {
    if (one.quantity == "none_total") places.push_back(one.where);
  }
  for (const Coordinates& where : places) {
    for (const char* method : {"landscape", "variance", "elastic", "random", "none", "joint"}) {
      const auto found = [&](const char* what) {
        for (const Finding& one : findings) {
          if (one.quantity == std::string(method) + what && one.where == where)
            return cell(one.estimate);
        }
        return std::string();
      };
      const std::string place = label_of(where);
      table.rows.push_back({place.empty() ? method : method + (", " + place),
                            found("_log10_strength"),
                            found("_first"),
                            found("_second"),
                            found("_total"),
                            found("_total_within"),
                            found("_capacity")});
    }
  }
  return table;
}

}  // namespace thermoscape
