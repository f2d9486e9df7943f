#include "thermoscape/data/bytes.hpp"

#include <csignal>

#include <sys/resource.h>

#include "data/support.hpp"

namespace thermoscape::data {
namespace {
using namespace test;
using testing::AllOf;
using testing::HasSubstr;

Bytes varied(std::size_t n) {
  Bytes out(n);
  std::uint32_t x = 1;
  for (auto& b : out) b = static_cast<std::byte>((x = x * 1664525u + 1013904223u) >> 24);
  return out;
}

TEST(Gzip, UnpacksWhatZlibPacked) {
  for (const std::size_t n : {0u, 1u, 1000u, 131072u, 300001u}) {
    const Bytes plain = varied(n);
    EXPECT_EQ(unpack_gzip(gzip(plain), "a.gz"), plain) << n;
  }
}

TEST(Gzip, JoinsMembersAsTheStandardSays) {
  EXPECT_EQ(unpack_gzip(gzip(bytes("ab")) + gzip(bytes("cd")), "a.gz"), bytes("abcd"));
}

TEST(Gzip, EveryTruncationIsRefused) {
  const Bytes packed = gzip(varied(500));
  for (std::size_t n = 0; n < packed.size(); ++n) {
    const auto part = std::span(packed).first(n);
    EXPECT_THAT(complaint([&] { (void)unpack_gzip(part, "a.gz"); }),
                AllOf(HasSubstr("a.gz, offset " + std::to_string(n)), HasSubstr("cut short")));
  }
}

TEST(Gzip, AFlippedBitIsRefusedOrChangesNothing) {
  const Bytes plain =
      bytes("how many bits of a deflate stream are padding? few, and they change nothing");
  const Bytes packed = gzip(plain);
  int harmless = 0;
  for (std::size_t bit = 8 * 10; bit < 8 * packed.size();
       ++bit) {  // the header of ten bytes holds a clock and flags
    Bytes damaged = packed;
    damaged[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    Bytes unpacked;
    const std::string message = complaint([&] { unpacked = unpack_gzip(damaged, "a.gz"); });
    if (message == "nothing was thrown") {
      EXPECT_EQ(unpacked, plain) << bit;
      ++harmless;
    } else {
      EXPECT_THAT(message, HasSubstr("a.gz, offset ")) << bit;
    }
  }
  EXPECT_LE(harmless, 7) << "at most the bits after the last block, up to a whole byte";
}

TEST(Gzip, RefusesAppendedBytesAndBombs) {
  EXPECT_THAT(complaint([] { (void)unpack_gzip(gzip(bytes("ab")) + bytes("x"), "a.gz"); }),
              HasSubstr("must end where its gzip stream ends"));
  EXPECT_THAT(complaint([] { (void)unpack_gzip(gzip(Bytes(100000)), "a.gz", 99999); }),
              HasSubstr("unpacks to more than 99999 bytes"));
  EXPECT_EQ(unpack_gzip(gzip(Bytes(100000)), "a.gz", 100000).size(), 100000u);
}

TEST(ReadFile, PlainAndGzipByContent) {
  const Folder folder;
  EXPECT_EQ(read_file(folder.write("a", bytes("abc"))).bytes, bytes("abc"));
  const File packed = read_file(folder.write("b", gzip(bytes("abc"))));
  EXPECT_EQ(packed.bytes, bytes("abc"));
  EXPECT_THAT(packed.name, HasSubstr("(uncompressed)"));
  EXPECT_THAT(complaint([&] { (void)read_file(folder.write("c.gz", bytes("abc"))); }),
              AllOf(HasSubstr("c.gz, offset 0"), HasSubstr("1f 8b")));
}

TEST(ReadFile, MissingFilesAndFoldersAreBadInput) {
  const Folder folder;
  EXPECT_THAT(complaint([&] { (void)read_file(folder.path() / "none"); }),
              HasSubstr("none: no such file"));
  EXPECT_THAT(complaint([&] { (void)read_file(folder.path()); }),
              HasSubstr("must be a regular file"));
}

TEST(WriteFile, ReplacesWholeOrNotAtAll) {
  const Folder folder;
  const auto path = folder.write("a", bytes("old"));
  write_file(path, bytes("new one"));
  EXPECT_EQ(read_raw(path), bytes("new one"));
  EXPECT_THROW(write_file(folder.path() / "none" / "a", bytes("x")), MachineError);

  // A full disk, played by the limit on file sizes.
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{4096, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  EXPECT_THROW(write_file(path, Bytes(10000)), MachineError);
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(read_raw(path), bytes("new one"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1)
      << "a temporary was left";
}

TEST(Checksum, KnownValue) {
  EXPECT_EQ(checksum(bytes("123456789")), 0xcbf43926u);
}  // the CRC-32 check value

}  // namespace
}  // namespace thermoscape::data
