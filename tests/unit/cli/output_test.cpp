// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/file.h"

namespace segproof::cli {
namespace {

// A folder of its own for each test, removed with what is in it.
class Folder {
 public:
  Folder() {
    std::array<char, 32> name{"/tmp/segproof-output-XXXXXX"};
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name.data();
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    for (const std::string& name : names()) {
      unlink(join_path(path_, name).c_str());
      rmdir(join_path(path_, name).c_str());
    }
    rmdir(path_.c_str());
  }
  [[nodiscard]] std::string at(const std::string& name) const { return join_path(path_, name); }
  [[nodiscard]] std::vector<std::string> names() const { return RealFileSystem().list_folder(path_).value(); }

 private:
  std::string path_;
};

std::string content(const std::string& path) {
  return RealFileSystem().read_file(path, 1000).value();
}

TEST_CASE("a file is written whole, and nothing else is left") {
  const Folder folder;
  CHECK(write_atomically(folder.at("a"), "one\n").value() == 4);
  CHECK(content(folder.at("a")) == "one\n");
  CHECK(write_atomically(folder.at("a"), "two\n").ok());
  CHECK(content(folder.at("a")) == "two\n");
  CHECK(folder.names() == std::vector<std::string>{"a"});
}

TEST_CASE("permissions of a file stay, links are followed") {
  const Folder folder;
  REQUIRE(write_atomically(folder.at("a"), "one\n").ok());
  REQUIRE(chmod(folder.at("a").c_str(), 0600) == 0);
  REQUIRE(symlink("a", folder.at("link").c_str()) == 0);
  CHECK(write_atomically(folder.at("link"), "two\n").ok());
  CHECK(content(folder.at("a")) == "two\n");
  struct stat link {};
  REQUIRE(lstat(folder.at("link").c_str(), &link) == 0);
  CHECK(S_ISLNK(link.st_mode));
  struct stat file {};
  REQUIRE(stat(folder.at("a").c_str(), &file) == 0);
  CHECK((file.st_mode & 0777U) == 0600U);
}

TEST_CASE("what cannot be written is a failure that names the file, and leaves nothing") {
  const Folder folder;
  REQUIRE(mkdir(folder.at("d").c_str(), 0700) == 0);
  CHECK(write_atomically(folder.at("d"), "x").failure().message ==
        "cannot write `" + folder.at("d") + "`: Is a directory");
  CHECK(write_atomically(folder.at("no/such"), "x").failure().message ==
        "cannot write `" + folder.at("no/such") + "`: No such file or directory");
  CHECK(folder.names() == std::vector<std::string>{"d"});
}

TEST_CASE("a device is written directly") {
  CHECK(write_atomically("/dev/null", "x").ok());
  CHECK_FALSE(write_atomically("/dev/full", "x").ok());
  struct stat null {};
  REQUIRE(stat("/dev/null", &null) == 0);
  CHECK(S_ISCHR(null.st_mode));
}

TEST_CASE("standard output: a reader that has gone had enough, a full disk is a failure") {
  MemoryTerminal terminal;
  CHECK(deliver(terminal, "", "answer").ok());
  CHECK(deliver(terminal, "-", "!").ok());
  CHECK(terminal.out == "answer!");
  terminal.fate = Written::closed;
  CHECK(deliver(terminal, "", "answer").ok());
  terminal.fate = Written::failed;
  CHECK(deliver(terminal, "", "answer").failure().message == "cannot write to standard output");
}

TEST_CASE("complaints are escaped") {
  MemoryTerminal terminal;
  complain(terminal, "a\x1b[31m\nb");
  CHECK(terminal.err == "segproof: error: a\\x1b[31m\\nb\n");
}

}  // namespace
}  // namespace segproof::cli
