// SPDX-License-Identifier: Apache-2.0
#include "cli/options.h"

#include <initializer_list>

namespace segproof::cli {
namespace {

constexpr std::string_view input_usage = "FOLDER | -t T... -p P...";

PositionalSpec folder() {
  return {.name = "FOLDER",
          .help = "a folder that holds topology, policy and claims; it stands for -t, -p and -c",
          .required = false};
}

OptionSpec topology() {
  return {.name = "topology",
          .letter = 't',
          .takes = Takes::many,
          .value = "T",
          .help = "files or folders that say what exists and how it is wired",
          .completes = Completes::paths};
}

OptionSpec policy() {
  return {.name = "policy",
          .letter = 'p',
          .takes = Takes::many,
          .value = "P",
          .help = "files or folders that say what is allowed: one epoch of rule sets and inventories",
          .completes = Completes::paths};
}

OptionSpec claims() {
  return {.name = "claims",
          .letter = 'c',
          .takes = Takes::many,
          .value = "C",
          .help = "files or folders of claims; a policy may hold claims too",
          .completes = Completes::paths};
}

OptionSpec format(std::vector<std::string_view> choices) {
  return {.name = "format",
          .takes = Takes::one,
          .value = "FORMAT",
          .help = "how the answer is written",
          .choices = std::move(choices),
          .fallback = "text"};
}

OptionSpec output() {
  return {.name = "output",
          .letter = 'o',
          .takes = Takes::one,
          .value = "FILE",
          .help = "write the answer to this file instead of standard output, all of it or nothing",
          .completes = Completes::paths};
}

OptionSpec color() {
  return {.name = "color",
          .takes = Takes::one,
          .value = "WHEN",
          .help = "when to use colour; `auto` is on a terminal, unless NO_COLOR is set or TERM is `dumb`",
          .choices = {"auto", "always", "never"},
          .fallback = "auto"};
}

OptionSpec help() {
  return {.name = "help", .letter = 'h', .takes = Takes::nothing, .value = {}, .help = "show this help"};
}

std::vector<OptionSpec> with_common(std::initializer_list<OptionSpec> options) {
  std::vector<OptionSpec> all = {topology(), policy()};
  all.insert(all.end(), options);
  all.insert(all.end(), {output(), color(), help()});
  return all;
}

std::vector<ExitSpec> answered_or_not() {
  return {{0, "the question was answered"}, {2, "it could not be asked: usage, or an input that is not usable"}};
}

std::vector<OptionSpec> verify_options() {
  return with_common({claims(),
                      format({"text", "json", "junit", "sarif"}),
                      {.name = "only", .takes = Takes::many, .value = "ID", .help = "look at these claims only"},
                      {.name = "jobs",
                       .takes = Takes::one,
                       .value = "N",
                       .help = "threads to use; the answer does not depend on it",
                       .fallback = "as many as the machine has"},
                      {.name = "watch",
                       .takes = Takes::nothing,
                       .value = {},
                       .help = "go on until interrupted: whenever a file that was read changes, verify again and print "
                               "the new verdicts"},
                      {.name = "evidence",
                       .takes = Takes::one,
                       .value = "DIR",
                       .help = "write a bundle that others can check with segproof-check; a new or an empty folder",
                       .completes = Completes::paths},
                      {.name = "redact",
                       .takes = Takes::nothing,
                       .value = {},
                       .help = "the evidence holds copies of the inputs without secrets and comments"},
                      {.name = "sign",
                       .takes = Takes::one,
                       .value = "KEY",
                       .help = "sign the evidence with this Ed25519 key (PEM), such as `segproof keygen` makes",
                       .completes = Completes::paths},
                      {.name = "at",
                       .takes = Takes::one,
                       .value = "TIME",
                       .help = "when the evidence is made, as 2024-05-01T12:00:00Z or in seconds since 1970",
                       .fallback = "what SOURCE_DATE_EPOCH says, else no time at all"}});
}

CommandSpec verify() {
  return {
      .name = "verify",
      .summary = "prove or refute the claims",
      .usage = "FOLDER | -t T... -p P... [-c C...]",
      .description =
          {"Reads a network and the claims about it, and gives a verdict on each claim. proved: no packet breaks it, "
           "whatever anybody sends. refuted: here is a packet that does, and every rule that lets it pass. "
           "inconclusive: "
           "lines of the input could not be decided, and it depends on them. vacuous: the claim speaks of nothing. "
           "not-evaluated: it was not looked at. Only proved is success.",
           "The answer begins with a table of verdicts; the details follow, what failed first. Diagnostics about the "
           "input go to standard error.",
           "With --watch the answer is printed again after each change, and standard error says what changed, which "
           "verdicts are others now, and what did not have to be done again. Files that cannot be used, as they are "
           "while somebody writes them, are reported; the verdicts of before then stay, and are said to be old."},
      .positional = folder(),
      .options = verify_options(),
      .examples = {{"segproof verify .", "everything that this folder holds"},
                   {"segproof verify -t topologies/branch -p policies/branch/e0",
                    "one epoch of rules on a topology that several epochs share"},
                   {"segproof verify . --only PCI-1 PCI-2", "two claims, with all their details"},
                   {"segproof verify . --watch", "while rules are edited"},
                   {"segproof verify . --format junit -o segproof.xml", "for a pipeline that reads JUnit XML"},
                   {"segproof verify . --format sarif -o segproof.sarif", "for code scanning"},
                   {"segproof verify . --evidence audit --redact --sign audit.key",
                    "a signed bundle for somebody else, without your secrets"}},
      .exits = {{0, "all claims are proved"},
                {1, "at least one is refuted"},
                {3, "none is refuted, but at least one is inconclusive, vacuous or not evaluated"},
                {2,
                 "nothing could be verified: usage, an unreadable file, faulty YAML, no claims; or the evidence could "
                 "not be written"}}};
}

CommandSpec confirm() {
  return {
      .name = "confirm",
      .summary = "ask the kernel of this machine whether the verdicts hold",
      .usage = "FOLDER | -t T... -p P... [-c C...]",
      .description =
          {"Verifies the claims, then builds the network out of namespaces on this machine: hosts and firewalls with "
           "their interfaces, addresses, routes and settings, and their real rule sets, loaded by the programs that "
           "people load them with. The counterexample of each refuted claim is sent and has to arrive. Of each proved "
           "claim a sample is sent, drawn on and beside every bound that the rules ask for, and has to end where the "
           "model says; so do packets between any places that the model is sure to be delivered. To each verdict is "
           "added: confirmed by Linux 6.1.0, so many probes, 0 differences.",
           "The machine's own network is not touched, and nothing is left behind, even if the program is killed. Needs "
           "root or user namespaces, `ip`, `nft`, and the programs that the rule sets are loaded with. A claim that "
           "depends on a device which is not Linux is not confirmable, and says which."},
      .positional = folder(),
      .options =
          with_common({claims(),
                       format({"text", "json"}),
                       {.name = "only", .takes = Takes::many, .value = "ID", .help = "look at these claims only"},
                       {.name = "probes",
                        .takes = Takes::one,
                        .value = "N",
                        .help = "packets to draw for each proved claim",
                        .fallback = "200"},
                       {.name = "seed",
                        .takes = Takes::one,
                        .value = "N",
                        .help = "where the drawing begins; the same seed draws the same packets",
                        .fallback = "1"},
                       {.name = "jobs",
                        .takes = Takes::one,
                        .value = "N",
                        .help = "threads to verify with; the answer does not depend on it",
                        .fallback = "as many as the machine has"}}),
      .examples = {{"segproof confirm .", "everything that this folder holds"},
                   {"segproof confirm . --only PCI-1 --probes 5000 --seed 7", "one claim, with many more packets"}},
      .exits = {{0, "all claims are proved, and the kernel confirms each"},
                {1, "at least one is refuted, and the kernel contradicts nothing"},
                {3, "none is refuted, but at least one is not proved, or proved and not confirmable"},
                {4, "the kernel contradicts the model: a fault of segproof"},
                {2, "nothing could be verified, or the kernel could not be asked"}}};
}

CommandSpec trace() {
  return {
      .name = "trace",
      .summary = "follow one packet",
      .usage = "FOLDER | -t T... -p P... --from PLACE --packet PACKET",
      .description = {"Sends one packet and shows every hop: device, interfaces, stage, the deciding line, and the "
                      "header where it changes. Where the network may choose (equal-cost routes, which of two "
                      "twins is active) each way is shown."},
      .positional = folder(),
      .options = with_common({{.name = "from",
                               .takes = Takes::one,
                               .value = "PLACE",
                               .help = "the host that sends it, or DEVICE:INTERFACE where it arrives"},
                              {.name = "packet",
                               .takes = Takes::one,
                               .value = "PACKET",
                               .help = "protocol, source, `>`, destination: 'tcp 10.11.0.9:40000 > 172.30.10.4:443', "
                                       "'icmp 10.0.0.1 > 10.0.0.2 type 8', 'udp [2001:db8::1]:53 > [2001:db8::2]:53'"},
                              format({"text", "json"})}),
      .examples = {{"segproof trace . --from web1 --packet 'tcp 10.11.0.9:40000 > 172.30.10.4:443'",
                    "does web1's session get through, and which rules decide?"},
                   {"segproof trace . --from fw-edge:eth0 --packet 'udp 198.51.100.7:53 > 192.0.2.10:53'",
                    "a packet that arrives from outside at an interface"}},
      .exits = answered_or_not()};
}

CommandSpec reach() {
  return {.name = "reach",
          .summary = "what can be sent from here to there",
          .usage = "FOLDER | -t T... -p P... --from PLACE... --to PLACE...",
          .description = {"Lists the packets that can be sent at one place and delivered at another, with an example "
                          "and the rules that pass it. A place is a zone, a host, a prefix, or device:NAME."},
          .positional = folder(),
          .options =
              with_common({{.name = "from", .takes = Takes::many, .value = "PLACE", .help = "where packets are sent"},
                           {.name = "to", .takes = Takes::many, .value = "PLACE", .help = "where they are delivered"},
                           {.name = "service",
                            .takes = Takes::one,
                            .value = "SERVICE",
                            .help = "only these packets, as delivered: tcp/443, udp/53, icmp, tcp/8000-8100"},
                           {.name = "new-only",
                            .takes = Takes::nothing,
                            .value = {},
                            .help = "only packets that open a session; replies do not count"},
                           {.name = "spoofing",
                            .takes = Takes::one,
                            .value = "LEVEL",
                            .help = "the sources that senders may use: any, those of their segment, or their own",
                            .choices = {"any", "segment", "own"},
                            .fallback = "any"},
                           format({"text", "json"})}),
          .examples = {{"segproof reach . --from dmz --to production --new-only",
                        "can the DMZ open any session into production?"},
                       {"segproof reach . --from internet --to web1 --service tcp/443", "is the web server public?"}},
          .exits = {{0, "nothing is reachable"},
                    {1, "something is"},
                    {3, "that cannot be decided"},
                    {2, "the question could not be asked: usage, an unknown place, an input that is not usable"}}};
}

CommandSpec matrix() {
  return {
      .name = "matrix",
      .summary = "who may talk to whom",
      .usage = input_usage,
      .description = {"One cell for each ordered pair: same, no-route (no path even if every rule permitted), denied, "
                      "restricted (with the services), open, or unknown (undecided; the services listed are the "
                      "most that is possible). Cells are about new sessions, with spoofed sources allowed."},
      .positional = folder(),
      .options = with_common({{.name = "between",
                               .takes = Takes::one,
                               .value = "WHAT",
                               .help = "the rows and columns",
                               .choices = {"zones", "hosts"},
                               .fallback = "zones"},
                              format({"text", "json", "csv"})}),
      .examples = {{"segproof matrix .", "the zones, as a grid with its legend"},
                   {"segproof matrix . --format csv -o matrix.csv", "for a spreadsheet"}},
      .exits = answered_or_not()};
}

CommandSpec blast() {
  return {
      .name = "blast",
      .summary = "who falls when this falls",
      .usage = "FOLDER | -t T... -p P... --from PLACE",
      .description = {"Assumes that a host or a zone is compromised and lists what falls after it, with the number of "
                      "pivots and who reaches it. The level says when a host falls: direct never, vulnerable and "
                      "listening by what the inventory knows, worst-case by any new packet, paranoid by any packet "
                      "that is not a reply."},
      .positional = folder(),
      .options = with_common(
          {{.name = "from", .takes = Takes::one, .value = "PLACE", .help = "the host or zone that falls first"},
           {.name = "hops",
            .takes = Takes::one,
            .value = "N",
            .help = "at most so many pivots",
            .fallback = "no limit"},
           {.name = "pivot",
            .takes = Takes::one,
            .value = "LEVEL",
            .help = "when a host falls",
            .choices = {"direct", "vulnerable", "listening", "worst-case", "paranoid"},
            .fallback = "worst-case"},
           format({"text", "json"})}),
      .examples = {{"segproof blast . --from web1", "all that a compromised web1 can bring down"},
                   {"segproof blast . --from dmz --hops 2 --pivot listening",
                    "two steps, through services that are known to listen"}},
      .exits = answered_or_not()};
}

CommandSpec filter() {
  return {
      .name = "filter",
      .summary = "ask one rule set about many packets",
      .usage = "RULESET (--packets FILE | --packet PACKET)",
      .description =
          {"Reads one rule set, no topology, and says for each packet what the rule set does with it. Each packet is "
           "the first of its own flow, connection tables are empty.",
           "Packets come from a table: lines that begin with # are skipped; tab-separated columns iif oif proto src "
           "sport dst dport_or_icmptype tcpflags (protocol as a number, flags as 0x..; oif LOCAL: to this host, iif "
           "LOCAL: generated here). For each packet one line is written: verdict (accept, drop, reject or unknown), "
           "deciding rule as file:line, header after NAT if it changed, reason; tab-separated."},
      .positional = {.name = "RULESET", .help = "the file; `-` reads standard input", .required = true},
      .options =
          {{.name = "as",
            .takes = Takes::one,
            .value = "SYNTAX",
            .help = "the syntax of the rule set",
            .choices = {"iptables-save", "ip6tables-save", "nft", "nft-json", "cisco-asa", "cisco-ios", "cisco-nxos"},
            .fallback = "iptables-save"},
           {.name = "packets",
            .takes = Takes::one,
            .value = "FILE",
            .help = "a table of packets; `-` reads standard input",
            .completes = Completes::paths},
           {.name = "packet",
            .takes = Takes::one,
            .value = "PACKET",
            .help = "one packet: 'tcp 10.11.0.9:40000 > 172.30.10.4:443'"},
           {.name = "in", .takes = Takes::one, .value = "IF", .help = "where --packet arrives; LOCAL: generated here"},
           {.name = "out", .takes = Takes::one, .value = "IF", .help = "where --packet leaves; LOCAL: to this host"},
           {.name = "host",
            .takes = Takes::one,
            .value = "FOLDER",
            .help = "what `ip -j addr` says on that host, for the addresses that are its own",
            .completes = Completes::paths},
           {.name = "ipset",
            .takes = Takes::one,
            .value = "FILE",
            .help = "what `ipset save` says on that host, for rules that ask for a set",
            .completes = Completes::paths},
           output(),
           help()},
      .examples = {{"segproof filter fw.rules --packet 'tcp 10.0.0.5:40000 > 10.1.0.9:22' --in eth0 --out eth1",
                    "is ssh forwarded from eth0 to eth1?"},
                   {"iptables-save | segproof filter - --packets packets.tsv", "many packets at once"}},
      .exits = answered_or_not()};
}

CommandSpec normalise() {
  return {
      .name = "normalise",
      .summary = "write what was understood as one flat file",
      .usage = "FOLDER | -t T... -p P... [-c C...] | --evidence DIR",
      .description =
          {"Writes the network file: segments, hosts, devices, their interfaces, routes and rules as they are, each "
           "with file and line, zones, claims, the lines that are not understood, and the SHA-256 of every file that "
           "was read. It holds what the readers understood and nothing that the engine worked out, so a person can "
           "read it beside the configurations; certificates refer to it. Same input, same bytes.",
           "Its grammar stands in docs/certificate.md. It is no filter for secrets: names and addresses are in it."},
      .positional = folder(),
      .options = {topology(),
                  policy(),
                  claims(),
                  {.name = "evidence",
                   .takes = Takes::one,
                   .value = "DIR",
                   .help = "read the inputs that this bundle of evidence holds, from where they were",
                   .completes = Completes::paths},
                  output(),
                  help()},
      .examples = {{"segproof normalise . -o network.txt", "the network of this folder, with its claims"},
                   {"segproof normalise --evidence audit -o again.txt",
                    "the network that the inputs in a bundle give; it should be audit/network.txt"},
                   {"segproof normalise -t topologies/branch -p policies/branch/e1 | diff network.txt -",
                    "what an epoch changes, whatever the syntax of its rules"}},
      .exits = {{0, "it was written"}, {2, "it could not be: usage, or an input that is not usable"}}};
}

CommandSpec inputs() {
  return {
      .name = "inputs",
      .summary = "what became of each line that was read",
      .usage = "FOLDER | -t T... -p P... [-c C...]",
      .description =
          {"Says of each file how many of its lines have a meaning in the model, and which have not: irrelevant (they "
           "cannot change which packets pass), undecided (no configuration says what they mean, as with time "
           "ranges), unmodelled (not understood: taken for anything). Claims that depend on the latter two are "
           "inconclusive. Blank lines and comments are counted apart."},
      .positional = folder(),
      .options = with_common({claims(), format({"text", "json"})}),
      .examples = {{"segproof inputs .", "every file of this folder, and those that they name"},
                   {"segproof inputs -t configs --format json -o account.json",
                    "the account of a folder of configurations, for a program"}},
      .exits = answered_or_not()};
}

CommandSpec keygen() {
  return {.name = "keygen",
          .summary = "make a key for signing evidence",
          .usage = "NAME",
          .description = {"Writes NAME.key, an Ed25519 key that only its owner may read, and NAME.pub, its public "
                          "half, both as PEM. Files that exist are never overwritten. Who signs evidence needs the "
                          "first, who checks it the second, from somewhere else than the evidence."},
          .positional = {.name = "NAME", .help = "the beginning of both file names", .required = true},
          .options = {help()},
          .examples = {{"segproof keygen audit-2024", "writes audit-2024.key and audit-2024.pub"}},
          .exits = {{0, "both files were written"}, {2, "they were not: usage, or one of them exists"}}};
}

}  // namespace

std::vector<CommandSpec> commands() {
  return {verify(), confirm(), trace(), reach(), matrix(), blast(), filter(), inputs(), normalise(), keygen()};
}

std::vector<std::string_view> generated_kinds() {
  return {"man", "markdown", "bash", "zsh", "fish"};
}

std::vector<OptionSpec> global_options() {
  return {help(),
          {.name = "version", .takes = Takes::nothing, .value = {}, .help = "show the version"},
          {.name = "generate",
           .takes = Takes::one,
           .value = "KIND",
           .help = "write the man page, the manual or a shell completion to standard output",
           .choices = generated_kinds()}};
}

}  // namespace segproof::cli
