#pragma once
#include <string>

#include "data/support.hpp"

namespace thermoscape::data::test {

inline Bytes big_endian(int n) {
  return bytes({n >> 24 & 255, n >> 16 & 255, n >> 8 & 255, n & 255});
}

/// MNIST's four files under FOLDER/mnist, with images of 2 x 2 pixels and label i mod 10.
inline void write_mnist(const Folder& folder, int train, int test) {
  const auto part = [&](const std::string& name, int count) {
    Bytes images = bytes({0, 0, 8, 3}) + big_endian(count) + big_endian(2) + big_endian(2);
    Bytes labels = bytes({0, 0, 8, 1}) + big_endian(count);
    for (int i = 0; i < count; ++i) {
      images = images + bytes({i, 255 - i, (i * i) % 251, (i * 7) % 256});
      labels = labels + bytes({i % 10});
    }
    folder.write("mnist/" + name + "-images-idx3-ubyte", images);
    folder.write("mnist/" + name + "-labels-idx1-ubyte", labels);
  };
  part("train", train);
  part("t10k", test);
}

/// Two training batches and a test batch of ten images each under FOLDER/cifar10.
inline void write_cifar10(const Folder& folder) {
  for (const std::string name : {"data_batch_1", "data_batch_2", "test_batch"}) {
    Bytes content;
    for (int k = 0; k < 10; ++k)
      content = content + bytes({k}) + Bytes(3072, static_cast<std::byte>(20 * k));
    folder.write("cifar10/" + name + ".bin", content);
  }
}

}  // namespace thermoscape::data::test
