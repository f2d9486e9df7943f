#include "thermoscape/experiments/queue.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <random>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

namespace thermoscape {
namespace {

struct Log {
  std::mutex mutex;
  std::vector<std::size_t> started;
  std::vector<std::size_t> ended;

  bool work(std::size_t i) {
    {
      const std::scoped_lock lock(mutex);
      started.push_back(i);
    }
    std::this_thread::yield();
    const std::scoped_lock lock(mutex);
    ended.push_back(i);
    return true;
  }
};

TEST(Queue, CostliestFirstAndEqualOnesInOrder) {
  Log log;
  EXPECT_TRUE(run_queue({{1, {}}, {5, {}}, {3, {}}, {5, {}}, {1, {}}}, 1, [&](std::size_t i) {
    return log.work(i);
  }));
  EXPECT_EQ(log.started, (std::vector<std::size_t>{1, 3, 2, 0, 4}));
}

TEST(Queue, AJobWaitsForAllItsParents) {
  for (const int threads : {1, 3}) {
    Log log;
    const std::vector<Job> jobs{{9, 2, {3, 1}}, {1, {}}, {1, {}}, {1, 1, {2}}};
    EXPECT_TRUE(run_queue(jobs, threads, [&](std::size_t i) { return log.work(i); }));
    ASSERT_EQ(log.started.size(), 4u);
    EXPECT_EQ(log.started[2], 3u);
    EXPECT_EQ(log.started[3], 0u);
  }
}

TEST(Queue, EveryJobRunsOnceAfterItsParent) {
  std::mt19937 random(4);
  for (int trial = 0; trial < 30; ++trial) {
    std::vector<Job> jobs;
    for (std::size_t i = 0; i < 60; ++i) {
      Job job{static_cast<double>(random() % 10), {}};
      if (i > 0 && random() % 3 != 0) job.parent = random() % i;
      jobs.push_back(job);
    }
    std::vector<std::atomic<int>> ended(jobs.size());
    std::atomic<int> early = 0;
    EXPECT_TRUE(run_queue(jobs, 1 + trial % 4, [&](std::size_t i) {
      if (jobs[i].parent && ended[*jobs[i].parent] == 0) ++early;
      std::this_thread::yield();
      ++ended[i];
      return true;
    }));
    EXPECT_EQ(early, 0) << "no job starts before its parent ends";
    EXPECT_TRUE(std::all_of(ended.begin(), ended.end(), [](const auto& n) { return n == 1; }));
  }
}

TEST(Queue, ThreadsWorkAtTheSameTime) {
  // Two jobs that wait for each other end only if both run.
  std::atomic<int> there = 0;
  EXPECT_TRUE(run_queue({{1, {}}, {1, {}}}, 2, [&](std::size_t) {
    ++there;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (there < 2 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    return there == 2;
  }));
}

TEST(Queue, FalseStartsNothingNew) {
  Log log;
  EXPECT_FALSE(run_queue({{9, {}}, {8, {}}, {7, 0}, {1, {}}}, 1, [&](std::size_t i) {
    return log.work(i) && i != 1;
  }));
  EXPECT_EQ(log.started, (std::vector<std::size_t>{0, 1}));
}

TEST(Queue, TheFirstExceptionComesOutOnceAllAreIdle) {
  std::atomic<int> inside = 0;
  std::atomic<int> runs = 0;
  try {
    (void)run_queue(std::vector<Job>(100), 4, [&](std::size_t) -> bool {
      ++inside;
      ++runs;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      --inside;
      throw std::runtime_error("failed");
    });
    ADD_FAILURE() << "swallowed";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "failed");
  }
  EXPECT_EQ(inside, 0);
  EXPECT_LE(runs, 4) << "one a thread at most";
}

TEST(Queue, NoJobsAreDoneAtOnceAndNoThreadsMeanOne) {
  EXPECT_TRUE(run_queue({}, 3, [](std::size_t) { return false; }));
  Log log;
  EXPECT_TRUE(run_queue({{1, {}}, {1, 0}}, 0, [&](std::size_t i) { return log.work(i); }));
  EXPECT_EQ(log.ended, (std::vector<std::size_t>{0, 1}));
}

}  // namespace
}  // namespace thermoscape
