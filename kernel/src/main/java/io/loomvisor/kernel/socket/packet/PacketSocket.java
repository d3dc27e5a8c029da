package io.loomvisor.kernel.socket.packet;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.socket.filter.SocketFilter;
import io.loomvisor.kernel.socket.inet.InetNetwork;
import io.loomvisor.net.packet.CapturedFrame;
import io.loomvisor.net.packet.FrameFilter;
import io.loomvisor.net.packet.PacketEndpoint;
import io.loomvisor.net.socket.Readiness;
import io.loomvisor.net.wire.MacAddress;
import io.loomvisor.task.bpf.BpfProgram;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.PollEvents;
import io.loomvisor.vfs.cache.Mappable;
import io.loomvisor.vfs.cache.PageStore;
import io.loomvisor.vfs.mount.WalkContext;
import io.loomvisor.vfs.socket.ArrivalTime;
import io.loomvisor.vfs.socket.ControlMessage;
import io.loomvisor.vfs.socket.Reception;
import io.loomvisor.vfs.socket.Sending;
import io.loomvisor.vfs.socket.SocketAbi;
import io.loomvisor.vfs.socket.SocketDescription;
import io.loomvisor.vfs.socket.SocketFilesystem;
import io.loomvisor.vfs.socket.SocketOptions;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** An AF_PACKET socket, with Ethernet headers (SOCK_RAW) or without (SOCK_DGRAM). */
public final class PacketSocket extends SocketDescription {
  private static final int READABLE = PollEvents.POLLIN | PollEvents.POLLRDNORM;
  private static final int RECEIVE_FLAGS =
      SocketAbi.MSG_PEEK
          | SocketAbi.MSG_DONTWAIT
          | SocketAbi.MSG_TRUNC
          | SocketAbi.MSG_CMSG_CLOEXEC
          | SocketAbi.MSG_ERRQUEUE;
  private static final int LONGEST = 1 << 17;
  private static final int AUXDATA_SIZE = 20;

  private final InetNetwork network;
  private final PacketEndpoint endpoint;
  private final PacketOptions packetOptions;
  private final SocketFilter filter = new SocketFilter();

  PacketSocket(
      SocketFilesystem inodes,
      InetNetwork network,
      PageStore pages,
      int type,
      int protocol,
      Credentials owner,
      int flags) {
    super(inodes, SocketAbi.AF_PACKET, type, 0, owner, flags);
    this.network = network;
    endpoint = network.packets().open(type == SocketAbi.SOCK_DGRAM, protocol);
    packetOptions = new PacketOptions(endpoint, network.ip(), pages);
    endpoint.onReadiness(e -> waitQueue().notifyEvents(READABLE));
    network.opened(this);
  }

  @Override
  protected void onRelease() {
    network.closed(this);
    endpoint.close();
    packetOptions.release();
  }

  /** For /proc/net/packet. */
  public PacketEndpoint endpoint() {
    return endpoint;
  }

  @Override
  public int readiness(int mask) {
    int events = PollEvents.POLLOUT | PollEvents.POLLWRNORM;
    events |= (endpoint.readiness() & Readiness.IN) != 0 ? READABLE : 0;
    return events & (mask | PollEvents.POLLERR);
  }

  @Override
  public void bind(WalkContext context, byte[] raw) {
    LinkAddress a = LinkAddress.parse(raw);
    if ((raw[0] & 0xff | (raw[1] & 0xff) << 8) != SocketAbi.AF_PACKET) {
      throw Errno.EINVAL.exception();
    }
    check(endpoint.bind(a.protocol(), a.nicId()));
  }

  private static int check(int result) {
    if (result < 0) {
      throw Errno.of(-result).exception();
    }
    return result;
  }

  @Override
  public byte[] localName() {
    PacketEndpoint.Binding b = endpoint.binding();
    return LinkAddress.name(network.ip(), b.protocol(), b.nicId());
  }

  @Override
  public byte[] peerName() {
    throw Errno.EOPNOTSUPP.exception();
  }

  @Override
  public long send(WalkContext context, Sending message) {
    PacketEndpoint.Binding bound = endpoint.binding();
    byte[] raw = message.address();
    LinkAddress to = raw == null ? null : LinkAddress.parse(raw);
    int nic = to == null ? bound.nicId() : to.nicId();
    int protocol = to == null ? bound.protocol() : to.protocol();
    MacAddress destination = to == null ? null : to.destination();
    if (network.ip().nic(nic) == null) {
      throw Errno.ENXIO.exception();
    }
    long length = message.data().remaining();
    if (length > LONGEST) {
      throw Errno.EMSGSIZE.exception();
    }
    return check(endpoint.send(nic, protocol, destination, message.read((int) length)));
  }

