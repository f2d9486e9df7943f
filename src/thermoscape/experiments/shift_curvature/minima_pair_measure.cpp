#include <cmath>

#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/shift_curvature/minima_pair_figures.hpp"
#include "thermoscape/experiments/table_cell.hpp"

namespace thermoscape {

namespace {

Table number_table(const std::vector<MinimaPair>& pairs) {
  Table table{"numbers",
              "Pairs of minima against T",
              "Means over the pairs whose ends are minima, errors from their spread; losses and "
              "curvatures without the penalty.",
              {"quantity"},
              {}};
  const SweptMembers points = swept(pairs, "shift");
  for (const double one : points.x) table.columns.push_back(fmt::format("T = {:.3g}", one));
  for (const PairNumber& number : pair_numbers()) {
    std::vector<std::string> row{number.meaning};
    for (const double at : points.x) {
      Estimate found;
      const SweptMembers own = swept(pairs, number.name);
      for (std::size_t i = 0; i < own.x.size(); ++i) {
        if (own.x[i] == at) found = mean_of(own.members[i]);
      }
      row.push_back(cell(found));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string plain(double value) {
  return fmt::format("{:.3g}", value);
}

Table penalty_table(const std::vector<MinimaPair>& pairs) {
  Table table{
      "penalty",
      "Every loss with and without the penalty",
      "U alone, and with ½λ|θ|² added, of each pair.",
      {"T", "minimum", "train at train", "with", "test at train", "with", "test at test", "with"},
      {}};
  for (const MinimaPair& one : pairs) {
    table.rows.push_back({plain(one.noise_scale),
                          std::to_string(one.minimum),
                          plain(one.train_loss),
                          plain(one.train_loss + one.train_penalty),
                          plain(one.test_at_train),
                          plain(one.test_at_train + one.train_penalty),
                          plain(one.test_loss),
                          plain(one.test_loss + one.test_penalty)});
  }
  return table;
}

Table end_table(const std::vector<MinimaPair>& pairs) {
  Table table{
      "ends",
      "Where the descents ended",
      "Norm of the gradient and both ends of the spectrum of the Hessian, penalty included, "
      "by Lanczos; the residual bounds the distance to an eigenvalue.",
      {"T", "minimum", "end", "|∇L|", "smallest curvature", "residual", "largest", "status"},
      {}};
  for (const MinimaPair& one : pairs) {
    for (const bool train : {true, false}) {
      const DescentEnd& end = train ? one.train_end : one.test_end;
      table.rows.push_back({plain(one.noise_scale),
                            std::to_string(one.minimum),
                            train ? "train" : "test",
                            plain(end.gradient_norm),
                            plain(end.smallest),
                            plain(end.residual),
                            plain(end.largest),
                            std::string(name(end.status))});
    }
  }
  return table;
}

void add_findings(const std::vector<MinimaPair>& pairs, Measured& measured) {
  double minima = 0;
  for (const MinimaPair& one : pairs) minima += one.status() == Status::ok ? 1 : 0;
  const auto all = static_cast<double>(pairs.size());
  const double share = minima / all;
  measured.findings.push_back(
      {"minima_share", {}, {share, std::sqrt(share * (1 - share) / all), Status::ok}, "1"});
  for (const PairNumber& number : pair_numbers()) {
    const SweptMembers numbers = swept(pairs, number.name);
    const std::vector<Estimate> means = numbers.means();
    std::vector<double> everything;
    for (std::size_t i = 0; i < numbers.x.size(); ++i) {
      measured.findings.push_back(
          {number.name, {{"noise_scale", numbers.x[i]}}, means[i], number.unit});
      everything.insert(everything.end(), numbers.members[i].begin(), numbers.members[i].end());
    }
    measured.findings.push_back({number.name, {}, mean_of(everything), number.unit});
    if (numbers.x.size() > 2) {
      measured.findings.push_back(
          {std::string(number.name) + "_exponent", {}, exponent_of(numbers.x, means), "1"});
    }
  }
}

void add_notes(const std::vector<MinimaPair>& pairs, Measured& measured) {
  for (const MinimaPair& one : pairs) {
    if (one.status() == Status::ok) continue;
    const bool train = one.train_end.status != Status::ok;
    const DescentEnd& end = train ? one.train_end : one.test_end;
    const std::string place = fmt::format(
        "T = {:.3g}, minimum {}, {} end: ", one.noise_scale, one.minimum, train ? "train" : "test");
    if (one.shift == 0) {
      measured.notes.push_back(place + "both descents ended at one point, so there is no line");
    } else if (end.status == Status::undefined) {
      measured.notes.push_back(
          place + fmt::format("no minimum, the curvature reaches down to {:.2g} (largest {:.2g}); "
                              "the pair is left out of the means",
                              end.smallest,
                              end.largest));
    } else {
      measured.notes.push_back(
          place +
          fmt::format("the smallest curvature, {:.2g}, is known to {:.1g} only; the pair is "
                      "left out of the means",
                      end.smallest,
                      end.residual));
    }
  }
}

void store_arrays(const std::vector<MinimaPair>& pairs, Dataset& data) {
  const auto column = [&](const char* name, const char* unit, const char* meaning, auto&& of) {
    std::vector<double> values;
    for (const MinimaPair& one : pairs) values.push_back(of(one));
    data.put_vector(name, "pair", std::move(values), unit, meaning);
  };
  column("noise_scale", "time", "T = λ/B of the SGD before", [](const MinimaPair& p) {
    return p.noise_scale;
  });
  column("minimum", "1", "which initialisation", [](const MinimaPair& p) {
    return static_cast<double>(p.minimum);
  });
  for (const PairNumber& number : pair_numbers())
    column(number.name, number.unit, number.meaning, number.of);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const MinimaPair& one = pairs[i];
    if (one.positions.empty()) continue;
    Dataset& group = data.make_group(fmt::format("pair_{}", i));
    group.attributes["noise_scale"] = one.noise_scale;
    group.attributes["status"] = std::string(name(one.status()));
    group.put_vector("r", "point", one.positions, "1", "distance from the train minimum");
    group.put_vector("train_loss", "point", one.train_line.loss, "loss", "train loss");
    group.put_vector("test_loss", "point", one.test_line.loss, "loss", "test loss");
    if (one.test_line.accuracy.empty()) continue;
    group.put_vector("train_accuracy", "point", one.train_line.accuracy, "1", "train accuracy");
    group.put_vector("test_accuracy", "point", one.test_line.accuracy, "1", "test accuracy");
  }
}

}  // namespace

Measured measure_minima_pair(const RunView* view,
                             const MeasureSettings& settings,
                             TomlReader& reader) {
  const auto options = read_options<MinimaPairOptions>(reader);
  if (options.line.size() != 2 || !(options.line[0] < 0) || !(options.line[1] > 1)) {
    reject({reader.where() + ", line",
            fmt::format("{} numbers", options.line.size()),
            "must be [from, to] with from < 0 and to > 1",
            "[-1, 2]"});
  }
  if (options.test.empty()) {
    reject({reader.where() + ", test", "", "must name the phase on the test part", ""});
  }
  if (view == nullptr) return {};
  const std::vector<MinimaPair> pairs = find_pairs(*view, settings.phase, options);
  Measured measured;
  add_findings(pairs, measured);
  add_notes(pairs, measured);
  measured.tables = {number_table(pairs), penalty_table(pairs), end_table(pairs)};
  measured.figures = pair_figures(pairs);
  store_arrays(pairs, measured.data);
  return measured;
}

}  // namespace thermoscape
