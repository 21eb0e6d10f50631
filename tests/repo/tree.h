// SPDX-License-Identifier: Apache-2.0
// The repository as the checks see it: paths and texts. The checks are functions from a Tree to a list of complaints
// "PATH:LINE: what", so that each is also run on small trees that break the rule.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace segproof::repo {

// Path relative to the project, with slashes, to text. In byte order.
using Tree = std::map<std::string, std::string>;
using Complaints = std::vector<std::string>;

// All files below the working directory, which is the project; without build/, .git/ and the like, and without files of
// more than a mebibyte.
[[nodiscard]] Tree project_tree();

[[nodiscard]] bool is_below(std::string_view path, std::string_view folder);
[[nodiscard]] bool has_extension(std::string_view path, std::string_view extension);
// .h, .cpp, .def
[[nodiscard]] bool is_cxx(std::string_view path);
// CMakeLists.txt
[[nodiscard]] bool is_build_list(std::string_view path);

// All complaints, one a line: what a failed check prints.
[[nodiscard]] std::string listed(const Complaints& complaints);

}  // namespace segproof::repo
