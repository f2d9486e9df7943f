#include "thermoscape/store/run_directory.hpp"

#include <csignal>
#include <optional>
#include <set>
#include <thread>

#include <gmock/gmock.h>

#include "store/scratch.hpp"
#include "thermoscape/core/json.hpp"
#include "thermoscape/store/atomic_write.hpp"
#include "thermoscape/store/provenance.hpp"

namespace thermoscape::store {
namespace {
namespace fs = std::filesystem;
using ::testing::HasSubstr;

TEST(AtomicWrite, ReplacesWholeFiles) {
  const Scratch scratch;
  atomic_write(scratch / "f", "first");
  atomic_write(scratch / "f", std::string("second\0", 7));
  EXPECT_EQ(bytes_of(scratch / "f"), std::string("second\0", 7));
  EXPECT_EQ(read_bytes(scratch / "f"), std::string("second\0", 7));
  EXPECT_EQ(scratch.leftovers(), 0);
}

TEST(AtomicWrite, AFailureLeavesTheOldFileAndNothingElse) {
  const Scratch scratch;
  atomic_write(scratch / "f", "old");
  const auto failing = [&](const fs::path& temporary) {
    put_bytes(temporary, "half of the new");
    throw Error("stop");
  };
  EXPECT_EQ(line_of([&] { atomic_write(scratch / "f", failing); }), "stop");
  EXPECT_EQ(bytes_of(scratch / "f"), "old");
  EXPECT_EQ(scratch.leftovers(), 0);
}

TEST(AtomicWrite, SaysWhyThereIsNoFile) {
  const Scratch scratch;
  atomic_write(scratch / "f", "old");
  EXPECT_THAT(line_of([&] { atomic_write(scratch / "f/g", "x"); }),
              HasSubstr("f/g: cannot write: Not a directory"));
  EXPECT_THAT(line_of([&] { atomic_write(scratch / "no/g", "x"); }),
              HasSubstr("no/g: cannot write: No such file"));
  EXPECT_THAT(line_of([&] { atomic_write(scratch.folder(), "x"); }), HasSubstr("Is a directory"));
  EXPECT_THAT(line_of([&] { atomic_write(scratch / std::string(300, 'a'), "x"); }),
              HasSubstr("File name too long"));
  EXPECT_EQ(scratch.leftovers(), 0);
}

TEST(AtomicWrite, SurvivesSigkill) {
  const Scratch scratch;
  atomic_write(scratch / "f", std::string(300000, 'a'));
  for (unsigned trial = 0; trial < 20; ++trial) {
    run_and_kill(
        [&] {
          for (char c = 'a';; c = c == 'z' ? 'a' : static_cast<char>(c + 1)) {
            atomic_write(scratch / "f", std::string(300000, c));
          }
        },
        500 + 937 * trial);
    const std::string found = bytes_of(scratch / "f");
    ASSERT_EQ(found, std::string(300000, found.at(0)));
  }
  put_bytes(scratch / ".f.1-1.partial", "left behind");
  remove_leftovers(scratch.folder());
  EXPECT_EQ(scratch.leftovers(), 0);
  EXPECT_TRUE(fs::exists(scratch / "f"));
}

TEST(RunDirectory, CreatesItsFoldersOnce) {
  const Scratch scratch;
  const RunDirectory run = RunDirectory::create(scratch / "runs/a/");
  EXPECT_EQ(run.path(), scratch / "runs/a");
  EXPECT_TRUE(fs::is_directory(run.streams()) && fs::is_directory(run.checkpoints()));
  EXPECT_THAT(line_of([&] { RunDirectory::create(scratch / "runs/a"); }), HasSubstr("--resume"));
  fs::create_directory(scratch / "empty");
  EXPECT_EQ(line_of([&] { RunDirectory::create(scratch / "empty"); }), "");
  put_bytes(scratch / "file", "precious");
  EXPECT_THAT(line_of([&] { RunDirectory::create(scratch / "file"); }),
              HasSubstr("must not exist yet or be empty"));
  EXPECT_THAT(line_of([&] { RunDirectory::create(scratch / "file/run"); }),
              HasSubstr("Not a directory"));
  EXPECT_EQ(bytes_of(scratch / "file"), "precious");
}

TEST(RunDirectory, AFolderWithAnythingInItIsRefusedAndKept) {
  const Scratch scratch;
  fs::create_directory(scratch / "full");
  put_bytes(scratch / "full/thesis.tex", "precious");
  EXPECT_THAT(line_of([&] { RunDirectory::create(scratch / "full"); }),
              HasSubstr("full: the folder of a new run"));
  EXPECT_EQ(bytes_of(scratch / "full/thesis.tex"), "precious");
  EXPECT_FALSE(fs::exists(scratch / "full/streams"));
}

TEST(RunDirectory, NumbersAreTakenByOneProcessEach) {
  const Scratch scratch;
  EXPECT_EQ(RunDirectory::first_free(scratch.folder(), "digits-demo"), scratch / "digits-demo-001");
  std::vector<std::optional<RunDirectory>> made(40);
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (std::size_t i = 0; i < 10; ++i)
          made[10 * t + i] = RunDirectory::create_numbered(scratch.folder(), "x");
      });
    }
  }
  std::set<fs::path> distinct;
  for (const auto& run : made) distinct.insert(run->path());
  EXPECT_EQ(distinct.size(), made.size());
  EXPECT_EQ(RunDirectory::first_free(scratch.folder(), "x"), scratch / "x-041");
}

