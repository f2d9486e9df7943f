#include "laws/rule_laws.hpp"

namespace thermoscape::laws {

INSTANTIATE_TYPED_TEST_SUITE_P(Catalogue, RuleLaws, Cases<AnyRule>::Types);

TEST(WeakOrder, IsTheDeclaredOneForEveryRuleThatDeclaresOne) {
  int measured = 0;
  for_each_rule([&measured](const auto& rule) {
    using R = std::remove_cvref_t<decltype(rule)>;
    if constexpr (R::kOrder > 0) {
      expect_declared_weak_order<R>();
      ++measured;
    }
  });
  EXPECT_GE(measured, 1);
}

}  // namespace thermoscape::laws
