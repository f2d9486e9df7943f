#include "thermoscape/core/dataset.hpp"

#include <memory>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/core/state.hpp"

namespace thermoscape {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

std::vector<double> listed(const Values& values) {
  return {values.begin(), values.end()};
}

TEST(ValuesOfAnArray, ShareAndOutliveTheirSource) {
  Values copy;
  {
    const Values original(std::vector<double>{1, 2, 3});
    copy = original;
    EXPECT_EQ(copy.span().data(), original.span().data());
  }
  EXPECT_THAT(listed(copy), ElementsAre(1, 2, 3));
}

TEST(ValuesOfAnArray, KeepTheOwnerOfAViewAlive) {
  auto owner = std::make_shared<std::vector<double>>(std::vector<double>{4, 5});
  const std::weak_ptr<std::vector<double>> watch = owner;
  Values view(std::span<const double>(*owner), owner);
  owner.reset();
  EXPECT_FALSE(watch.expired());
  EXPECT_EQ(view[1], 5);
  view = Values();
  EXPECT_TRUE(watch.expired());
  EXPECT_TRUE(view.empty());
}

Array matrix(std::string name, std::size_t rows, std::size_t columns) {
  return {std::move(name),
          {"row", "column"},
          {rows, columns},
          std::vector<double>(rows * columns),
          "1",
          "",
          "",
          {}};
}

TEST(Datasets, HoldWhatWasPutAndReplaceByName) {
  Dataset data;
  data.put_scalar("temperature", 0.5, "[loss]", "T");
  data.put_vector("loss", "step", {3, 2, 1}, "[loss]", "L");
  EXPECT_EQ(data.array("temperature").values[0], 0.5);
  EXPECT_TRUE(data.array("temperature").dimensions.empty());
  EXPECT_THAT(listed(data.array("loss").values), ElementsAre(3, 2, 1));
  EXPECT_EQ(data.array("loss").unit, "[loss]");
  data.put_vector("loss", "step", {7}, "[loss]", "L");
  EXPECT_EQ(data.arrays.size(), 2u);
  EXPECT_THAT(listed(data.array("loss").values), ElementsAre(7));
  EXPECT_EQ(data.find("nothing"), nullptr);
  EXPECT_THAT([&] { (void)data.array("lss"); },
              ThrowsMessage<Error>(AllOf(HasSubstr("lss"), HasSubstr("temperature, loss"))));
}

TEST(Datasets, RefuseShapesThatDoNotFit) {
  Dataset data;
  Array wrong = matrix("a", 2, 3);
  wrong.shape = {2, 4};
  EXPECT_THAT([&] { data.put(wrong); }, ThrowsMessage<Error>(HasSubstr("must agree")));
  wrong = matrix("a", 2, 3);
  wrong.dimensions.pop_back();
  EXPECT_THROW(data.put(wrong), Error);
  EXPECT_TRUE(data.arrays.empty());
  data.put(matrix("a", 2, 3));
  EXPECT_THAT(
      [&] {
        data.put_vector("b", "row", {1, 2, 3}, "", "");
      },
      ThrowsMessage<Error>(HasSubstr("row has length 2 in array a")));
  data.put_vector("b", "row", {1, 2}, "", "");
  EXPECT_EQ(data.arrays.size(), 2u);
}

TEST(Datasets, NestGroupsByPath) {
  Dataset data;
  data.make_group("figures/loss").put_scalar("x", 1, "", "");
  data.make_group("figures/loss").put_scalar("y", 2, "", "");
  EXPECT_TRUE(data.has_group("figures"));
  EXPECT_TRUE(data.has_group("figures/loss"));
  EXPECT_FALSE(data.has_group("figures/lss"));
  EXPECT_FALSE(data.has_group("loss"));
  EXPECT_EQ(data.group("figures/loss").arrays.size(), 2u);
  // Axes agree inside a group, not across groups.
  data.put_vector("x", "step", {1, 2}, "", "");
  EXPECT_NO_THROW(data.make_group("other").put_vector("x", "step", {1}, "", ""));
  EXPECT_THAT([&] { (void)data.group("fgures"); }, ThrowsMessage<Error>(HasSubstr("figures")));
}

TEST(Datasets, AttributesAsText) {
  const Attributes attributes = {{"title", std::string("t")},
                                 {"count", std::int64_t{3}},
                                 {"rate", 0.5},
                                 {"list", std::vector<double>{1, 2.5}}};
  EXPECT_EQ(text_attribute(attributes, "title"), "t");
  EXPECT_EQ(text_attribute(attributes, "count"), "3");
  EXPECT_EQ(text_attribute(attributes, "rate"), "0.5");
  EXPECT_EQ(text_attribute(attributes, "list"), "1 2.5");
  EXPECT_EQ(text_attribute(attributes, "absent"), "");
}

TEST(States, MakeSlotsOfZerosOnce) {
  State<float> state;
  state.theta = {1, 2, 3};
  EXPECT_THAT(state.slot("velocity"), ElementsAre(0, 0, 0));
  state.slot("velocity")[1] = 5;
  state.slot("moment");
  EXPECT_EQ(state.slot("velocity")[1], 5);
  EXPECT_EQ(state.slots.size(), 2u);
  State<float> copy = state;
  copy.slot("velocity")[1] = 6;
  EXPECT_EQ(state.slot("velocity")[1], 5);
}

}  // namespace
}  // namespace thermoscape
