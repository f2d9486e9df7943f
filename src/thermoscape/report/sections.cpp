#include "thermoscape/report/sections.hpp"

#include <charconv>
#include <cstdlib>
#include <system_error>

#include <fmt/format.h>

#include "thermoscape/core/json.hpp"
#include "thermoscape/report/escape.hpp"

namespace thermoscape::report {

namespace {

std::string plain(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_null()) return "—";
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_array()) {
    std::string out;
    for (const Json& one : value) out += (out.empty() ? "" : ", ") + plain(one);
    return out;
  }
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string words(std::string key) {
  for (char& c : key) c = c == '_' ? ' ' : c;
  return key;
}

/// Rows of a table from an object; inner objects become "outer · inner".
std::string rows_of(const Json& object, const std::string& prefix) {
  std::string rows;
  for (const auto& [key, value] : object.items()) {
    const std::string label = prefix.empty() ? words(key) : prefix + " · " + words(key);
    if (value.is_object()) {
      rows += rows_of(value, label);
    } else {
      rows += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n",
                          escape_markup(label),
                          escape_markup(plain(value)));
    }
  }
  return rows;
}

/// A cell that holds a number and at most its error: "1e-06", "(2.10 ± 0.12)e-4".
bool is_number(std::string_view cell) {
  return cell.find_first_of("0123456789") != std::string_view::npos &&
         cell.find_first_not_of("0123456789.+-e() ±") == std::string_view::npos &&
         cell.front() != 'e';
}

std::string key_table(const std::string& rows) {
  return "<table class=\"keys\"><tbody>\n" + rows + "</tbody></table>\n";
}

std::string text_of(const Json& object, const char* key) {
  return object.is_object() && object.contains(key) ? plain(object[key]) : "";
}

std::string status_class(const std::string& status) {
  for (const std::string_view good : {"done", "finished", "complete", "completed", "ok"}) {
    if (status == good) return "holds";
  }
  return status == "failed" ? "fails" : "undecided";
}

}  // namespace

std::vector<std::string> sentences(const Dataset& run, std::string_view attribute) {
  const std::string text = text_attribute(run.attributes, attribute);
  if (text.empty()) return {};
  const Json list = Json::parse(text, nullptr, false);
  if (!list.is_array()) return {text};
  std::vector<std::string> out;
  for (const Json& one : list) out.push_back(plain(one));
  return out;
}

std::string number_markup(std::string_view number) {
  // A power of ten is an 'e' behind a digit or bracket with nothing but an integer after it.
  const std::size_t e = number.rfind('e');
  int exponent = 0;
  bool power = false;
  if (e != std::string_view::npos && e > 0) {
    const char before = number[e - 1];
    std::string_view tail = number.substr(e + 1);
    if (tail.starts_with('+')) tail.remove_prefix(1);
    const char* end = tail.data() + tail.size();
    const auto [stop, fault] = std::from_chars(tail.data(), end, exponent);
    power =
        fault == std::errc() && stop == end && (before == ')' || (before >= '0' && before <= '9'));
  }
  std::string out;
  for (const char c : escape_markup(power ? number.substr(0, e) : number)) {
    if (c == '-') {
      out += "−";
    } else {
      out += c;
    }
  }
  if (!power) return out;
  return fmt::format(
      "{}&nbsp;×&nbsp;10<sup>{}{}</sup>", out, exponent < 0 ? "−" : "", std::abs(exponent));
}

std::string header_section(const Dataset& run, const Json& manifest) {
  std::string title = text_attribute(run.attributes, "title");
  if (title.empty()) title = "thermoscape run";
  std::string meta;
  const std::string status = text_of(manifest, "status");
  if (!status.empty()) {
    meta += fmt::format(
        "<li><span class=\"pill {}\">{}</span></li>", status_class(status), escape_markup(status));
  }
  const auto item = [&meta](std::string_view label, const std::string& value) {
    if (value.empty()) return;
    meta += fmt::format("<li><span class=\"label\">{}</span> {}</li>", label, escape_markup(value));
  };
  item("scale", text_attribute(run.attributes, "scale"));
  item("reference", text_attribute(run.attributes, "reference"));
  item("seed", text_of(manifest, "seed"));
  const std::string description = text_attribute(run.attributes, "description");
  std::string out = fmt::format(
      "<header>\n<p class=\"kicker\">thermoscape report</p>\n<h1>{}</h1>\n<ul "
      "class=\"meta\">{}</ul>\n",
      escape_markup(title),
      meta);
  if (!description.empty())
    out += fmt::format("<p class=\"lead\">{}</p>\n", escape_markup(description));
  std::string notes;
  for (const std::string& one : sentences(run, "notes"))
    notes += "<li>" + escape_markup(one) + "</li>\n";
  if (!notes.empty())
    out += "<aside class=\"notes\" aria-label=\"Notes\"><ul>\n" + notes + "</ul></aside>\n";
  return out + "</header>\n";
}

std::string tables_section(const std::vector<Table>& tables) {
  std::string out;
  for (const Table& table : tables) {
    const std::string id = identifier(table.id);
    std::string head;
    for (const std::string& one : table.columns)
      head += "<th scope=\"col\">" + escape_markup(one) + "</th>";
    std::string rows;
    for (const auto& row : table.rows) {
      rows += "<tr>";
      for (std::size_t i = 0; i < row.size(); ++i) {
        const std::string text = is_number(row[i]) ? number_markup(row[i]) : escape_markup(row[i]);
        rows += i == 0 ? "<th scope=\"row\">" + text + "</th>" : "<td>" + text + "</td>";
      }
      rows += "</tr>\n";
    }
    out += fmt::format(
        "<div class=\"result\"><h3 id=\"table-{0}\">{1}</h3>\n"
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-labelledby=\"table-{0}\"><table "
        "class=\"results\">\n"
        "<thead><tr>{2}</tr></thead>\n<tbody>\n{3}</tbody></table></div>\n{4}</div>\n",
        id,
        escape_markup(table.title.empty() ? table.id : table.title),
        head,
        rows,
        table.caption.empty() ? ""
                              : "<p class=\"caption\">" + escape_markup(table.caption) + "</p>\n");
  }
  return out;
}

std::string choices_section(const Dataset& run) {
  std::string items;
  for (const std::string& one : sentences(run, "choices"))
    items += "<li>" + escape_markup(one) + "</li>\n";
  if (items.empty()) return "";
  return "<p>Where the source is silent or differs from itself, this run chose:</p>\n<ul "
         "class=\"choices\">\n" +
         items + "</ul>\n";
}

std::string provenance_section(const Json& manifest) {
  if (!manifest.is_object() || manifest.empty()) return "";
  constexpr std::size_t inline_entries = 4;
  Json top = Json::object();
  std::string details;
  for (const auto& [key, value] : manifest.items()) {
    if (value.is_object() && value.size() > inline_entries) {
      details += fmt::format("<details><summary>{}</summary>\n{}</details>\n",
                             escape_markup(words(key)),
                             key_table(rows_of(value, "")));
    } else {
      top[key] = value;
    }
  }
  return key_table(rows_of(top, "")) + details;
}

std::string recipe_section(std::string_view recipe) {
  if (recipe.empty()) return "";
  return "<details><summary>What was asked for, with every default filled in: "
         "<code>recipe.toml</code></summary>\n"
         "<pre tabindex=\"0\"><code>" +
         escape_markup(recipe) + "</code></pre>\n</details>\n";
}

}  // namespace thermoscape::report
