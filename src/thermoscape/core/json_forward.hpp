#pragma once
// For headers that pass JSON through: the whole of nlohmann/json costs every reader a second.
#include <nlohmann/json_fwd.hpp>

namespace thermoscape {

using Json = nlohmann::ordered_json;

}  // namespace thermoscape
