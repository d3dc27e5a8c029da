package io.loomvisor.runtime.network;

import com.google.gson.JsonObject;
import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.host.StreamCalls;
import io.loomvisor.kernel.socket.netlink.MessageWriter;
import io.loomvisor.kernel.socket.netlink.NetlinkAbi;
import io.loomvisor.net.link.FdLink;
import io.loomvisor.runtime.host.NetlinkSocket;
import io.loomvisor.runtime.oci.control.Messages;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the network namespace when the sandbox has started: interfaces that come and go (docker
 * network connect, disconnect), IPv4 addresses and routes that change. One thread, which hears of
 * them by a socket made before the lock, and has {@link NetworkKeeper} make the sockets of new
 * interfaces.
 */
final class InterfaceWatch {
  private static final Logger LOG = LoggerFactory.getLogger(InterfaceWatch.class);

  private static final int RTMGRP_LINK = 0x1;
  private static final int RTMGRP_IPV4_IFADDR = 0x10;
  private static final int RTMGRP_IPV4_ROUTE = 0x40;
  private static final int IFINFOMSG = 16;
  private static final int IFF_UP = 1;
  private static final int BUFFER = 64 << 10;
  private static final int LINK_DESCRIPTORS = 3;

  /** Of messages about interfaces that have been asked for and not come yet. */
  private static final int MOST_PENDING = 1024;

  private final int netlink;

  // Set before the thread starts.
  private StackLinks links;
  private KeeperConnection keeper;
  private ResolverRelay.Starter resolver;

  /** What has been told of interfaces that the stack has not got yet: it may be newer than them. */
  private final Map<Integer, List<RouteMessage>> pending = new HashMap<>();

  private InterfaceWatch(int netlink) {
    this.netlink = netlink;
  }

  /** Hears of all that happens from now on. */
  static InterfaceWatch open() throws IOException {
    return new InterfaceWatch(
        NetlinkSocket.listen(RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE));
  }

  /**
   * Begins to act upon it.
   *
   * @param stack which the thread owns from here on
   * @param whenResolver what to do with a socket to a name server that was not there before
   */
  void start(StackLinks stack, KeeperConnection connection, ResolverRelay.Starter whenResolver) {
    links = stack;
    keeper = connection;
    resolver = whenResolver;
    Thread.ofPlatform().daemon().name("interface-watch").start(this::run);
  }

