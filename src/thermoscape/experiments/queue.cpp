#include "thermoscape/experiments/queue.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

namespace thermoscape {

bool run_queue(const std::vector<Job>& jobs,
               int threads,
               const std::function<bool(std::size_t)>& work) {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::size_t> ready;
  std::size_t unfinished = jobs.size();
  bool stopped = false;
  std::exception_ptr failure;
  std::vector<std::size_t> waits_for(jobs.size());
  std::vector<std::vector<std::size_t>> children(jobs.size());
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    std::vector<std::size_t> parents = jobs[i].more_parents;
    if (jobs[i].parent) parents.push_back(*jobs[i].parent);
    waits_for[i] = parents.size();
    for (const std::size_t parent : parents) children[parent].push_back(i);
    if (parents.empty()) ready.push_back(i);
  }
  const auto cheaper = [&jobs](std::size_t a, std::size_t b) {
    return jobs[a].cost != jobs[b].cost ? jobs[a].cost < jobs[b].cost : a > b;
  };
  const auto serve = [&] {
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(lock, [&] { return stopped || unfinished == 0 || !ready.empty(); });
      if (stopped || unfinished == 0) return;
      const auto next = std::max_element(ready.begin(), ready.end(), cheaper);
      const std::size_t job = *next;
      ready.erase(next);
      lock.unlock();
      bool good = false;
      std::exception_ptr thrown;
      try {
        good = work(job);
      } catch (...) {
        thrown = std::current_exception();
      }
      lock.lock();
      if (thrown && !failure) failure = thrown;
      if (good) {
        --unfinished;
        for (const std::size_t child : children[job]) {
          if (--waits_for[child] == 0) ready.push_back(child);
        }
      } else {
        stopped = true;
      }
      changed.notify_all();
    }
  };
  {
    std::vector<std::jthread> workers;
    for (int t = 0; t < std::max(1, threads); ++t) workers.emplace_back(serve);
  }
  if (failure) std::rethrow_exception(failure);
  return unfinished == 0;
}

}  // namespace thermoscape
