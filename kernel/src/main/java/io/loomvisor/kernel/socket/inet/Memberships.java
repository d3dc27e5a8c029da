package io.loomvisor.kernel.socket.inet;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.net.ip.InterfaceAddress;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Nic;
import io.loomvisor.net.udp.UdpEndpoint;
import io.loomvisor.net.wire.IpAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Joining and leaving groups by setsockopt(2): struct ip_mreq (group, own address), ip_mreqn (with
 * an interface after them), ipv6_mreq (group, interface).
 */
final class Memberships {
  private static final int SOL_IP = 0;
  private static final int SOL_IPV6 = 41;
  private static final int IP_ADD_MEMBERSHIP = 35;
  private static final int IP_DROP_MEMBERSHIP = 36;
  private static final int IPV6_JOIN_GROUP = 20;
  private static final int IPV6_LEAVE_GROUP = 21;
  private static final int MREQ_SIZE = 8;
  private static final int MREQN_SIZE = 12;
  private static final int MREQ6_SIZE = 20;

  private Memberships() {}

  /** False if the option is another one. */
  static boolean set(UdpEndpoint endpoint, IpLayer ip, int level, int option, byte[] value) {
    boolean four = level == SOL_IP && (option == IP_ADD_MEMBERSHIP || option == IP_DROP_MEMBERSHIP);
    boolean six = level == SOL_IPV6 && (option == IPV6_JOIN_GROUP || option == IPV6_LEAVE_GROUP);
    if (!four && !six) {
      return false;
    }
    if (value.length < (four ? MREQ_SIZE : MREQ6_SIZE)) {
      throw Errno.EINVAL.exception();
    }
    IpAddress group = IpAddress.read(value, 0, six);
    int nic = six ? word(value, 16) : interfaceOf(ip, value);
    boolean join = option == IP_ADD_MEMBERSHIP || option == IPV6_JOIN_GROUP;
    InetSocket.check(join ? endpoint.join(group, nic) : endpoint.leave(group, nic));
    return true;
  }

  private static int word(byte[] value, int at) {
    return ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getInt(at);
  }

  private static int interfaceOf(IpLayer ip, byte[] value) {
    if (value.length >= MREQN_SIZE && word(value, 8) != 0) {
      return word(value, 8);
    }
    IpAddress own = IpAddress.read(value, 4, false);
    if (own.isUnspecified()) {
      return 0;
    }
    for (Nic n : ip.nics()) {
      for (InterfaceAddress a : n.addresses()) {
        if (a.address().equals(own)) {
          return n.id();
        }
      }
    }
    throw Errno.ENODEV.exception();
  }
}
