// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace segproof {
namespace {

// An empty folder that goes away with its test.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "segproof-file-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string operator/(std::string_view name) const { return join_path(path_, name); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void put(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string reason(const Result<std::string>& result) {
  return result.ok() ? "(read)" : result.failure().message.substr(result.failure().message.rfind("`: ") + 3);
}

}  // namespace

TEST_CASE("files are read byte for byte") {
  const ScratchFolder folder;
  const RealFileSystem files;
  const std::string bytes("a\0\r\n\xff", 5);
  put(folder / "f", bytes);
  put(folder / "empty", "");
  CHECK(files.read_file(folder / "f", 100).value() == bytes);
  CHECK(files.read_file(folder / "empty", 0).value().empty());
}

TEST_CASE("the limit is a limit, and is named") {
  const ScratchFolder folder;
  const RealFileSystem files;
  put(folder / "f", "12345");
  CHECK(files.read_file(folder / "f", 5).ok());
  CHECK(files.read_file(folder / "f", 4).failure().message ==
        "cannot read `" + (folder / "f") + "`: it is larger than the limit of 4 bytes");
  std::filesystem::resize_file(folder / "f", std::uintmax_t{1} << 40U);  // sparse: a terabyte of nothing
  CHECK(reason(files.read_file(folder / "f", default_file_limit)) == "it is larger than the limit of 256 MiB");
}

TEST_CASE("a file without a size of its own is bounded too") {
  const RealFileSystem files;
  CHECK(files.read_file("/proc/self/status", 1U << 20U).ok());
  CHECK(reason(files.read_file("/proc/self/status", 10)) == "it is larger than the limit of 10 bytes");
}

TEST_CASE("what is not a file is refused without waiting for it") {
  const ScratchFolder folder;
  const RealFileSystem files;
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK(reason(files.read_file(folder / "pipe", 10)) == "it is not a regular file (pipes are read with `-`)");
  CHECK(reason(files.read_file("/dev/zero", 10)) == "it is not a regular file (pipes are read with `-`)");
  CHECK(reason(files.read_file(folder.path(), 10)) == "it is a folder");
  CHECK(reason(files.read_file(folder / "absent", 10)) == "No such file or directory");
  CHECK(reason(files.read_file("", 10)) == "it is not a usable path");
  CHECK(reason(files.read_file(std::string("a\0b", 3), 10)) == "it is not a usable path");
  CHECK(reason(files.read_file((folder / "absent") + "\x1b[2J", 10)) == "No such file or directory");
  CHECK(files.read_file((folder / "absent") + "\x1b[2J", 10).failure().message.find('\x1b') == std::string::npos);
}

TEST_CASE("links are followed, and circles of links end") {
  const ScratchFolder folder;
  const RealFileSystem files;
  put(folder / "f", "text");
  std::filesystem::create_symlink("f", folder / "good");
  std::filesystem::create_symlink("circle", folder / "circle");
  std::filesystem::create_symlink("nowhere", folder / "dangling");
  CHECK(files.read_file(folder / "good", 10).value() == "text");
  CHECK(reason(files.read_file(folder / "circle", 10)) == "Too many levels of symbolic links");
  CHECK_FALSE(files.read_file(folder / "dangling", 10).ok());
  CHECK(files.kind(folder / "good") == FileKind::file);
  CHECK(files.kind(folder / "circle") == FileKind::missing);
}

TEST_CASE("kinds") {
  const ScratchFolder folder;
  const RealFileSystem files;
  put(folder / "f", "");
  CHECK(files.kind(folder / "f") == FileKind::file);
  CHECK(files.kind(folder.path()) == FileKind::folder);
  CHECK(files.kind("/dev/null") == FileKind::other);
  CHECK(files.kind(folder / "absent") == FileKind::missing);
  CHECK(files.kind("") == FileKind::missing);
}

TEST_CASE("a folder is listed in byte order, not recursively") {
  const ScratchFolder folder;
  const RealFileSystem files;
  for (const char* name : {"b", "a10", "a2", "Z", ".hidden"}) {
    put(folder / name, "");
  }
  std::filesystem::create_directories((folder / "sub") + "/deeper");
  CHECK(files.list_folder(folder.path()).value() == std::vector<std::string>{".hidden", "Z", "a10", "a2", "b", "sub"});
  CHECK_FALSE(files.list_folder(folder / "absent").ok());
  CHECK_FALSE(files.list_folder(folder / "b").ok());
}

TEST_CASE("files are written, and failures are told") {
  const ScratchFolder folder;
  const RealFileSystem files;
  put(folder / "out", "a longer text than the new one");
  CHECK(write_file(folder / "out", "new").value() == 3);
  CHECK(files.read_file(folder / "out", 100).value() == "new");
  CHECK(write_file((folder / "absent") + "/out", "x").failure().message.ends_with("No such file or directory"));
  CHECK(write_file(folder.path(), "x").failure().message.ends_with("Is a directory"));
  CHECK(write_file("/dev/full", "x").failure().message.ends_with("No space left on device"));
}

TEST_CASE("a stream is read to its end, up to the limit") {
  const ScratchFolder folder;
  put(folder / "f", std::string(200'000, 'x'));
  std::FILE* stream = std::fopen((folder / "f").c_str(), "rb");
  REQUIRE(stream != nullptr);
  CHECK(read_stream(stream, "standard input", 200'000).value().size() == 200'000);
  std::rewind(stream);
  CHECK(read_stream(stream, "standard input", 199'999).failure().message ==
        "cannot read `standard input`: it is larger than the limit of 199999 bytes");
  std::fclose(stream);
}

TEST_CASE("files in memory behave like files on the disk") {
  MemoryFileSystem files;
  files.add("net/b.yaml", "b");
  files.add("net/a.yaml", "a");
  files.add("net/sub/c.yaml", "c");
  files.add("network.yaml", "n");
  CHECK(files.read_file("net/a.yaml", 10).value() == "a");
  CHECK(files.list_folder("net").value() == std::vector<std::string>{"a.yaml", "b.yaml", "sub"});
  CHECK(files.list_folder("net/").value() == std::vector<std::string>{"a.yaml", "b.yaml", "sub"});
  CHECK(files.kind("net") == FileKind::folder);
  CHECK(files.kind("net/sub") == FileKind::folder);
  CHECK(files.kind("ne") == FileKind::missing);
  CHECK(files.kind("network.yaml") == FileKind::file);
  CHECK(reason(files.read_file("net", 10)) == "it is a folder");
  CHECK(reason(files.read_file("x", 10)) == "it does not exist");
  CHECK(reason(files.read_file("net/a.yaml", 0)) == "it is larger than the limit of 0 bytes");
  CHECK_FALSE(files.list_folder("network.yaml").ok());
  CHECK_FALSE(files.list_folder("absent").ok());
}

TEST_CASE("paths are put together and taken apart") {
  CHECK(join_path("a", "b") == "a/b");
  CHECK(join_path("a/", "b") == "a/b");
  CHECK(join_path("", "b") == "b");
  CHECK(file_name("a/b/c.yaml") == "c.yaml");
  CHECK(file_name("c.yaml") == "c.yaml");
  CHECK(folder_of("a/b/c.yaml") == "a/b");
  CHECK(folder_of("c.yaml") == ".");
  CHECK(folder_of("/c.yaml") == "/");
}

}  // namespace segproof
