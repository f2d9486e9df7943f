#include "figure_file.hpp"

#include "thermoscape/report/svg.hpp"
#include "thermoscape/store/atomic_write.hpp"

namespace thermoscape::app {

void write_svg(const Figure& figure, const std::string& path) {
  if (!path.empty()) store::atomic_write(path, export_figure_svg(figure));
}

}  // namespace thermoscape::app