  private void run() {
    MemorySegment in = Arena.ofAuto().allocate(BUFFER, 8);
    MemorySegment both = Arena.ofAuto().allocate(2L * StreamCalls.POLLFD_SIZE, 4);
    boolean kept = true;
    for (; ; ) {
      watch(both, 0, netlink);
      watch(both, 1, kept ? keeper.socket() : -1);
      StreamCalls.poll(both, 2);
      if (ready(both, 0)) {
        int n = read(in);
        heard(in.asSlice(0, n).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN));
      }
      if (ready(both, 1) && !answer()) {
        LOG.warn("The network keeper has ended: interfaces that come are not the sandbox's.");
        keeper.lost();
        kept = false;
      }
    }
  }

  // struct pollfd: int fd 0, short events 4, short revents 6.
  private static void watch(MemorySegment set, int index, int fd) {
    long at = (long) index * StreamCalls.POLLFD_SIZE;
    set.set(ValueLayout.JAVA_INT, at, fd);
    set.set(ValueLayout.JAVA_INT, at + 4, StreamCalls.POLLIN);
  }

  private static boolean ready(MemorySegment set, int index) {
    return set.get(ValueLayout.JAVA_SHORT, (long) index * StreamCalls.POLLFD_SIZE + 6) != 0;
  }

  private int read(MemorySegment in) {
    try {
      return StreamCalls.read(netlink, in);
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENOBUFS) {
        LOG.warn("Changes of interfaces came faster than they were taken in: some are lost.");
        return 0;
      }
      if (e.errno() == Errno.EAGAIN) {
        return 0; // none has come after all
      }
      throw e;
    }
  }

  private void heard(ByteBuffer b) {
    while (b.remaining() >= MessageWriter.HEADER) {
      int start = b.position();
      int length = b.getInt(start);
      if (length < MessageWriter.HEADER || length > b.remaining()) {
        return;
      }
      int type = b.getShort(start + 4) & 0xffff;
      if (length >= MessageWriter.HEADER + RouteNetlink.SHORTEST) {
        byte[] payload = new byte[length - MessageWriter.HEADER];
        b.get(start + MessageWriter.HEADER, payload);
        changed(new RouteMessage(type, ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN)));
      }
      b.position(Math.min(b.limit(), start + (length + 3 & ~3)));
    }
  }

  private void changed(RouteMessage m) {
    switch (m.type()) {
      case NetlinkAbi.RTM_NEWLINK -> {
        if (m.payload().limit() >= IFINFOMSG && up(m) && !links.has(m.i32(4))) {
          // It has been given its name and its first addresses by then.
          pending.computeIfAbsent(m.i32(4), index -> new ArrayList<>());
          keeper.askForInterfaces();
        }
      }
      case NetlinkAbi.RTM_DELLINK -> {
        pending.remove(m.i32(4));
        links.remove(m.i32(4));
      }
      case NetlinkAbi.RTM_NEWADDR, NetlinkAbi.RTM_DELADDR -> later(m.i32(4), m);
      case NetlinkAbi.RTM_NEWROUTE, NetlinkAbi.RTM_DELROUTE -> later(RouteNetlink.outOf(m), m);
      default -> {}
    }
  }

  private static boolean up(RouteMessage m) {
    return (m.i32(8) & IFF_UP) != 0;
  }

  private void later(int index, RouteMessage m) {
    if (links.has(index)) {
      apply(index, m);
      return;
    }
    List<RouteMessage> waiting = pending.get(index);
    if (waiting != null && waiting.size() < MOST_PENDING) {
      waiting.add(m);
    }
    if (m.type() == NetlinkAbi.RTM_NEWADDR && waiting != null) {
      keeper.askForInterfaces(); // it may have had none when it was looked at
    }
  }

  private void apply(int index, RouteMessage m) {
    boolean added = m.type() == NetlinkAbi.RTM_NEWADDR || m.type() == NetlinkAbi.RTM_NEWROUTE;
    switch (m.type()) {
      case NetlinkAbi.RTM_NEWADDR, NetlinkAbi.RTM_DELADDR -> {
        HostLink.Address address = RouteNetlink.address(m);
        if (address != null) {
          links.address(index, address, added);
        }
      }
      default -> {
        HostLink.Way way = RouteNetlink.mainRoute(m);
        if (way != null) {
          links.route(index, way, added);
        }
      }
    }
  }

  /** Takes in what the keeper says; false if it has ended. */
  private boolean answer() {
    Messages.Message message = Messages.receive(keeper.socket());
    JsonObject o = message.json();
    int[] fds = message.descriptors();
    if (o == null) {
      return false;
    }
    if (o.has("link") && fds.length == LINK_DESCRIPTORS) {
      add(LinkText.parse(o.getAsJsonObject("link")), fds);
    } else if (o.has("resolver") && fds.length == 1) {
      resolver.start(fds[0]);
    } else if (o.has("number")) {
      keeper.answered(o, fds);
    } else {
      Arrays.stream(fds).forEach(DescriptorCalls::close);
    }
    return true;
  }

  private void add(HostLink host, int[] fds) {
    int[] wake = {fds[1], fds[2]};
    links.add(host, FdLink.offloading(fds[0], wake, host.mtu(), host.mac(), links.ip().pool()));
    List<RouteMessage> newer = pending.remove(host.index());
    if (newer != null) {
      // Those that it had when it was looked at already change nothing.
      newer.forEach(m -> apply(host.index(), m));
    }
  }
}
