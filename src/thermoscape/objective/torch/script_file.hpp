#pragma once
#include <string>

namespace thermoscape::networks {

/// Throws Error in one line unless the file looks like what torch.jit.save writes: it exists, is a
/// whole zip archive, and holds code. A state_dict or a pickled module is recognised, with the
/// Python line that saves the right thing.
void check_script_file(const std::string& file);

}  // namespace thermoscape::networks
