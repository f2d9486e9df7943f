// What happens when the machine refuses: each writer must answer with one line, keep what was
// there, leave no temporary file, and the process must end in the ordinary way.
#include <csignal>

#include <gmock/gmock.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include "store/scratch.hpp"
#include "thermoscape/store/atomic_write.hpp"
#include "thermoscape/store/checkpoint.hpp"
#include "thermoscape/store/netcdf.hpp"
#include "thermoscape/store/run_directory.hpp"

namespace thermoscape::store {
namespace {
using ::testing::HasSubstr;

Dataset dataset_of(std::size_t values) {
  Dataset dataset;
  dataset.attributes["json"] = std::string(70000, 'j');
  dataset.put_vector("a", "n", std::vector<double>(values, 1.5), "1", "first");
  dataset.make_group("g/h").put_vector("b", "n", std::vector<double>(values, 2.5), "1", "second");
  return dataset;
}

Checkpoint<double> checkpoint_of(std::size_t values) {
  Checkpoint<double> checkpoint;
  checkpoint.state.theta.assign(values, 3.5);
  return checkpoint;
}

struct Writer {
  const char* name;
  std::function<void(const std::filesystem::path&, std::size_t values)> write;
};

const std::vector<Writer> kWriters = {
    {"netcdf", [](const auto& path, std::size_t n) { write_dataset(path, dataset_of(n)); }},
    {"checkpoint",
     [](const auto& path, std::size_t n) { write_checkpoint(path, checkpoint_of(n)); }},
    {"text", [](const auto& path, std::size_t n) { atomic_write(path, std::string(8 * n, 't')); }}};

void limit_files_to(rlim_t bytes) {
  std::signal(SIGXFSZ, SIG_IGN);
  const struct rlimit limit { bytes, RLIM_INFINITY };
  ::setrlimit(RLIMIT_FSIZE, &limit);
}

/// A file system of one megabyte in memory for one test. A user who may not mount is made root of a
/// namespace of its own first, where the kernel grants one.
class SmallDisk {
 public:
  explicit SmallDisk(unsigned long flags) : mounted_(mount(flags)) {
    if (mounted_) return;
    const std::string user = "0 " + std::to_string(::geteuid()) + " 1";
    const std::string group = "0 " + std::to_string(::getegid()) + " 1";
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return;
    std::ofstream("/proc/self/uid_map") << user;
    std::ofstream("/proc/self/setgroups") << "deny";  // without it no group may be mapped
    std::ofstream("/proc/self/gid_map") << group;
    mounted_ = mount(flags);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (mounted_) ::umount(scratch_.folder().c_str());
  }
  [[nodiscard]] bool mounted() const { return mounted_; }
  [[nodiscard]] const Scratch& operator*() const { return scratch_; }