  @Override
  public void receive(Reception reception) {
    if (reception.has(~RECEIVE_FLAGS)) {
      throw Errno.EINVAL.exception();
    }
    if (reception.has(SocketAbi.MSG_ERRQUEUE)) {
      throw Errno.EAGAIN.exception();
    }
    CapturedFrame f = endpoint.receive(reception.has(SocketAbi.MSG_PEEK));
    if (f == null) {
      throw Errno.EAGAIN.exception();
    }
    reception.message(f.data());
    reception.setAddress(LinkAddress.of(network.ip(), f));
    ArrivalTime.describe(options(), f.time(), reception.others());
    if (packetOptions.auxiliary()) {
      reception
          .others()
          .add(new ControlMessage(PacketAbi.SOL_PACKET, PacketAbi.PACKET_AUXDATA, auxiliary(f)));
    }
  }

  /**
   * struct tpacket_auxdata: status, len, snaplen, mac (2), net (2), vlan_tci (2), vlan_tpid (2).
   */
  private static byte[] auxiliary(CapturedFrame f) {
    int status = PacketAbi.TP_STATUS_USER;
    status |= f.checksumPending() ? PacketAbi.TP_STATUS_CSUMNOTREADY : 0;
    return ByteBuffer.allocate(AUXDATA_SIZE)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(status)
        .putInt(f.length())
        .putInt(f.data().length)
        .putShort((short) 0)
        .putShort((short) f.networkOffset())
        .array();
  }

  @Override
  public void shutdown(int how) {
    throw Errno.EOPNOTSUPP.exception();
  }

  @Override
  protected Errno takeError() {
    return null;
  }

  @Override
  protected boolean listening() {
    return false;
  }

  /** The receive ring; EINVAL without one. */
  @Override
  public Mappable mappable() {
    RingMemory m = packetOptions.memory();
    if (m == null) {
      throw Errno.EINVAL.exception();
    }
    return m;
  }

  @Override
  public byte[] getOption(int level, int option) {
    if (level == PacketAbi.SOL_PACKET) {
      return packetOptions.get(option);
    }
    if (level != SocketAbi.SOL_SOCKET) {
      throw Errno.ENOPROTOOPT.exception();
    }
    return option == SocketAbi.SO_LOCK_FILTER ? filter.locked() : super.getOption(level, option);
  }

  @Override
  public int getOption(Caller caller, int level, int option, long address, int room) {
    if (level == SocketAbi.SOL_SOCKET && option == SocketAbi.SO_GET_FILTER) {
      return filter.get(caller, address, room);
    }
    if (level != PacketAbi.SOL_PACKET || option != PacketAbi.PACKET_HDRLEN) {
      return super.getOption(caller, level, option, address, room);
    }
    if (room < Integer.BYTES) {
      throw Errno.EINVAL.exception();
    }
    byte[] word = new byte[Integer.BYTES];
    caller.copyIn(address, MemorySegment.ofArray(word));
    byte[] length = PacketOptions.headerLength(SocketOptions.numberIn(word));
    caller.copyOut(address, MemorySegment.ofArray(length));
    return length.length;
  }

  @Override
  public void setOption(Caller caller, int level, int option, byte[] value) {
    if (level == PacketAbi.SOL_PACKET) {
      packetOptions.set(option, value);
      return;
    }
    if (level != SocketAbi.SOL_SOCKET) {
      throw Errno.ENOPROTOOPT.exception();
    }
    if (SocketFilter.isOption(option)) {
      filter.set(caller, option, value);
      BpfProgram p = filter.program();
      endpoint.filter(p == null ? FrameFilter.ALL : frame -> p.run(new FrameData(frame)));
      return;
    }
    super.setOption(caller, level, option, value);
    endpoint.receiveBuffer(options().number(SocketAbi.SO_RCVBUF));
  }

  @Override
  public long ioctl(Caller caller, int request, long argument) {
    int value =
        switch (request) {
          case SocketAbi.SIOCINQ -> endpoint.available();
          case SocketAbi.SIOCOUTQ -> 0;
          default -> throw Errno.ENOTTY.exception();
        };
    caller.copyOut(argument, MemorySegment.ofArray(SocketOptions.word(value)));
    return 0;
  }
}
