package io.loomvisor.kernel.socket.inet;

import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.ip.Nic;
import io.loomvisor.net.wire.Bytes;
import io.loomvisor.net.wire.Ethernet;
import io.loomvisor.task.bpf.Bpf;
import io.loomvisor.task.bpf.BpfData;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A packet as the filter of its socket sees it: from the header of the socket's protocol on. The
 * link header in front is no longer there, so loads from it are outside.
 *
 * @param nic where it came in; null if that is gone
 */
record DatagramData(PacketBuffer packet, Nic nic) implements BpfData {
  private static final int PACKET_HOST = 0;
  private static final int PACKET_MULTICAST = 2;

  @Override
  public int length() {
    return packet.length();
  }

  @Override
  public long load(int offset, int size) {
    if (offset >= 0) {
      return at(packet.start(), offset, size);
    }
    if (offset >= Bpf.SKF_AD_OFF) {
      return fact(offset - Bpf.SKF_AD_OFF);
    }
    if (offset >= Bpf.SKF_NET_OFF) {
      return at(packet.networkOffset, offset - Bpf.SKF_NET_OFF, size);
    }
    int behindLink = offset - Bpf.SKF_LL_OFF - Ethernet.HEADER_LENGTH;
    return behindLink < 0 ? OUTSIDE : at(packet.networkOffset, behindLink, size);
  }

  private long at(int base, int offset, int size) {
    // A group's copy of what was sent here has no network header.
    if (base == 0 || offset > packet.end() - base - size) {
      return OUTSIDE;
    }
    byte[] a = packet.array();
    return switch (size) {
      case 1 -> Bytes.u8(a, base + offset);
      case 2 -> Bytes.u16(a, base + offset);
      default -> Integer.toUnsignedLong(Bytes.i32(a, base + offset));
    };
  }

  private long fact(int place) {
    return switch (place) {
      case Bpf.SKF_AD_PROTOCOL -> packet.flow.v6 ? Ethernet.TYPE_IPV6 : Ethernet.TYPE_IPV4;
      case Bpf.SKF_AD_PKTTYPE -> packet.flow.local().isMulticast() ? PACKET_MULTICAST : PACKET_HOST;
      case Bpf.SKF_AD_IFINDEX -> packet.nicId;
      case Bpf.SKF_AD_HATYPE -> nic == null ? 0 : InterfaceFacts.hardwareType(nic);
      case Bpf.SKF_AD_MARK -> Integer.toUnsignedLong(packet.mark);
      case Bpf.SKF_AD_RANDOM -> ThreadLocalRandom.current().nextInt() & 0xffff_ffffL;
      // No tags, one queue, and a CPU that nobody can know.
      case Bpf.SKF_AD_QUEUE,
          Bpf.SKF_AD_RXHASH,
          Bpf.SKF_AD_CPU,
          Bpf.SKF_AD_VLAN_TAG,
          Bpf.SKF_AD_VLAN_TAG_PRESENT,
          Bpf.SKF_AD_VLAN_TPID ->
          0;
      // An index that has overflowed.
      default -> OUTSIDE;
    };
  }
}
