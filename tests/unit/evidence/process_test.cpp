// SPDX-License-Identifier: Apache-2.0
// `segproof verify --evidence`, `segproof normalise --evidence` and `segproof-check` as processes.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <string>

#include "base/file.h"
#include "small_network.h"
#include "support/skip.h"
#include "unit/cli/shell.h"

namespace segproof::test {
namespace {

namespace fs = std::filesystem;

// A folder of its own, with the small network in `net`; it goes when this goes.
class Place {
 public:
  Place() {
    std::string name = (fs::temp_directory_path() / "segproof-evidence-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
    fs::create_directory(path_ / "net");
    for (const auto& [file, text] : small_network()) {
      REQUIRE(write_file((path_ / "net" / file).string(), text).ok());
    }
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  // Runs lines of bash there, in which $segproof and $check are the programs; both streams, and " exit N".
  [[nodiscard]] std::string run(const std::string& line) const {
    const std::string script = fmt::format("segproof='{}'; check='{}'; cd '{}'\n{{ {}\n}} 2>&1; printf ' exit %d' $?",
                                           SEGPROOF_PROGRAM, SEGPROOF_CHECK, path_.string(), line);
    const cli::TextFile file(script, "evidence-script");
    return cli::shell_output("env -u SOURCE_DATE_EPOCH bash " + file.path()).second;
  }
  [[nodiscard]] std::string text(const std::string& name) const {
    const auto read = RealFileSystem().read_file((path_ / name).string(), default_file_limit);
    return read.ok() ? read.value() : std::string();
  }
  [[nodiscard]] bool has(const std::string& name) const { return fs::exists(path_ / name); }

 private:
  fs::path path_;
};

bool ends(const std::string& text, const std::string& end) {
  return text.ends_with(end);
}
bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("a bundle is written, checked by two commands, and gives the network file again") {
  const Place place;
  const std::string written = place.run("$segproof verify net --evidence out > report");
  CHECK(written == "segproof: note: evidence in `out`: 14 files; 4 of 4 claims have certificates\n exit 1");
  CHECK(holds(place.text("report"), "NET-1"));
  CHECK(ends(place.run("cd out; sha256sum --strict --quiet -c SHA256SUMS"), "exit 0"));
  const std::string checked = place.run("$check out");
  CHECK(checked ==
        "bundle: 14 files: segproof 0.1.0, epoch now of 2026-11-02\n"
        "signature: none: this shows accidents, not forgery\n"
        "verified: NET-1 no-new-sessions from servers to office: proved\n"
        "verified: NET-2 only from office to servers: refuted\n"
        "verified: NET-3 isolated from nobody to servers: vacuous\n"
        "verified: NET-4 no-new-sessions from db1 to laptop1: proved\n"
        "4 claims, 4 verified by their certificates\n exit 0");
  CHECK(ends(place.run("$check out --require proved"), "exit 3"));
  CHECK(place.run("$segproof normalise --evidence out | cmp - out/network.txt") == "exit 0");
  // The same network file as without a bundle, and the results that were printed.
  CHECK(place.run("$segproof normalise net | cmp - out/network.txt") == "exit 0");
  CHECK(place.run("$segproof verify net --format json --evidence again > json; cmp json again/results.json") ==
        "segproof: note: evidence in `again`: 14 files; 4 of 4 claims have certificates\n exit 0");
}

TEST_CASE("what is in VERIFY.md works") {
  const Place place;
  CHECK(ends(place.run("$segproof keygen k && $segproof verify net --evidence out --sign k.key --redact > report"),
             "exit 1"));
  const std::string page = place.text("out/VERIFY.md");
  CHECK(holds(page, "    sha256sum -c SHA256SUMS\n"));
  CHECK(holds(page, "    segproof-check . --key NAME.pub\n"));
  CHECK(holds(page, "    segproof normalise --evidence . | cmp - network.txt\n"));
  // Each of its commands, with the programs and the key where they are.
  CHECK(ends(place.run("mkdir bin; ln -s $segproof bin/segproof; ln -s $check bin/segproof-check; cd out; "
                       "cp ../k.pub ../NAME.pub; grep '^    ' VERIFY.md | sed 's#NAME.pub#../NAME.pub#' > ../commands; "
                       "export PATH=\"$PWD/../bin:$PATH\"; set -e; while read -r line; do echo \"+ $line\"; "
                       "bash -o pipefail -c \"$line\"; done < ../commands"),
             "exit 0"));
  CHECK(place.run("grep -c . commands") == "4\n exit 0");
}

TEST_CASE("two runs give the same bytes, and the time comes from who runs it") {
  const Place place;
  CHECK(ends(place.run("$segproof keygen k; for i in a b; do $segproof verify net --evidence $i --sign k.key --jobs "
                       "$((RANDOM % 3 + 1)) > report; done; diff -r a b"),
             "exit 0"));
  CHECK(ends(place.run("SOURCE_DATE_EPOCH=1709251199 $segproof verify net --evidence c > report; grep ^made "
                       "c/manifest"),
             "made \"2024-02-29T23:59:59Z\"\n exit 0"));
  CHECK(ends(place.run("SOURCE_DATE_EPOCH=7 $segproof verify net --evidence d --at 2024-02-29T23:59:59Z > report; diff "
                       "-r c d"),
             "exit 0"));
  CHECK(ends(place.run("$segproof verify net --evidence e --at 1709251199 > report; diff -r c e"), "exit 0"));
  CHECK(ends(place.run("$segproof verify net --evidence f > report; grep ^made f/manifest"), "exit 1"));
  for (const std::string wrong : {"2024-02-30T00:00:00Z", "2024-02-29", "now", "''", "2024-02-29T24:00:00Z"}) {
    CHECK(ends(place.run("$segproof verify net --evidence g --at " + wrong), "exit 2"));
  }
  CHECK(ends(place.run("SOURCE_DATE_EPOCH=now $segproof verify net --evidence g"), "exit 2"));
  CHECK_FALSE(place.has("g"));
}

TEST_CASE("a bundle goes into a new or an empty folder, whole or not at all") {
  const Place place;
  CHECK(ends(place.run("mkdir empty; chmod 750 empty; $segproof verify net --evidence empty/ > report; stat -c %a "
                       "empty; ls empty | wc -l"),
             "\n750\n8\n exit 0"));
  CHECK(holds(place.run("$segproof verify net --evidence empty > report"),
              "segproof: error: `empty` exists; evidence goes into a new or an empty folder"));
  CHECK(ends(place.run("$segproof verify net --evidence net/claims.yaml > report"), "exit 2"));
  CHECK(ends(place.run("$segproof verify net --evidence no/such/folder > report"), "exit 2"));
  CHECK(ends(place.run("ln -s nowhere link; $segproof verify net --evidence link > report"), "exit 2"));
  CHECK(ends(place.run("mkdir other; ln -s other to; $segproof verify net --evidence to > report; ls other | wc -l"),
             "\n8\n exit 0"));
  // Nothing temporary is left.
  CHECK(place.run("ls -A | grep -c XXXX; ls -A | sort | tr '\\n' ' '") == "0\nempty link net other report to  exit 0");
  CHECK(ends(place.run("$segproof verify net --only NET-1 --evidence x"), "exit 2"));
  for (const std::string option : {"--redact", "--sign k", "--at 5"}) {
    CHECK(ends(place.run("$segproof verify net " + option), "exit 2"));
  }
  CHECK(ends(place.run("echo no key > k; $segproof verify net --evidence x --sign k"), "exit 2"));
  CHECK(ends(place.run("$segproof verify net --evidence x --sign no-such-key"), "exit 2"));
  CHECK_FALSE(place.has("x"));
}

TEST_CASE("a signed bundle asks for the key") {
  const Place place;
  CHECK(ends(place.run("$segproof keygen k; $segproof keygen l; $segproof verify net --evidence out --sign k.key > r; "
                       "$segproof verify net --evidence plain > r"),
             "exit 1"));
  CHECK(ends(place.run("$check out --key k.pub | head -2 | tail -1"),
             "signature: by the key that was given: the bundle is as its owner made it\n exit 0"));
  CHECK(ends(place.run("$check out --key l.pub"), "exit 1"));
  CHECK(ends(place.run("$check out --key /dev/null"), "exit 1"));
  CHECK(ends(place.run("$check out --key no-such"), "exit 2"));
  CHECK(ends(place.run("$check plain --key k.pub"), "exit 1"));
  CHECK(holds(place.run("$check out"), "rejected: SHA256SUMS.sig"));
  CHECK(ends(place.run("$check out --ignore-signature"), "exit 0"));
  CHECK(ends(place.run("cd out; openssl pkeyutl -verify -pubin -inkey ../k.pub -rawin -in SHA256SUMS -sigfile "
                       "SHA256SUMS.sig"),
             "exit 0"));
  CHECK_FALSE(holds(place.run("cat out/* out/*/* | strings"), "PRIVATE"));
}

TEST_CASE("the checker takes plain files in two folders, and nothing else") {
  const Place place;
  const std::string whole = place.run("$segproof verify net --evidence out > r");
  const std::string from[] = {
      "touch new/extra",
      "touch new/.hidden",
      "touch new/inputs/0009",
      "mkdir new/empty",
      "mkdir new/inputs/deeper",
      "mkdir new/more; touch new/more/file",
      "rm new/network.txt",
      "rm -r new/inputs",
      "mv new/network.txt new/Network.txt",
      "mv new/inputs new/Inputs",
      "mv new/network.txt kept; ln -s ../kept new/network.txt",
      "mv new/inputs kept; ln -s ../kept new/inputs",
      "rm new/results.json; mkdir new/results.json; touch new/results.json/x",
      "rm new/VERIFY.md; mkfifo new/VERIFY.md",
      "truncate -s -1 new/network.txt",
      "truncate -s 0 new/manifest",
      "printf '\\n' >> new/SHA256SUMS",
      "printf x | dd of=new/certificates/0001.cert bs=1 seek=100 conv=notrunc status=none",
      "chmod 0 new/inputs/0001; test -r new/inputs/0001 && rm -f new/inputs/0001",
  };
  for (const std::string& change : from) {
    CAPTURE(change);
    const std::string said = place.run(fmt::format(
        "rm -rf new kept; cp -r out new; $check new > /dev/null && {{ {}; timeout 20 $check new; }}", change));
    CHECK(holds(said, "rejected: "));
    CHECK(ends(said, "exit 1"));
  }
  CHECK(ends(place.run("$check net"), "exit 2"));
  CHECK(ends(place.run("mkdir nothing; $check nothing"), "exit 1"));
  CHECK(ends(place.run("$check no-such-folder"), "exit 1"));
  CHECK(ends(place.run("$check"), "exit 2"));
  CHECK(ends(place.run("$check out out"), "exit 2"));
  CHECK(ends(place.run("$check out --network out/network.txt --key k"), "exit 2"));
  CHECK(ends(place.run("$check out --nope"), "exit 2"));
  CHECK(ends(place.run("$check --help"), "exit 0"));
  CHECK(ends(place.run("$check --version"), "exit 0"));
  CHECK(ends(place.run("$check out/certificates/*.cert --network out/network.txt"), "exit 0"));
  CHECK(ends(place.run("$check out > /dev/full"), "exit 2"));
}

TEST_CASE("the checker needs nothing but the bundle: no programs, no network") {
  const Place place;
  CHECK(ends(place.run("$segproof verify net --evidence out > r; mkdir alone; cp $check alone/; mv out alone/"),
             "exit 0"));
  CHECK(ends(place.run("cd alone; env -i PATH= ./segproof-check out"),
             "4 claims, 4 verified by their certificates\n exit 0"));
  if (!ends(place.run("unshare -rn true"), "exit 0")) {
    skip("kernel", "this machine gives no network namespace of its own");
    return;
  }
  CHECK(ends(place.run("cd alone; unshare -rn env -i PATH= ./segproof-check out"),
             "4 claims, 4 verified by their certificates\n exit 0"));
}

TEST_CASE("the manual and the completions of the checker know what its help knows") {
  const Place place;
  const std::string help = place.run("$check --help");
  const RealFileSystem disk;
  const auto page = [&](const std::string& name) { return disk.read_file(name, default_file_limit).value(); };
  std::string manual = page("docs/man/segproof-check.1");
  std::erase(manual, '\\');
  CHECK(holds(place.run("$check --version"), "segproof-check "));
  CHECK(holds(manual, "segproof " + place.run("$check --version").substr(15, 5)));
  for (const std::string option : {"--key", "--ignore-signature", "--network", "--require", "--help", "--version"}) {
    CAPTURE(option);
    CHECK(holds(help, option));
    CHECK(holds(manual, option));
    CHECK(holds(page("docs/completion/segproof-check.bash"), option));
    CHECK(holds(page("docs/completion/_segproof-check"), option));
    CHECK(holds(page("docs/completion/segproof-check.fish"), "-l " + option.substr(2)));
  }
}

TEST_CASE("reading from a bundle refuses what is none") {
  const Place place;
  CHECK(ends(place.run("$segproof verify net --evidence out > r; $segproof normalise --evidence net"), "exit 2"));
  CHECK(ends(place.run("$segproof normalise --evidence out net"), "exit 2"));
  CHECK(ends(place.run("$segproof normalise --evidence ''"), "exit 2"));
  CHECK(holds(place.run("echo >> out/inputs/0001; $segproof normalise --evidence out"), "inputs/0001"));
}

}  // namespace
}  // namespace segproof::test
