#include "thermoscape/objective/torch_library.hpp"

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

namespace thermoscape {
namespace {

TEST(TorchBackend, ReportsTheLibraryItRunsOn) {
  const TorchBackend backend = torch_backend();
  EXPECT_EQ(backend.version.substr(0, 2), "1.") << backend.version;
  EXPECT_TRUE(std::filesystem::exists(backend.blas)) << backend.blas;
  // Between a scalar loop at 1 GHz and the float peak of the largest servers.
  EXPECT_GT(backend.matmul_gflops, 0.1);
  EXPECT_LT(backend.matmul_gflops, 1e5);
  EXPECT_EQ(backend.fast_blas, backend.advice.empty()) << backend.advice;
}

// Files and speeds as Debian 12 gives them on one machine.
TEST(TorchBackend, AdvisesAgainstASlowBlas) {
  const std::string libraries = "/usr/lib/x86_64-linux-gnu/";
  EXPECT_EQ(blas_advice(libraries + "openblas-pthread/libblas.so.3", 250), "");
  EXPECT_NE(blas_advice(libraries + "openblas-pthread/libblas.so.3", 2), "");
  for (const double gflops : {8.0, 250.0}) {
    const std::string advice = blas_advice(libraries + "blas/libblas.so.3.11.0", gflops);
    EXPECT_NE(advice.find("libopenblas0-pthread"), std::string::npos) << advice;
  }
  EXPECT_NE(blas_advice("", 250), "");
}

}  // namespace
}  // namespace thermoscape
