#include "thermoscape/objective/networks.hpp"

#include <cmath>
#include <cstdio>
#include <numeric>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "laws/evaluated.hpp"
#include "thermoscape/core/error.hpp"
#include "thermoscape/objective/catalog.hpp"

namespace thermoscape {
namespace {

data::Labelled images(std::vector<std::int64_t> shape, std::int64_t count, std::int32_t classes) {
  data::Labelled set;
  set.name = "images";
  set.shape = std::move(shape);
  set.classes = classes;
  set.inputs.resize(static_cast<std::size_t>(count * set.shape[0] * set.shape[1] * set.shape[2]));
  Noise(31).normal<float>("test.images", 0, set.inputs);
  for (std::int64_t i = 0; i < count; ++i)
    set.labels.push_back(static_cast<std::int32_t>(i) % classes);
  return set;
}

template <Architecture A>
std::unique_ptr<Objective<double>> network(NetworkOf<A> settings, const data::Labelled& data) {
  return make_objective<double>(settings, &data);
}

// Weights and biases of every layer, counted by hand from the sources' tables.
TEST(Networks, have_the_parameters_of_their_sources) {
  const data::Labelled cifar = images({3, 32, 32}, 2, 10);
  const data::Labelled mnist = images({1, 28, 28}, 2, 10);
  using A = Architecture;
  EXPECT_EQ(network(NetworkOf<A::small_cnn>{}, cifar)->parameters(),
            3 * 16 * 9 + 16 + 16 * 32 * 9 + 32 + 32 * 32 * 9 + 32 + 32 * 16 * 10 + 10);
  EXPECT_EQ(network(NetworkOf<A::lenet>{}, cifar)->parameters(), 62006);
  NetworkOf<A::lenet> for_mnist;
  for_mnist.variant = "mnist";
  for_mnist.biases = false;
  EXPECT_EQ(network(for_mnist, mnist)->parameters(), 3 * 3 * 16 + 16 * 25 * 32 + 1568 * 10);
  EXPECT_EQ(network(NetworkOf<A::vgg11>{}, cifar)->parameters(), 9225610);  // its conv layers, 5130
  NetworkOf<A::resnet18> residual;
  residual.batch_norm = true;
  EXPECT_EQ(network(residual, cifar)->parameters(), 11173962);  // as published for CIFAR-10
}

TEST(Networks, widths_and_images_of_other_sizes_work) {
  using A = Architecture;
  NetworkOf<A::vgg16> narrow;
  narrow.width = 0.02;
  narrow.activation = "tanh";
  EXPECT_TRUE(
      std::isfinite(network(narrow, images({1, 8, 8}, 3, 2))
                        ->loss(network(narrow, images({1, 8, 8}, 3, 2))->initial(Noise(1)), {})));
  const data::Labelled small = images({1, 8, 8}, 3, 2);
  EXPECT_THROW((void)network(NetworkOf<A::lenet>{}, small), Error);
  data::Labelled vectors = images({1, 8, 8}, 3, 2);
  vectors.shape = {64};
  EXPECT_THROW((void)network(NetworkOf<A::small_cnn>{}, vectors), Error);
}

TEST(Networks, initial_weights_have_the_variance_of_their_law) {
  using A = Architecture;
  const data::Labelled cifar = images({3, 32, 32}, 1, 10);
  const auto objective = network(NetworkOf<A::small_cnn>{}, cifar);
  const std::vector<double> theta = objective->initial(Noise(3));
  for (const ParameterGroup& one : objective->parameter_groups()) {
    const auto first = theta.begin() + one.first;
    const double square =
        std::inner_product(first, first + one.count, first, 0.0) / static_cast<double>(one.count);
    if (one.name.ends_with("bias")) {
      EXPECT_EQ(square, 0) << one.name;
      continue;
    }
    const double inputs = one.name == "conv1.weight"   ? 27
                          : one.name == "conv2.weight" ? 144
                          : one.name == "conv3.weight" ? 288
                                                       : 512;
    // The mean square of N normal numbers has the relative error sqrt(2/N); four of them.
    EXPECT_NEAR(square * inputs / 2, 1, 4 * std::sqrt(2.0 / static_cast<double>(one.count)))
        << one.name;
  }
}

/// A set of more examples than one piece takes, the last piece ragged.
class ManyPieces : public ::testing::Test {
 protected:
  ManyPieces() : data_(images({1, 6, 6}, 2500, 3)) {
    NetworkOf<Architecture::small_cnn> settings;
    settings.width = 0.1;
    settings.activation = "tanh";
    objective_ = network(settings, data_);
    theta_ = objective_->initial(Noise(1));
  }
  data::Labelled data_;
  std::unique_ptr<Objective<double>> objective_;
  std::vector<double> theta_;
};

TEST_F(ManyPieces, the_mean_over_all_is_exact) {
  laws::Evaluated<double> at(*objective_);
  std::vector<double> v(theta_.size());
  Noise(2).normal<double>("test.direction", 0, v);
  std::vector<double> gradient(theta_.size());
  std::vector<double> product(theta_.size());
  double loss = 0;
  for (std::int32_t part = 0; part < 5; ++part) {  // of 500, each one piece
    std::vector<std::int32_t> chosen(500);
    std::iota(chosen.begin(), chosen.end(), 500 * part);
    loss += at.loss(theta_, Batch{chosen}) / 5;
    gradient = laws::moved(gradient, 0.2, at.gradient(theta_, Batch{chosen}));
    product = laws::moved(product, 0.2, at.hessian(theta_, v, Batch{chosen}));
  }
  EXPECT_NEAR(at.loss(theta_), loss, 1e-13 * loss);
  EXPECT_LE(laws::distance(at.gradient(theta_), gradient), 1e-12 * laws::norm(gradient));
  EXPECT_LE(laws::distance(at.hessian(theta_, v), product), 1e-12 * laws::norm(product));
}

std::int64_t resident_bytes() {
  std::FILE* const file = std::fopen("/proc/self/statm", "r");
  long all = 0;
  long resident = 0;
  const int read = std::fscanf(file, "%ld %ld", &all, &resident);
  std::fclose(file);
  return read == 2 ? resident * sysconf(_SC_PAGESIZE) : 0;
}

// With graphs that are kept, and with graphs that are made again for every product (those of
// augmented examples). A leak of one graph of 64 examples each time would come to over 100 MB.
TEST(Networks, memory_is_flat_over_a_thousand_products) {
  using A = Architecture;
  const data::Labelled data = images({1, 8, 8}, 64, 3);
  NetworkOf<A::small_cnn> settings;
  settings.width = 0.1;
  settings.batch_norm = true;
  const auto objective = network(settings, data);
  const std::vector<double> theta = objective->initial(Noise(1));
  std::vector<double> v(theta.size(), 1.0);
  std::vector<double> hv(theta.size());
  const data::CropFlip crop{1, 8, 8, 1, true, Noise(3)};
  const Batch augmented{{}, &crop, 0};
  std::int64_t before = 0;
  for (int product = 0; product < 1000; ++product) {
    if (product == 50) before = resident_bytes();
    v[0] = product;
    objective->hessian_products(theta, product % 2 == 0 ? Batch{} : augmented, v, hv);
  }
  EXPECT_LE(resident_bytes() - before, std::int64_t{8} << 20);
}

}  // namespace
}  // namespace thermoscape
