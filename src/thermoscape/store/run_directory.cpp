#include "thermoscape/store/run_directory.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/core/json.hpp"
#include "thermoscape/store/atomic_write.hpp"

namespace thermoscape::store {

namespace {
namespace fs = std::filesystem;

/// mkdir(2): true if it is new, false if the name is taken; unlike std::filesystem it tells the two
/// apart without a race.
bool make_folder(const fs::path& path) {
  if (::mkdir(path.c_str(), 0777) == 0) return true;
  if (errno != EEXIST) file_failure(path, "create the folder", errno);
  return false;
}

void make_parents(const fs::path& path) {
  std::error_code code;
  if (path.has_parent_path()) fs::create_directories(path.parent_path(), code);
  if (code) file_failure(path, "create the folder", code.value());
}

[[noreturn]] void is_taken(const fs::path& path) {
  reject({path.string(),
          "",
          "the folder of a new run must not exist yet or be empty",
          "choose another --out, or continue that run with --resume " + path.string()});
}

/// "runs/x/" and "runs/x" are one folder with one parent.
fs::path without_trailing_slash(const fs::path& path) {
  return path.has_filename() || !path.has_parent_path() ? path : path.parent_path();
}

void check_name(std::string_view name) {
  const bool ok =
      !name.empty() && name.front() != '.' &&
      std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 ||
               std::string_view("_-+=.").find(static_cast<char>(c)) != std::string_view::npos;
      });
  if (ok) return;
  reject({"task or probe",
          std::string(name),
          "must consist of letters, digits and _ - + = . (not at the start)",
          ""});
}
}  // namespace

RunDirectory RunDirectory::create(const fs::path& path) {
  const fs::path folder = without_trailing_slash(path);
  make_parents(folder);
  std::error_code code;
  if (!make_folder(folder) && !(fs::is_directory(folder, code) && fs::is_empty(folder, code))) {
    if (code) file_failure(folder, "read the folder", code.value());
    is_taken(folder);
  }
  RunDirectory run(folder);
  // Of two processes that found the folder empty, one makes streams/ and owns the run.
  if (!make_folder(run.streams())) is_taken(folder);
  make_folder(run.checkpoints());
  sync_folder_of(run.checkpoints());
  sync_folder_of(folder);
  return run;
}

RunDirectory RunDirectory::create_numbered(const fs::path& root, std::string_view stem) {
  for (;;) {
    const fs::path folder = first_free(root, stem);
    make_parents(folder);
    if (make_folder(folder)) return create(folder);
  }
}

RunDirectory RunDirectory::open(const fs::path& path) {
  RunDirectory run(without_trailing_slash(path));
  std::error_code code;
  if (!fs::is_directory(run.path_, code)) {
    reject({path.string(), "", "is not the folder of a run", "`thermoscape run RECIPE` makes one"});
  }
  for (const fs::path& file : {run.manifest(), run.recipe()}) {
    if (fs::is_regular_file(file, code)) continue;
    reject({path.string(),
            "",
            "is not the folder of a run: " + file.filename().string() + " is missing",
            "a run killed before it began leaves none; remove the folder and run again"});
  }
  return run;
}

fs::path RunDirectory::first_free(const fs::path& root, std::string_view stem) {
  for (int number = 1;; ++number) {
    fs::path path = root / fmt::format("{}-{:03}", stem, number);
    std::error_code code;
    if (!fs::exists(fs::symlink_status(path, code))) return path;
  }
}

RunLock RunDirectory::lock() const {
  const fs::path path = path_ / ".lock";
  File file(path, O_RDWR | O_CREAT, "lock the run");
  while (::flock(file.descriptor(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) file_failure(path, "lock the run", errno);
    const std::string owner = read_bytes(path);
    reject({path_.string(),
            "",
            "another process works on this run" + (owner.empty() ? "" : ", process " + owner),
            "wait until it ends or stop it"});
  }
  const std::string owner = std::to_string(::getpid());
  const int code = ::ftruncate(file.descriptor(), 0) != 0
                       ? errno
                       : write_all(file.descriptor(), owner.data(), owner.size());
  if (code != 0) file_failure(path, "lock the run", code);
  for (const fs::path& folder : {path_, streams(), checkpoints()}) remove_leftovers(folder);
  return RunLock(std::move(file));
}

fs::path RunDirectory::stream(std::string_view task, std::string_view probe) const {
  check_name(task);
  check_name(probe);
  return streams() / fmt::format("{}.{}.stream", task, probe);
}

fs::path RunDirectory::checkpoint(std::string_view task) const {
  check_name(task);
  return checkpoints() / fmt::format("{}.checkpoint", task);
}

Json RunDirectory::read_manifest() const {
  const std::string text = read_bytes(manifest());
  const auto refuse = [this](const std::string& rule) {
    reject({manifest().string(), "", rule, "the file was changed or damaged"});
  };
  Json content;
  try {
    content = Json::parse(text);
  } catch (const Json::parse_error& error) {
    refuse(fmt::format("is not JSON, byte {}", error.byte));
  }
  if (!content.is_object()) refuse("must be a JSON object");
  for (const char* key : {"name", "title", "scale", "status", "data_digest"}) {
    if (content.contains(key) && !content[key].is_string()) {
      refuse(fmt::format("must have text as `{}`", key));
    }
  }
  return content;
}

void RunDirectory::write_manifest(const Json& manifest_content) const {
  atomic_write(manifest(),
               manifest_content.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace thermoscape::store
