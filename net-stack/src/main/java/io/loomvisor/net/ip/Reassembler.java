package io.loomvisor.net.ip;

import io.loomvisor.net.actor.Mailbox;
import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.stats.Counter;
import io.loomvisor.net.stats.Mib;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.wire.Bytes;
import io.loomvisor.net.wire.Icmp4;
import io.loomvisor.net.wire.Icmp6;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.Ipv4;
import io.loomvisor.net.wire.Ipv6;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Puts fragments of one IP version together (RFC 815, RFC 8200 section 4.5). Bounded: {@link
 * #MAX_DATAGRAMS} at once, {@link #MAX_FRAGMENTS} each, and {@link #MAX_MEMORY} bytes of buffers in
 * all; the oldest datagram gives way. An overlap discards the whole datagram (RFC 5722); an exact
 * repetition of a fragment is ignored.
 */
final class Reassembler extends Mailbox {
  static final int MAX_DATAGRAMS = 256;
  static final int MAX_FRAGMENTS = 128;
  static final int MAX_MEMORY = 4 << 20;

  /** Linux's ipfrag_time, and RFC 8200 section 4.5. */
  static final long TIMEOUT4 = 30 * Clock.SECOND;

  static final long TIMEOUT6 = 60 * Clock.SECOND;
  private static final int MAX_PAYLOAD = 65_535;

  private final IpLayer ip;
  private final boolean v6;

  /** Becomes the owner of what is whole, at its IP header. */
  private final BiConsumer<Nic, PacketBuffer> then;

  private final LinkedHashMap<Key, Datagram> datagrams = new LinkedHashMap<>();
  private int memory;

  Reassembler(IpLayer ip, boolean v6, BiConsumer<Nic, PacketBuffer> then) {
    this.ip = ip;
    this.v6 = v6;
    this.then = then;
  }

  /** The protocol is part of IPv4's key only (RFC 791 section 3.2; RFC 8200 section 4.5). */
  private record Key(IpAddress source, IpAddress destination, int id, int protocol) {}

  /**
   * Becomes the owner of {@code p}, which starts at its IP header; its payload starts {@code
   * header} bytes later.
   */
  void add(Nic nic, PacketBuffer p, int header, int offset, boolean more, int id, int protocol) {
    tell(
        () ->
            onFragment(
                nic, new Fragment(p, header, offset, p.length() - header, more), id, protocol));
  }

  private void onFragment(Nic nic, Fragment f, int id, int protocol) {
    Mib mib = ip.mib();
    mib.count(v6 ? Counter.Ip6_ReasmReqds : Counter.Ip_ReasmReqds);
    boolean sane =
        f.length > 0 && f.offset + f.length <= MAX_PAYLOAD && (!f.more || f.length % 8 == 0);
    if (v6 && f.offset == 0 && !f.more) {
      // An atomic fragment has nothing to do with others of the same key (RFC 6946).
      Datagram d = new Datagram(null, nic, protocol);
      d.fragments.add(f);
      d.total = f.length;
      complete(d);
      return;
    }
    if (!sane) {
      if (v6 && f.offset + f.length > MAX_PAYLOAD) {
        int pointer = f.header - Ipv6.FRAGMENT_HEADER + 2;
        ip.icmp6().error(nic, f.packet, Icmp6.PARAMETER_PROBLEM, Icmp6.PARAM_HEADER_FIELD, pointer);
      }
      fail(f.packet);
      return;
    }
    Key key = new Key(f.packet.flow.remote(), f.packet.flow.local(), id, v6 ? 0 : protocol);
    Datagram d = datagrams.get(key);
    if (d == null) {
      d = new Datagram(key, nic, protocol);
      Datagram started = d;
      datagrams.put(key, d);
      long deadline = ip.clock().nanoTime() + (v6 ? TIMEOUT6 : TIMEOUT4);
      d.timer = ip.clock().schedule(deadline, () -> tell(() -> onTimeout(started)));
    }
    switch (d.place(f)) {
      case DUPLICATE -> f.packet.release();
      case CONFLICT -> {
        f.packet.release();
        discard(d, true);
      }
      case PLACED -> {
        memory += f.packet.array().length;
        if (d.isComplete()) {
          remove(d);
          complete(d);
        } else {
          makeRoom();
        }
      }
    }
  }

  private void makeRoom() {
    while (memory > MAX_MEMORY || datagrams.size() > MAX_DATAGRAMS) {
      discard(datagrams.firstEntry().getValue(), true);
    }
  }

  private void complete(Datagram d) {
    Fragment first = d.fragments.getFirst();
    int keep = v6 ? Ipv6.HEADER : first.header;
    Mib mib = ip.mib();
    if (keep + d.total > 65_535 + (v6 ? Ipv6.HEADER : 0)) {
      d.fragments.forEach(f -> f.packet.release());
      mib.count(v6 ? Counter.Ip6_ReasmFails : Counter.Ip_ReasmFails);
      return;
    }
    PacketBuffer whole = ip.pool().acquire(keep + d.total);
    int at = whole.start();
    whole.append(first.packet.array(), first.packet.start(), keep);
    for (Fragment f : d.fragments) {
      whole.append(f.packet.array(), f.packet.start() + f.header, f.length);
    }
    whole.flow.set(first.packet.flow);
    whole.networkOffset = at;
    whole.ttl = first.packet.ttl;
    whole.tos = first.packet.tos;
    whole.nicId = first.packet.nicId;
    whole.linkMulticast = first.packet.linkMulticast;
    whole.checksumTrusted = d.fragments.stream().allMatch(f -> f.packet.checksumTrusted);
    for (Fragment f : d.fragments) {
      whole.fragmentSize = Math.max(whole.fragmentSize, f.packet.length());
      f.packet.release();
    }
    mib.count(v6 ? Counter.Ip6_ReasmOKs : Counter.Ip_ReasmOKs);
    if (v6) {
      Bytes.put16(whole.array(), at + 4, d.total);
      Bytes.put8(whole.array(), at + 6, d.protocol);
    } else {
      Bytes.put16(whole.array(), at + 2, keep + d.total);
      Bytes.put16(whole.array(), at + 6, 0);
      Ipv4.writeChecksum(whole.array(), at);
    }
    then.accept(d.nic, whole);
  }

  private void onTimeout(Datagram d) {
    if (datagrams.get(d.key) != d) {
      return;
    }
    ip.mib().count(v6 ? Counter.Ip6_ReasmTimeout : Counter.Ip_ReasmTimeout);
    Fragment first = d.fragments.isEmpty() ? null : d.fragments.getFirst();
    // RFC 1122 section 3.3.2 and RFC 8200 section 4.5: only if the first fragment came.
    if (first != null && first.offset == 0) {
      if (v6) {
        ip.icmp6().error(d.nic, first.packet, Icmp6.TIME_EXCEEDED, Icmp6.REASSEMBLY_EXCEEDED, 0);
      } else {
        ip.icmp4().error(d.nic, first.packet, Icmp4.TIME_EXCEEDED, Icmp4.REASSEMBLY_EXCEEDED, 0);
      }
    }
    discard(d, true);
  }

  private void discard(Datagram d, boolean failed) {
    remove(d);
    d.fragments.forEach(f -> f.packet.release());
    if (failed) {
      ip.mib().count(v6 ? Counter.Ip6_ReasmFails : Counter.Ip_ReasmFails);
    }
  }

  private void remove(Datagram d) {
    datagrams.remove(d.key);
    d.timer.cancel();
    d.fragments.forEach(f -> memory -= f.packet.array().length);
  }

  private void fail(PacketBuffer p) {
    ip.mib().count(v6 ? Counter.Ip6_ReasmFails : Counter.Ip_ReasmFails);
    p.release();
  }

  private record Fragment(PacketBuffer packet, int header, int offset, int length, boolean more) {}

  private enum Placement {
    PLACED,
    DUPLICATE,
    CONFLICT
  }

  /** The fragments of one datagram so far, by offset, without overlap. */
  private static final class Datagram {
    final Key key;
    final Nic nic;
    final int protocol;
    final List<Fragment> fragments = new ArrayList<>(4);
    Clock.Timer timer;

    /** Payload length, known once the last fragment is here. */
    int total = -1;

    private int present;

    Datagram(Key key, Nic nic, int protocol) {
      this.key = key;
      this.nic = nic;
      this.protocol = protocol;
    }

    Placement place(Fragment f) {
      int end = f.offset + f.length;
      int at = 0;
      while (at < fragments.size() && fragments.get(at).offset < f.offset) {
        at++;
      }
      if (at < fragments.size()
          && fragments.get(at).offset == f.offset
          && fragments.get(at).length == f.length) {
        return Placement.DUPLICATE;
      }
      boolean overlapsBefore =
          at > 0 && fragments.get(at - 1).offset + fragments.get(at - 1).length > f.offset;
      boolean overlapsAfter = at < fragments.size() && fragments.get(at).offset < end;
      boolean pastEnd = total >= 0 && (end > total || !f.more);
      boolean endInside = !f.more && !fragments.isEmpty() && at < fragments.size();
      if (overlapsBefore
          || overlapsAfter
          || pastEnd
          || endInside
          || fragments.size() >= MAX_FRAGMENTS) {
        return Placement.CONFLICT;
      }
      fragments.add(at, f);
      present += f.length;
      if (!f.more) {
        total = end;
      }
      return Placement.PLACED;
    }

    boolean isComplete() {
      return total >= 0 && present == total;
    }
  }

  /** For tests: datagrams begun and bytes of buffers held. */
  Map<String, Integer> sizes() {
    return ask(() -> Map.of("datagrams", datagrams.size(), "memory", memory));
  }
}
