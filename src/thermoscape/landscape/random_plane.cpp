#include "thermoscape/landscape/random_plane.hpp"

#include <fmt/format.h>
#include <Eigen/QR>

#include "thermoscape/core/error.hpp"

namespace thermoscape {

Matrix random_plane(Eigen::Index parameters,
                    Eigen::Index dimension,
                    const Noise& noise,
                    std::uint64_t address) {
  if (dimension < 1 || dimension > parameters) {
    reject({"random_plane.dimension",
            fmt::format("{}", dimension),
            fmt::format("must be from 1 to the number of parameters, {}", parameters),
            ""});
  }
  Matrix normals(parameters, dimension);
  noise.normal<double>("random_plane.directions",
                       address,
                       std::span<double>(normals.data(), static_cast<std::size_t>(normals.size())));
  const Eigen::HouseholderQR<Matrix> qr(normals);
  return qr.householderQ() * Matrix::Identity(parameters, dimension);
}

double trace_over_norm(const Matrix& matrix) {
  const double norm = matrix.norm();
  return norm > 0 ? matrix.trace() / norm : 0;
}

}  // namespace thermoscape
