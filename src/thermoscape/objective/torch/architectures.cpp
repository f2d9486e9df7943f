#include "thermoscape/objective/torch/architectures.hpp"

#include <span>
#include <utility>

#include <fmt/format.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/objective/torch/layers.hpp"

namespace thermoscape::networks {

namespace {

constexpr std::int64_t kPool = 0;  ///< in a list of channels, which ends with one

at::Tensor small_cnn(Layers& layers, at::Tensor x, std::int64_t classes) {
  int number = 0;
  for (const std::int64_t channels : {16, 32, 32}) {
    const std::string name = fmt::format("conv{}", ++number);
    x = layers.pooled(layers.convolution(name, x, layers.scaled(channels), 3, 1));
  }
  return layers.dense("dense", x, classes);
}

at::Tensor lenet(Layers& layers, at::Tensor x, std::int64_t classes, bool for_mnist) {
  struct Convolution {
    std::int64_t channels, kernel, padding;
  };
  constexpr Convolution kMnist[] = {{16, 3, 1}, {32, 5, 2}};
  constexpr Convolution kCifar[] = {{6, 5, 0}, {16, 5, 0}};
  int number = 0;
  for (const Convolution& one : for_mnist ? kMnist : kCifar) {
    x = layers.convolution(
        fmt::format("conv{}", ++number), x, layers.scaled(one.channels), one.kernel, one.padding);
    x = layers.pooled(x);
  }
  if (for_mnist) return layers.dense("dense1", x, classes);
  x = layers.activation(layers.dense("dense1", x, layers.scaled(120)));
  x = layers.activation(layers.dense("dense2", x, layers.scaled(84)));
  return layers.dense("dense3", x, classes);
}

at::Tensor vgg(Layers& layers,
               at::Tensor x,
               std::int64_t classes,
               std::span<const std::int64_t> columns,
               std::int64_t hidden) {
  int number = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i] == kPool) continue;  // done with the convolution before it
    const std::string name = fmt::format("conv{}", ++number);
    x = layers.convolution(name, x, layers.scaled(columns[i]), 3, 1);
    x = columns[i + 1] == kPool ? layers.pooled(x) : layers.activation(x);
  }
  for (std::int64_t one = 1; one <= hidden; ++one) {
    x = layers.activation(
        layers.dense(fmt::format("dense{}", one), x, layers.scaled(512), /*normalised=*/true));
  }
  return layers.dense("output", x, classes);
}

at::Tensor basic_block(Layers& layers,
                       const std::string& name,
                       const at::Tensor& x,
                       std::int64_t channels,
                       std::int64_t stride) {
  at::Tensor y = layers.activation(layers.convolution(name + ".conv1", x, channels, 3, 1, stride));
  y = layers.convolution(name + ".conv2", y, channels, 3, 1);
  const bool same = stride == 1 && x.size(1) == channels;
  return layers.activation(
      y + (same ? x : layers.convolution(name + ".shortcut", x, channels, 1, 0, stride)));
}

at::Tensor resnet(Layers& layers, at::Tensor x, std::int64_t classes, int blocks) {
  x = layers.activation(layers.convolution("conv1", x, layers.scaled(64), 3, 1));
  for (int stage = 0; stage < 4; ++stage) {
    for (int block = 0; block < blocks; ++block) {
      const std::int64_t stride = stage > 0 && block == 0 ? 2 : 1;
      const std::string name = fmt::format("layer{}.{}", stage + 1, block);
      x = basic_block(layers, name, x, layers.scaled(std::int64_t{64} << stage), stride);
    }
  }
  return layers.dense("output", x.mean({2, 3}), classes);
}

