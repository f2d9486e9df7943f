#pragma once
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape::store {

/// A folder of its own for one test, removed at its end.
class Scratch {
 public:
  Scratch() {
    std::string pattern = (std::filesystem::temp_directory_path() / "thermoscape-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw MachineError("mkdtemp failed");
    folder_ = pattern;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { std::filesystem::remove_all(folder_); }
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const {
    return folder_ / name;
  }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  /// Temporary files of killed or failed writers.
  [[nodiscard]] int leftovers() const {
    int count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_)) {
      count += entry.path().string().ends_with(".partial") ? 1 : 0;
    }
    return count;
  }

 private:
  std::filesystem::path folder_;
};

inline std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A new file each time: overwriting an old one would make some file systems wait for the disk.
inline void put_bytes(const std::filesystem::path& path, const std::string& bytes) {
  std::filesystem::remove(path);
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

/// The line of the Failure that `action` throws, after checking that it is one line; empty if it
/// throws nothing.
template <class Failure = Error>
std::string line_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Failure& failure) {
    const std::string line = failure.what();
    EXPECT_EQ(line.find('\n'), std::string::npos) << line;
    return line;
  }
  return "";
}

/// The exit code of `action` in a process of its own that ends in the ordinary way (exit handlers
/// run), -1 for a signal.
inline int exit_code_of(const std::function<int()>& action) {
  const pid_t child = ::fork();
  if (child == 0) std::exit(action());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// Runs `action` in a child process and kills it with SIGKILL after about `microseconds`.
inline void run_and_kill(const std::function<void()>& action, unsigned microseconds) {
  const pid_t child = ::fork();
  if (child == 0) {
    action();
    ::_exit(0);
  }
  ::usleep(microseconds);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

}  // namespace thermoscape::store