TEST(RunDirectory, OpensOnlyRuns) {
  const Scratch scratch;
  EXPECT_THAT(line_of([&] { RunDirectory::open(scratch / "none"); }),
              HasSubstr("is not the folder of a run"));
  const RunDirectory run = RunDirectory::create(scratch / "a");
  EXPECT_THAT(line_of([&] { RunDirectory::open(run.path()); }),
              HasSubstr("manifest.json is missing"));
  run.write_manifest({{"status", "running"}});
  EXPECT_THAT(line_of([&] { RunDirectory::open(run.path()); }),
              HasSubstr("recipe.toml is missing"));
  atomic_write(run.recipe(), "seed = 1\n");
  EXPECT_EQ(RunDirectory::open(scratch / "a/").path(), run.path());
}

TEST(RunDirectory, ManifestKeepsItsOrder) {
  const Scratch scratch;
  const RunDirectory run = RunDirectory::create(scratch / "a");
  const Json manifest = {
      {"version", "0.1.0"}, {"seed", 18446744073709551615ull}, {"a", {{"z", 1.5}, {"b", nullptr}}}};
  run.write_manifest(manifest);
  EXPECT_EQ(run.read_manifest().dump(), manifest.dump());
  put_bytes(run.manifest(), R"({"seed": )");
  EXPECT_THAT(line_of([&] { (void)run.read_manifest(); }),
              HasSubstr("manifest.json: is not JSON, byte 10"));
}

TEST(RunDirectory, NamesOfFiles) {
  const Scratch scratch;
  const RunDirectory run = RunDirectory::create(scratch / "a");
  EXPECT_EQ(run.stream("probe-b02-r1", "loss"), run.path() / "streams/probe-b02-r1.loss.stream");
  EXPECT_EQ(run.checkpoint("train"), run.path() / "checkpoints/train.checkpoint");
  for (const char* bad : {"", "../x", "a/b", ".hidden", "a b", "é"}) {
    EXPECT_THAT(line_of([&] { (void)run.checkpoint(bad); }), HasSubstr("must consist of")) << bad;
  }
}

TEST(RunDirectory, OneProcessAtATime) {
  const Scratch scratch;
  const RunDirectory run = RunDirectory::create(scratch / "a");
  std::optional<RunLock> lock = run.lock();
  const auto lock_elsewhere = [&] {
    return exit_code_of([&] {
      const std::string line = line_of([&] { (void)run.lock(); });
      const std::string holder =
          "another process works on this run, process " + std::to_string(::getppid());
      return line.empty() ? 0 : line.find(holder) != std::string::npos ? 2 : 1;
    });
  };
  EXPECT_EQ(lock_elsewhere(), 2);
  lock.reset();
  EXPECT_EQ(lock_elsewhere(), 0);
  // The death of the holder frees the run, and the next one clears what it left.
  run_and_kill(
      [&] {
        const RunLock held = run.lock();
        put_bytes(run.checkpoints() / ".train.checkpoint.1-0.partial", "half");
        ::pause();
      },
      50000);
  ASSERT_EQ(scratch.leftovers(), 1);
  EXPECT_NO_THROW((void)run.lock());
  EXPECT_EQ(scratch.leftovers(), 0);
}

TEST(Provenance, NamesTheBuildAndTheMachine) {
  const Json facts = provenance(0, 2);
  for (const char* key : {"version", "commit", "compiler", "cpu", "instruction_set"}) {
    EXPECT_FALSE(facts.at(key).get<std::string>().empty()) << key;
  }
  EXPECT_THAT(facts.at("commit").get<std::string>(),
              ::testing::MatchesRegex("unknown|[0-9a-f]+(-dirty)?"));
  EXPECT_EQ(facts.at("threads").at("used"), 2);
  EXPECT_THAT(facts.at("libraries").at("netcdf").get<std::string>(),
              ::testing::MatchesRegex("[0-9]+\\.[0-9.]+"));
  EXPECT_EQ(facts.dump(), provenance(0, 2).dump());
}

}  // namespace
}  // namespace thermoscape::store
