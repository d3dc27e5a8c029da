package io.loomvisor.vfs.proc;

import java.util.List;
import java.util.Map;

/**
 * The network as /proc/net shows it. Any thread, no actor held; every answer is a snapshot.
 * Addresses are in network byte order, ports plain numbers.
 */
public interface NetworkView {
  /** A view with a loopback interface and no sockets. */
  NetworkView LOOPBACK_ONLY = new NetworkView() {};

  default List<Interface> interfaces() {
    return List.of(
        new Interface(
            "lo",
            1,
            65536,
            0x49,
            new byte[6],
            772,
            new Counters(0, 0, 0, 0),
            new Counters(0, 0, 0, 0)));
  }

  /** IPv4 routes. */
  default List<Route> routes() {
    return List.of();
  }

  /** IPv6 addresses of interfaces. */
  default List<Address> addresses6() {
    byte[] loopback = new byte[16];
    loopback[15] = 1;
    return List.of(new Address("lo", 1, loopback, 128));
  }

  default List<InetSocket> tcp() {
    return List.of();
  }

  default List<InetSocket> udp() {
    return List.of();
  }

  default List<InetSocket> raw() {
    return List.of();
  }

  /** ICMP echo sockets. */
  default List<InetSocket> icmp() {
    return List.of();
  }

  default List<PacketSocket> packets() {
    return List.of();
  }

  /** IPv4's. */
  default List<Neighbor> neighbors() {
    return List.of();
  }

  /** The counters of one group of /proc/net/snmp and netstat ("Ip", "TcpExt"), by their names. */
  default Map<String, Long> counters(String group) {
    return Map.of();
  }

  /** Tables of the packet filter that somebody has looked at, the newest first. */
  default List<String> filterTables(boolean six) {
    return List.of();
  }

  default List<UnixSocket> unix() {
    return List.of();
  }

  record Counters(long bytes, long packets, long errors, long drops) {}

  /**
   * @param flags IFF_ flags
   * @param hardwareType ARPHRD_: 1 Ethernet, 772 loopback
   */
  record Interface(
      String name,
      int index,
      int mtu,
      int flags,
      byte[] hardwareAddress,
      int hardwareType,
      Counters received,
      Counters sent) {}

  /**
   * @param address sixteen bytes
   */
  record Address(String device, int index, byte[] address, int prefixLength) {}

  /** All addresses four bytes. */
  record Route(
      String device, byte[] destination, byte[] gateway, byte[] mask, int flags, int metric) {}

  /**
   * @param local four bytes for IPv4, sixteen for IPv6: decides which table it is in; {@code
   *     remote} likewise
   * @param state TCP_ESTABLISHED 1 … TCP_LISTEN 10, as in include/net/tcp_states.h
   */
  record InetSocket(
      byte[] local,
      int localPort,
      byte[] remote,
      int remotePort,
      int state,
      long sendQueue,
      long receiveQueue,
      int uid,
      long ino,
      int drops) {}

  /**
   * @param protocol EtherType
   * @param index of the interface; 0: all
   * @param receiveQueue memory of what waits
   */
  record PacketSocket(int type, int protocol, int index, int receiveQueue, int uid, long ino) {}

  /**
   * @param flags ATF_
   */
  record Neighbor(byte[] address, String device, String hardwareAddress, int flags) {}

  /**
   * @param type SOCK_STREAM 1, SOCK_DGRAM 2, SOCK_SEQPACKET 5
   * @param state SS_UNCONNECTED 1, SS_CONNECTED 3
   * @param listening shown as the flag __SO_ACCEPTCON
   * @param path as bound, "@name" for the abstract name space; null if not bound
   */
  record UnixSocket(
      int references, boolean listening, int type, int state, long ino, String path) {}
}
