package io.loomvisor.kernel.socket.inet;

import io.loomvisor.net.socket.SocketOption;
import io.loomvisor.net.udp.DatagramInfo;
import io.loomvisor.vfs.socket.ControlMessage;
import io.loomvisor.vfs.socket.SocketOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** The control messages that a UDP socket wants with each datagram (ip(7), ipv6(7)). One word. */
final class DatagramControl {
  private static final int SOL_IP = 0;
  private static final int SOL_IPV6 = 41;
  private static final int IP_TOS = 1;
  private static final int IP_TTL = 2;
  private static final int IP_PKTINFO = 8;
  private static final int IPV6_PKTINFO = 50;
  private static final int IPV6_HOPLIMIT = 52;
  private static final int IPV6_TCLASS = 67;

  private final boolean v6;
  private volatile long wanted;

  DatagramControl(boolean v6) {
    this.v6 = v6;
  }

  void set(SocketOption option, boolean on) {
    long bit = 1L << option.ordinal();
    wanted = on ? wanted | bit : wanted & ~bit;
  }

  private boolean wants(SocketOption option) {
    return (wanted >>> option.ordinal() & 1) != 0;
  }

  void describe(DatagramInfo info, List<ControlMessage> out) {
    if (wanted == 0) {
      return;
    }
    if (info.segment > 0) {
      byte[] size = SocketOptions.word(info.segment);
      out.add(
          new ControlMessage(SocketOption.UDP_GRO.level(), SocketOption.UDP_GRO.number(), size));
    }
    boolean from4 = !v6 || info.destination.isMapped();
    if (from4) {
      describe4(info, out);
    }
    if (v6) {
      describe6(info, from4, out);
    }
  }

  private void describe4(DatagramInfo info, List<ControlMessage> out) {
    if (wants(SocketOption.IP_PKTINFO)) {
      byte[] data = new byte[12];
      ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).putInt(0, info.nicId);
      info.destination.unmapped().write(data, 4);
      info.destination.unmapped().write(data, 8);
      out.add(new ControlMessage(SOL_IP, IP_PKTINFO, data));
    }
    if (wants(SocketOption.IP_RECVTTL)) {
      out.add(new ControlMessage(SOL_IP, IP_TTL, SocketOptions.word(info.ttl)));
    }
    if (wants(SocketOption.IP_RECVTOS)) {
      out.add(new ControlMessage(SOL_IP, IP_TOS, new byte[] {(byte) info.tos}));
    }
  }

  private void describe6(DatagramInfo info, boolean from4, List<ControlMessage> out) {
    if (wants(SocketOption.IPV6_RECVPKTINFO)) {
      byte[] data = new byte[20];
      info.destination.mapped().write(data, 0);
      ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).putInt(16, info.nicId);
      out.add(new ControlMessage(SOL_IPV6, IPV6_PKTINFO, data));
    }
    if (from4) {
      return;
    }
    if (wants(SocketOption.IPV6_RECVHOPLIMIT)) {
      out.add(new ControlMessage(SOL_IPV6, IPV6_HOPLIMIT, SocketOptions.word(info.ttl)));
    }
    if (wants(SocketOption.IPV6_RECVTCLASS)) {
      out.add(new ControlMessage(SOL_IPV6, IPV6_TCLASS, SocketOptions.word(info.tos)));
    }
  }
}
