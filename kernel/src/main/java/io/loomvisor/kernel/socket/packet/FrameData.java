package io.loomvisor.kernel.socket.packet;

import io.loomvisor.kernel.socket.inet.InterfaceFacts;
import io.loomvisor.net.packet.FrameView;
import io.loomvisor.task.bpf.Bpf;
import io.loomvisor.task.bpf.BpfData;
import java.util.concurrent.ThreadLocalRandom;

/** A frame as a filter sees it (net/core/filter.c: bpf_internal_load_pointer_neg_helper). */
record FrameData(FrameView frame) implements BpfData {
  @Override
  public int length() {
    return frame.length();
  }

  @Override
  public long load(int offset, int size) {
    if (offset >= 0) {
      return offset <= frame.length() - size ? frame.number(offset, size) : OUTSIDE;
    }
    if (offset >= Bpf.SKF_AD_OFF) {
      return fact(offset - Bpf.SKF_AD_OFF);
    }
    // A cooked view has its link header in front of its start.
    int link = frame.networkOffset() - PacketAbi.ETHERNET_HEADER;
    int at =
        offset >= Bpf.SKF_NET_OFF
            ? frame.networkOffset() + (offset - Bpf.SKF_NET_OFF)
            : link + (offset - Bpf.SKF_LL_OFF);
    return at >= link && at <= frame.length() - size ? frame.number(at, size) : OUTSIDE;
  }

  private long fact(int place) {
    return switch (place) {
      case Bpf.SKF_AD_PROTOCOL -> frame.protocol();
      case Bpf.SKF_AD_PKTTYPE -> frame.type().ordinal();
      case Bpf.SKF_AD_IFINDEX -> frame.nic().id();
      case Bpf.SKF_AD_HATYPE -> InterfaceFacts.hardwareType(frame.nic());
      case Bpf.SKF_AD_RANDOM -> ThreadLocalRandom.current().nextInt() & 0xffff_ffffL;
      // No marks, no tags, one queue, and a CPU that nobody can know.
      default -> 0;
    };
  }
}
