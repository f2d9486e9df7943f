#include "thermoscape/objective/torch/convolution.hpp"

#include <array>
#include <utility>

#include <torch/csrc/autograd/custom_function.h>

namespace thermoscape::networks {

namespace {

using ::torch::autograd::AutogradContext;
using ::torch::autograd::Function;
using ::torch::autograd::variable_list;

struct Geometry {
  std::int64_t stride = 1;
  std::int64_t padding = 0;
  std::vector<std::int64_t> inputs;   ///< shape of x
  std::vector<std::int64_t> kernels;  ///< shape of w
};

/// One of the two derivatives of y(x, w); the argument that is asked for stands for its shape
/// alone.
at::Tensor derivative(const at::Tensor& y,
                      const at::Tensor& x,
                      const at::Tensor& w,
                      const Geometry& how,
                      bool of_inputs) {
  const auto both = at::convolution_backward(y,
                                             x,
                                             w,
                                             c10::nullopt,
                                             {how.stride, how.stride},
                                             {how.padding, how.padding},
                                             {1, 1},
                                             false,
                                             {0, 0},
                                             1,
                                             {of_inputs, !of_inputs, false});
  return of_inputs ? std::get<0>(both) : std::get<1>(both);
}

/// Keeps the two arguments of a bilinear map and its geometry for its derivatives.
void keep(AutogradContext* context, const at::Tensor& a, const at::Tensor& b, const Geometry& how) {
  context->save_for_backward({a, b});
  context->saved_data["stride"] = how.stride;
  context->saved_data["padding"] = how.padding;
  context->saved_data["inputs"] = how.inputs;
  context->saved_data["kernels"] = how.kernels;
}
Geometry kept(AutogradContext* context) {
  return {context->saved_data["stride"].toInt(),
          context->saved_data["padding"].toInt(),
          context->saved_data["inputs"].toIntVector(),
          context->saved_data["kernels"].toIntVector()};
}

/// The three maps as functions of the graph; each calls the others in its backward pass.
struct Outputs;
struct Inputs;
struct Kernels;
at::Tensor outputs(const at::Tensor& x, const at::Tensor& w, const Geometry& how);
at::Tensor inputs(const at::Tensor& y, const at::Tensor& w, const Geometry& how);
at::Tensor kernels(const at::Tensor& x, const at::Tensor& y, const Geometry& how);

/// y(x, w)
struct Outputs : Function<Outputs> {
  static at::Tensor forward(AutogradContext* context,
                            const at::Tensor& x,
                            const at::Tensor& w,
                            const Geometry& how) {
    keep(context, x, w, how);
    return at::conv2d(x, w, {}, how.stride, how.padding);
  }
  static variable_list backward(AutogradContext* context, const variable_list& g) {
    const variable_list saved = context->get_saved_variables();
    const Geometry how = kept(context);
    return {context->needs_input_grad(0) ? inputs(g[0], saved[1], how) : at::Tensor(),
            context->needs_input_grad(1) ? kernels(saved[0], g[0], how) : at::Tensor(),
            {}};
  }
};

/// x̄(ȳ, w), the transposed convolution.
struct Inputs : Function<Inputs> {
  static at::Tensor forward(AutogradContext* context,
                            const at::Tensor& y,
                            const at::Tensor& w,
                            const Geometry& how) {
    keep(context, y, w, how);
    return derivative(y, at::empty(how.inputs, y.options()), w, how, true);
  }
  static variable_list backward(AutogradContext* context, const variable_list& g) {
    const variable_list saved = context->get_saved_variables();
    const Geometry how = kept(context);
    return {context->needs_input_grad(0) ? outputs(g[0], saved[1], how) : at::Tensor(),
            context->needs_input_grad(1) ? kernels(g[0], saved[0], how) : at::Tensor(),
            {}};
  }
};

/// w̄(x, ȳ)
struct Kernels : Function<Kernels> {
  static at::Tensor forward(AutogradContext* context,
                            const at::Tensor& x,
                            const at::Tensor& y,
                            const Geometry& how) {
    keep(context, x, y, how);
    return derivative(y, x, at::empty(how.kernels, y.options()), how, false);
  }
  static variable_list backward(AutogradContext* context, const variable_list& g) {
    const variable_list saved = context->get_saved_variables();
    const Geometry how = kept(context);
    return {context->needs_input_grad(0) ? inputs(saved[1], g[0], how) : at::Tensor(),
            context->needs_input_grad(1) ? outputs(saved[0], g[0], how) : at::Tensor(),
            {}};
  }
};

at::Tensor outputs(const at::Tensor& x, const at::Tensor& w, const Geometry& how) {
  return Outputs::apply(x, w, how);
}
at::Tensor inputs(const at::Tensor& y, const at::Tensor& w, const Geometry& how) {
  return Inputs::apply(y, w, how);
}
at::Tensor kernels(const at::Tensor& x, const at::Tensor& y, const Geometry& how) {
  return Kernels::apply(x, y, how);
}

}  // namespace

at::Tensor convolve(const at::Tensor& x,
                    const at::Tensor& w,
                    std::int64_t stride,
                    std::int64_t padding) {
  return outputs(x, w, {stride, padding, x.sizes().vec(), w.sizes().vec()});
}

}  // namespace thermoscape::networks
