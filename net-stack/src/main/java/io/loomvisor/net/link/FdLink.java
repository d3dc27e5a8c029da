package io.loomvisor.net.link;

import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.buffer.PacketPool;
import io.loomvisor.net.wire.MacAddress;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A link over a file descriptor where one read or write is one packet: a TUN device (IP framing,
 * IFF_NO_PI), a TAP device or a bound AF_PACKET socket (Ethernet). The descriptor is given, belongs
 * to the link and is closed by it.
 *
 * <p>One platform thread reads, as a blocking host call would hold a virtual thread's carrier.
 * Writes happen on the stack's transmitting thread; the descriptor must be non-blocking, and a full
 * device queue drops, as a wire would.
 */
public final class FdLink implements Link {
  private static final Logger LOG = LoggerFactory.getLogger(FdLink.class);
  private static final int MAX_FRAME = 65_536;

  /** Packets read between two polls, so that one busy device does not cost two calls per packet. */
  private static final int BATCH = 64;

  private final int fd;
  private final Framing framing;
  private final int mtu;
  private final MacAddress mac;
  private final PacketPool pool;
  private final int[] wake;
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * The reading side and writes under way; the descriptor is closed when it falls to 0, so never
   * under a write.
   */
  private final AtomicInteger users = new AtomicInteger(1);

  private final Arena writeArena = Arena.ofAuto();
  private final MemorySegment writeBuffer = writeArena.allocate(MAX_FRAME + 64);
  private final MemorySegment writeErrno = HostFd.errnoIn(writeArena);
  private volatile Receiver receiver;
  private volatile long dropped;

  private FdLink(int fd, Framing framing, int mtu, MacAddress mac, PacketPool pool)
      throws IOException {
    this.fd = fd;
    this.framing = framing;
    this.mtu = mtu;
    this.mac = mac;
    this.pool = pool;
    this.wake = HostFd.pipe();
  }

  public static FdLink tun(int fd, int mtu, PacketPool pool) throws IOException {
    return new FdLink(fd, Framing.IP, mtu, null, pool);
  }

  /** A TAP device or an AF_PACKET socket; {@code mac} is the address the stack answers to. */
  public static FdLink ethernet(int fd, int mtu, MacAddress mac, PacketPool pool)
      throws IOException {
    return new FdLink(fd, Framing.ETHERNET, mtu, mac, pool);
  }

  @Override
  public void attach(Receiver r) {
    receiver = r;
    Thread.ofPlatform().daemon(true).name("net-read-" + fd).start(this::readLoop);
  }

  private void readLoop() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(MAX_FRAME);
      MemorySegment errno = HostFd.errnoIn(arena);
      MemorySegment set = arena.allocate(16, 4);
      set.set(ValueLayout.JAVA_INT, 0, fd);
      set.set(ValueLayout.JAVA_INT, 8, wake[0]);
      while (!closed.get()) {
        set.set(ValueLayout.JAVA_SHORT, 4, HostFd.POLLIN);
        set.set(ValueLayout.JAVA_SHORT, 12, HostFd.POLLIN);
        int n = HostFd.poll(errno, set, -1);
        if (n < 0 && n != -HostFd.EINTR) {
          LOG.error("poll on link fd {}: errno {}", fd, -n);
          break;
        }
        if (!closed.get() && !readSome(errno, buffer)) {
          break;
        }
      }
    } finally {
      closed.set(true);
      leave();
      HostFd.close(wake[0]);
    }
  }

  private boolean enter() {
    return users.getAndUpdate(u -> u == 0 ? 0 : u + 1) > 0;
  }

  private void leave() {
    if (users.decrementAndGet() == 0) {
      HostFd.close(fd);
    }
  }

  /** False if the device is gone. */
  private boolean readSome(MemorySegment errno, MemorySegment buffer) {
    for (int i = 0; i < BATCH; i++) {
      int n = HostFd.read(errno, fd, buffer);
      if (n == -HostFd.EAGAIN || n == -HostFd.EINTR) {
        return true;
      }
      if (n <= 0) {
        LOG.warn("link fd {} ended: errno {}", fd, -n);
        return false;
      }
      PacketBuffer p = pool.acquire(n);
      int at = p.append(n);
      MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, p.array(), at, n);
      receiver.receive(p);
    }
    return true;
  }

  @Override
  public void write(PacketBuffer packet) {
    int n = packet.length();
    if (n > MAX_FRAME || !enter()) {
      dropped = dropped + 1;
      packet.release();
      return;
    }
    try {
      MemorySegment.copy(packet.array(), packet.start(), writeBuffer, ValueLayout.JAVA_BYTE, 0, n);
      int r = HostFd.write(writeErrno, fd, writeBuffer, n);
      if (r == -HostFd.EINTR) {
        r = HostFd.write(writeErrno, fd, writeBuffer, n);
      }
      if (r < 0) {
        dropped = dropped + 1;
      }
    } finally {
      leave();
      packet.release();
    }
  }

  /** Ends the reading thread. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      // The read end sees the hang-up and wakes.
      HostFd.close(wake[1]);
      if (receiver == null) {
        leave();
        HostFd.close(wake[0]);
      }
    }
  }

  @Override
  public Framing framing() {
    return framing;
  }

  @Override
  public int mtu() {
    return mtu;
  }

  @Override
  public MacAddress mac() {
    return mac;
  }

  @Override
  public long dropped() {
    return dropped;
  }
}
