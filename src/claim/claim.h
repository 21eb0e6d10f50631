// SPDX-License-Identifier: Apache-2.0
// A claim as written is part of the input model (readers produce it): its types live in model/claim.h.
#pragma once

#include "model/claim.h"  // IWYU pragma: export
