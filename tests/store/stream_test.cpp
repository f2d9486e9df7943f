#include "thermoscape/store/stream.hpp"

#include <cmath>
#include <csignal>
#include <cstring>
#include <random>

#include <gmock/gmock.h>

#include "store/scratch.hpp"

namespace thermoscape::store {
namespace {
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::vector<StreamColumn> kLoss = {{"loss", "[loss]", "training loss", 1}};
const std::vector<StreamColumn> kPath = {{"time", "[time]", "t", 1},
                                         {"theta", "1", "parameters θ", 3}};

double value(std::uint64_t i) {
  return std::sqrt(static_cast<double>(i)) - 1e3;
}

void append_up_to(StreamWriter& writer, std::uint64_t rows) {
  while (writer.rows() < rows) {
    for (std::size_t k = 0; k < writer.width(); ++k) writer.append(value(writer.rows() * 7 + k));
  }
}

std::string written(const std::filesystem::path& path, std::uint64_t rows) {
  StreamWriter writer = StreamWriter::create(path, kPath);
  append_up_to(writer, rows);
  writer.flush();
  return bytes_of(path);
}

/// CRC-32 (IEEE 802.3) bit by bit, from its definition.
std::uint32_t slow_crc(const void* bytes, std::size_t count) {
  std::uint32_t crc = ~0u;
  for (std::size_t i = 0; i < count; ++i) {
    crc ^= static_cast<const unsigned char*>(bytes)[i];
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320u : 0u);
  }
  return ~crc;
}

TEST(Stream, MapsWhatWasAppended) {
  const Scratch scratch;
  StreamWriter writer = StreamWriter::create(scratch / "s", kLoss);
  std::vector<double> expected;
  for (std::uint64_t i = 0; i < 30000; ++i) expected.push_back(value(i));
  writer.append(std::span<const double>(expected).first(20001));
  for (std::size_t i = 20001; i < expected.size(); ++i) writer.append(expected[i]);
  EXPECT_EQ(writer.rows(), expected.size());
  const StreamMark mark = writer.mark();
  EXPECT_EQ(mark.rows, expected.size());
  EXPECT_EQ(mark.crc, slow_crc(expected.data(), expected.size() * sizeof(double)));

  const MappedStream stream = map_stream(scratch / "s", mark);
  EXPECT_EQ(stream.columns, kLoss);
  ASSERT_EQ(stream.rows, expected.size());
  EXPECT_TRUE(
      std::equal(expected.begin(), expected.end(), stream.values.begin(), stream.values.end()));
  EXPECT_EQ(stream.column("loss").span().data(), stream.values.span().data())
      << "one column must not be copied";
}

TEST(Stream, SplitsColumnsAndOutlivesItsReader) {
  const Scratch scratch;
  StreamWriter writer = StreamWriter::create(scratch / "s", kPath);
  for (const double x : {0.5, 1.0, 2.0, 3.0}) writer.append(x);
  writer.append(std::vector<double>{1.5, -1.0, -2.0, -3.0});
  const StreamMark mark = writer.mark();
  Values theta;
  Values all;
  {
    const MappedStream stream = map_stream(scratch / "s", mark);
    EXPECT_EQ(stream.width, 4u);
    theta = stream.column("theta");
    all = stream.values;
    EXPECT_THAT(line_of([&] { (void)stream.column("loss"); }), HasSubstr("there are: time, theta"));
  }
  EXPECT_THAT(std::vector<double>(theta.begin(), theta.end()), ElementsAre(1, 2, 3, -1, -2, -3));
  EXPECT_THAT(std::vector<double>(all.begin(), all.end()),
              ElementsAre(0.5, 1, 2, 3, 1.5, -1, -2, -3));
}

TEST(Stream, RowsLongerThanTheBuffer) {
  const Scratch scratch;
  StreamWriter writer = StreamWriter::create(scratch / "s", {{"theta", "1", "", 20000}});
  append_up_to(writer, 3);
  const MappedStream stream = map_stream(scratch / "s", writer.mark());
  ASSERT_EQ(stream.values.size(), 60000u);
  EXPECT_EQ(stream.values[59999], value(2 * 7 + 19999));
}

TEST(Stream, EmptyOneResumes) {
  const Scratch scratch;
  const StreamMark none = StreamWriter::create(scratch / "s", kPath).mark();
  EXPECT_EQ(none, StreamMark{});
  EXPECT_EQ(map_stream(scratch / "s", none).rows, 0u);
  StreamWriter writer = StreamWriter::resume(scratch / "s", kPath, none);
  append_up_to(writer, 5);
  EXPECT_EQ(map_stream(scratch / "s", writer.mark()).rows, 5u);
}

TEST(Stream, ResumeCutsToTheMarkAndGoesOnBitForBit) {
  const Scratch scratch;
  const std::string whole = written(scratch / "whole", 5000);
  StreamMark mark;
  {
    StreamWriter writer = StreamWriter::create(scratch / "s", kPath);
    append_up_to(writer, 1234);
    mark = writer.mark();
    for (int i = 0; i < 4 * 3000; ++i)
      writer.append(-1.0);  // rows after the checkpoint, to be forgotten
    writer.flush();
  }
  for (const std::uint64_t rows : {2345u, 5000u}) {
    StreamWriter writer = StreamWriter::resume(scratch / "s", kPath, mark);
    EXPECT_EQ(writer.rows(), mark.rows);
    append_up_to(writer, rows);
    mark = writer.mark();
  }
  EXPECT_EQ(bytes_of(scratch / "s"), whole);
}

// Killed with SIGKILL at random moments: what a mark vouched for is intact, and the resumed file
// equals an unbroken one.
TEST(Stream, SurvivesSigkill) {
  const Scratch scratch;
  const std::filesystem::path path = scratch / "s";
  const std::filesystem::path mark_path = scratch / "mark";
  StreamMark mark = StreamWriter::create(path, kPath).mark();
  std::mt19937 random(11);
  // At least ten kills, and on a slow disk as many as it takes to get anywhere.
  for (int trial = 0; trial < 10 || (mark.rows < 2000 && trial < 100); ++trial) {
    run_and_kill(
        [&] {
          StreamWriter writer = StreamWriter::resume(path, kPath, mark);
          for (;;) {
            append_up_to(writer, writer.rows() + 700);
            const StreamMark next = writer.mark();
            std::string bytes(sizeof next, '\0');
            std::memcpy(bytes.data(), &next, sizeof next);
            put_bytes(scratch / "next", bytes);
            std::filesystem::rename(scratch / "next", mark_path);
            append_up_to(writer, writer.rows() + 300);
            writer.flush();
          }
        },
        std::uniform_int_distribution<unsigned>(500, 30000)(random));
    const std::string bytes = bytes_of(mark_path);
    if (bytes.size() == sizeof mark) std::memcpy(&mark, bytes.data(), sizeof mark);
    ASSERT_EQ(map_stream(path, mark).rows, mark.rows);
  }
  EXPECT_GE(mark.rows, 2000u) << "the writer hardly ran: the test shows nothing";
  const std::string whole = written(scratch / "whole", mark.rows + 10);
  StreamWriter writer = StreamWriter::resume(path, kPath, mark);
  append_up_to(writer, mark.rows + 10);
  writer.flush();
  EXPECT_EQ(bytes_of(path), whole);
}

TEST(Stream, EveryWrongByteAndTruncationBeforeTheMarkIsFound) {
  const Scratch scratch;
  StreamWriter writer = StreamWriter::create(scratch / "s", kPath);
  append_up_to(writer, 20);
  const StreamMark mark = writer.mark();
  const std::size_t vouched = bytes_of(scratch / "s").size();
  append_up_to(writer, 25);
  writer.flush();
  const std::string good = bytes_of(scratch / "s");
  const auto resume = [&] { (void)StreamWriter::resume(scratch / "bad", kPath, mark); };
  for (std::size_t i = 0; i < vouched; ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ (1 << (i % 8)));
    put_bytes(scratch / "bad", bad);
    ASSERT_THAT(line_of(resume), HasSubstr("damaged stream, byte")) << "byte " << i;
    ASSERT_EQ(bytes_of(scratch / "bad"), bad) << "a refused stream must stay as it was";
    put_bytes(scratch / "bad", good.substr(0, i));
    ASSERT_THAT(line_of(resume), HasSubstr("damaged stream, byte")) << "length " << i;
  }
  put_bytes(scratch / "bad", good.substr(0, vouched - 1));
  EXPECT_THAT(line_of(resume), HasSubstr("ends after 19 rows, the checkpoint needs 20"));
  std::string changed_behind = good;
  changed_behind.back() = 'x';
  put_bytes(scratch / "bad", changed_behind);
  EXPECT_EQ(line_of(resume), "");
}

