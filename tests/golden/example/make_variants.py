#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes policies/transfer-enclave/variants/V1 to V16: each is a copy of an epoch with a few lines changed.

Without an argument the folders are written anew; with --check nothing is written, and the exit code is 1 if they are not
what this script makes of the epochs. Run it from the project root after any change to an epoch or to the topology.
"""
import difflib
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
TOPOLOGY = ROOT / "topologies/transfer-enclave"
POLICIES = ROOT / "policies/transfer-enclave"

# A change is (file, line that it is about, what to do, lines). The line must occur exactly once.
AFTER, REPLACE, MOVE_AFTER = "after", "replace", "move after"
FIRST = "-A FORWARD -j antispoof"
OPEN = "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"


def accept(match, comment):
    return f'-A FORWARD {match} -m comment --comment "{comment}" -j ACCEPT'


ESTABLISHED = "-s 172.30.10.0/28 -d 10.10.0.0/16 -p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN"
CORE_B_OLD = "    - {format: iptables-save, file: fw-core.rules}\n    - {format: ip6tables-save, file: fw-core.rules6}\n  rtr-core:"
CORE_B = "  fw-core-b:\n" + CORE_B_OLD
ZONE_OLD = '    prefixes: [172.30.10.0/28, "2001:db8:2010::/64"]\n    epochs: [e0, e1, e2, e3, e4, e5]\n    description: the transfer'

VARIANTS = {
    # A temporary any-any rule for support, at the top, never removed.
    "V1": ("e0", [("fw-core.rules", FIRST, AFTER, [
        accept("-s 10.11.0.0/24 -d 172.30.10.0/28", "TEMPORARY, support call 4711: any-any"),
        accept("-s 172.30.10.0/28 -d 10.11.0.0/24", "TEMPORARY, support call 4711: any-any")])]),
    # The corporate object group gets a branch office, by a supernet that holds the DMZs.
    "V2": ("e0", [("fw-core.rules", "-A FORWARD -s 10.11.0.0/24 -j corporate", AFTER, [
        '-A FORWARD -s 172.16.0.0/12 -m comment --comment "branch office 172.18.0.0/16" -j corporate'])]),
    # The server may ask the directory.
    "V3": ("e0", [("fw-core.rules", OPEN, AFTER, [
        accept("-s 172.30.10.0/28 -d 10.12.0.5/32 -p tcp -m multiport --dports 389,636", "logon with directory accounts"),
        accept("-s 172.30.10.0/28 -d 10.12.0.5/32 -p udp -m udp --dport 389", "logon with directory accounts")])]),
    # The log collector may ask the directory: the server reaches the collector, the collector the directory.
    "V4": ("e2", [("fw-core.rules", OPEN, AFTER, [
        accept("-s 10.90.0.20/32 -d 10.12.0.5/32 -i siem0 -o ident0 -p tcp -m multiport --dports 389,636", "names of users")])]),
    # IPv6 passes unfiltered.
    "V5": ("e0", [("fw-core.rules6", ":corporate - [0:0]", AFTER, [
        '-A FORWARD -m comment --comment "IPv6 pilot, to be filtered later" -j ACCEPT'])]),
    # The twin missed a change: a rule that was taken out of fw-core is still in fw-core-b.
    "V6": ("e2", [
        ("fw-core-b.rules", OPEN, AFTER, [
            accept("-s 10.90.0.20/32 -d 10.12.0.5/32 -i siem0 -o ident0 -p udp -m udp --dport 161", "old monitoring")]),
        ("policy.yaml", CORE_B_OLD, REPLACE, [CORE_B_OLD.replace("fw-core.rules}", "fw-core-b.rules}")]),
        ("policy.yaml", "  # Both members of the pair load the same files.", REPLACE, [])]),
    # The deny stands after the permit.
    "V7": ("e0", [("fw-core.rules",
                   '-A corporate -d 172.30.10.0/28 -m comment --comment "the appliance by its public name only" -j DROP',
                   MOVE_AFTER,
                   '-A corporate -d 172.30.0.0/19 -i corp0 -o edge0 -p udp -m udp --dport 443 -m comment --comment '
                   '"own web servers, HTTP/3" -j ACCEPT')]),
    # `established` as old access lists mean it, without state: every TCP packet but the first of a connection.
    "V8": ("e0", [
        ("fw-core.rules", "*filter", "before", [
            "*raw", ":PREROUTING ACCEPT [0:0]", ":OUTPUT ACCEPT [0:0]",
            f"-A PREROUTING {ESTABLISHED} -j CT --notrack", "COMMIT"]),
        ("fw-core.rules", FIRST, AFTER, [accept(ESTABLISHED, "established, taken over from the old router")])]),
    # The public address works from everywhere, the inside included.
    "V9": ("e0", [("fw-edge.rules",
                   "-A PREROUTING -d 192.0.2.10/32 -i wan0 -p tcp -m tcp --dport 443 -j DNAT --to-destination 172.30.10.4",
                   REPLACE,
                   ["-A PREROUTING -d 192.0.2.10/32 -p tcp -m tcp --dport 443 -j DNAT --to-destination 172.30.10.4"])]),
    # The bastion gets a second leg, next to the collector of logs.
    "V10": ("e2", [("topology/topology.yaml", "  # Interfaces have names here because the host's own firewall rules use them.", "before", [
        "  bastion:",
        "    interfaces:",
        '      eth0: {segment: mgmt-bastion, addresses: [10.90.0.4/28, "2001:db8:1090:1::4/64"]}',
        '      eth1: {segment: mgmt-siem, addresses: [10.90.0.21/28, "2001:db8:1090:2::5/64"]}',
        "    forwarding: off"])]),
    # Only inbound traffic was blocked.
    "V11": ("e3", [("fw-edge.rules", '-A FORWARD -i dmz10 -m comment --comment "isolated 2020-12-24" -j DROP', REPLACE, [])]),
    # A rule by a name that nobody can resolve any more.
    "V12": ("e2", [("fw-core.rules", OPEN, AFTER, [
        accept("-s 172.30.10.4/32 -d licence.vendor.example -i edge0 -p tcp -m tcp --dport 443", "licence server")])]),
    # The configuration of the twin was not handed in.
    "V13": ("e0", [("policy.yaml", CORE_B, REPLACE, ["  rtr-core:"])]),
    # A zone name in a claim is misspelt.
    "V14": ("e0", [("claims.yaml", "    from: dmz-transfer\n    to: production\n", REPLACE, ["    from: dmz-transfer\n    to: prodution\n"]),
                   ("policy.yaml", "../../claims.yaml", REPLACE, ["claims.yaml"])]),
    # After the decommission one rule was forgotten, and the address went to a print server.
    "V15": ("e6", [
        ("fw-core.rules", "-A FORWARD -d 10.90.0.20/32 -i corp0 -o siem0 -p tcp -m tcp --dport 6514 -j ACCEPT", AFTER, [
            "-A FORWARD -s 172.30.10.4/32 -d 10.90.0.20/32 -i edge0 -o siem0 -p tcp -m tcp --dport 6514 -m comment --comment "
            "A-ALERT -j ACCEPT"]),
        ("topology/topology.yaml", "  dmz-web-proxy: {prefixes:", "before", [
            "  dmz-print: {prefixes: [172.30.10.0/28], epochs: [e6]}"]),
        ("topology/topology.yaml", "      dmz20: {segment:", "before", [
            "      dmz11: {segment: dmz-print, addresses: [172.30.10.1/28], epochs: [e6]}"]),
        ("topology/topology.yaml", "  xfer01:", "before", [
            "  print01: {address: 172.30.10.4, services: [tcp/631], epochs: [e6]}"])]),
    # The zone's prefixes have a typing error: the appliance's network is in no zone.
    "V16": ("e0", [("topology/topology.yaml", ZONE_OLD, REPLACE,
                    [ZONE_OLD.replace("172.30.10.0", "172.30.100.0").replace("2010::", "2100::")])]),
}


def base_files(epoch, changed):
    """The variant before its change: name below its folder -> text."""
    files = {}
    for path in sorted((POLICIES / epoch).iterdir()):
        files[path.name] = path.read_text()
    for name in files:
        if name == "policy.yaml":
            files[name] = files[name].replace("[../", "[../../").replace(", ../", ", ../../").replace("previous: ../", "previous: ../../")
        if name.endswith(".yaml"):
            files[name] = files[name].replace("$schema=../../../", "$schema=../../../../")
    if any(name.startswith("topology/") for name in changed):
        for path in sorted(TOPOLOGY.iterdir()):
            if path.suffix != ".md":
                files["topology/" + path.name] = path.read_text().replace("$schema=../../", "$schema=../../../../../")
    if "claims.yaml" in changed:
        files["claims.yaml"] = (POLICIES / "claims.yaml").read_text().replace("$schema=../../", "$schema=../../../../")
    if "fw-core-b.rules" in changed:
        files["fw-core-b.rules"] = files["fw-core.rules"]
    return files


def change(text, where, what, lines, place):
    if text.count(where + "\n") != 1 and text.count(where) != 1:
        raise SystemExit(f"{place}: `{where}` does not occur once")
    if what == "before":
        return text.replace(where, "".join(line + "\n" for line in lines) + where)
    if what == MOVE_AFTER:
        text = text.replace(where + "\n", "")
        if text.count(lines + "\n") != 1:
            raise SystemExit(f"{place}: `{lines}` does not occur once")
        return text.replace(lines + "\n", lines + "\n" + where + "\n")
    if what == AFTER:
        return text.replace(where + "\n", where + "\n" + "".join(line + "\n" for line in lines))
    if not lines:
        return text.replace(where + "\n", "")
    return text.replace(where, "\n".join(lines))


def build(variant):
    """The variant's files, and how many lines differ from its base."""
    epoch, changes = VARIANTS[variant]
    before = base_files(epoch, [c[0] for c in changes])
    after = dict(before)
    for name, where, what, lines in changes:
        after[name] = change(after[name], where, what, lines, f"{variant}/{name}")
    differing = 0
    for name, text in after.items():
        for line in difflib.unified_diff(before[name].splitlines(), text.splitlines(), lineterm="", n=0):
            differing += line[0] in "+-" and not line.startswith(("+++", "---"))
    return after, differing


def main():
    check = sys.argv[1:] == ["--check"]
    stale = []
    for variant in VARIANTS:
        files, differing = build(variant)
        folder = POLICIES / "variants" / variant
        present = {str(p.relative_to(folder)): p for p in folder.rglob("*") if p.is_file()}
        if check:
            stale += [f"{variant}/{name}" for name in sorted(present.keys() ^ files.keys())]
            stale += [f"{variant}/{name}" for name in sorted(present.keys() & files.keys())
                      if present[name].read_text() != files[name]]
        else:
            for name in present.keys() - files.keys():
                present[name].unlink()
            for name, text in files.items():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_text(text)
        print(f"{variant}: {differing} lines differ from {VARIANTS[variant][0]}")
    for name in stale:
        print(f"{name} is not what make_variants.py makes of the epochs", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
