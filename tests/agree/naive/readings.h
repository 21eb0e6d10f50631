// SPDX-License-Identifier: Apache-2.0
// Where claims.md leaves a choice, the reading of the naive engine, as a switch with the sentence that was read. The
// defaults are what the agreement tests hold the fast engine to. "smaller" means that the reading finds fewer forbidden
// packets than the other one, so it never accuses a proof that the other reading would have accepted.
#pragma once

namespace segproof::naive {

struct Readings {
  // "Est(d) = the inverse of those tuples": Linux also calls a packet ESTABLISHED that travels in the direction of the
  // packet that made the entry, once any packet of the other direction was seen (the tracker notes it before the
  // filter). True: both directions are ESTABLISHED. False is the letter and smaller.
  bool same_direction_is_established = true;
  // "rewritten to the inverse of `entered` before that device's filter": Linux rewrites the destination before routing
  // and the source only at the egress hook, so a filter sees the answer of a DNATed server from its real address.
  // True: as Linux.
  bool reply_source_changes_at_egress = true;
  // "the SYN+ACK to it would be delivered back on the sender's segment", for joint packets of several fallen hosts:
  // true: on the segment of any of them ("two fallen hosts cooperate"). False is smaller.
  bool joint_handshake = true;
  // "what device d accepts as NEW from any location": device:NAME is a location too, so packets with any source may
  // start at a device. True: every segment has a sender. False: only segments with a host, or not complete. Smaller.
  bool devices_send = true;
  // "a packet may start ... with a source of level `any` (default)": of a device that has not fallen too? True is the
  // letter. False: it sends with its own addresses, as an honest device does. Smaller, and what the fast engine does.
  bool devices_spoof = false;
  // The same of a device among the `from` of a claim. True is the letter: what is asked about sends like any place.
  bool asked_devices_spoof = true;
  // "a next hop that no node owns [leads] to the node `unknown`": an unlisted host owns the unlisted addresses of its
  // segment. False: such a next hop belongs to that host and the packet ends there (smaller). True: it leads to
  // unknown.
  bool unlisted_gateway_is_unknown = false;
  // "an interface wired to nothing leads to the node `unknown`, which reaches every segment that is not complete": what
  // about packets from there into that interface? False: one way only (smaller).
  bool unknown_feeds_unwired = false;
  // "every initiator of a session into C": New(i, C) with every source that the spoofing level allows. False: only with
  // addresses of its own. Smaller.
  bool initiators_spoof = true;
  // "every initiator of a session into C": a device too, beside "a device whose INPUT accepts a New packet from C falls
  // too". True is the letter: without A-FW every firewall beside a fallen host falls, as it can open a session to it.
  bool devices_initiate = true;
  // "with any source": an address of the receiving node itself, or of all hosts beside it? Linux drops such packets as
  // martians where they would be routed. False: a host whose forwarding is not recorded does not forward them (smaller,
  // as docs/semantics.md section 7). True is the letter: it would make state for its own INPUT rules by them.
  bool hosts_forward_their_own_source = false;
  // "delivered at one of B", membership per interface: the packet is delivered at the interface that owns its
  // destination. True: it is delivered at the interface where it came in as well.
  bool arrival_counts_as_location = false;
};

}  // namespace segproof::naive
