#pragma once
#include "thermoscape/core/json.hpp"

namespace thermoscape::bench {

/// The 20 largest eigenpairs of the Hessian of a trained tanh network of 693 parameters by
/// single-vector Lanczos: products, residuals, and the distance from LAPACK on the whole matrix.
[[nodiscard]] Json top20_products(const Json& request);
/// The 10 largest eigenpairs of LeNet's Hessian in float, at the point and on the images that the
/// rival wrote into a folder, one vector at a time unless `block` says otherwise (the graph is
/// kept): processor time, products, residuals.
[[nodiscard]] Json top10_lenet(const Json& request);

}  // namespace thermoscape::bench
