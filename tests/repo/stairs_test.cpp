// SPDX-License-Identifier: Apache-2.0
#include "stairs.h"

#include <doctest/doctest.h>

namespace segproof::repo {

TEST_CASE("the project keeps the stairs") {
  CHECK(listed(upward_steps(project_tree())) == "");
}

TEST_CASE("the readers do not meet") {
  CHECK(listed(readers_that_meet(project_tree())) == "");
}

TEST_CASE("each library is in its place") {
  CHECK(listed(stray_libraries(project_tree())) == "");
}

TEST_CASE("steps up, sideways and out are found") {
  const Tree tree = {
      {"src/base/a.h", "#include \"packet/space.h\"\n"},
      {"src/packet/b.cpp", "#include \"base/a.h\"\n#include \"packet/b.h\"\n#include <vector>\n"},
      {"src/graph/c.cpp", "#include \"model/rule.h\"\n\n#include \"reach/path.h\"\n"},
      {"src/input/iptables/d.cpp", "#include \"graph/wiring.h\"\n"},
      {"src/report/e.cpp",
       "#include \"claim/verdict.h\"\n#include \"proof/write.h\"\n#include \"segproof/version.h\"\n"},
      {"src/check/f.cpp", "#include \"base/text.h\"\n"},
      {"src/claim/g.cpp", "#include \"local.h\"\n#include \"../reach/path.h\"\n#include \"segproof/verify.h\"\n"},
      {"src/attic/h.cpp", ""},
      {"src/cli/i.cpp", "#include \"report/text.h\"\n#include \"segproof/verify.h\"\n#include \"check/f.h\"\n"},
      {"tests/unit/base/j.cpp", "#include \"cli/main.h\"\n"},
  };
  CHECK(upward_steps(tree) == Complaints{
                                  "src/attic/h.cpp:1: room `attic` is not on the stairs",
                                  "src/base/a.h:1: `base` may not include `packet/space.h`",
                                  "src/check/f.cpp:1: `check` may not include `base/text.h`",
                                  "src/claim/g.cpp:1: `claim` may not include `local.h`",
                                  "src/claim/g.cpp:2: `claim` may not include `../reach/path.h`",
                                  "src/claim/g.cpp:3: `claim` may not include `segproof/verify.h`",
                                  "src/cli/i.cpp:3: `cli` may not include `check/f.h`",
                                  "src/graph/c.cpp:3: `graph` may not include `reach/path.h`",
                                  "src/input/iptables/d.cpp:1: `input` may not include `graph/wiring.h`",
                                  "src/report/e.cpp:2: `report` may not include `proof/write.h`",
                              });
}

TEST_CASE("readers that meet are found") {
  const Tree tree = {
      {"src/input/snapshot.cpp", "#include \"input/yaml/tree.h\"\n#include \"input/iptables/reader.h\"\n"},
      {"src/input/yaml/a.cpp", "#include \"input/yaml/tree.h\"\n#include \"input/inventory/host.h\"\n"},
      {"src/input/inventory/b.h", "#include \"input/snapshot.h\"\n#include \"model/network.h\"\n"},
  };
  CHECK(readers_that_meet(tree) ==
        Complaints{
            "src/input/inventory/b.h:1: reader `inventory` may not include `input/snapshot.h`",
            "src/input/yaml/a.cpp:2: reader `yaml` may not include `input/inventory/host.h`",
        });
}

TEST_CASE("libraries out of place are found") {
  const Tree tree = {
      {"include/segproof/a.h", "#include <fstream>\n"},
      {"src/base/b.cpp", "#include <openssl/evp.h>\n#include <iostream>\n"},
      {"src/cli/c.cpp", "#include <CLI/CLI.hpp>\n#include <CLI/Timer.hpp>\n"},
      {"src/cli/d.cpp", "#include <CLI/CLI.hpp>\n"},
      {"src/graph/e.cpp", "#include <boost/graph/adjacency_list.hpp>\n"},
      {"src/graph/f.h", "#include <boost/graph/adjacency_list.hpp>\n"},
      {"src/input/g.cpp", "#include <nlohmann/json.hpp>\n#include <sstream>\n"},
      {"src/input/h.h", "#include <yaml-cpp/yaml.h>\n"},
      {"src/reach/i.cpp", "#include <pugixml.hpp>\n#include <boost/graph/graph_traits.hpp>\n"},
      {"tests/unit/base/j.cpp", "#include <iostream>\n#include <nlohmann/json.hpp>\n"},
  };
  CHECK(stray_libraries(tree) == Complaints{
                                     "include/segproof/a.h:1: no place for iostreams",
                                     "src/base/b.cpp:2: no place for iostreams",
                                     "src/cli/d.cpp:1: a second file includes CLI11",
                                     "src/graph/f.h:1: no place for Boost.Graph",
                                     "src/input/h.h:1: no place for yaml-cpp",
                                     "src/reach/i.cpp:1: no place for pugixml",
                                     "src/reach/i.cpp:2: no place for Boost.Graph",
                                 });
}

}  // namespace segproof::repo
