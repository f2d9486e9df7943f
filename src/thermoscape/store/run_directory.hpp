#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "thermoscape/core/json_forward.hpp"
#include "thermoscape/store/file.hpp"

namespace thermoscape::store {

/// Held while a process works on a run; released when it is destroyed or the process dies, however
/// it dies.
class RunLock {
 private:
  friend class RunDirectory;
  explicit RunLock(File file) : file_(std::move(file)) {}
  File file_;
};

/// A run on disk: recipe.toml, manifest.json, results.nc, report.html, log.txt, streams/ and
/// checkpoints/. A value that holds only the path; files appear whole or not at all (atomic_write),
/// streams and the log grow.
class RunDirectory {
 public:
  /// Makes the folder with streams/ and checkpoints/, and its parents. Throws Error if there is
  /// something at `path` other than an empty folder, MachineError when the machine refuses.
  static RunDirectory create(const std::filesystem::path& path);
  /// create(first_free(root, stem)), safe against another process that takes the same name at the
  /// same time.
  static RunDirectory create_numbered(const std::filesystem::path& root, std::string_view stem);
  /// An existing run. Throws Error unless manifest.json and recipe.toml are there.
  static RunDirectory open(const std::filesystem::path& path);
  /// root/STEM-001 or the first number that is not taken.
  [[nodiscard]] static std::filesystem::path first_free(const std::filesystem::path& root,
                                                        std::string_view stem);

  /// Makes this process the only one that works on the run, and removes temporary files that killed
  /// ones left. Throws Error naming the other process if it is taken.
  [[nodiscard]] RunLock lock() const;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path recipe() const { return path_ / "recipe.toml"; }
  [[nodiscard]] std::filesystem::path manifest() const { return path_ / "manifest.json"; }
  [[nodiscard]] std::filesystem::path results() const { return path_ / "results.nc"; }
  [[nodiscard]] std::filesystem::path report() const { return path_ / "report.html"; }
  [[nodiscard]] std::filesystem::path log() const { return path_ / "log.txt"; }
  [[nodiscard]] std::filesystem::path streams() const { return path_ / "streams"; }
  [[nodiscard]] std::filesystem::path checkpoints() const { return path_ / "checkpoints"; }
  /// streams/TASK.PROBE.stream and checkpoints/TASK.checkpoint. Throws Error unless the names
  /// consist of letters, digits and _ - + = . and do not begin with a dot.
  [[nodiscard]] std::filesystem::path stream(std::string_view task, std::string_view probe) const;
  [[nodiscard]] std::filesystem::path checkpoint(std::string_view task) const;

  /// manifest.json, keys in the order written. Reading throws Error with the position of what is
  /// not JSON.
  [[nodiscard]] Json read_manifest() const;
  void write_manifest(const Json& manifest) const;

 private:
  explicit RunDirectory(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace thermoscape::store
