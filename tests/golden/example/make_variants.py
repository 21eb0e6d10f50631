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
EDGE = "access-list EDGE-IN extended deny ip object-group INSIDE any"
LAST_WEB = "access-list CORP-IN extended permit udp object-group CORPORATE 2001:db8:2000::/42 eq 443"
SIEM = "access-list SIEM-IN remark Logs come, nothing goes"
PATCH = "access-list PATCH-IN remark The Internet; never the inside, a DMZ, the vendor or the partner"


def permit(name, match):
    return f"access-list {name} extended permit {match}"


CORE_B_OLD = "  fw-core-b: [{format: cisco-asa, file: fw-core.cfg}]"
ZONE_OLD = '    prefixes: [172.30.10.0/28, "2001:db8:2010::/64"]\n    epochs: [e0, e1, e2, e3, e4, e5]\n    description: the transfer'

VARIANTS = {
    # A temporary any-any rule for support, at the top, never removed.
    "V1": ("e0", [
        ("fw-core.cfg", EDGE, AFTER, [
            "access-list EDGE-IN remark TEMPORARY, support call 4711: any-any",
            permit("EDGE-IN", "ip object-group TRANSFER object-group SUPPORT")]),
        ("fw-core.cfg", "access-list CORP-IN remark The appliance by its public name only", "before", [
            "access-list CORP-IN remark TEMPORARY, support call 4711: any-any",
            permit("CORP-IN", "ip object-group SUPPORT object-group TRANSFER")])]),
    # The corporate object group gets a branch office, by a supernet that holds the DMZs.
    "V2": ("e0", [("fw-core.cfg", " description laptops and support staff", AFTER, [
        " network-object 172.16.0.0 255.240.0.0"])]),
    # The server may ask the directory.
    "V3": ("e0", [("fw-core.cfg", EDGE, AFTER, [
        "access-list EDGE-IN remark Logon with directory accounts",
        permit("EDGE-IN", "tcp object-group TRANSFER object-group DC eq ldap"),
        permit("EDGE-IN", "tcp object-group TRANSFER object-group DC eq ldaps"),
        permit("EDGE-IN", "udp object-group TRANSFER object-group DC eq 389")])]),
    # The log collector may ask the directory: the server reaches the collector, the collector the directory.
    "V4": ("e2", [("fw-core.cfg", SIEM, AFTER, [
        permit("SIEM-IN", "tcp object-group SIEM object-group DC eq ldap")])]),
    # IPv6 passes unfiltered.
    "V5": ("e0", [
        ("fw-core.cfg", "access-list EDGE-IN remark Nobody sends under the address of another place", "before", [
            "access-list EDGE-IN remark IPv6 pilot, to be filtered later", permit("EDGE-IN", "ip any6 any6")]),
        ("fw-core.cfg", "access-list CORP-IN remark The support conduit: by IPv6 the appliance has one address, inside and outside (A-SUPPORT)",
         "before", [permit("CORP-IN", "ip any6 any6")]),
        ("fw-core.cfg", PATCH, "before", [permit("PATCH-IN", "ip any6 any6")])]),
    # The twin missed a change: a rule that was taken out of fw-core is still in fw-core-b.
    "V6": ("e2", [
        ("fw-core-b.cfg", SIEM, AFTER, [permit("SIEM-IN", "udp object-group SIEM object-group DC eq snmp")]),
        ("policy.yaml", CORE_B_OLD, REPLACE, [CORE_B_OLD.replace("fw-core.cfg}", "fw-core-b.cfg}")]),
        ("policy.yaml", "  # Both members of the pair load the same file.", REPLACE, [])]),
    # The deny stands after the permit.
    "V7": ("e0", [("fw-core.cfg", "access-list CORP-IN extended deny ip object-group CORPORATE object-group TRANSFER",
                   MOVE_AFTER, LAST_WEB)]),
    # `established` without state: the old router keeps a cable to the edge, and what goes to laptops takes it. Its list
    # lets every TCP packet pass but the first of a connection.
    "V8": ("e0", [
        ("rtr-core.cfg", "ip access-list extended CORE-IN", "before", [
            "interface GigabitEthernet0/4", " description old way to the edge", " ip address 172.30.255.4 255.255.255.248",
            " ip access-group OLD-EDGE-IN in", "!", "ip access-list extended OLD-EDGE-IN",
            " permit tcp any 10.10.0.0 0.0.255.255 established"]),
        ("topology/topology.yaml", "      GigabitEthernet0/3: {segment:", "before", [
            "      GigabitEthernet0/4: {segment: transit-edge, addresses: [172.30.255.4/29]}"]),
        ("topology/topology.yaml", "      - {to: 10.0.0.0/8, via: [172.30.255.2, 172.30.255.3]}", "before", [
            "      - {to: 10.10.0.0/16, via: 172.30.255.4}"])]),
    # The public address works from everywhere, the inside included.
    "V9": ("e0", [
        ("fw-core.cfg", "object-group service DIRECTORY", "before", [
            "object network TRANSFER-PUBLIC", " host 192.0.2.10", "object network TRANSFER-REAL", " host 172.30.10.4"]),
        ("fw-core.cfg", "access-list CORP-IN remark The appliance by its public name only", "before", [
            "access-list CORP-IN remark The public name works inside, too",
            permit("CORP-IN", "tcp object-group CORPORATE object TRANSFER-REAL eq https")]),
        ("fw-core.cfg", PATCH, "before", [permit("PATCH-IN", "tcp object-group PATCH-PROXY object TRANSFER-REAL eq https")]),
        ("fw-core.cfg", "access-group EDGE-IN in interface edge0", "before", [
            "nat (any,edge0) source static any any destination static TRANSFER-PUBLIC TRANSFER-REAL"])]),
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
    "V12": ("e2", [
        ("fw-core.cfg", "object-group service DIRECTORY", "before", [
            "object network LICENCE-SERVER", " fqdn v4 licence.vendor.example"]),
        ("fw-core.cfg", EDGE, AFTER, [permit("EDGE-IN", "tcp host 172.30.10.4 object LICENCE-SERVER eq https")])]),
    # The configuration of the twin was not handed in.
    "V13": ("e0", [("policy.yaml", CORE_B_OLD, REPLACE, [])]),
    # A zone name in a claim is misspelt.
    "V14": ("e0", [("claims.yaml", "    from: dmz-transfer\n    to: production\n", REPLACE, ["    from: dmz-transfer\n    to: prodution\n"]),
                   ("policy.yaml", "../../claims.yaml", REPLACE, ["claims.yaml"])]),
    # After the decommission one rule was forgotten, and the address went to a print server.
    "V15": ("e6", [
        ("fw-core.cfg", EDGE, AFTER, [permit("EDGE-IN", "tcp host 172.30.10.4 object-group SIEM eq 6514")]),
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
    if "fw-core-b.cfg" in changed:
        files["fw-core-b.cfg"] = files["fw-core.cfg"]
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
