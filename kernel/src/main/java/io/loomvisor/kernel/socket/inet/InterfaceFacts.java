package io.loomvisor.kernel.socket.inet;

import io.loomvisor.net.ip.Nic;
import io.loomvisor.net.ip.Route;

/** What Linux tells of an interface, from what the stack knows of it. */
public final class InterfaceFacts {
  private static final int IFF_UP = 1;
  private static final int IFF_BROADCAST = 2;
  private static final int IFF_LOOPBACK = 8;
  private static final int IFF_RUNNING = 0x40;
  private static final int IFF_MULTICAST = 0x1000;
  private static final int ARPHRD_ETHER = 1;
  private static final int ARPHRD_LOOPBACK = 772;
  private static final int MAC_SIZE = 6;

  private InterfaceFacts() {}

  /** IFF_ flags. */
  public static int flags(Nic nic) {
    int up = nic.isUp() ? IFF_UP | IFF_RUNNING : 0;
    return up | (nic.isLoopback() ? IFF_LOOPBACK : IFF_BROADCAST | IFF_MULTICAST);
  }

  /**
   * Whether Linux has a route in its table "local": those that addresses of a loopback bring along,
   * which only ip-route(8) looks at.
   */
  public static boolean isLocalRoute(Nic nic, Route r) {
    return nic.isLoopback()
        && r.gateway() == null
        && nic.addresses().stream()
            .anyMatch(a -> a.prefixLength() == r.length() && a.onLink(r.prefix()));
  }

  /** ARPHRD_ number. */
  public static int hardwareType(Nic nic) {
    return nic.isLoopback() ? ARPHRD_LOOPBACK : ARPHRD_ETHER;
  }

  /** Six bytes. */
  public static byte[] hardwareAddress(Nic nic) {
    byte[] bytes = new byte[MAC_SIZE];
    if (nic.mac() != null) {
      nic.mac().write(bytes, 0);
    }
    return bytes;
  }

  /** The link's: the stack itself makes no packets longer than 65535. */
  public static int mtu(Nic nic) {
    return nic.linkMtu();
  }
}
