package io.loomvisor.kernel.socket.inet;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.net.ip.InterfaceAddress;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Nic;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.vfs.Caller;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The ioctls that read interfaces (netdevice(7)). struct ifreq is 40 bytes: a name of 16, then what
 * is asked for. Sockets of every family serve them.
 */
public final class InterfaceRequests {
  private static final int SIOCGIFNAME = 0x8910;
  private static final int SIOCGIFCONF = 0x8912;
  private static final int SIOCGIFFLAGS = 0x8913;
  private static final int SIOCGIFADDR = 0x8915;
  private static final int SIOCGIFBRDADDR = 0x8919;
  private static final int SIOCGIFNETMASK = 0x891b;
  private static final int SIOCGIFMETRIC = 0x891d;
  private static final int SIOCGIFMTU = 0x8921;
  private static final int SIOCGIFHWADDR = 0x8927;
  private static final int SIOCGIFINDEX = 0x8933;
  private static final int SIOCGIFTXQLEN = 0x8942;
  private static final int SIOCETHTOOL = 0x8946;

  private static final int SIOCADDRT = 0x890b;
  private static final int SIOCDELRT = 0x890c;
  private static final int SIOCSIFFLAGS = 0x8914;
  private static final int SIOCSIFADDR = 0x8916;
  private static final int SIOCSIFDSTADDR = 0x8918;
  private static final int SIOCSIFBRDADDR = 0x891a;
  private static final int SIOCSIFNETMASK = 0x891c;
  private static final int SIOCSIFMETRIC = 0x891e;
  private static final int SIOCSIFMTU = 0x8922;
  private static final int SIOCSIFNAME = 0x8923;
  private static final int SIOCSIFHWADDR = 0x8924;
  private static final int SIOCSIFTXQLEN = 0x8943;
  private static final int SIOCDARP = 0x8953;
  private static final int SIOCSARP = 0x8955;

  private static final int NAME_SIZE = 16;
  private static final int SIZE = 40;
  private static final int AF_INET = 2;
  private static final int TX_QUEUE = 1000;

  private InterfaceRequests() {}

  /** Whether it is one that is served here. */
  public static boolean isOne(int request) {
    return switch (request) {
      case SIOCGIFCONF,
          SIOCGIFNAME,
          SIOCGIFFLAGS,
          SIOCGIFADDR,
          SIOCGIFBRDADDR,
          SIOCGIFNETMASK,
          SIOCGIFMETRIC,
          SIOCGIFMTU,
          SIOCGIFHWADDR,
          SIOCGIFINDEX,
          SIOCGIFTXQLEN,
          SIOCETHTOOL ->
          true;
      default -> false;
    };
  }

  /** Whether it changes an interface, a route or a neighbour: nobody serves those. */
  public static boolean isChange(int request) {
    return switch (request) {
      case SIOCADDRT,
          SIOCDELRT,
          SIOCSIFFLAGS,
          SIOCSIFADDR,
          SIOCSIFDSTADDR,
          SIOCSIFBRDADDR,
          SIOCSIFNETMASK,
          SIOCSIFMETRIC,
          SIOCSIFMTU,
          SIOCSIFNAME,
          SIOCSIFHWADDR,
          SIOCSIFTXQLEN,
          SIOCDARP,
          SIOCSARP ->
          true;
      default -> false;
    };
  }

