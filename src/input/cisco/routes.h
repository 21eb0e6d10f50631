// SPDX-License-Identifier: Apache-2.0
// Static routes of every dialect.
#pragma once

#include <vector>

#include "input/cisco/device.h"
#include "model/device_configuration.h"

namespace segproof::cisco {

// Takes the statements. What is not understood is reported, and makes the routes incomplete.
void read_routes(Device& device, model::DeviceConfiguration& configuration);

}  // namespace segproof::cisco