 private:
  [[nodiscard]] bool mount(unsigned long flags) const {
    return ::mount("tmpfs", scratch_.folder().c_str(), "tmpfs", flags, "size=1m") == 0;
  }
  Scratch scratch_;
  bool mounted_;
};

TEST(FullDisk, AFileSizeLimitOfAnyLengthIsOneLineAndTheOldFileStays) {
  const Scratch scratch;
  for (const Writer& writer : kWriters) {
    const std::filesystem::path path = scratch / writer.name;
    writer.write(path, 100);
    const std::string before = bytes_of(path);
    for (rlim_t limit = 1; limit < 3'000'000; limit = limit * 3 + 7) {
      const int code = exit_code_of([&] {
        limit_files_to(limit);
        const std::string line = line_of<MachineError>([&] { writer.write(path, 400'000); });
        return line.find(path.string() + ": cannot write: File too large (") == 0 ? 3 : 1;
      });
      ASSERT_EQ(code, 3) << writer.name << " with at most " << limit << " bytes";
      ASSERT_EQ(bytes_of(path), before) << writer.name << " with at most " << limit << " bytes";
    }
  }
  EXPECT_EQ(scratch.leftovers(), 0);
}

TEST(FullDisk, AWriterThatFailedWorksAgainWhenThereIsRoom) {
  const Scratch scratch;
  const int code = exit_code_of([&] {
    for (const Writer& writer : kWriters) {
      limit_files_to(50'000);
      if (line_of<MachineError>([&] { writer.write(scratch / writer.name, 400'000); }).empty())
        return 1;
      limit_files_to(RLIM_INFINITY);
      writer.write(scratch / writer.name, 400'000);
    }
    return 0;
  });
  EXPECT_EQ(code, 0);
  EXPECT_EQ(read_dataset(scratch / "netcdf").group("g/h").array("b").values[399'999], 2.5);
  EXPECT_EQ(read_checkpoint<double>(scratch / "checkpoint").state.theta.back(), 3.5);
}

TEST(FullDisk, AStreamKeepsTheRowsOfItsLastMark) {
  const Scratch scratch;
  const std::filesystem::path path = scratch / "s";
  StreamMark mark;
  {
    StreamWriter writer = StreamWriter::create(path, {{"loss"}});
    for (int i = 0; i < 1000; ++i) writer.append(i);
    mark = writer.mark();
  }
  const int code = exit_code_of([&] {
    limit_files_to(100'001);  // in the middle of a row
    StreamWriter writer = StreamWriter::resume(path, {{"loss"}}, mark);
    const auto go_on = [&] {
      for (int i = 0; i < 100'000; ++i) writer.append(-1.0);
      writer.flush();
    };
    const std::string line = line_of<MachineError>(go_on);
    const bool closed_for_good = !line_of<MachineError>([&] { (void)writer.mark(); }).empty();
    return line.find(path.string() + ": cannot write: File too large") == 0 && closed_for_good ? 3
                                                                                               : 1;
  });
  EXPECT_EQ(code, 3);
  StreamWriter writer = StreamWriter::resume(path, {{"loss"}}, mark);
  writer.append(1000.0);
  const MappedStream stream = map_stream(path, writer.mark());
  ASSERT_EQ(stream.rows, 1001u);
  for (std::size_t i = 0; i < stream.rows; ++i) ASSERT_EQ(stream.values[i], static_cast<double>(i));
}

TEST(FullDisk, ADeviceWithoutSpaceIsOneLine) {
  const auto create = [] { StreamWriter::create("/dev/full", {{"loss"}}); };
  EXPECT_THAT(line_of<MachineError>(create),
              HasSubstr("/dev/full: cannot write: No space left on device (free some space"));
}

TEST(FullDisk, ASmallDiskIsOneLineAndTheOldFileStays) {
  const SmallDisk disk(0);
  if (!disk.mounted()) GTEST_SKIP() << "mounting a file system is not permitted here";
  const Scratch& scratch = *disk;
  for (const Writer& writer : kWriters) {
    const std::filesystem::path path = scratch / writer.name;
    writer.write(path, 100);
    const std::string before = bytes_of(path);
    const int code = exit_code_of([&] {
      const std::string line = line_of<MachineError>([&] { writer.write(path, 400'000); });
      return line.find(path.string() + ": cannot write: No space left on device (") == 0 ? 3 : 1;
    });
    EXPECT_EQ(code, 3) << writer.name;
    EXPECT_EQ(bytes_of(path), before) << writer.name;
  }
  EXPECT_EQ(scratch.leftovers(), 0);
}

TEST(FullDisk, AReadOnlyDiskIsOneLine) {
  const SmallDisk disk(MS_RDONLY);
  if (!disk.mounted()) GTEST_SKIP() << "mounting a file system is not permitted here";
  const Scratch& scratch = *disk;
  for (const Writer& writer : kWriters) {
    const std::filesystem::path path = scratch / writer.name;
    EXPECT_THAT(
        line_of<MachineError>([&] { writer.write(path, 100); }),
        HasSubstr(path.string() + ": cannot write: Read-only file system (choose a folder"));
  }
  EXPECT_THAT(line_of<MachineError>([&] { RunDirectory::create(scratch / "run"); }),
              HasSubstr("Read-only file system"));
  EXPECT_THAT(line_of<MachineError>([&] { StreamWriter::create(scratch / "s", {{"loss"}}); }),
              HasSubstr("Read-only"));
}

}  // namespace
}  // namespace thermoscape::store