at::Tensor run(Architecture architecture,
               const NetworkSettings& settings,
               Layers& layers,
               const at::Tensor& x,
               std::int64_t classes) {
  static constexpr std::int64_t kVgg9[] = {64, kPool, 128, kPool, 256, 256, kPool, 512, 512, kPool};
  static constexpr std::int64_t kVgg11[] = {
      64, kPool, 128, kPool, 256, 256, kPool, 512, 512, kPool, 512, 512, kPool};
  static constexpr std::int64_t kVgg16[] = {64,
                                            64,
                                            kPool,
                                            128,
                                            128,
                                            kPool,
                                            256,
                                            256,
                                            256,
                                            kPool,
                                            512,
                                            512,
                                            512,
                                            kPool,
                                            512,
                                            512,
                                            512,
                                            kPool};
  switch (architecture) {
    case Architecture::small_cnn:
      return small_cnn(layers, x, classes);
    case Architecture::lenet:
      return lenet(layers, x, classes, settings.variant == "mnist");
    case Architecture::vgg9:
      return vgg(layers, x, classes, kVgg9, 2);
    case Architecture::vgg11:
      return vgg(layers, x, classes, kVgg11, 0);
    case Architecture::vgg16:
      return vgg(layers, x, classes, kVgg16, 0);
    case Architecture::resnet10:
      return resnet(layers, x, classes, 1);
    case Architecture::resnet18:
      return resnet(layers, x, classes, 2);
  }
  return {};
}

class BuiltIn final : public Network {
 public:
  BuiltIn(Architecture architecture,
          const NetworkSettings& settings,
          const std::vector<std::int64_t>& shape,
          std::int64_t classes,
          const at::TensorOptions& like)
      : architecture_(architecture), settings_(settings), classes_(classes) {
    const at::NoGradGuard no_gradient;
    Layers layers(settings_);
    std::vector<std::int64_t> one = shape;
    one.insert(one.begin(), 1);
    (void)run(architecture_, settings_, layers, at::zeros(one, like), classes_);
    parameters_ = std::move(layers.parameters());
    buffers_ = std::move(layers.buffers());
    laws_ = std::move(layers.laws());
  }
  [[nodiscard]] std::unique_ptr<Network> clone() const override {
    return std::make_unique<BuiltIn>(*this);
  }
  [[nodiscard]] const std::vector<Named>& parameters() const override { return parameters_; }
  [[nodiscard]] const std::vector<Named>& buffers() const override { return buffers_; }
  [[nodiscard]] at::Tensor forward(const Pass& pass) override {
    Layers layers(settings_, pass);
    return run(architecture_, settings_, layers, pass.inputs, classes_);
  }
  [[nodiscard]] Tensors initial(const Noise& noise) const override {
    Tensors drawn;
    std::vector<double> normal;
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      const at::Tensor& like = parameters_[i].value;
      normal.resize(static_cast<std::size_t>(like.numel()));
      noise.normal<double>("network.initial", i, normal);
      const at::Tensor unit = at::from_blob(normal.data(), like.sizes(), at::kDouble);
      drawn.push_back((unit * laws_[i].deviation + laws_[i].mean).to(like.options()));
    }
    return drawn;
  }

 private:
  Architecture architecture_;
  NetworkSettings settings_;
  std::int64_t classes_;
  std::vector<Named> parameters_;
  std::vector<Named> buffers_;
  std::vector<Law> laws_;
};

}  // namespace

std::unique_ptr<Network> make_architecture(Architecture architecture,
                                           const NetworkSettings& settings,
                                           const std::vector<std::int64_t>& shape,
                                           std::int64_t classes,
                                           const at::TensorOptions& like) {
  // Two convolutions of five without padding and two pools leave nothing of less than 16 pixels.
  const std::int64_t least =
      architecture == Architecture::lenet && settings.variant == "cifar" ? 16 : 1;
  if (shape.size() != 3 || shape[1] < least || shape[2] < least) {
    reject(
        {"objective",
         fmt::format("inputs [{}]", fmt::join(shape, ", ")),
         fmt::format("a convolutional network needs images [channels, height, width] of at least "
                     "{0} x {0}",
                     least),
         "data without `reduce` has the shape of its images"});
  }
  return std::make_unique<BuiltIn>(architecture, settings, shape, classes, like);
}

}  // namespace thermoscape::networks