TEST(Stream, WithoutAMarkMapsWholeRowsOnly) {
  const Scratch scratch;
  const std::string good = written(scratch / "s", 10);
  put_bytes(scratch / "s", good.substr(0, good.size() - 5));
  EXPECT_EQ(map_stream(scratch / "s").rows, 9u);
}

TEST(Stream, SaysWhatIsWrong) {
  const Scratch scratch;
  EXPECT_THAT(line_of([&] { (void)map_stream(scratch / "none"); }), HasSubstr("No such file"));
  EXPECT_THAT(line_of([&] { (void)map_stream(scratch.folder()); }), HasSubstr("plain file"));
  EXPECT_THAT(line_of([&] { StreamWriter::create(scratch / "no/s", kLoss); }),
              HasSubstr("No such file"));
  EXPECT_THAT(line_of([&] { StreamWriter::create(scratch / "s", {}); }),
              HasSubstr("at least one column"));
  EXPECT_THAT(line_of([&] {
                StreamWriter::create(scratch / "s", {{"a", "1", "", 0}});
              }),
              HasSubstr("width"));
  EXPECT_THAT(line_of([&] {
                StreamWriter::create(scratch / "s", {{"a"}, {"a"}});
              }),
              HasSubstr("distinct"));
  EXPECT_THAT(line_of([&] { StreamWriter::create(scratch / "s", {{"\xff"}}); }),
              HasSubstr("UTF-8"));
  put_bytes(scratch / "s", "not a stream at all");
  EXPECT_THAT(line_of([&] { (void)map_stream(scratch / "s"); }), HasSubstr("begins with TSSTREAM"));
  const StreamMark mark = StreamWriter::create(scratch / "s", kLoss).mark();
  EXPECT_THAT(line_of([&] { StreamWriter::resume(scratch / "s", kPath, mark); }),
              HasSubstr("other columns"));
  StreamWriter writer = StreamWriter::create(scratch / "s", kPath);
  writer.append(1.0);
  EXPECT_THAT(line_of([&] { writer.flush(); }), HasSubstr("fewer than 4 values"));
}

}  // namespace
}  // namespace thermoscape::store
