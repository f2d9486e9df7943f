#include "thermoscape/analysis/chain_health.hpp"

#include "analysis/synthetic.hpp"
#include "thermoscape/analysis/identity.hpp"
#include "thermoscape/core/json.hpp"

namespace thermoscape::analysis {
namespace {

using testing::ar1;
using testing::quadratic_loss;
using Data = std::vector<std::vector<double>>;

Health judge(const Data& data, const std::optional<Estimate>& identity = std::nullopt) {
  std::vector<std::span<const double>> chains(data.begin(), data.end());
  return chain_health(chains, 1, identity);
}

Data healthy() {
  Data data;
  for (std::uint64_t r = 0; r < 3; ++r)
    data.push_back(quadratic_loss(20000, 8, 0.95, 1e-4, 10 + r));
  return data;
}

TEST(RHat, OneForEqualLawsAndKnownForShiftedOnes) {
  const std::vector<double> a = testing::normals(20000, 1), b = testing::normals(20000, 2);
  std::vector<double> shifted = b;
  for (double& v : shifted) v += 1;
  const std::vector<std::span<const double>> same = {a, b}, moved = {a, shifted};
  for (const bool ranked : {true, false}) EXPECT_NEAR(split_r_hat(same, ranked).value, 1, 2e-3);
  // Halves' means 0, 0, 1, 1: B/n = 1/3, W = 1: R² = 1 + 1/3.
  EXPECT_NEAR(split_r_hat(moved, false).value, std::sqrt(4.0 / 3), 0.01);
  EXPECT_GT(split_r_hat(moved, true).value, 1.1);
  // One chain that drifts disagrees with itself: halves' means -½, ½ of a slope across ±1, B/n = ½.
  std::vector<double> drifting = a;
  for (std::size_t t = 0; t < a.size(); ++t) drifting[t] += static_cast<double>(t) / 10000.0 - 1;
  const std::vector<std::span<const double>> one = {drifting};
  EXPECT_NEAR(split_r_hat(one, false).value, std::sqrt(1 + 0.5 / (1 + 1.0 / 12)), 0.01);
}

TEST(RHat, RanksSurviveHeavyTails) {
  std::vector<double> a = testing::normals(5000, 3), b = testing::normals(5000, 4);
  for (double& v : a) v = std::exp(6 * v);
  for (double& v : b) v = std::exp(6 * v + 6);
  const std::vector<std::span<const double>> chains = {a, b};
  EXPECT_GT(split_r_hat(chains, true).value, 1.1);
  EXPECT_LT(split_r_hat(chains, false).value, 1.05);
}

TEST(RHat, Statuses) {
  EXPECT_EQ(split_r_hat({}).status, Status::undefined);
  const std::vector<double> few = {1, 2}, constant(100, 1.0), broken(100, std::nan(""));
  const std::vector<std::span<const double>> a = {few}, b = {constant}, c = {broken};
  EXPECT_EQ(split_r_hat(a).status, Status::too_short);
  EXPECT_EQ(split_r_hat(b).status, Status::undefined);
  EXPECT_EQ(split_r_hat(c).status, Status::diverged);
}

TEST(EffectiveSamples, OfAr1AndOfChainsThatDisagree) {
  constexpr double kPhi = 0.9;
  Data data;
  for (std::uint64_t r = 0; r < 4; ++r) data.push_back(ar1(50000, kPhi, 20 + r));
  std::vector<std::span<const double>> chains(data.begin(), data.end());
  const Estimate n = effective_samples(chains);
  EXPECT_EQ(n.status, Status::ok);
  EXPECT_NEAR(n.value, 200000 * (1 - kPhi) / (1 + kPhi), 4 * n.standard_error);
  for (double& v : data[0]) v += 3;
  const Estimate fewer = effective_samples(chains);
  EXPECT_LT(fewer.value, 20);  // about as many independent samples as chains
}

TEST(Spikes, CountedAndLocated) {
  std::vector<double> x(1000, 1.0);
  x[100] = x[101] = 50;
  x[700] = 20;
  const Spikes s = find_spikes(x, 10);
  EXPECT_EQ(s.count, 2);
  EXPECT_EQ(s.samples, 3);
  EXPECT_EQ(s.positions, (std::vector<std::int64_t>{100, 700}));
  EXPECT_EQ(s.threshold, 10);
  EXPECT_EQ(s.largest, 50);
  EXPECT_EQ(find_spikes(quadratic_loss(100000, 8, 0.9, 1, 5), 10).count, 0);
}

TEST(Health, StationaryReplicasAreOk) {
  const Health h = judge(healthy());
  EXPECT_EQ(h.status, Status::ok) << h.reason;
  EXPECT_NEAR(h.r_hat.value, 1, 0.01);
  EXPECT_NEAR(
      h.half_time.value, std::log(0.5) / (2 * std::log(0.95)), 4 * h.half_time.standard_error);
  EXPECT_NEAR(h.half_times, 20000 / h.half_time.value, 1e-6);
  const Json json = to_json(h);
  EXPECT_EQ(json["status"], "ok");
  EXPECT_FALSE(json.contains("identity"));
}

TEST(Health, FalseAlarmsAreRare) {
  int alarms = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const Data data = {quadratic_loss(5000, 6, 0.9, 1, 100 + 2 * seed),
                       quadratic_loss(5000, 6, 0.9, 1, 101 + 2 * seed)};
    alarms += judge(data).status == Status::ok ? 0 : 1;
  }
  EXPECT_LE(alarms, 1);
}

TEST(Health, DriftHasASign) {
  for (const double change : {0.5, -0.5}) {
    Data data = healthy();
    for (auto& chain : data) {
      for (std::size_t t = 0; t < chain.size(); ++t) {
        chain[t] *= 1 + change * (static_cast<double>(t) / 20000 - 0.5);
      }
    }
    const Health h = judge(data);
    EXPECT_EQ(h.status, change > 0 ? Status::relaxing : Status::ageing) << h.reason;
    EXPECT_NEAR(h.drift.value, change / 2, 4 * h.drift.standard_error);
  }
}

TEST(Health, IdentitySeesWhatDriftCannot) {
  const Data data = healthy();
  EXPECT_EQ(judge(data, Estimate{0.7, 0.02, Status::ok}).status, Status::relaxing);
  EXPECT_EQ(judge(data, Estimate{1.4, 0.02, Status::ok}).status, Status::ageing);
  EXPECT_EQ(judge(data, Estimate{0.7, 0.2, Status::ok}).status, Status::ok);
  EXPECT_EQ(judge(data, Estimate{1.05, 0.001, Status::ok}).status, Status::ok);
  EXPECT_EQ(to_json(judge(data, Estimate{0.7, 0.02, Status::ok}))["identity"], 0.7);
}

TEST(Health, SpikesDisagreementShortWindowsAndDivergence) {
  Data data = healthy();
  data[1][777] = 1;
  Health h = judge(data);
  EXPECT_EQ(h.status, Status::spiked);
  EXPECT_EQ(h.spikes, 1);
  EXPECT_EQ(h.spike_chain, 1);
  EXPECT_EQ(h.spike_position, 777);

  data = healthy();
  for (double& v : data[2]) v *= 3;
  EXPECT_EQ(judge(data).status, Status::not_converged);

  // Four periods of a wave, τ½ a sixth of one: 24 τ½ and no drift.
  data = {std::vector<double>(160)};
  for (std::size_t t = 0; t < 160; ++t) {
    data[0][t] = 2 + std::sin(2 * M_PI * static_cast<double>(t) / 40);
  }
  EXPECT_EQ(judge(data).status, Status::too_short);
  EXPECT_NEAR(judge(data).half_times, 24, 4);

  data[0][5] = std::nan("");
  EXPECT_EQ(judge(data).status, Status::diverged);
  EXPECT_THROW((void)judge({}), Error);
}

// Quadratic Σ½k x² in equilibrium at T: |∇L|² = Σk²x², x² of mean T/k, tr H = Σk.
TEST(Identity, HoldsOnAQuadraticMinimum) {
  constexpr double kTemperature = 1e-3;
  testing::Coverage coverage;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    std::vector<double> gradient_squared(10000, 0), trace(10000, 0);
    for (int i = 0; i < 5; ++i) {
      const double k = 0.5 + i;
      const std::vector<double> x =
          ar1(10000, 0.9, 7000 + 5 * seed + static_cast<std::uint64_t>(i));
      for (std::size_t t = 0; t < x.size(); ++t) {
        gradient_squared[t] += k * kTemperature * x[t] * x[t];
        trace[t] += k;
      }
    }
    coverage.add(equilibrium_identity(gradient_squared, trace, kTemperature), 1);
  }
  coverage.expect_honest("identity");
}

TEST(Identity, CommonFluctuationsCancelAndBadInputIsRefused) {
  const std::vector<double> b = quadratic_loss(1000, 4, 0.9, 1, 1);
  std::vector<double> a = b;
  for (double& v : a) v *= 3;
  const Estimate ratio = ratio_of_means(a, b);
  EXPECT_NEAR(ratio.value, 3, 1e-12);
  EXPECT_LT(ratio.standard_error, 1e-12);
  EXPECT_THROW((void)ratio_of_means(a, std::vector<double>{1}), Error);
  EXPECT_EQ(equilibrium_identity(a, std::vector<double>(1000, -1.0), 1).status, Status::undefined);
  EXPECT_THROW((void)equilibrium_identity(a, b, 0), Error);
}

}  // namespace
}  // namespace thermoscape::analysis
