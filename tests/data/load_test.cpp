#include "thermoscape/data/load.hpp"

#include <cmath>
#include <set>

#include "data/small_sets.hpp"
#include "data/support.hpp"
#include "thermoscape/data/check.hpp"
#include "thermoscape/data/npy.hpp"

namespace thermoscape::data {
namespace {
using namespace test;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
namespace fs = std::filesystem;

const std::vector<fs::path> kNowhere = {"/nowhere"};

std::string refusal(const DataSettings& settings) {
  return complaint([&] { (void)load(settings, Noise(1), kNowhere); });
}

TEST(Load, EveryGeneratorGivesBothParts) {
  for (const std::string source : {"digits", "gaussian", "mixture", "teacher", "spirals"}) {
    DataSettings settings;
    settings.source = source;
    settings.train = 60;
    settings.test = 40;
    const Splits out = load(settings, Noise(1), kNowhere);
    EXPECT_EQ(out.train.size(), 60) << source;
    EXPECT_EQ(out.test.size(), 40) << source;
    EXPECT_EQ(out.train.name, source + "/train");
    EXPECT_NO_THROW(check(out.train));
    EXPECT_THAT(out.notes, IsEmpty());
    EXPECT_FALSE(out.substituted);
    EXPECT_EQ(digest(load(settings, Noise(1), kNowhere).train), digest(out.train)) << source;
    EXPECT_NE(digest(load(settings, Noise(2), kNowhere).train), digest(out.train)) << source;
    settings.test = 0;
    EXPECT_EQ(digest(load(settings, Noise(1), kNowhere).train), digest(out.train))
        << "the test set moved " << source;
  }
}

TEST(Load, ReadsClassesAndCountsOfASetOfFiles) {
  const Folder folder;
  write_mnist(folder, 200, 100);
  DataSettings settings;
  settings.classes = {7, 2, 4};
  settings.train = 30;
  settings.test = 15;
  const Splits out = load(settings, Noise(1), {folder.path()});
  EXPECT_THAT(class_counts(out.train.labels, 3), ElementsAre(10, 10, 10));
  EXPECT_THAT(class_counts(out.test.labels, 3), ElementsAre(5, 5, 5));
  // The first pixel of training image i is i / 255 and its class i mod 10.
  for (std::size_t i = 0; i < 30; ++i) {
    const int number = static_cast<int>(std::lround(out.train.inputs[4 * i] * 255));
    EXPECT_EQ(settings.classes[static_cast<std::size_t>(out.train.labels[i])], number % 10);
  }
  settings.train = 0;
  settings.test = 0;
  const Splits all = load(settings, Noise(1), {folder.path()});
  EXPECT_EQ(all.train.size(), 60);
  EXPECT_EQ(all.test.size(), 0);
}

TEST(Load, MeasuresScalesAndComponentsOnTheTrainingPartOnly) {
  DataSettings settings;
  settings.source = "mixture";
  settings.dimension = 8;
  settings.train = 400;
  settings.test = 100;
  settings.standardise = "feature";
  settings.pca = 4;
  const Splits out = load(settings, Noise(1), kNowhere);
  EXPECT_THAT(out.train.shape, ElementsAre(4));
  EXPECT_THAT(out.test.shape, ElementsAre(4));
  for (std::size_t a = 0; a < 4; ++a) {
    double mean = 0, square = 0, test_mean = 0;
    for (std::size_t i = 0; i < 400; ++i) mean += out.train.inputs[4 * i + a] / 400;
    for (std::size_t i = 0; i < 400; ++i) square += std::pow(out.train.inputs[4 * i + a], 2) / 400;
    for (std::size_t i = 0; i < 100; ++i) test_mean += out.test.inputs[4 * i + a] / 100;
    EXPECT_NEAR(mean, 0, 1e-6);
    EXPECT_NEAR(square, 1, 1e-5);
    EXPECT_GT(std::abs(test_mean), 1e-5) << "the test part was centred by itself";
  }
  ASSERT_EQ(out.train.records.size(), 6u);
  EXPECT_EQ(out.train.steps.size(), 3u);
  settings.test = 0;
  EXPECT_EQ(digest(load(settings, Noise(1), kNowhere).train), digest(out.train));
}

TEST(Load, FallsBackToDrawnDigitsAndSaysSo) {
  DataSettings settings;
  settings.classes = {0, 1, 2};
  settings.train = 60;
  const Splits out = load(settings, Noise(1), {"/nowhere", "/neither"});
  EXPECT_TRUE(out.substituted);
  EXPECT_THAT(
      out.notes,
      ElementsAre("mnist not found in /nowhere/mnist, /neither/mnist, using drawn digits instead"));
  EXPECT_THAT(out.train.shape, ElementsAre(1, 28, 28));
  EXPECT_EQ(out.train.classes, 3);
  settings.source = "digits";
  EXPECT_EQ(digest(load(settings, Noise(1), kNowhere).train), digest(out.train));
  settings.source = "mnist";
  settings.fallback = "none";
  EXPECT_THAT(refusal(settings),
              AllOf(HasSubstr("data.source = mnist"), HasSubstr("not found in /nowhere/mnist")));
}

TEST(Load, ADamagedSetIsNoReasonToFallBack) {
  const Folder folder;
  write_mnist(folder, 40, 20);
  fs::remove(folder.path() / "mnist" / "train-labels-idx1-ubyte");
  EXPECT_THAT(complaint([&] { (void)load(DataSettings{}, Noise(1), {folder.path()}); }),
              HasSubstr("no such file"));
}

TEST(Load, SplitsNpyFilesWithoutOverlap) {
  const Folder folder;
  std::vector<float> inputs(60);
  for (std::size_t i = 0; i < inputs.size(); ++i) inputs[i] = static_cast<float>(i);
  write_npy(folder.path() / "x.npy", std::vector<std::int64_t>{30, 2}, inputs);
  const std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': (30,), }\n";
  Bytes labels =
      bytes("\x93NUMPY") + bytes({1, 0, static_cast<int>(header.size()), 0}) + bytes(header);
  for (int i = 0; i < 30; ++i) labels = labels + bytes({i % 3});
  DataSettings settings;
  settings.source = "npy";
  settings.inputs = (folder.path() / "x.npy").string();
  settings.labels = folder.write("y.npy", labels).string();
  EXPECT_EQ(load(settings, Noise(1), kNowhere).train.size(), 30);
  settings.test = 9;
  const Splits out = load(settings, Noise(1), kNowhere);
  std::set<float> seen;
  for (const Labelled* part : {&out.train, &out.test}) {
    for (std::size_t i = 0; i < part->inputs.size(); i += 2) seen.insert(part->inputs[i]);
  }
  EXPECT_EQ(seen.size(), 30u);
  EXPECT_EQ(out.train.size(), 21);
  settings.test = 30;
  EXPECT_THAT(refusal(settings), HasSubstr("must be in [3, 30]"));
}

TEST(Load, RefusesSettingsThatCannotBe) {
  const auto with = [](auto change) {
    DataSettings settings;
    settings.source = "gaussian";
    settings.train = 10;
    change(settings);
    return refusal(settings);
  };
  using S = DataSettings;
  EXPECT_THAT(with([](S& s) { s.source = "minst"; }),
              AllOf(HasSubstr("data.source = minst"), HasSubstr("`mnist`")));
  EXPECT_THAT(with([](S& s) { s.train = -1; }), HasSubstr("data.train = -1: must be >= 0"));
  EXPECT_THAT(with([](S& s) { s.train = 0; }), HasSubstr("data.train = 0: a generated set needs"));
  EXPECT_THAT(with([](S& s) { s.classes = {1}; }), HasSubstr("data.classes: does not belong"));
  EXPECT_THAT(with([](S& s) { s.noise = 0.1; }), HasSubstr("data.noise: does not belong"));
  EXPECT_THAT(with([](S& s) { s.hidden = 3; }), HasSubstr("it is for teacher"));
  EXPECT_THAT(with([](S& s) { s.standardise = "channel"; }), HasSubstr("data.standardise"));
  EXPECT_THAT(with([](S& s) { s.pca = 11; }), HasSubstr("must be in [1, 9]"));
  EXPECT_THAT(with([](S& s) { s.source = "npy"; }),
              HasSubstr("data.inputs: the source `npy` needs"));
  EXPECT_THAT(with([](S& s) {
                (s.source = "digits", s.classes = {3, 12});
              }),
              HasSubstr("data.classes = 12"));
  EXPECT_THAT(with([](S& s) {
                (s.source = "mnist", s.classes = {3, 3});
              }),
              HasSubstr("named twice"));
  EXPECT_THAT(with([](S& s) { (s.class_count = 50); }), HasSubstr("without an example"));
  DataSettings other;
  other.pca = -1;
  EXPECT_THAT(complaint([&] { check_settings(other, "data.digits"); }),
              HasSubstr("data.digits.reduce.pca = -1"));
}

}  // namespace
}  // namespace thermoscape::data
