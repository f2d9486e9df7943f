#include "thermoscape/analysis/lanczos.hpp"

#include <gtest/gtest.h>

#include "analysis/known_spectrum.hpp"
#include "thermoscape/analysis/subspace_iteration.hpp"
#include "thermoscape/core/error.hpp"

namespace thermoscape::analysis {
namespace {

using namespace thermoscape::testing;

/// What holds of every result: orthonormal vectors, falling values, residuals that a product
/// confirms, and an eigenvalue of A within each (the bound of the residual, exact for symmetric A;
/// rounding of both sides on top).
void expect_certified(const Matrix& a,
                      const std::vector<double>& spectrum,
                      const Eigenpairs& found) {
  const double rounding = 1e-13 * std::max(a.norm(), 1e-300);
  const auto k = found.count();
  ASSERT_EQ(found.vectors.cols(), k);
  EXPECT_LT((found.vectors.transpose() * found.vectors - Matrix::Identity(k, k)).norm(), 1e-12);
  for (Eigen::Index i = 0; i < k; ++i) {
    if (i > 0) {
      EXPECT_GE(found.values[i - 1], found.values[i]);
    }
    const double residual =
        (a * found.vectors.col(i) - found.values[i] * found.vectors.col(i)).norm();
    EXPECT_NEAR(found.residuals[i], residual, rounding);
    double nearest = std::numeric_limits<double>::infinity();
    for (const double one : spectrum) nearest = std::min(nearest, std::abs(one - found.values[i]));
    EXPECT_LE(nearest, found.residuals[i] + rounding);
    EXPECT_EQ(found.converged[static_cast<std::size_t>(i)],
              found.residuals[i] <= Certainty().bound(found.values[i], found.norm));
  }
}

// The values are those of the end that was asked for. A Ritz value errs by residual²/gap at most:
// residuals are 1e-4 λ and gaps above 0.003, so 1e-5 of the largest is far beyond.
TEST(Lanczos, finds_either_end_or_both_with_every_block) {
  const std::vector<double> spectrum = like_a_hessian(150);
  const Matrix a = with_spectrum(spectrum);
  for (const std::int64_t block : {1, 2, 5}) {
    for (const SpectrumEnd end : {SpectrumEnd::largest, SpectrumEnd::smallest, SpectrumEnd::both}) {
      const Eigenpairs found =
          lanczos(operator_of(a), Noise(3), {.count = 12, .end = end, .block = block});
      EXPECT_EQ(found.status, Status::ok);
      expect_certified(a, spectrum, found);
      std::vector<double> expected;
      if (end != SpectrumEnd::smallest) expected.assign(spectrum.begin(), spectrum.begin() + 12);
      if (end != SpectrumEnd::largest)
        expected.insert(expected.end(), spectrum.end() - 12, spectrum.end());
      ASSERT_EQ(found.count(), static_cast<Eigen::Index>(expected.size()));
      for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_NEAR(found.values[static_cast<Eigen::Index>(i)], expected[i], 1e-5);
      }
    }
  }
}

TEST(Lanczos, counts_every_product_and_certifies_apart) {
  const LinearOperator a = operator_of(with_spectrum(like_a_hessian(150)));
  const Eigenpairs found = lanczos(a, Noise(3), {.count = 10, .block = 1});
  EXPECT_EQ(found.certification, 10);
  EXPECT_EQ(found.products + found.certification, a.applications());
}

TEST(Lanczos, restarts_in_a_small_basis_and_finds_the_same) {
  const std::vector<double> spectrum = like_a_hessian(300);
  const Matrix a = with_spectrum(spectrum);
  const Eigenpairs roomy = lanczos(operator_of(a), Noise(3), {.count = 10, .basis = 120});
  const Eigenpairs tight = lanczos(operator_of(a), Noise(3), {.count = 10, .basis = 18});
  EXPECT_EQ(tight.status, Status::ok);
  EXPECT_GT(tight.products, 18) << "no restart was needed: the test tests nothing";
  expect_certified(a, spectrum, tight);
  EXPECT_LT((roomy.values - tight.values).norm(), 1e-5);
}

// Of a multiple eigenvalue a single vector sees one copy; a block of its multiplicity sees all.
TEST(Lanczos, a_block_sees_every_copy_of_a_multiple_eigenvalue) {
  std::vector<double> spectrum = like_a_hessian(200);
  spectrum[2] = spectrum[1] = spectrum[0];
  const Matrix a = with_spectrum(spectrum);
  const auto copies = [&](std::int64_t block) {
    const Eigenpairs found = lanczos(operator_of(a), Noise(3), {.count = 6, .block = block});
    expect_certified(a, spectrum, found);
    return (found.values.array() > spectrum[0] - 1e-6).count();
  };
  EXPECT_EQ(copies(3), 3);
  EXPECT_EQ(copies(2), 3) << "two copies in a block of two make it look for more";
  EXPECT_EQ(copies(1), 1);
}

// The smallest eigenvalues of a G-term: a null space beside small ones that are not zero.
TEST(Lanczos, a_large_null_space_does_not_hide_behind_few_copies) {
  std::vector<double> spectrum(70, 0.0);
  for (std::size_t i = 0; i < 40; ++i) spectrum.push_back(std::pow(0.9, static_cast<double>(i)));
  const Matrix a = with_spectrum(spectrum);
  for (const std::int64_t block : {1, 2, 4}) {
    const Eigenpairs found = lanczos(
        operator_of(a), Noise(3), {.count = 8, .end = SpectrumEnd::smallest, .block = block});
    EXPECT_EQ(found.status, Status::ok);
    EXPECT_EQ(found.zeros, 8);
    expect_certified(a, spectrum, found);
  }
}

// Where the Krylov space of one vector ends, random ones go on: nothing stays hidden.
TEST(Lanczos, goes_on_where_the_krylov_space_is_exhausted) {
  std::vector<double> spectrum;
  for (const double one : {4.0, 3.0, 1.0, -2.0}) spectrum.insert(spectrum.end(), 10, one);
  const Matrix a = with_spectrum(spectrum);
  for (const std::int64_t block : {1, 2, 3}) {
    const Eigenpairs found = lanczos(operator_of(a), Noise(3), {.count = 25, .block = block});
    EXPECT_EQ(found.status, Status::ok);
    expect_certified(a, spectrum, found);
    for (Eigen::Index i = 0; i < 25; ++i) {
      EXPECT_NEAR(found.values[i], i < 10 ? 4 : i < 20 ? 3 : 1, 1e-9);
    }
  }
}

TEST(Lanczos, a_tiny_operator_gives_all_it_has) {
  for (const std::size_t size : {1U, 2U, 3U, 7U}) {
    std::vector<double> spectrum;
    for (std::size_t i = 0; i < size; ++i) spectrum.push_back(2.0 - static_cast<double>(i));
    const Matrix a = with_spectrum(spectrum);
    for (const SpectrumEnd end : {SpectrumEnd::largest, SpectrumEnd::both}) {
      const Eigenpairs found = lanczos(operator_of(a), Noise(3), {.count = 20, .end = end});
      EXPECT_EQ(found.status, Status::ok);
      ASSERT_EQ(found.count(), static_cast<Eigen::Index>(size));
      expect_certified(a, spectrum, found);
    }
  }
}

TEST(Lanczos, zero_and_small_rank_end_with_a_count_of_zeros) {
  const Eigenpairs zero = lanczos(operator_of(Matrix::Zero(30, 30)), Noise(3), {.count = 5});
  EXPECT_EQ(zero.status, Status::ok);
  EXPECT_EQ(zero.zeros, 5);
  EXPECT_EQ(zero.norm, 0);
  std::vector<double> spectrum(60, 0.0);
  for (int i = 0; i < 6; ++i) spectrum[static_cast<std::size_t>(i)] = 6 - i;
  const Matrix a = with_spectrum(spectrum);
  const Eigenpairs found = lanczos(operator_of(a), Noise(3), {.count = 10});
  EXPECT_EQ(found.status, Status::ok);
  EXPECT_EQ(found.zeros, 4);
  expect_certified(a, spectrum, found);
}

TEST(Lanczos, what_is_not_finite_ends_it_and_nothing_is_certified) {
  const Matrix a = with_spectrum(like_a_hessian(150));
  const Eigenpairs at_once = lanczos(failing_after(a, 0), Noise(3), {.count = 5});
  EXPECT_EQ(at_once.status, Status::diverged);
  EXPECT_EQ(at_once.count(), 0);
  const Eigenpairs later = lanczos(failing_after(a, 20), Noise(3), {.count = 10});
  EXPECT_EQ(later.status, Status::diverged);
  EXPECT_EQ(later.count(), 0) << "nothing can be certified by an operator that fails";
}

TEST(Lanczos, an_interrupt_keeps_what_has_converged) {
  const std::vector<double> spectrum = like_a_hessian(300);
  const Matrix a = with_spectrum(spectrum);
  LanczosOptions options{.count = 10, .block = 1};
  options.look = [](std::int64_t, std::int64_t converged) { return converged < 3; };
  const Eigenpairs found = lanczos(operator_of(a), Noise(3), options);
  EXPECT_TRUE(found.interrupted);
  EXPECT_EQ(found.status, Status::not_converged);
  EXPECT_GE(found.count(), 3);
  EXPECT_LT(found.count(), 10);
  EXPECT_EQ(found.converged_count(), found.count());
  expect_certified(a, spectrum, found);
}

TEST(Lanczos, the_limit_of_products_leaves_honest_flags) {
  const std::vector<double> spectrum = like_a_hessian(300);
  const Matrix a = with_spectrum(spectrum);
  const Eigenpairs found =
      lanczos(operator_of(a), Noise(3), {.count = 15, .block = 1, .most_products = 30});
  EXPECT_EQ(found.status, Status::not_converged);
  EXPECT_EQ(found.count(), 15);
  EXPECT_LT(found.converged_count(), 15);
  EXPECT_GT(found.converged_count(), 0);
  EXPECT_EQ(found.only_converged().count(), found.converged_count());
  expect_certified(a, spectrum, found);
}

// Products rounded to float have noise of 6e-8 of their size: pairs of |λ| below a few 1e-3 ‖A‖
// cannot reach 1e-4 |λ|. The iteration sees that and ends; the pairs say so.
TEST(Lanczos, ends_at_the_rounding_of_single_precision) {
  std::vector<double> spectrum(100);
  for (std::size_t i = 0; i < 100; ++i) spectrum[i] = std::pow(0.7, static_cast<double>(i));
  const Eigen::MatrixXf a = with_spectrum(spectrum).cast<float>();
  const LinearOperator rounded(100,
                               [a](const Eigen::Ref<const Matrix>& in, Eigen::Ref<Matrix> out) {
                                 out = (a * in.cast<float>()).cast<double>();
                               });
  LanczosOptions options{.count = 30};
  options.certainty.rounding = 1.2e-7;
  const Eigenpairs found = lanczos(rounded, Noise(3), options);
  EXPECT_LT(found.products, 150);
  EXPECT_EQ(found.status, Status::not_converged);
  EXPECT_TRUE(found.converged[0]);
  EXPECT_FALSE(found.converged[29]);
  EXPECT_LT(found.residuals.maxCoeff(), 1e-6);
}

TEST(Lanczos, refuses_what_it_cannot_do) {
  const LinearOperator a = operator_of(Matrix::Identity(3, 3));
  EXPECT_THROW(static_cast<void>(lanczos(a, Noise(1), {.count = 0})), Error);
  EXPECT_THROW(static_cast<void>(lanczos(a, Noise(1), {.block = 0})), Error);
  LanczosOptions options;
  options.certainty.tolerance = 0;
  EXPECT_THROW(static_cast<void>(lanczos(a, Noise(1), options)), Error);
}

TEST(SubspaceIteration, finds_the_largest_in_size_of_either_sign) {
  std::vector<double> spectrum = like_a_hessian(120);
  spectrum[100] = -6.5;
  spectrum[101] = -3.4;
  const Matrix a = with_spectrum(spectrum);
  const Eigenpairs found = subspace_iteration(operator_of(a), Noise(3), {.count = 8});
  EXPECT_EQ(found.status, Status::ok);
  expect_certified(a, spectrum, found);
  const std::vector<double> expected{9, 7.5, 6, 5, 4.2, 3.7, -3.4, -6.5};
  ASSERT_EQ(found.count(), 8);
  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_NEAR(found.values[static_cast<Eigen::Index>(i)], expected[i], 1e-5);
  }
}

TEST(SubspaceIteration, small_zero_broken_and_interrupted) {
  const Eigenpairs small =
      subspace_iteration(operator_of(with_spectrum({3, 1, -2})), Noise(3), {.count = 9});
  EXPECT_EQ(small.status, Status::ok);
  EXPECT_EQ(small.count(), 3);
  const Eigenpairs zero =
      subspace_iteration(operator_of(Matrix::Zero(20, 20)), Noise(3), {.count = 4});
  EXPECT_EQ(zero.status, Status::ok);
  EXPECT_EQ(zero.zeros, 4);
  const Matrix a = with_spectrum(like_a_hessian(120));
  EXPECT_EQ(subspace_iteration(failing_after(a, 30), Noise(3), {.count = 8}).status,
            Status::diverged);
  SubspaceOptions options{.count = 8};
  options.look = [](std::int64_t, std::int64_t converged) { return converged < 2; };
  const Eigenpairs cut = subspace_iteration(operator_of(a), Noise(3), options);
  EXPECT_TRUE(cut.interrupted);
  EXPECT_GE(cut.count(), 2);
  EXPECT_EQ(cut.converged_count(), cut.count());
}

}  // namespace
}  // namespace thermoscape::analysis
