package io.loomvisor.kernel.socket.packet;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.socket.inet.InterfaceFacts;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Nic;
import io.loomvisor.net.packet.CapturedFrame;
import io.loomvisor.net.wire.MacAddress;
import io.loomvisor.vfs.socket.SocketAbi;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * struct sockaddr_ll; the protocol in network order:
 *
 * <pre>
 *   0        2          4         8        10        11      12         20
 *   | family | protocol | ifindex | hatype | pkttype | halen | addr (8) |
 * </pre>
 *
 * @param destination null if it names none
 */
record LinkAddress(int protocol, int nicId, MacAddress destination) {
  private static final int ADDRESS = 12;

  /** As sendto(2) and bind(2) take it; EINVAL if it is too short. */
  static LinkAddress parse(byte[] raw) {
    if (raw.length < PacketAbi.ADDRESS_SIZE || raw.length < (raw[11] & 0xff) + ADDRESS) {
      throw Errno.EINVAL.exception();
    }
    int protocol = (raw[2] & 0xff) << 8 | raw[3] & 0xff;
    int nic = ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN).getInt(4);
    return new LinkAddress(protocol, nic, MacAddress.read(raw, ADDRESS));
  }

  private static ByteBuffer start(int size, int protocol, int nicId) {
    return ByteBuffer.allocate(size)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putShort((short) SocketAbi.AF_PACKET)
        .put((byte) (protocol >> 8))
        .put((byte) protocol)
        .putInt(nicId);
  }

  /** getsockname(2); without an interface there is no hardware address. */
  static byte[] name(IpLayer ip, int protocol, int nicId) {
    Nic nic = nicId == 0 ? null : ip.nic(nicId);
    int length = nic == null ? 0 : PacketAbi.MAC_SIZE;
    ByteBuffer b = start(ADDRESS + length, protocol, nicId);
    b.putShort((short) (nic == null ? 0 : InterfaceFacts.hardwareType(nic))).put((byte) 0);
    b.put((byte) length);
    if (nic != null) {
      b.put(InterfaceFacts.hardwareAddress(nic));
    }
    return b.array();
  }

  /** Where a frame came from. */
  static byte[] of(IpLayer ip, CapturedFrame f) {
    Nic nic = ip.nic(f.nicId());
    ByteBuffer b = start(PacketAbi.ADDRESS_SIZE, f.protocol(), f.nicId());
    b.putShort((short) (nic == null ? 0 : InterfaceFacts.hardwareType(nic)));
    b.put((byte) f.type().ordinal()).put((byte) PacketAbi.MAC_SIZE);
    f.source().write(b.array(), ADDRESS);
    return b.array();
  }
}
