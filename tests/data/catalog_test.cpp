#include "thermoscape/data/catalog.hpp"

#include "data/environment.hpp"
#include "data/small_sets.hpp"
#include "data/support.hpp"
#include "thermoscape/data/check.hpp"

namespace thermoscape::data {
namespace {
using namespace test;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

TEST(Catalog, ListsWhatIsThereAndWhere) {
  const Folder folder;
  write_mnist(folder, 40, 20);
  const std::vector<fs::path> folders = {folder.path() / "nowhere", folder.path()};
  const std::vector<Listing> lines = list_sets(folders);
  ASSERT_EQ(lines.size(), named_sets().size());
  EXPECT_EQ(lines[0].name, "mnist");
  EXPECT_TRUE(lines[0].present);
  EXPECT_EQ(lines[0].folder, folder.path() / "mnist");
  // Two image files of 16 + 4 n bytes (2 x 2 pixels), two label files of 8 + n.
  EXPECT_EQ(lines[0].bytes, 2 * 16u + 4 * 60 + 2 * 8 + 60);
  EXPECT_EQ(lines[1].name, "cifar10");
  EXPECT_FALSE(lines[1].present);
  for (const Listing& line : lines) EXPECT_TRUE(line.present || !line.generated);
}

TEST(Catalog, ReadsPartsAndPrefersPlainFiles) {
  const Folder folder;
  write_mnist(folder, 40, 20);
  const Labelled train = read_set("mnist", Part::train, folder.path() / "mnist");
  EXPECT_EQ(train.name, "mnist/train");
  EXPECT_EQ(train.size(), 40);
  EXPECT_EQ(read_set("mnist", Part::test, folder.path() / "mnist").size(), 20);
  folder.write("mnist/train-labels-idx1-ubyte.gz", bytes("never read"));
  EXPECT_EQ(read_set("mnist", Part::train, folder.path() / "mnist").size(), 40);

  write_cifar10(folder);
  const Labelled colour = read_set("cifar10", Part::train, folder.path() / "cifar10");
  EXPECT_EQ(colour.size(), 20);
  EXPECT_THAT(colour.steps.back(), HasSubstr("2 of the set's 5 files"));
}

TEST(Catalog, NamesTheMissingFileAndUnknownSets) {
  const Folder folder;
  write_mnist(folder, 40, 20);
  fs::remove(folder.path() / "mnist" / "t10k-labels-idx1-ubyte");
  EXPECT_EQ(read_set("mnist", Part::train, folder.path() / "mnist").size(), 40);
  EXPECT_THAT(complaint([&] { (void)read_set("mnist", Part::test, folder.path() / "mnist"); }),
              AllOf(HasSubstr("mnist/t10k-labels-idx1-ubyte"), HasSubstr("no such file")));
  EXPECT_THAT(complaint([&] { (void)read_set("mnits", Part::test, folder.path()); }),
              HasSubstr("did you mean `mnist`?"));
}

TEST(Catalog, VerifiesEveryFileAndTellsStandardFromOthers) {
  const Folder folder;
  write_mnist(folder, 40, 20);
  const Verification found = verify_set("mnist", folder.path() / "mnist");
  ASSERT_EQ(found.files.size(), 4u);
  ASSERT_EQ(found.parts.size(), 2u);
  EXPECT_THAT(found.parts[0].class_counts, Each(4));
  EXPECT_EQ(found.parts[1].examples, 20);
  EXPECT_TRUE(found.files[0].known);
  EXPECT_FALSE(found.standard()) << "forty images are not the standard file";
  folder.write("mnist/train-labels-idx1-ubyte", bytes("damaged"));
  EXPECT_THAT(complaint([&] { (void)verify_set("mnist", folder.path() / "mnist"); }),
              HasSubstr("train-labels-idx1-ubyte, offset 0"));
}

TEST(Catalog, ImportCopiesAVerifiedSetWholeOrNotAtAll) {
  const Folder from;
  const Folder into;
  write_mnist(from, 40, 20);
  EXPECT_EQ(import_set("mnist", from.path(), into.path() / "new"), into.path() / "new" / "mnist");
  for (const auto& entry : fs::directory_iterator(from.path() / "mnist")) {
    EXPECT_EQ(read_raw(into.path() / "new" / "mnist" / entry.path().filename()),
              read_raw(entry.path()));
  }
  EXPECT_THAT(complaint([&] { (void)import_set("mnist", from.path(), into.path() / "new"); }),
              HasSubstr("is already there"));

  fs::remove_all(into.path() / "new");
  EXPECT_NO_THROW((void)import_set("mnist", from.path() / "mnist", into.path()))
      << "the folder itself serves as well";
  fs::remove_all(into.path() / "mnist");
  from.write("mnist/t10k-labels-idx1-ubyte", bytes("damaged"));
  EXPECT_THROW((void)import_set("mnist", from.path(), into.path()), Error);
  EXPECT_TRUE(fs::is_empty(into.path())) << "something was left behind";
}

TEST(Catalog, ImportIntoAPlaceThatCannotBeWrittenIsTheMachinesFault) {
  const Folder from;
  write_mnist(from, 40, 20);
  EXPECT_THROW((void)import_set("mnist", from.path(), "/proc/thermoscape"), MachineError);
  const auto file = from.write("file", bytes("x"));
  EXPECT_THROW((void)import_set("mnist", from.path(), file / "below"), MachineError);
}

TEST(Catalog, TheRealFilesAreTheStandardOnes) {
  const fs::path shared = fs::path(THERMOSCAPE_SOURCE_DIR) / ".." / "shared" / "data";
  const std::vector<fs::path> folders = {shared};
  if (!find_set("mnist", folders)) GTEST_SKIP() << "MNIST is not at " << shared;
  const Verification found = verify_set("mnist", shared / "mnist");
  EXPECT_TRUE(found.standard());
  EXPECT_EQ(found.parts[0].examples, 60000);
  // The numbers of each digit in the standard training set.
  EXPECT_THAT(found.parts[0].class_counts,
              ElementsAre(5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949));
}

}  // namespace
}  // namespace thermoscape::data
