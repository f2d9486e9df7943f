#include "thermoscape/store/checkpoint.hpp"

#include <bit>
#include <csignal>
#include <cstring>
#include <limits>
#include <random>

#include <gmock/gmock.h>

#include "store/scratch.hpp"

namespace thermoscape::store {
namespace {
using ::testing::HasSubstr;

template <class Real>
using Bits = std::conditional_t<sizeof(Real) == 4, std::uint32_t, std::uint64_t>;

template <class Real>
std::vector<Bits<Real>> bits(const std::vector<Real>& x) {
  std::vector<Bits<Real>> all;
  for (const Real one : x) all.push_back(std::bit_cast<Bits<Real>>(one));
  return all;
}

template <class Real>
Checkpoint<Real> awkward() {
  using Limits = std::numeric_limits<Real>;
  const Real payload = std::bit_cast<Real>(
      static_cast<Bits<Real>>(std::bit_cast<Bits<Real>>(Limits::quiet_NaN()) + 5));
  Checkpoint<Real> c;
  c.state.step = -3'000'000'000;
  c.state.time = -0.0;
  c.state.theta = {Real(0),
                   -Real(0),
                   Limits::denorm_min(),
                   -Limits::infinity(),
                   payload,
                   Limits::max(),
                   Limits::epsilon()};
  c.state.slots = {{"velocity", {1, 2, 3}}, {"", {}}};
  c.state.buffers = {{"norm.mean", {payload}}};
  c.streams = {{"loss", {12345678901ull, 0xdeadbeefu}}, {"theta", {}}};
  c.notes = {{"sampler", R"({"epoch": 3})"}, {"bytes", std::string("a\0b\n", 4)}};
  return c;
}

template <class Real>
class CheckpointOf : public ::testing::Test {};
using Reals = ::testing::Types<float, double>;
TYPED_TEST_SUITE(CheckpointOf, Reals);

TYPED_TEST(CheckpointOf, KeepsEveryBit) {
  const Scratch scratch;
  const Checkpoint<TypeParam> out = awkward<TypeParam>();
  write_checkpoint(scratch / "c", out);
  const auto in = read_checkpoint<TypeParam>(scratch / "c");
  EXPECT_EQ(in.state.step, out.state.step);
  EXPECT_EQ(std::bit_cast<std::uint64_t>(in.state.time),
            std::bit_cast<std::uint64_t>(out.state.time));
  EXPECT_EQ(bits(in.state.theta), bits(out.state.theta));
  EXPECT_EQ(in.state.slots, out.state.slots);
  ASSERT_EQ(in.state.buffers.size(), 1u);
  EXPECT_EQ(in.state.buffers[0].first, "norm.mean");
  EXPECT_EQ(bits(in.state.buffers[0].second), bits(out.state.buffers[0].second));
  EXPECT_EQ(in.streams, out.streams);
  EXPECT_EQ(in.notes, out.notes);
}

TYPED_TEST(CheckpointOf, EmptyOneIsWhole) {
  const Scratch scratch;
  write_checkpoint(scratch / "c", Checkpoint<TypeParam>{});
  const auto in = read_checkpoint<TypeParam>(scratch / "c");
  EXPECT_EQ(in.state.step, 0);
  EXPECT_TRUE(in.state.theta.empty() && in.streams.empty() && in.notes.empty());
}

TYPED_TEST(CheckpointOf, EveryWrongBitAndEveryTruncationIsFound) {
  const Scratch scratch;
  write_checkpoint(scratch / "c", awkward<TypeParam>());
  const std::string good = bytes_of(scratch / "c");
  const auto read = [&] { (void)read_checkpoint<TypeParam>(scratch / "bad"); };
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    put_bytes(scratch / "bad", bad);
    ASSERT_THAT(line_of(read), HasSubstr("bad")) << "bit " << bit;
  }
  for (std::size_t length = 0; length < good.size(); ++length) {
    put_bytes(scratch / "bad", good.substr(0, length));
    ASSERT_THAT(line_of(read), HasSubstr("checkpoint")) << "length " << length;
  }
  put_bytes(scratch / "bad", good + "x");
  EXPECT_THAT(line_of(read), HasSubstr("truncated or damaged"));
}

TEST(Checkpoint, SaysWhatIsWrong) {
  const Scratch scratch;
  const auto read = [&] { (void)read_checkpoint<float>(scratch / "c"); };
  EXPECT_THAT(line_of(read), HasSubstr("No such file"));
  put_bytes(scratch / "c", "PK\x03\x04 some other format, longer than the header of a checkpoint");
  EXPECT_THAT(line_of(read), HasSubstr("is not a checkpoint"));
  write_checkpoint(scratch / "c", awkward<double>());
  EXPECT_THAT(line_of(read), HasSubstr("numbers of 8 bytes: must be 4 (float)"));
}

// A writer is killed at random moments while it replaces one checkpoint by the next; every time a
// whole one must be there.
TEST(Checkpoint, SurvivesSigkillDuringWrites) {
  const Scratch scratch;
  const std::filesystem::path path = scratch / "c";
  Checkpoint<double> first;
  first.state.theta.assign(20000, 0.0);
  write_checkpoint(path, first);
  std::mt19937 random(7);
  std::int64_t last = 0;
  // At least twenty kills, and on a slow disk as many as it takes to get anywhere.
  for (int trial = 0; trial < 20 || (last < 6 && trial < 100); ++trial) {
    run_and_kill(
        [&] {
          for (Checkpoint<double> c = read_checkpoint<double>(path);;) {
            c.state.step += 1;
            c.state.theta.assign(20000, static_cast<double>(c.state.step));
            write_checkpoint(path, c);
          }
        },
        std::uniform_int_distribution<unsigned>(500, 40000)(random));
    const auto found = read_checkpoint<double>(path);
    ASSERT_GE(found.state.step, last);
    last = found.state.step;
    ASSERT_EQ(found.state.theta, std::vector<double>(20000, static_cast<double>(last)));
  }
  EXPECT_GT(last, 5) << "the writer hardly ran: the test shows nothing";
}

}  // namespace
}  // namespace thermoscape::store