  /** ENODEV without the interface, EADDRNOTAVAIL without an IPv4 address. */
  public static void call(IpLayer ip, Caller caller, int request, long argument) {
    if (request == SIOCGIFCONF) {
      configuration(ip, caller, argument);
      return;
    }
    byte[] raw = new byte[SIZE];
    caller.copyIn(argument, MemorySegment.ofArray(raw));
    ByteBuffer b = ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN);
    Nic nic = request == SIOCGIFNAME ? ip.nic(b.getInt(NAME_SIZE)) : named(ip, raw);
    if (nic == null) {
      throw Errno.ENODEV.exception();
    }
    fill(b, nic, request);
    caller.copyOut(argument, MemorySegment.ofArray(raw));
  }

  private static Nic named(IpLayer ip, byte[] raw) {
    int end = 0;
    while (end < NAME_SIZE && raw[end] != 0) {
      end++;
    }
    String name = new String(raw, 0, end, StandardCharsets.ISO_8859_1);
    for (Nic n : ip.nics()) {
      if (n.name().equals(name)) {
        return n;
      }
    }
    return null;
  }

  private static void fill(ByteBuffer b, Nic nic, int request) {
    switch (request) {
      case SIOCGIFNAME -> putName(b, 0, nic);
      case SIOCGIFFLAGS -> b.putShort(NAME_SIZE, (short) InterfaceFacts.flags(nic));
      case SIOCGIFADDR -> putAddress(b, NAME_SIZE, address(nic).address());
      case SIOCGIFBRDADDR -> putAddress(b, NAME_SIZE, broadcast(nic));
      case SIOCGIFNETMASK ->
          putAddress(b, NAME_SIZE, IpAddress.v4(-1).masked(address(nic).prefixLength()));
      case SIOCGIFMETRIC -> b.putInt(NAME_SIZE, 0);
      case SIOCGIFMTU -> b.putInt(NAME_SIZE, InterfaceFacts.mtu(nic));
      case SIOCGIFHWADDR -> {
        b.putShort(NAME_SIZE, (short) InterfaceFacts.hardwareType(nic));
        b.put(NAME_SIZE + 2, InterfaceFacts.hardwareAddress(nic));
      }
      case SIOCGIFINDEX -> b.putInt(NAME_SIZE, nic.id());
      case SIOCGIFTXQLEN -> b.putInt(NAME_SIZE, TX_QUEUE);
      // ethtool(8): drivers that know no command say so.
      case SIOCETHTOOL -> throw Errno.EOPNOTSUPP.exception();
      default -> throw new AssertionError(request);
    }
  }

  private static IpAddress broadcast(Nic nic) {
    InterfaceAddress a = address(nic);
    return nic.isLoopback() ? IpAddress.ANY4 : a.address().broadcast(a.prefixLength());
  }

  private static InterfaceAddress address(Nic nic) {
    for (InterfaceAddress a : nic.addresses()) {
      if (!a.address().v6()) {
        return a;
      }
    }
    throw Errno.EADDRNOTAVAIL.exception();
  }

  private static void putName(ByteBuffer b, int at, Nic nic) {
    b.put(at, new byte[NAME_SIZE]);
    b.put(at, nic.name().getBytes(StandardCharsets.ISO_8859_1));
  }

  private static void putAddress(ByteBuffer b, int at, IpAddress address) {
    byte[] raw = new byte[16];
    raw[0] = AF_INET;
    address.write(raw, 4);
    b.put(at, raw);
  }

  /** struct ifconf: int length, pointer; IPv4 addresses only. */
  private static void configuration(IpLayer ip, Caller caller, long argument) {
    byte[] raw = new byte[16];
    caller.copyIn(argument, MemorySegment.ofArray(raw));
    ByteBuffer b = ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN);
    int room = b.getInt(0);
    long to = b.getLong(8);
    if (room < 0) {
      throw Errno.EINVAL.exception();
    }
    List<byte[]> entries = new ArrayList<>();
    for (Nic n : ip.nics()) {
      for (InterfaceAddress a : n.addresses()) {
        if (!a.address().v6()) {
          ByteBuffer e = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
          putName(e, 0, n);
          putAddress(e, NAME_SIZE, a.address());
          entries.add(e.array());
        }
      }
    }
    int used = 0;
    for (byte[] e : entries) {
      if (to != 0 && used + SIZE > room) {
        break;
      }
      if (to != 0) {
        caller.copyOut(to + used, MemorySegment.ofArray(e));
      }
      used += SIZE;
    }
    b.putInt(0, used);
    caller.copyOut(argument, MemorySegment.ofArray(raw));
  }
}
